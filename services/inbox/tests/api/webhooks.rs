//! Webhooks that go out: signed, in order, again until they arrive, and with a log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use diesel::sql_types::Timestamptz;
use diesel::{RunQueryDsl as _, sql_query};
use inbox::domain::webhook::Signed;
use inbox::webhooks::{background, sweep, turn};
use kit::{Clock, ManualClock, SystemClock};
use serde_json::{Value, json};
use testing::eventually;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::channels::System;
use crate::stage::{Stage, boot_with, id};

const PATIENCE: Duration = Duration::from_secs(10);

/// A clock that a test moves.
#[derive(Clone)]
pub(crate) struct Hands(Arc<ManualClock>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(ManualClock::at(SystemClock.now())))
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.0.advance(by);
    }
}

impl Clock for Hands {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.now()
    }
}

/// What a receiver got.
#[derive(Debug, Clone)]
struct Got {
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let line =
            self.head.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| *known == name));
        line.map_or("", |(_, value)| value)
    }

    fn message(&self) -> Value {
        serde_json::from_str::<Value>(&self.body).unwrap()["data"]["message"].clone()
    }
}

/// A company's system that takes webhooks: it answers what is in `answers`, then 200; 0 is no answer at all.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<Vec<u16>>>,
    url: String,
}

impl Receiver {
    async fn listen(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        receiver.answer(answers);
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        receiver
    }

    fn answer(&self, answers: &[u16]) {
        *self.answers.lock().unwrap() = answers.iter().rev().copied().collect();
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    fn contents(&self) -> Vec<String> {
        self.got().iter().map(|got| got.message()["content"].as_str().unwrap().to_owned()).collect()
    }

    async fn serve(self, mut stream: TcpStream) {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
        let got = loop {
            let count = stream.read(&mut chunk).await.unwrap_or(0);
            bytes.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let got = Got { head: head.to_owned(), body: body.to_owned() };
            if got.header("content-length").parse() == Ok(body.len()) {
                break got;
            }
        };
        self.got.lock().unwrap().push(got);
        let answer = self.answers.lock().unwrap().pop().unwrap_or(200);
        if answer == 0 {
            return std::future::pending().await;
        }
        let text =
            format!("HTTP/1.1 {answer} x\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(text.as_bytes()).await;
    }
}

/// A company whose system may stand on loopback, and a clock.
async fn stage() -> (Stage, Hands) {
    let clock = Hands::new();
    let own = [("webhooks.allowed_networks", "127.0.0.1"), ("webhooks.timeout_ms", "400")];
    (Stage::on(boot_with(&own, Box::new(clock.clone())).await).await, clock)
}

async fn due(stage: &Stage) -> usize {
    turn(&stage.app.service).await.unwrap()
}

#[tokio::test]
async fn what_agents_say_goes_out_signed() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let conversation = system.meets(&stage, "tom@mail").await;
    assert_eq!(due(&stage).await, 0, "what the contact said came from there");
    let message = stage.send(&stage.ben, &conversation, "It is there. 🚲").await;
    assert_eq!((due(&stage).await, due(&stage).await), (1, 0));
    let got = receiver.got().pop().unwrap();
    assert!(got.head.starts_with("POST /hook HTTP/1.1"), "{}", got.head);
    assert_eq!((got.header("content-type"), got.header("webhook-id")), ("application/json", &*id(&message)));
    let (timestamp, signature) = (got.header("webhook-timestamp"), got.header("webhook-signature"));
    let signed = Signed { id: got.header("webhook-id"), timestamp, signature };
    assert!(signed.is_good(&system.secret, got.body.as_bytes(), stage.app.app.now()));
    assert_eq!(got.message(), message);
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["contact"]["sourceId"]),
        (&json!("message.created"), &json!("tom@mail"))
    );
    assert_eq!(body["data"]["conversation"]["sourceId"], "tom@mail");
    let log = system.log(&stage).await;
    assert_eq!(
        (&log[0]["status"], &log[0]["tries"], &log[0]["httpStatus"]),
        (&json!("delivered"), &json!(1), &json!(200))
    );
    let elsewhere = stage.send(&stage.ben, &stage.company.conversation, "of the widget").await;
    assert_eq!((due(&stage).await, elsewhere["seq"].as_i64()), (0, Some(1)), "a widget fetches by itself");
}

