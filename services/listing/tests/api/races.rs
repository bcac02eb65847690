//! Many at once: one effect for a key, one winner for a version.

use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, id};

#[tokio::test]
async fn posts_with_one_key_make_one_listing_and_equal_answers() {
    let stage = Stage::set().await;
    let posts = (0..30).map(|_| async {
        let ask = stage.app.post("/v1/listings").by(&stage.ada).header("Idempotency-Key", "desk-1");
        ask.json(json!({ "title": "A desk" })).await
    });
    let replies = join_all(posts).await;
    assert!(replies.iter().all(|reply| reply.status == 201 && reply.text == replies[0].text));
    let replayed = replies.iter().filter(|reply| reply.header("idempotency-replayed") == "true").count();
    assert_eq!((replayed, stage.told().len()), (29, 1));
    let other = stage.app.post("/v1/listings").by(&stage.ada).header("Idempotency-Key", "desk-1");
    other.json(json!({ "title": "A chair" })).await.refused(409, "errMsg_idempotencyKeyIsReused");
    let theirs = stage.app.post("/v1/listings").by(&stage.ben).header("Idempotency-Key", "desk-1");
    assert_eq!(theirs.json(json!({ "title": "A desk" })).await.status, 201);
}

#[tokio::test]
async fn of_ten_who_saw_one_version_one_changes_it() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let path = format!("/v1/listings/{listing}");
    let patches = (0..10).map(|n| {
        let ask = stage.app.patch(&path).by(&stage.ada).header("If-Match", "1");
        ask.json(json!({ "title": format!("Desk {n}") })).into_future()
    });
    let replies = join_all(patches).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 409).count(), 9);
    assert_eq!(stage.told_of(&listing).len(), 2);
}

#[tokio::test]
async fn changes_and_a_deletion_at_once_have_one_history() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let patches = (0..12).map(|n| stage.patch(&stage.ada, &listing, json!({ "title": format!("Desk {n}") })));
    let removals = (0..3).map(|_| stage.patch(&stage.staff, &listing, json!({ "status": "removed" })));
    let deletions = (0..3).map(|_| stage.delete(&stage.ada, &listing));
    let (changed, _, deleted) = tokio::join!(join_all(patches), join_all(removals), join_all(deletions));
    assert_eq!(deleted.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(changed.iter().all(|reply| [200, 404].contains(&reply.status)));
    let told = stage.told_of(&listing);
    let versions: Vec<i64> = told.iter().map(|(_, version)| *version).collect();
    assert_eq!(
        versions,
        (1..=i64::try_from(told.len()).unwrap()).collect::<Vec<_>>(),
        "each once, without gaps"
    );
    assert_eq!(told.last().unwrap().0, "listing-deleted");
}
