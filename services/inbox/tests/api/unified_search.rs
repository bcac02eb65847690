//! What the unified inbox finds: what its user's entries show, and nothing else.

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use events::Member;
use inbox::domain::inbox_entry::{Copied, Facts, Sight, Source, Told};
use inbox::store::unified;
use inbox::unified::{backfill, command};
use kit::clock::uuid_v7;
use kit::{Clock as _, SystemClock, UserId};
use serde_json::{Value, json};
use testing::Person;
use uuid::Uuid;

use crate::stage::{Stage, introduce};

const NOTHING: [&str; 0] = [];

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

fn member(user: &Person) -> Member {
    Member {
        user_id: user.id,
        read_seq: 0,
        uncounted: 0,
        visible_from: 1,
        is_member: true,
        hidden_seq: None,
        rev: 1,
    }
}

/// A conversation with a message in it.
fn told(of: Source, id: &str, people: &[&Person], facts: Facts) -> Told {
    let members: Vec<Member> = people.iter().map(|person| member(person)).collect();
    let member_ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let facts = Facts { member_ids, is_active: true, record_version: facts.record_version.max(1), ..facts };
    Told { facts: Some(facts), ..Told::of(of, &id) }.members(&members)
}

fn message(seq: i64, preview: &str) -> Copied {
    Copied {
        seq,
        id: uuid_v7(now()).to_string(),
        kind: "text".into(),
        sender_type: "user".into(),
        sender_id: None,
        preview: preview.into(),
        sent_at: now(),
        is_active: true,
        record_version: 1,
        newest_up_to: seq,
    }
}

fn group(name: &str, record_version: i32) -> Facts {
    Facts { is_group: true, name: Some(name.into()), record_version, ..Facts::default() }
}

impl Stage {
    async fn tell(&self, told: Told) {
        self.app.app.write(move |tx| unified::merge(tx, &told)).await.unwrap();
    }

    /// The conversations that somebody finds, the latest message first.
    async fn finds(&self, by: &Person, text: &str) -> Vec<String> {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let list = self.entries(by, &format!("search={text}")).await;
        let entries = list["inboxEntries"].as_array().unwrap();
        assert_eq!(list["paging"]["totalRowCount"], entries.len(), "{text}");
        entries.iter().map(|entry| entry["conversationId"].as_str().unwrap().to_owned()).collect()
    }

    /// Auth says something of a user.
    async fn auth_tells(&self, kind: &str, of: UserId, fullname: &str, version: i32) {
        let sample = include_str!("../../../../crates/events/samples/auth.user-updated.json");
        let user = json!({
            "id": of, "fullname": fullname, "isActive": kind != "user-deleted", "recordVersion": version,
        });
        self.hears(sample, kind, "user", user).await;
    }

    async fn listing_tells(&self, id: Uuid, title: &str, version: i32) {
        let sample = include_str!("../../../../crates/events/samples/listing.listing-updated.json");
        let listing = json!({ "id": id, "title": title, "recordVersion": version });
        self.hears(sample, "listing-updated", "listing", listing).await;
    }

    /// A golden sample, with other values.
    async fn hears(&self, sample: &str, kind: &str, name: &str, values: Value) {
        let mut event: Value = serde_json::from_str(sample).unwrap();
        (event["id"], event["type"]) = (json!(uuid_v7(now())), json!(kind));
        for (key, value) in values.as_object().unwrap() {
            event["data"][name][key] = value.clone();
        }
        self.apply(&event).await;
    }

    fn run(&self, sql: &str) -> usize {
        sql_query(sql).execute(&mut self.app.database.connect()).unwrap()
    }
}

