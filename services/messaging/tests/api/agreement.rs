//! Sending is one statement; the domain says the same in plain Rust. On random states both must agree: on whether the
//! message may be sent, on what is stored and on what is announced.

use std::cell::RefCell;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use events::Member;
use events::messaging::MessageCreated;
use files::FileId;
use kit::clock::{random_bytes, uuid_v7};
use kit::{Clock as _, OneStatement as _, SystemClock, UserId};
use messaging::api::sending::scene;
use messaging::domain::message::{Draft, Kind, MessageId, Scene, apply};
use messaging::store::schema::{conversation, participant};
use messaging::store::send::Send;
use messaging::store::{conversations, messages};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use timeline::{Seq, SeqRange};

/// A conversation somewhere in its life, and somebody who wants to write there.
#[derive(Debug, Clone)]
struct State {
    exists: bool,
    is_active: bool,
    /// Whether the sender has a row there, and is a member still.
    sender: Option<bool>,
    last_seq: i64,
    read_seq: i64,
    uncounted: i64,
    visible_from: i64,
    rev: i64,
    /// The newest message's time from now, in milliseconds: perhaps in the future.
    last_at: i64,
    content: String,
    kind: Kind,
    is_reply: bool,
    others: usize,
}

fn state() -> impl Strategy<Value = State> {
    let numbers = (0..50_i64, 0..50_i64, 0..50_i64, 1..50_i64, 1..99_i64, -5_000..5_000_i64);
    let flags = (
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.8),
        prop::option::weighted(0.8, prop::bool::weighted(0.8)),
    );
    let said = ("\\PC{1,300}", prop::sample::select(&Kind::SENT[..]), any::<bool>());
    (flags, numbers, said, 1..5_usize).prop_map(|(flags, numbers, said, others)| {
        let (content, kind, is_reply) = said;
        let (exists, is_active, sender) = flags;
        let (last_seq, read_seq, uncounted, visible_from, rev, last_at) = numbers;
        // A deleted conversation has no members: deleting it ends all memberships.
        let sender = sender.map(|is_member| is_member && is_active);
        State {
            exists,
            is_active,
            sender,
            last_seq,
            read_seq,
            uncounted,
            visible_from,
            rev,
            last_at,
            content,
            kind,
            is_reply,
            others,
        }
    })
}

fn arrange(conn: &mut PgConnection, state: &State, draft: &Draft) {
    if !state.exists {
        return;
    }
    let now = draft.now;
    let mut members: Vec<UserId> = (0..state.others).map(|_| uuid_v7(now).into()).collect();
    members.extend(state.sender.filter(|is_member| *is_member).map(|_| draft.sender_id));
    let row = (
        conversation::id.eq(draft.conversation_id),
        conversation::is_group.eq(true),
        conversation::creator_id.eq(draft.sender_id),
        conversation::member_ids.eq(members),
        conversation::is_active.eq(state.is_active),
        conversation::created_at.eq(now),
        conversation::updated_at.eq(now),
        conversation::last_seq.eq(state.last_seq),
        conversation::last_message_at.eq(now + TimeDelta::milliseconds(state.last_at)),
    );
    diesel::insert_into(conversation::table).values(row).execute(conn).unwrap();
    let Some(is_member) = state.sender else { return };
    let row = (
        participant::conversation_id.eq(draft.conversation_id),
        participant::user_id.eq(draft.sender_id),
        participant::is_member.eq(is_member),
        participant::joined_at.eq(now),
        participant::read_seq.eq(state.read_seq),
        participant::uncounted.eq(state.uncounted),
        participant::visible_from.eq(state.visible_from),
        participant::rev.eq(state.rev),
    );
    diesel::insert_into(participant::table).values(row).execute(conn).unwrap();
}

fn draft(state: &State, now: DateTime<Utc>) -> Draft {
    let id = || uuid::Builder::from_random_bytes(random_bytes()).into_uuid();
    Draft {
        conversation_id: id().into(),
        id: id().into(),
        sender_id: id().into(),
        kind: state.kind,
        content: state.content.clone(),
        client_message_id: None,
        reply_to: state.is_reply.then(|| id().into()),
        file_ids: if state.is_reply { vec![id().into(), id().into()] } else { Vec::new() },
        now,
    }
}

fn agree(conn: &mut PgConnection, state: &State) -> Result<(), TestCaseError> {
    let draft = draft(state, SystemClock.now());
    arrange(conn, state, &draft);
    let before: Scene = scene(conn, draft.conversation_id, draft.sender_id).unwrap();
    let sent = Send::new(draft.clone(), draft.id.uuid(), "request").run(conn).unwrap();
    let told = events::outbox::pending(conn, "messaging").unwrap();
    let after = conversations::find(conn, draft.conversation_id, draft.sender_id).unwrap();

    let Ok((message, watermark)) = apply(draft.clone(), before) else {
        prop_assert_eq!(sent, None);
        prop_assert!(told.is_empty());
        prop_assert_eq!(scene(conn, draft.conversation_id, draft.sender_id).unwrap(), before);
        return Ok(());
    };
    prop_assert_eq!(sent.as_ref(), Some(&message));
    prop_assert_eq!(messages::find(conn, draft.id).unwrap(), Some(message.clone()));
    let after = after.unwrap();
    prop_assert_eq!(after.member.watermark, watermark);
    prop_assert_eq!(after.conversation.last_seq, message.seq);
    prop_assert_eq!(after.conversation.last_message_at, message.sent_at);
    let preview: String = message.content.chars().take(200).collect();
    let last = after.conversation.last_message.unwrap();
    prop_assert_eq!((last.preview, last.kind, last.sender_id), (preview, message.kind, message.sender_id));
    prop_assert_eq!(told.len(), 1);
    let event: events::Event<MessageCreated> = serde_json::from_value(told[0].clone()).unwrap();
    prop_assert_eq!(
        (event.time, event.recipients.len()),
        (message.sent_at, after.conversation.member_ids.len())
    );
    prop_assert_eq!(&event.data.message.content, &message.content);
    prop_assert_eq!(
        (event.data.message.seq, event.data.message.sent_at),
        (message.seq.get(), message.sent_at)
    );
    let member = Member {
        user_id: draft.sender_id,
        read_seq: watermark.read_seq.get(),
        uncounted: watermark.uncounted,
        visible_from: watermark.visible_from.get(),
        is_member: true,
        hidden_seq: after.member.hidden_seq.map(Seq::get),
        rev: watermark.rev,
    };
    prop_assert_eq!(event.data.members, vec![member]);
    prop_assert_eq!(event.data.message.kind.as_str(), message.kind.name());
    prop_assert_eq!(event.data.message.reply_to, message.reply_to.map(MessageId::uuid));
    let told: Vec<FileId> = event.data.message.file_ids.into_iter().map(FileId::from).collect();
    prop_assert_eq!(told, message.file_ids);
    let stored = SeqRange::new(message.seq, message.seq).unwrap();
    prop_assert_eq!(messages::range(conn, draft.conversation_id, stored).unwrap().len(), 1);
    prop_assert!(message.seq > Seq::START);
    Ok(())
}

#[tokio::test]
async fn the_statement_and_the_rule_agree() {
    let app = crate::stage::boot().await;
    let conn = RefCell::new(app.database.connect());
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    runner
        .run(&state(), |state| {
            let conn = &mut *conn.borrow_mut();
            sql_query("TRUNCATE outbox, message, participant, conversation").execute(conn).unwrap();
            agree(conn, &state)
        })
        .unwrap();
}
