//! Postgres away: at the start, and in the middle.

use std::time::{Duration, Instant};

use kit::{Role, SystemClock};
use serde_json::{Value, json};
use testing::{Issuer, eventually};

use crate::own_postgres::OwnPostgres;
use crate::stage::{Process, client, start};

async fn ask(url: &str, path: &str) -> (u16, Value, Duration) {
    let begun = Instant::now();
    let response = client().get(format!("{url}{path}")).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap(), begun.elapsed())
}

async fn write(url: &str) -> u16 {
    let ada = Issuer::shared().person(Role::User);
    let request = client().post(format!("{url}/v1/notes")).bearer_auth(&ada.token);
    request.json(&json!({ "text": "x" })).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_comes_and_goes_and_comes_back() {
    let postgres = OwnPostgres::prepare();
    let Process { app, lifecycle, server: _server, url } = start(&postgres.url, &[], Box::new(SystemClock));
    let ready = tokio::spawn({
        let (app, lifecycle) = (app.clone(), lifecycle.clone());
        async move {
            kit::service::migrated::<crate::notes::Notes>(&app).await;
            lifecycle.ready();
        }
    });

    assert_eq!(ask(&url, "/healthz").await.0, 200, "it lives");
    let (status, body, _) = ask(&url, "/readyz").await;
    assert_eq!((status, &body["status"]), (503, &json!("starting")));
    assert_eq!(ask(&url, "/v1/notes").await.0, 503);
    postgres.start().await;
    ready.await.unwrap();
    assert_eq!(ask(&url, "/readyz").await.0, 200, "ready by itself");
    assert_eq!((write(&url).await, ask(&url, "/v1/notes").await.0), (201, 200));

    for _ in 0..2 {
        postgres.kill();
        for path in ["/v1/notes", "/v1/notes", "/readyz"] {
            let (status, body, took) = ask(&url, path).await;
            assert_eq!(status, 503, "{body}");
            assert!(took < Duration::from_secs(5), "{path} took {took:?}");
        }
        assert_eq!(write(&url).await, 503);
        assert_eq!(ask(&url, "/healthz").await.0, 200);
        postgres.start().await;
        eventually(Duration::from_secs(10), "it heals", async || ask(&url, "/readyz").await.0 == 200).await;
        eventually(Duration::from_secs(10), "it writes", async || write(&url).await == 201).await;
    }
}