#[tokio::test]
async fn a_group_is_found_by_its_name_and_by_what_was_said_last_in_every_script() {
    let stage = Stage::set().await;
    let people = [&stage.ada, &stage.ben];
    for (id, name, said) in [
        ("g1", "Şarkı İstanbul'da", "Nous mangeons à la crêperie"),
        ("g2", "中国人的图书馆", "ภาษาไทยง่าย"),
        ("g3", "Москва весной", "مرحبا بالعالم"),
        ("g4", "Wandern Straße", "日本語のメッセージ 👍"),
    ] {
        stage.tell(told(Source::Messaging, id, &people, group(name, 1)).message(message(1, said))).await;
    }
    for (text, id) in [
        ("sarki", "g1"),
        ("ISTANBUL", "g1"),
        ("creperie mang", "g1"),
        ("图书", "g2"),
        ("国", "g2"),
        ("ไทย", "g2"),
        ("москв", "g3"),
        ("بالعالم", "g3"),
        ("strasse", "g4"),
        ("メッセージ", "g4"),
    ] {
        assert_eq!(stage.finds(&stage.ben, text).await, [id], "{text}");
    }
    for text in ["sarki creperie", "stanbul", "图书 москв", "👍", "…", "' | 'x':* &", "nobody"] {
        assert_eq!(stage.finds(&stage.ben, text).await, NOTHING, "{text}");
    }
    assert_eq!(stage.entries(&stage.ben, "search=%20").await["rowCount"], 4, "a blank search is none");
}

#[tokio::test]
async fn names_are_found_as_they_are_now() {
    let stage = Stage::set().await;
    let (ada, ben) = (&stage.ada, &stage.ben);
    stage.tell(told(Source::Messaging, "one", &[ada, ben], Facts::default())).await;
    stage.tell(told(Source::Messaging, "two", &[ben, &stage.eve], group("Old club", 1))).await;
    assert_eq!(stage.finds(ben, "ada").await, ["one"]);
    assert_eq!(stage.finds(ada, "ada").await, NOTHING, "nobody is their own counterpart");
    stage.auth_tells("user-updated", ada.id, "Augusta King", 3).await;
    stage.auth_tells("user-updated", ada.id, "Ada Byron", 2).await;
    assert_eq!(stage.finds(ben, "king augusta").await, ["one"]);
    assert_eq!(stage.finds(ben, "ada").await, NOTHING);
    stage.tell(told(Source::Messaging, "two", &[ben, &stage.eve], group("New club", 2))).await;
    stage.tell(told(Source::Messaging, "two", &[ben, &stage.eve], group("Old club", 1))).await;
    assert_eq!(stage.finds(ben, "new").await, ["two"]);
    assert_eq!(stage.finds(ben, "old").await, NOTHING);
    stage.auth_tells("user-deleted", ada.id, "Augusta King", 4).await;
    assert_eq!(stage.finds(ben, "augusta").await, NOTHING, "whom the entry does not name");
}

#[tokio::test]
async fn only_those_whom_an_entry_names_are_found() {
    let stage = Stage::set().await;
    let crowd: Vec<Person> = (0..30).map(|_| stage.app.person()).collect();
    for (nth, person) in crowd.iter().enumerate() {
        introduce(&stage.app, person.id, &format!("Crowd{nth:02}")).await;
    }
    let all: Vec<&Person> = crowd.iter().collect();
    stage.tell(told(Source::Messaging, "many", &all, group("Crowd", 1))).await;
    let by = &crowd[0];
    let named = stage.entries(by, "").await["inboxEntries"][0]["counterparts"].as_array().unwrap().clone();
    for (nth, person) in crowd.iter().enumerate() {
        let is_named = named.iter().any(|it| it["id"] == json!(person.id));
        assert_eq!(stage.finds(by, &format!("crowd{nth:02}")).await.len(), usize::from(is_named), "{nth}");
    }
}

