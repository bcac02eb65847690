//! Time passes: what is on offer expires by itself, once.

use chrono::TimeDelta;
use futures_util::future::join_all;
use listing::sweep;
use serde_json::json;

use crate::stage::{Stage, id};

#[tokio::test]
async fn what_is_on_offer_expires_and_may_be_offered_again() {
    let stage = Stage::set().await;
    let body = json!({ "title": "A desk", "status": "active", "expiresAt": stage.in_minutes(5) });
    let listing = id(&stage.post(&stage.ada, body).await.expect(201)["listing"]);
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 0, "not yet");
    stage.pass(TimeDelta::minutes(5));
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 1);
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 0, "once");
    let over = stage.get(&stage.ben, &listing).await.expect(200)["listing"].clone();
    assert_eq!(
        (&over["status"], &over["status_idx"], &over["recordVersion"]),
        (&json!("expired"), &json!(3), &json!(2))
    );
    let again = |body| stage.patch(&stage.ada, &listing, body);
    again(json!({ "status": "active" })).await.refused(400, "errMsg_expiresAtIsInThePast");
    let late = json!({ "status": "active", "expiresAt": stage.in_minutes(-1) });
    again(late).await.refused(400, "errMsg_expiresAtIsInThePast");
    let anew = again(json!({ "status": "active", "expiresAt": stage.in_minutes(9) })).await.expect(200);
    assert_eq!(
        (&anew["listing"]["status"], &anew["listing"]["recordVersion"]),
        (&json!("active"), &json!(3))
    );
    assert_eq!(stage.told_of(&listing).iter().map(|(_, version)| *version).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn only_what_is_on_offer_expires() {
    let stage = Stage::set().await;
    for status in ["draft", "sold", "active"] {
        let body = json!({ "title": status, "status": status, "expiresAt": stage.in_minutes(5) });
        let listing = id(&stage.post(&stage.ada, body).await.expect(201)["listing"]);
        if status == "active" {
            let _ = stage.delete(&stage.ada, &listing).await.expect(200);
        }
    }
    stage.pass(TimeDelta::hours(1));
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 0);
    let draft = id(&stage.list(&stage.ada, "status=draft").await["listings"][0]);
    stage
        .patch(&stage.ada, &draft, json!({ "status": "active" }))
        .await
        .refused(400, "errMsg_expiresAtIsInThePast");
    let _ = stage.patch(&stage.ada, &draft, json!({ "title": "Later" })).await.expect(200);
}

#[tokio::test]
async fn replicas_share_the_work() {
    let stage = Stage::set().await;
    let ends = stage.in_minutes(1);
    for n in 0..250 {
        let body = json!({ "title": format!("Desk {n}"), "status": "active", "expiresAt": ends });
        let _ = stage.post(&stage.ada, body).await.expect(201);
    }
    stage.pass(TimeDelta::minutes(2));
    let swept = join_all((0..4).map(|_| sweep::once(&stage.app.app))).await;
    let mut total: usize = swept.into_iter().map(Result::unwrap).sum();
    total += sweep::once(&stage.app.app).await.unwrap();
    assert_eq!(total, 250, "each once");
    assert_eq!(stage.list(&stage.ada, "status=expired").await["paging"]["totalRowCount"], 250);
    assert_eq!(stage.told().len(), 500);
}
