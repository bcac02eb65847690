//! A user is deleted: their files go, but for those that a message carries.

use bucket::{REACTIONS, sweep};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use events::Applied;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::carriers::{GRACE, new_id, tell};
use crate::stage::{Owner, Stage};

/// The event, as auth tells it.
fn departure(stage: &Stage, event: Uuid, who: &Owner) -> Vec<u8> {
    let now = stage.app.app.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let user = json!({
        "id": who.id, "fullname": "Ada", "avatar": null, "role": "user", "timezone": null, "isActive": false,
        "recordVersion": 2, "createdAt": now, "updatedAt": now,
    });
    let event = json!({
        "id": event, "type": "user-deleted", "source": "auth", "subject": who.id, "time": now, "requestId": "gone-1",
        "version": 1, "recipients": [format!("user:{}", who.id)], "data": { "user": user },
    });
    event.to_string().into_bytes()
}

async fn apply(stage: &Stage, event: Vec<u8>) -> Applied {
    stage.app.app.write(move |tx| events::apply(tx, REACTIONS, &event)).await.unwrap()
}

async fn depart(stage: &Stage, who: &Owner) {
    assert_eq!(apply(stage, departure(stage, new_id(), who)).await, Applied::Now);
}

/// What the sweeper does: how many files it found to be a deleted user's, and how many it deleted.
async fn swept(stage: &Stage) -> (usize, usize) {
    let (app, blobs) = (&stage.app.app, &stage.app.service.blobs);
    (sweep::departures(app).await.unwrap(), sweep::orphans(app, blobs, GRACE).await.unwrap())
}

async fn file(stage: &Stage, bucket: &str) -> String {
    stage.file(bucket, "a.txt", b"hello").await["fileId"].as_str().unwrap().to_owned()
}

async fn status(stage: &Stage, file: &str) -> u16 {
    let known = stage.app.get(&format!("/bucket/meta/{file}"));
    known.token(&stage.app.issuer.service("messaging")).await.status
}

fn count(stage: &Stage, of: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let query = sql_query(format!("SELECT count(*) AS count FROM {of}"));
    query.get_result::<Counted>(&mut stage.app.database.connect()).unwrap().count
}

/// The files that were told to be deleted.
fn told_deleted(stage: &Stage) -> Vec<Value> {
    let told = stage.told().into_iter().filter(|event| event["type"] == "file-deleted");
    told.map(|event| event["data"]["file"]["id"].clone()).collect()
}

#[tokio::test]
async fn their_files_go_and_nobody_elses() {
    let stage = Stage::set().await;
    let (public, private) = (file(&stage, &stage.ada.public).await, file(&stage, &stage.ada.private).await);
    let bens = [("bucketId", None, stage.ben.public.as_bytes()), ("files", Some("b.txt"), &b"b"[..])];
    let bens = stage.upload(&stage.ben.token, &bens).await.expect(200)["data"][0]["fileId"].clone();
    let event = departure(&stage, new_id(), &stage.ada);
    assert_eq!(apply(&stage, event.clone()).await, Applied::Now);
    assert_eq!(apply(&stage, event).await, Applied::Before, "delivered again");
    depart(&stage, &stage.ada).await;
    assert_eq!(swept(&stage).await, (2, 0));
    assert_eq!((status(&stage, &public).await, status(&stage, &private).await), (404, 404), "from then on");
    let list = format!("/bucket/files?bucketId={}", stage.ada.public);
    assert_eq!(stage.get("", &list).await.expect(200)["data"], json!([]));
    stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(swept(&stage).await, (0, 2));
    assert_eq!(swept(&stage).await, (0, 0));
    let told = told_deleted(&stage);
    assert!(told.len() == 2 && told.contains(&json!(public)) && told.contains(&json!(private)), "{told:?}");
    assert_eq!(status(&stage, bens.as_str().unwrap()).await, 200);
    let report = stage.audit().await;
    assert!(report.is_clean() && report.sound == 1, "{report}");
    assert_eq!(count(&stage, "departed_user"), 0, "nothing more can come");
}

