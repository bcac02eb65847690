//! Our copy of the catalogue: fed by events, with a look-up for what is new, and threads that hear of an end.

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use conversation::notices;
use events::Applied;
use events::listing::{Listing, Status};
use serde_json::{Value, json};

use crate::stage::{NOWHERE, Stage, boot, id, listing, seqs, told_of};

/// A listing service that knows one listing.
fn catalogue(of: Option<Listing>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let listings: Vec<Listing> = of.clone().into_iter().collect();
        let list = move |request: actix_web::HttpRequest| {
            assert!(request.headers().contains_key("authorization"), "look-ups are signed");
            std::future::ready(HttpResponse::Ok().json(json!({ "listings": listings })))
        };
        App::new().route("/v1/listings", web::get().to(list))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    url
}

#[tokio::test]
async fn a_listing_whose_event_is_late_is_looked_up() {
    let stage = Stage::set().await;
    let late = listing(stage.ada.id, "Late");
    let stage = Stage { app: boot(NOWHERE, &catalogue(Some(late.clone()))).await, ..stage };
    for (person, name) in [(&stage.ada, "Ada"), (&stage.ben, "Ben")] {
        stage.introduce(person.id, name, 1, true).await;
    }
    let json = stage.open(&stage.ben, &stage.ada, &late).await.expect(201);
    assert_eq!(json["conversationThread"]["listing"]["title"], "Late");
    let unknown = listing(stage.ada.id, "Unknown");
    stage.open(&stage.ben, &stage.ada, &unknown).await.refused(400, "errMsg_listingIdIsNotKnown");
}

#[test]
fn the_registry_and_the_reactions_agree() {
    assert_eq!(
        events::registry::disagreements("conversation", conversation::REACTIONS),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn events_keep_the_newest_state_in_any_order() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let title = async || stage.see(&stage.ben, &thread).await["listing"]["title"].clone();
    let (second, late) = told_of(&stage.bicycle, "listing-updated", |it| it.title = "A blue bicycle".into());
    let (_, early) = told_of(&second, "listing-updated", |it| it.title = "A green bicycle".into());
    assert_eq!(stage.apply(&early).await, Applied::Now);
    assert_eq!(stage.apply(&late).await, Applied::Now);
    assert_eq!(title().await, "A green bicycle");
}

async fn told(stage: &Stage, thread: &str) -> Vec<Value> {
    notices::tell_all(&stage.app.app).await.unwrap();
    let list = stage.history(&stage.ada, thread, "pageNumber=0").await;
    list["conversationMessages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["kind"] == "system")
        .cloned()
        .collect()
}

#[tokio::test]
async fn threads_hear_of_the_end_of_their_listing_exactly_once() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    stage.send(&stage.ben, &thread, "still there?").await;
    let (sold, event) = told_of(&stage.bicycle, "listing-updated", |it| it.status = Status::Sold);
    assert_eq!(stage.apply(&event).await, Applied::Now);
    assert_eq!(stage.apply(&event).await, Applied::Before, "delivered again");
    let [message] = told(&stage, &thread).await.try_into().unwrap();
    assert_eq!((&message["content"], &message["seq"]), (&json!("This listing was sold."), &json!(2)));
    assert_eq!(
        (&message["senderId"], &message["receiverId"], &message["_owner"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(told(&stage, &thread).await.len(), 1, "there is nothing left to tell");
    for (person, unread) in [(&stage.ada, 1), (&stage.ben, 0)] {
        let seen = stage.see(person, &thread).await;
        assert_eq!(seen["unreadCount"], unread, "it counts for nobody");
        assert_eq!(seen["lastMessage"]["kind"], "system");
    }
    let (_, same) = told_of(&sold, "listing-updated", |it| it.title = "Sold bicycle".into());
    stage.apply(&same).await;
    assert_eq!(told(&stage, &thread).await.len(), 1, "it was sold before");
    let (_, gone) =
        told_of(&Listing { record_version: 3, ..sold }, "listing-deleted", |it| it.is_active = false);
    stage.apply(&gone).await;
    let [_, message] = told(&stage, &thread).await.try_into().unwrap();
    assert_eq!(message["content"], "This listing was removed.");
    let [.., last] = stage.told("message-created").try_into().map(|all: [Value; 3]| all).unwrap();
    assert_eq!(last["data"]["members"].as_array().unwrap().len(), 2);
    stage.read(&stage.ada, &message).await.refused(403, "errMsg_callerIsNotTheReceiver");
}

#[tokio::test]
async fn many_threads_are_told_in_batches_and_new_ones_are_not() {
    let stage = Stage::set().await;
    let mut threads = Vec::new();
    for n in 0..120 {
        let buyer = stage.app.person();
        stage.introduce(buyer.id, &format!("Buyer {n}"), 1, true).await;
        threads.push(id(
            &stage.open(&buyer, &stage.ada, &stage.bicycle).await.expect(201)["conversationThread"],
        ));
    }
    let (_, event) = told_of(&stage.bicycle, "listing-updated", |it| it.status = Status::Expired);
    stage.apply(&event).await;
    let late =
        id(&stage.open(&stage.ben, &stage.ada, &stage.bicycle).await.expect(201)["conversationThread"]);
    let (one, other) = tokio::join!(notices::tell_all(&stage.app.app), notices::tell_all(&stage.app.app));
    one.and(other).unwrap();
    for thread in &threads {
        assert_eq!(seqs(&stage.history(&stage.ada, thread, "").await), [1]);
    }
    assert_eq!(seqs(&stage.history(&stage.ada, &late, "").await), Vec::<i64>::new());
}