#[tokio::test]
async fn threads_are_found_by_their_listing_and_contacts_by_what_agents_know() {
    let stage = Stage::set().await;
    let (ben, listing) = (&stage.ben, uuid_v7(now()));
    let facts = Facts { listing_id: Some(listing), ..Facts::default() };
    stage.tell(told(Source::Conversation, "thread", &[&stage.eve, ben], facts)).await;
    stage.listing_tells(listing, "Bicicletta d'epoca", 2).await;
    stage.listing_tells(listing, "Altes Fahrrad", 1).await;
    assert_eq!(stage.finds(ben, "bici epoca").await, ["thread"]);
    stage.listing_tells(listing, "Rennrad", 3).await;
    assert_eq!(stage.finds(ben, "bici").await, NOTHING);
    assert_eq!(stage.finds(ben, "rennrad").await, ["thread"]);

    let (contact, tom) = stage.meet("Tom Ünlü").await;
    stage.hear_back().await;
    assert_eq!(stage.finds(ben, "unlu").await, [tom.as_str()]);
    assert_eq!(stage.finds(ben, "mia").await, [stage.company.conversation.as_str()]);
    assert_eq!(stage.finds(&stage.stranger, "tom").await, NOTHING);
    let body = json!({ "name": "Thomas", "email": "thomas@example.com" });
    stage.app.patch(&format!("/v1/contacts/{contact}")).by(&stage.ada).json(body).await.succeeded();
    assert_eq!(stage.finds(ben, "unlu").await, NOTHING);
    assert_eq!(stage.finds(ben, "thomas").await, [tom]);
}

#[tokio::test]
async fn only_the_newest_message_that_the_caller_sees_is_searched() {
    #[derive(QueryableByName)]
    struct Left {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_clean: bool,
    }
    let stage = Stage::set().await;
    let (ada, ben) = (&stage.ada, &stage.ben);
    let secret = message(2, "the secret plan");
    let at = || Told::of(Source::Messaging, &"one");
    stage
        .tell(told(Source::Messaging, "one", &[ada, ben], Facts::default()).message(message(1, "hello")))
        .await;
    stage.tell(at().message(secret.clone())).await;
    assert_eq!(stage.finds(ben, "secret plan").await, ["one"]);
    assert_eq!(stage.finds(ben, "hello").await, NOTHING);
    // Ben deletes it for himself.
    let sight = Sight { user_id: ben.id, visible_from: 1, absent: 1, up_to: 2, seq: Some(1) };
    stage.tell(Told { sights: vec![sight], ..at().message(message(1, "hello")) }).await;
    assert_eq!(stage.finds(ben, "secret").await, NOTHING);
    assert_eq!(stage.finds(ben, "hello").await, ["one"]);
    assert_eq!(stage.finds(ada, "secret").await, ["one"]);
    // And Ada for all: even of one whose text an owner leaves, no word is kept.
    stage.tell(at().message(Copied { is_active: false, record_version: 2, ..secret.clone() })).await;
    stage.tell(at().message(secret.clone())).await;
    assert_eq!(stage.finds(ada, "secret").await, NOTHING);
    let left = "SELECT bool_and(is_active OR terms = '') AS is_clean FROM inbox_message WHERE seq = 2";
    let left: Left = sql_query(left).get_result(&mut stage.app.database.connect()).unwrap();
    assert!(left.is_clean);
    // The staff brings it back.
    stage.tell(at().message(Copied { record_version: 3, ..secret })).await;
    assert_eq!(stage.finds(ada, "secret").await, ["one"]);
}

#[tokio::test]
async fn what_is_hidden_left_or_of_others_is_never_found() {
    let stage = Stage::set().await;
    let (ada, ben, eve) = (&stage.ada, &stage.ben, &stage.eve);
    for id in ["hidden", "left", "theirs"] {
        let people: &[&Person] = if id == "theirs" { &[ada, eve] } else { &[ada, ben] };
        let told = told(Source::Messaging, id, people, group("Zebra", 1));
        stage.tell(told.message(message(1, "zebra"))).await;
    }
    assert_eq!(stage.finds(ben, "zebra").await.len(), 2);
    let hides = Member { hidden_seq: Some(1), rev: 2, ..member(ben) };
    stage.tell(Told::of(Source::Messaging, &"hidden").members(&[hides])).await;
    let leaves = Member { is_member: false, rev: 2, ..member(ben) };
    stage.tell(Told::of(Source::Messaging, &"left").members(&[leaves])).await;
    assert_eq!(stage.finds(ben, "zebra").await, NOTHING);
    assert_eq!(stage.finds(ada, "zebra").await.len(), 3);
    assert_eq!(stage.finds(&stage.stranger, "zebra").await, NOTHING);
}

