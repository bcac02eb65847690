//! Our copy of users: fed by events, with a look-up at auth for those that are new to us.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use kit::{Query, UserId};
use messaging::Messaging;
use serde_json::{Value, json};

use crate::stage::{SECRET, Stage};

fn user(id: &str, fullname: &str, version: i32, is_active: bool) -> Value {
    json!({
        "id": id, "fullname": fullname, "avatar": null, "role": "user", "timezone": null, "isActive": is_active,
        "recordVersion": version, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
    })
}

/// Auth's list of users, in which everybody is known but those whom `known` excludes; and how often it was asked.
fn auth(known: fn(&str) -> bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, asked) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    let server = HttpServer::new(move || {
        let count = count.clone();
        let list = move |request: HttpRequest| {
            count.fetch_add(1, Ordering::SeqCst);
            assert!(request.headers().contains_key("authorization"), "look-ups are signed");
            let query = Query::parse(request.query_string());
            let users: Vec<Value> =
                query.all("id").filter(|id| known(id)).map(|id| user(id, "Looked Up", 1, true)).collect();
            std::future::ready(HttpResponse::Ok().json(json!({ "users": users })))
        };
        App::new().route("/v1/users", web::get().to(list))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    (url, asked)
}

#[tokio::test]
async fn who_is_new_is_looked_up_once() {
    let (url, asked) = auth(|_| true);
    let app = testing::boot::<Messaging>(&[("pairs.secret", SECRET), ("directory.users_url", &url)]).await;
    let (ada, ben) = (app.person(), app.person());
    let body = json!({ "isGroup": false, "participantIds": [ada.id, ben.id] });
    let json = app.post("/v1/conversations").by(&ada).json(body.clone()).await.expect(201);
    assert_eq!(json["conversation"]["participants"][1]["fullname"], "Looked Up");
    assert_eq!(app.post("/v1/conversations").by(&ben).json(body).await.status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_is_unknown_to_auth_too_is_refused() {
    let (url, _) = auth(|_| false);
    let app = testing::boot::<Messaging>(&[("pairs.secret", SECRET), ("directory.users_url", &url)]).await;
    let (ada, ben) = (app.person(), app.person());
    let body = json!({ "isGroup": false, "participantIds": [ada.id, ben.id] });
    app.post("/v1/conversations").by(&ada).json(body).await.refused(400, "errMsg_participantIdsAreNotKnown");
}

#[tokio::test]
async fn an_unreachable_directory_stops_only_what_needs_it() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let newcomer = stage.app.person();
    let reply = stage.open(&stage.ada, false, &[&stage.ada, &newcomer]).await;
    reply.refused(503, "errMsg_serviceIsUnavailable");
    stage.send(&stage.ada, &pair, "goes on").await;
}

/// Applies an event of auth as the consumer does.
async fn apply(stage: &Stage, kind: &str, id: UserId, fullname: &str, version: i32) {
    let event = json!({
        "id": kit::clock::uuid_v7(stage.app.app.now()), "type": kind, "source": "auth", "subject": id,
        "time": "2026-01-01T00:00:00.000Z", "requestId": "r", "version": 1, "recipients": [],
        "data": { "user": user(&id.to_string(), fullname, version, kind != "user-deleted") },
    });
    let bytes = serde_json::to_vec(&event).unwrap();
    let work = move |tx: &mut kit::Tx<'_>| events::apply(tx, messaging::REACTIONS, &bytes);
    assert_eq!(stage.app.app.write(work).await.unwrap(), events::Applied::Now);
}

#[test]
fn the_registry_and_the_reactions_agree() {
    assert_eq!(events::registry::disagreements("messaging", messaging::REACTIONS), Vec::<String>::new());
}

#[tokio::test]
async fn events_keep_the_newest_state_in_any_order() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let name = async || stage.conversation(&stage.ada, &pair).await["participants"][1]["fullname"].clone();
    apply(&stage, "user-updated", stage.ben.id, "Benjamin", 3).await;
    assert_eq!(name().await, "Benjamin");
    apply(&stage, "user-updated", stage.ben.id, "Old Ben", 2).await;
    assert_eq!(name().await, "Benjamin", "an older state comes late");
    apply(&stage, "user-deleted", stage.ben.id, "Benjamin", 4).await;
    let group = stage.open(&stage.ada, true, &[&stage.ada, &stage.ben, &stage.chloe]).await;
    group.refused(400, "errMsg_participantIdsAreNotKnown");
    assert_eq!(name().await, "Benjamin", "what was said keeps its name");
}
