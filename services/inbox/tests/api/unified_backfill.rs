//! The unified inbox asks the owners for what was before, and whether what it knows is so.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use diesel::{RunQueryDsl as _, sql_query};
use inbox::Inbox;
use inbox::unified::{backfill, command};
use kit::{Clock as _, Query, SystemClock};
use serde_json::{Value, json};
use testing::Running;

use crate::stage::NOWHERE;
use crate::unified_owner::Owner;

/// What messaging knows, while it is there.
type States = Arc<Mutex<Option<Vec<Value>>>>;

/// Messaging, in parts of one conversation each; and a conversation service without threads; and auth.
fn owners() -> (String, States) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, states) = (format!("http://{}", listener.local_addr().unwrap()), States::default());
    let known = states.clone();
    let server = HttpServer::new(move || {
        let known = known.clone();
        let list = move |request: HttpRequest| std::future::ready(part(&request, &known));
        let none = async || HttpResponse::Ok().json(json!({ "conversationThreadStates": [], "next": null }));
        let users = async || HttpResponse::Ok().json(json!({ "users": [] }));
        App::new()
            .route("/v1/conversationstates", web::get().to(list))
            .route("/v1/conversationthreadstates", web::get().to(none))
            .route("/v1/users", web::get().to(users))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    (url, states)
}

fn part(request: &HttpRequest, known: &States) -> HttpResponse {
    assert!(request.headers().contains_key("authorization"), "look-ups are signed");
    let known = known.lock().unwrap().clone();
    let Some(mut known) = known else { return HttpResponse::ServiceUnavailable().finish() };
    let query = Query::parse(request.query_string());
    let ids: Vec<&str> = query.all("id").collect();
    let id = |state: &Value| state["conversation"]["id"].as_str().unwrap().to_owned();
    known.sort_by_key(id);
    let wanted = known.iter().filter(|state| ids.is_empty() || ids.contains(&id(state).as_str()));
    let after = query.one("after").unwrap().unwrap_or_default().to_owned();
    let mut rest = wanted.filter(|state| id(state) > after);
    let (first, more) = (rest.next(), rest.next().is_some());
    let next = first.filter(|_| more).map(id);
    HttpResponse::Ok()
        .json(json!({ "conversationStates": first.into_iter().collect::<Vec<_>>(), "next": next }))
}

async fn boot(url: &str) -> Running<Inbox> {
    let own = [
        ("directory.users_url", url),
        ("files.bucket_url", NOWHERE),
        ("owners.messaging_url", url),
        ("owners.conversation_url", url),
    ];
    testing::boot(&own).await
}

/// A conversation with a life.
fn conversation() -> Owner {
    let mut owner = Owner::new(SystemClock.now());
    owner.create(3);
    for by in [0, 1, 2, 0] {
        owner.send(by);
    }
    owner.read_up_to(1, None);
    owner.hide(2, timeline::Seq::saturating(4));
    owner.come_or_go(1, false);
    owner.send(0);
    owner.hide(2, timeline::Seq::saturating(5));
    owner
}

#[tokio::test]
async fn what_was_before_is_asked_for_and_verified() {
    let (url, states) = owners();
    let app = boot(&url).await;
    let mut all: Vec<Owner> = (0..3).map(|_| conversation()).collect();
    assert!(backfill::ask_all(&app.service).await.is_err(), "messaging is away");
    let told: Vec<Value> = all.iter_mut().map(|owner| json!(owner.state())).collect();
    *states.lock().unwrap() = Some(told);
    assert!(backfill::ask_all(&app.service).await.unwrap());
    let said = command::checked(&app.service, false).await.unwrap();
    assert!(said.contains("9 entries"), "{said}");
    // What is told afterwards, also once more, changes nothing.
    for event in all.iter().flat_map(|owner| &owner.told).rev() {
        let bytes = serde_json::to_vec(event).unwrap();
        let work = move |tx: &mut kit::Tx<'_>| events::apply(tx, inbox::REACTIONS, &bytes);
        app.app.write(work).await.unwrap();
    }
    command::checked(&app.service, false).await.unwrap();
}

#[tokio::test]
async fn what_is_lost_or_wrong_is_told_and_put_right() {
    let (url, states) = owners();
    let app = boot(&url).await;
    let mut all: Vec<Owner> = (0..2).map(|_| conversation()).collect();
    *states.lock().unwrap() = Some(all.iter_mut().map(|owner| json!(owner.state())).collect());
    assert!(backfill::ask_all(&app.service).await.unwrap());
    for broken in [
        "UPDATE inbox_entry SET uncounted = 0, rev = rev + 5",
        "UPDATE inbox_entry SET hidden_seq = 5 WHERE is_member",
        "UPDATE inbox_entry SET sight_seq = NULL",
        "UPDATE inbox_entry SET last_message_at = now()",
        "UPDATE inbox_place SET name = 'nonsense'",
        "DELETE FROM inbox_message",
        "TRUNCATE inbox_place, inbox_entry, inbox_message",
        "WITH p AS (INSERT INTO inbox_place (source, conversation_id, last_message_at) VALUES ('messaging', 'x', now()))
         INSERT INTO inbox_place (source, conversation_id, last_message_at) VALUES ('messaging', 'y', now())",
        "INSERT INTO inbox_entry (user_id, source, conversation_id, id, is_member, last_message_at, created_at, updated_at)
         VALUES (gen_random_uuid(), 'messaging', 'x', 'a23456789012345678901234', true, now(), now(), now())",
    ] {
        sql_query(broken).execute(&mut app.database.connect()).unwrap();
        let is_wrong = !broken.starts_with("WITH");
        assert_eq!(command::checked(&app.service, false).await.is_err(), is_wrong, "{broken}");
        command::checked(&app.service, true).await.unwrap();
        command::checked(&app.service, false).await.unwrap();
    }
}