#[tokio::test]
async fn what_they_said_keeps_its_files_until_it_is_deleted() {
    let stage = Stage::set().await;
    let (carried, other) = (file(&stage, &stage.ada.public).await, file(&stage, &stage.ada.public).await);
    let (one, two) = (new_id(), new_id());
    tell(&stage, one, 1, true, &[&carried]).await;
    tell(&stage, two, 1, true, &[&carried]).await;
    depart(&stage, &stage.ada).await;
    assert_eq!(swept(&stage).await, (2, 0));
    stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(swept(&stage).await, (0, 1));
    assert_eq!((status(&stage, &carried).await, status(&stage, &other).await), (200, 404));
    tell(&stage, one, 2, false, &[&carried]).await;
    assert_eq!(status(&stage, &carried).await, 200, "another message carries it");
    tell(&stage, two, 2, false, &[&carried]).await;
    assert_eq!(status(&stage, &carried).await, 404);
    tell(&stage, two, 3, true, &[&carried]).await;
    assert_eq!(status(&stage, &carried).await, 200, "the message came back in time");
    tell(&stage, two, 4, false, &[&carried]).await;
    stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(swept(&stage).await, (0, 1));
    assert_eq!(told_deleted(&stage), [json!(other), json!(carried)]);
    assert!(stage.audit().await.is_clean());
}

#[tokio::test]
async fn a_message_that_is_heard_of_after_the_departure_keeps_its_file() {
    let stage = Stage::set().await;
    let (carried, deleted) = (file(&stage, &stage.ada.public).await, file(&stage, &stage.ada.public).await);
    depart(&stage, &stage.ada).await;
    assert_eq!(swept(&stage).await, (2, 0));
    let (said, unsaid) = (new_id(), new_id());
    tell(&stage, said, 1, true, &[&carried]).await;
    // The deletion is heard of before the message.
    tell(&stage, unsaid, 2, false, &[&deleted]).await;
    tell(&stage, unsaid, 1, true, &[&deleted]).await;
    assert_eq!((status(&stage, &carried).await, status(&stage, &deleted).await), (200, 404));
    stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(swept(&stage).await, (0, 1));
    assert_eq!(status(&stage, &carried).await, 200);
}

#[tokio::test]
async fn a_late_upload_does_not_stay() {
    let stage = Stage::set().await;
    depart(&stage, &stage.ada).await;
    assert_eq!(swept(&stage).await, (0, 0));
    let late = file(&stage, &stage.ada.private).await;
    assert_eq!(swept(&stage).await, (0, 0), "not looked at every few seconds");
    stage.pass(TimeDelta::minutes(61));
    assert_eq!(swept(&stage).await, (1, 0));
    assert_eq!(status(&stage, &late).await, 404);
    stage.pass(TimeDelta::hours(22));
    assert_eq!((swept(&stage).await, count(&stage, "departed_user")), ((0, 0), 1));
    stage.pass(TimeDelta::hours(2));
    assert_eq!((swept(&stage).await, count(&stage, "departed_user")), ((0, 0), 0));
    stage.pass(GRACE);
    assert_eq!(swept(&stage).await, (0, 1));
    assert_eq!(told_deleted(&stage), [json!(late)]);
}

#[tokio::test]
async fn many_go_in_bites() {
    let stage = Stage::set().await;
    stage.sql(&format!(
        "INSERT INTO file (id, bucket, original_name, mime_type, size, sha256, uploaded_by, created_at, needs_carrier)
         SELECT gen_random_uuid(), '{}', 'a', 'text/plain', 1, decode(repeat('00', 32), 'hex'), '{}', now(), false
         FROM generate_series(1, 1050)",
        stage.ada.private, stage.ada.id
    ));
    stage.sql(&format!("INSERT INTO bucket VALUES ('{}', 1050, 1050)", stage.ada.private));
    depart(&stage, &stage.ada).await;
    assert_eq!(count(&stage, "file WHERE needs_carrier"), 0, "the event's transaction touches none of them");
    assert_eq!(swept(&stage).await, (1_050, 0));
    assert_eq!(count(&stage, "(SELECT xmin FROM file GROUP BY xmin) AS bites"), 11);
    stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(swept(&stage).await, (0, 1_050));
    assert_eq!((count(&stage, "file"), told_deleted(&stage).len()), (0, 1_050));
    assert!(stage.audit().await.is_clean());
}