#[tokio::test]
async fn a_search_goes_with_the_other_filters_and_counts_exactly() {
    let stage = Stage::set().await;
    let (ada, ben) = (&stage.ada, &stage.ben);
    for nth in 0..7 {
        let source = if nth < 5 { Source::Messaging } else { Source::Conversation };
        let told = told(source, &format!("c{nth}"), &[ada, ben], group("Choir", 1));
        stage.tell(told.message(message(1, "la")).message(message(2, "la"))).await;
    }
    let reads = Member { read_seq: 2, rev: 2, ..member(ben) };
    stage.tell(Told::of(Source::Messaging, &"c1").members(&[reads])).await;
    for (query, rows, total, unread, unread_entries) in [
        ("", 7, 7, 12, 6),
        ("&source=messaging", 5, 5, 8, 4),
        ("&unread=true", 6, 6, 12, 6),
        ("&unread=false", 1, 1, 0, 0),
        ("&source=conversation&unread=false", 0, 0, 0, 0),
        ("&pageRowCount=3", 3, 7, 12, 6),
        ("&pageRowCount=3&pageNumber=3", 1, 7, 12, 6),
        ("&pageRowCount=3&pageNumber=4", 0, 7, 12, 6),
        ("&pageNumber=9223372036854775807", 0, 7, 12, 6),
        ("&pageNumber=0", 7, 7, 12, 6),
    ] {
        let list = stage.entries(ben, &format!("search=choir{query}")).await;
        let got = [&list["rowCount"], &list["paging"]["totalRowCount"], &list["unreadCount"]];
        assert_eq!(got, [&json!(rows), &json!(total), &json!(unread)], "{query}");
        assert_eq!(list["unreadEntryCount"], unread_entries, "{query}");
    }
    assert_eq!(stage.finds(ben, "choir").await, ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]);
    let applied = &stage.entries(ben, "search=%20Choir&unread=true").await["filters"];
    assert!(applied.to_string().contains(r#"{"name":"search","values":["Choir"]}"#), "{applied}");
}

#[tokio::test]
async fn bad_searches_are_refused() {
    let stage = Stage::set().await;
    let long = "ü".repeat(201);
    for (text, message) in
        [("a%00b", "errMsg_searchIsNotAValidText"), (long.as_str(), "errMsg_searchIsTooLong")]
    {
        stage.app.get(&format!("/v1/inboxentries?search={text}")).by(&stage.ben).await.refused(400, message);
    }
    assert_eq!(stage.finds(&stage.ben, &"ü".repeat(200)).await, NOTHING);
}

#[tokio::test]
async fn whoever_was_known_before_is_described_at_the_start() {
    let stage = Stage::set().await;
    stage.tell(told(Source::Messaging, "one", &[&stage.ada, &stage.ben], Facts::default())).await;
    stage.run("DELETE FROM known_user_term");
    assert_eq!(stage.finds(&stage.ben, "ada").await, NOTHING);
    backfill::ask_all(&stage.app.service).await.unwrap();
    assert_eq!(stage.finds(&stage.ben, "ada").await, ["one"]);
    // A replica of the release before keeps names without their words.
    stage.run("UPDATE known_user SET fullname = 'Grace', record_version = 2 WHERE fullname = 'Ada'");
    backfill::ask_all(&stage.app.service).await.unwrap();
    assert_eq!(stage.finds(&stage.ben, "grace").await, ["one"]);
}

#[tokio::test]
async fn wrong_words_are_told_and_put_right() {
    let stage = Stage::set().await;
    stage.send(&stage.ada, &stage.company.conversation, "Hello Mia").await;
    stage.hear_back().await;
    let service = &stage.app.service;
    for broken in ["'nonsense'", "''"] {
        stage.run(&format!("UPDATE inbox_message SET terms = {broken}"));
        let told = command::checked(service, false).await.unwrap_err();
        assert!(format!("{told:?}").contains("found by other words"), "{told:?}");
        command::checked(service, true).await.unwrap();
        assert_eq!(stage.finds(&stage.ben, "hello").await, [stage.company.conversation.as_str()]);
    }
}