#[tokio::test]
async fn a_receiver_that_fails_gets_the_same_again() {
    let (stage, clock) = stage().await;
    let receiver = Receiver::listen(&[500, 302, 0]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    system.owes(&stage).await;
    for (pause, problem) in [
        (5, "The receiver answered 500."),
        (30, "The receiver answered 302: redirects are not followed."),
        (120, "No answer came within 0.4 s."),
    ] {
        assert_eq!((due(&stage).await, due(&stage).await), (1, 0), "not before its time");
        let log = system.log(&stage).await;
        assert_eq!((&log[0]["status"], &log[0]["problem"]), (&json!("pending"), &json!(problem)));
        clock.advance(TimeDelta::seconds(pause));
    }
    assert_eq!(due(&stage).await, 1);
    assert_eq!(system.log(&stage).await[0]["status"], "delivered");
    let got = receiver.got();
    assert_eq!(got.len(), 4);
    assert!(
        got.iter().all(|it| it.header("webhook-id") == got[0].header("webhook-id") && it.body == got[0].body)
    );
    assert_ne!(
        got[0].header("webhook-signature"),
        got[3].header("webhook-signature"),
        "signed anew, at its time"
    );
}

#[tokio::test]
async fn a_conversation_keeps_its_order_and_holds_up_no_other() {
    let (stage, clock) = stage().await;
    let receiver = Receiver::listen(&[500]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let [first, second] = [system.meets(&stage, "Tom").await, system.meets(&stage, "Ann").await];
    for content in ["1", "2", "3"] {
        stage.send(&stage.ben, &first, content).await;
    }
    assert_eq!(due(&stage).await, 1, "only the first of its conversation");
    stage.send(&stage.ben, &second, "A").await;
    stage.send(&stage.ben, &first, "4").await;
    assert_eq!((due(&stage).await, due(&stage).await), (1, 0));
    assert_eq!(receiver.contents(), ["1", "A"]);
    clock.advance(TimeDelta::seconds(5));
    for left in [1, 1, 1, 1, 0] {
        assert_eq!(due(&stage).await, left);
    }
    assert_eq!(receiver.contents(), ["1", "A", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn what_never_arrives_is_given_up_and_may_be_asked_for_again() {
    let (stage, clock) = stage().await;
    let receiver = Receiver::listen(&[503; 8]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let conversation = system.meets(&stage, "Tom").await;
    let lost = id(&stage.send(&stage.ben, &conversation, "lost").await);
    let next = id(&stage.send(&stage.ben, &conversation, "next").await);
    for _ in 0..8 {
        assert_eq!(due(&stage).await, 1);
        clock.advance(TimeDelta::hours(2));
    }
    assert_eq!(due(&stage).await, 1, "the next has its turn");
    let status = async |of: &str| {
        let log = system.log(&stage).await;
        let found = log.iter().find(|it| it["id"] == of).unwrap();
        (found["status"].clone(), found["tries"].clone(), found["nextTryAt"].clone())
    };
    assert_eq!(status(&lost).await, (json!("failed"), json!(8), Value::Null));
    assert_eq!(status(&next).await.0, "delivered");
    let failed =
        stage.get(&stage.ben, &format!("/v1/channelapis/{}/deliveries?status=failed", system.channel)).await;
    assert_eq!((&failed["rowCount"], &failed["paging"]["totalRowCount"]), (&json!(1), &json!(1)));
    let retry = async |of: &str| {
        let path = format!("/v1/channelapis/{}/deliveries/{of}/retry", system.channel);
        stage.post(&stage.eve, &path, json!({})).await
    };
    assert_eq!(retry(&lost).await.expect(200)["delivery"]["status"], "pending");
    assert_eq!(due(&stage).await, 1);
    assert_eq!(status(&lost).await, (json!("delivered"), json!(1), Value::Null));
    retry(&lost).await.refused(404, "errMsg_deliveryIsNotFound");
    clock.advance(TimeDelta::days(7));
    assert_eq!(sweep(&stage.app.service).await.unwrap(), 2);
    assert!(system.log(&stage).await.is_empty());
}

#[tokio::test]
async fn a_worker_that_dies_after_sending_sends_the_same_again() {
    let (stage, clock) = stage().await;
    let receiver = Receiver::listen(&[0]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let message = system.owes(&stage).await;
    let service = stage.app.service.clone();
    let worker = tokio::spawn(async move { turn(&service).await });
    eventually(PATIENCE, "the receiver has it", async || !receiver.got().is_empty()).await;
    worker.abort();
    assert!(worker.await.is_err_and(|error| error.is_cancelled()), "it died before it knew");
    assert_eq!(system.log(&stage).await[0]["status"], "pending");
    assert_eq!(due(&stage).await, 0, "its lease lasts");
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(due(&stage).await, 1);
    let ids: Vec<String> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, [message.clone(), message], "at least once, under one id");
    assert_eq!(system.log(&stage).await[0]["status"], "delivered");
}

#[tokio::test]
async fn what_is_deleted_is_not_sent_and_what_arrived_is_not_kept() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let conversation = system.meets(&stage, "Tom").await;
    let gone = stage.send(&stage.ben, &conversation, "a slip of the tongue").await;
    stage.app.delete(&format!("/v1/messages/{}", id(&gone))).by(&stage.ben).await.succeeded();
    stage.send(&stage.ben, &conversation, "what was meant").await;
    assert_eq!((due(&stage).await, due(&stage).await), (1, 0));
    assert_eq!(receiver.contents(), ["what was meant"]);
    let kept = sql_query("SELECT id FROM webhook_delivery WHERE body <> ''");
    assert_eq!(kept.execute(&mut stage.app.database.connect()).unwrap(), 0);
}

/// A message that did not arrive, and one that waits behind it.
struct Waiting {
    stage: Stage,
    clock: Hands,
    receiver: Receiver,
    system: System,
    first: Value,
}

impl Waiting {
    async fn begin() -> Self {
        let (stage, clock) = stage().await;
        let receiver = Receiver::listen(&[500]).await;
        let system = System::connect(&stage, Some(&receiver.url)).await;
        let conversation = system.meets(&stage, "Tom").await;
        let first = stage.send(&stage.ben, &conversation, "1").await;
        assert_eq!(due(&stage).await, 1);
        stage.send(&stage.ben, &conversation, "2").await;
        Self { stage, clock, receiver, system, first }
    }
}

#[tokio::test]
async fn what_is_said_meanwhile_waits_with_what_waits() {
    let Waiting { stage, clock, receiver, system, .. } = Waiting::begin().await;
    // Under a clock that stands, the log's order says nothing.
    let next = async |seq: i64| {
        let log = system.log(&stage).await;
        let next = log.iter().find(|it| it["seq"] == seq).unwrap()["nextTryAt"].clone();
        next.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    };
    assert!(next(3).await < next(2).await);
    assert_eq!(sweep(&stage.app.service).await.unwrap(), 0);
    assert!(next(3).await > next(2).await, "nobody looks at it while the other is tried");
    clock.advance(TimeDelta::seconds(5));
    assert_eq!((due(&stage).await, due(&stage).await), (1, 1));
    assert_eq!(receiver.contents(), ["1", "1", "2"]);
}

#[tokio::test]
async fn what_waits_for_a_message_that_is_deleted_is_sent() {
    let Waiting { stage, receiver, first, .. } = Waiting::begin().await;
    assert_eq!(due(&stage).await, 0);
    let path = format!("/v1/messages/{}", id(&first));
    stage.app.delete(&path).by(&stage.ben).await.succeeded();
    assert_eq!(due(&stage).await, 1);
    assert_eq!(receiver.contents(), ["1", "2"]);
}

#[tokio::test]
async fn deleting_what_arrived_hurries_nothing() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[204, 500]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let conversation = system.meets(&stage, "Tom").await;
    let arrived = stage.send(&stage.ben, &conversation, "1").await;
    stage.send(&stage.ben, &conversation, "2").await;
    assert_eq!((due(&stage).await, due(&stage).await), (1, 1));
    stage.app.delete(&format!("/v1/messages/{}", id(&arrived))).by(&stage.ben).await.succeeded();
    assert_eq!(due(&stage).await, 0, "the next try is in five seconds");
}

/// However many, one sweep puts all of them off.
#[tokio::test]
async fn thousands_that_wait_are_not_looked_at_one_by_one() {
    let Waiting { stage, .. } = Waiting::begin().await;
    let mut conn = stage.app.database.connect();
    let many = "
        WITH said AS (
            INSERT INTO message SELECT (jsonb_populate_record(m, jsonb_build_object('id', 'm' || n, 'seq', 100 + n))).*
            FROM message m, generate_series(1, 2500) AS n WHERE m.content = '2' RETURNING id, seq)
        INSERT INTO webhook_delivery
        SELECT (jsonb_populate_record(d, jsonb_build_object('id', s.id, 'seq', s.seq))).*
        FROM said s, webhook_delivery d WHERE d.seq = 3";
    assert_eq!(sql_query(many).execute(&mut conn).unwrap(), 2_500);
    sweep(&stage.app.service).await.unwrap();
    let due = "UPDATE webhook_delivery SET body = body WHERE next_try_at <= $1";
    let due = sql_query(due).bind::<Timestamptz, _>(stage.app.service.app.now());
    assert_eq!(due.execute(&mut conn).unwrap(), 0);
}

#[tokio::test]
async fn several_workers_send_each_once() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    for name in ["a", "b", "c", "d", "e", "f"] {
        let conversation = system.meets(&stage, name).await;
        stage.send(&stage.ben, &conversation, name).await;
    }
    while futures_util::future::join_all((0..4).map(|_| due(&stage))).await.iter().sum::<usize>() > 0 {}
    let mut contents = receiver.contents();
    contents.sort();
    assert_eq!(contents, ["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn what_has_nowhere_to_go_is_over() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    system.owes(&stage).await;
    let path = format!("/v1/channelapis/{}", system.channel);
    stage.app.patch(&path).by(&stage.ada).json(json!({ "webhookUrl": null })).await.succeeded();
    assert_eq!((due(&stage).await, due(&stage).await), (1, 0));
    let log = system.log(&stage).await;
    assert_eq!(
        (&log[0]["status"], &log[0]["problem"]),
        (&json!("failed"), &json!("The channel has no webhookUrl any more."))
    );
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn a_running_service_delivers_by_itself() {
    let (stage, _) = stage().await;
    let receiver = Receiver::listen(&[]).await;
    let system = System::connect(&stage, Some(&receiver.url)).await;
    let conversation = system.meets(&stage, "Tom").await;
    let tasks: Vec<_> = background(&stage.app.service).into_iter().map(tokio::spawn).collect();
    for at in 0..20 {
        stage.send(&stage.ben, &conversation, &at.to_string()).await;
    }
    eventually(PATIENCE, "all arrived", async || receiver.got().len() == 20).await;
    let expected: Vec<String> = (0..20).map(|at| at.to_string()).collect();
    assert_eq!(receiver.contents(), expected);
    stage.app.app.stop().signal();
    for task in tasks {
        task.await.unwrap();
    }
}
