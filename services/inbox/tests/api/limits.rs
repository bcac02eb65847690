//! How often visitors may call.

use http::Method;
use serde_json::json;
use testing::Reply;

use crate::stage::{Stage, boot_with};
use crate::widget::Visitor;

async fn stage(limit: &str) -> Stage {
    let (rate, burst) = (format!("widget.{limit}.per_minute"), format!("widget.{limit}.burst"));
    Stage::on(boot_with(&[(&rate, "1"), (&burst, "2")], Box::new(kit::SystemClock)).await).await
}

fn too_many(reply: &Reply, what: &str) {
    reply.refused(429, "errMsg_tooManyRequests");
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(reply.json["detail"], format!("Too many {what} at once. Please try again in {seconds} s."));
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://shop.example.com",
        "the page can read it"
    );
}

#[tokio::test]
async fn sessions_are_limited_by_address_and_widget() {
    let stage = stage("sessions").await;
    let begin = async |widget: &str, address: &str| {
        let ask = stage.app.post(&format!("/v1/widget/{widget}/session")).header("X-Real-IP", address);
        ask.header("Origin", "https://shop.example.com").json(json!({})).await
    };
    for status in [201, 201, 429] {
        assert_eq!(begin(&stage.company.channel, "203.0.113.9").await.status, status);
    }
    too_many(&begin(&stage.company.channel, "203.0.113.9").await, "new visits");
    assert_eq!(begin(&stage.other.channel, "203.0.113.9").await.status, 201, "another widget");
    assert_eq!(begin(&stage.company.channel, "203.0.113.10").await.status, 201, "another address");
    for (address, status) in
        [("2001:db8::1", 201), ("2001:db8::2", 201), ("2001:db8::3", 429), ("2001:db8:0:1::1", 201)]
    {
        assert_eq!(
            begin(&stage.company.channel, address).await.status,
            status,
            "{address}: one /64 is one customer"
        );
    }
}

#[tokio::test]
async fn messages_and_reads_are_limited_each_by_itself() {
    for (limit, what, path, method) in [
        ("messages", "messages", "messages", Method::POST),
        ("reads", "requests", "conversations", Method::GET),
    ] {
        let stage = stage(limit).await;
        let visitor = Visitor::come(&stage, json!({})).await;
        let ask = async || {
            let ask = visitor.ask(&stage, method.clone(), path).header("Origin", "https://shop.example.com");
            ask.json(json!({ "content": "x" })).await
        };
        ask().await.succeeded();
        ask().await.succeeded();
        too_many(&ask().await, what);
        let _ = Visitor::come(&stage, json!({})).await;
    }
}

#[tokio::test]
async fn a_limit_may_be_switched_off() {
    let own = [
        ("widget.sessions.enabled", "false"),
        ("widget.sessions.per_minute", "1"),
        ("widget.sessions.burst", "1"),
    ];
    let stage = Stage::on(boot_with(&own, Box::new(kit::SystemClock)).await).await;
    for _ in 0..5 {
        Visitor::come(&stage, json!({})).await;
    }
}
