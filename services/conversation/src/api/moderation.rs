//! What the staff do to messages: delete them, bring them back, and look at who did.

use actix_web::{delete, get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::conversation::{MessageDeleted, MessageRestored};
use events::{Member, Occasion};
use kit::error::TOO_LONG;
use kit::openapi::ErrorEnvelope;
use kit::{Action as Verb, Answer, Call, Error, IfMatch, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::message_view::{MessageAnswer, view_one};
use crate::api::messages::{find, id_in_path};
use crate::domain::chain::{Action, Hash, Link};
use crate::domain::message::{Message, MessageId};
use crate::domain::participant::{Participant, exception};
use crate::domain::thread::Thread;
use crate::store::moderation::{self, Deed};
use crate::store::{messages, participants, threads};
use crate::{Conversation, Refusal, announce};

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// What somebody of the staff wants to do to a message.
struct Order {
    id: MessageId,
    action: Action,
    reason: Option<String>,
    if_match: IfMatch,
}

/// Delete a message.
///
/// By the staff. The two no longer see it; the staff still do, with `includeInactive=true`.
#[utoipa::path(
    operation_id = "deleteConversationMessage", tag = "moderation", security(("accessToken" = [])),
    params(
        ("conversationMessageId" = Uuid, Path, description = "The message."),
        ("reason" = Option<String>, Query, description = "Why, for the log.", max_length = 500),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The message, inactive.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/conversationmessages/{conversationMessageId}")]
pub(crate) async fn delete(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    query: Query,
    if_match: IfMatch,
) -> Result<Answer> {
    moderate(&service, call, &path, &query, if_match, Action::Delete).await
}

/// Bring a deleted message back.
///
/// By the staff. For its receiver it is unread again, unless they had read it.
#[utoipa::path(
    operation_id = "restoreConversationMessage", tag = "moderation", security(("accessToken" = [])),
    params(
        ("conversationMessageId" = Uuid, Path, description = "The message."),
        ("reason" = Option<String>, Query, description = "Why, for the log.", max_length = 500),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that is to be restored."),
    ),
    responses(
        (status = 200, description = "The message, active.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversationmessages/{conversationMessageId}/restore")]
pub(crate) async fn restore(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    query: Query,
    if_match: IfMatch,
) -> Result<Answer> {
    moderate(&service, call, &path, &query, if_match, Action::Restore).await
}

async fn moderate(
    service: &Conversation,
    call: Call,
    path: &str,
    query: &Query,
    if_match: IfMatch,
    action: Action,
) -> Result<Answer> {
    let order = Order { id: id_in_path(path)?, action, reason: reason(query)?, if_match };
    let [occasion] = Occasion::draw(&service.app, &call);
    service.app.write(move |tx| carry_out(tx, &call, &order, &occasion)).await
}

fn reason(query: &Query) -> Result<Option<String>> {
    let reason = query.one("reason")?.filter(|reason| !reason.trim().is_empty());
    match reason {
        Some(long) if long.chars().nth(MAX_REASON).is_some() => Err(Error::field(&TOO_LONG, "reason")),
        reason => Ok(reason.map(str::to_owned)),
    }
}

fn must_be_staff(call: &Call) -> Result<()> {
    if call.caller.role.is_staff() { Ok(()) } else { Err(Refusal::StaffOnly.into()) }
}

/// Deletes or restores, unless that was done before.
fn carry_out(tx: &mut Tx<'_>, call: &Call, order: &Order, occasion: &Occasion) -> Result<Answer> {
    must_be_staff(call)?;
    let (found, user) = (find(tx.conn(), order.id)?, call.caller.user_id);
    let people = participants::lock_both(tx, found.thread_id)?;
    let thread = threads::lock(tx, found.thread_id)?;
    let before = messages::lock(tx, found.thread_id, found.seq)?;
    order.if_match.admit(before.record_version)?;
    let after = match order.action {
        Action::Delete => before.clone().deleted(user, occasion.now).ok_or(Refusal::MessageNotFound)?,
        Action::Restore => before.clone().restored(occasion.now).unwrap_or_else(|| before.clone()),
    };
    if after != before {
        let change = Change { thread: &thread, before: &before, after: &after };
        store(tx, &change, people, occasion)?;
        moderation::append(tx, &deed(call, order, &after, occasion))?;
    }
    let (version, verb) = (after.record_version, verb(order.action));
    Ok(call.frame(verb, "conversationMessage").row(&view_one(tx.conn(), after)?)?.etag(version))
}

fn verb(action: Action) -> Verb {
    match action {
        Action::Delete => Verb::Delete,
        Action::Restore => Verb::Update,
    }
}

fn deed(call: &Call, order: &Order, of: &Message, occasion: &Occasion) -> Deed {
    Deed {
        at: occasion.now,
        actor_id: call.caller.user_id,
        action: order.action,
        message_id: of.id,
        thread_id: of.thread_id,
        reason: order.reason.clone(),
        request_id: call.request_id().to_owned(),
    }
}

/// A message that goes or comes back, with its thread, all locked.
struct Change<'a> {
    thread: &'a Thread,
    before: &'a Message,
    after: &'a Message,
}

/// Stores it: the message, what each of the two has unread, how many are deleted, and what is the newest.
fn store(tx: &mut Tx<'_>, change: &Change<'_>, people: Vec<Participant>, occasion: &Occasion) -> Result<()> {
    let Change { thread, before, after } = *change;
    messages::save(tx, after)?;
    let mut members = Vec::new();
    for person in people {
        if let Some(watermark) = recount(tx, &person, change)? {
            let person = Participant { watermark, ..person };
            participants::save(tx, thread.id, &person)?;
            members.push(announce::member(&person));
        }
    }
    let step = if before.is_active { 1 } else { -1 };
    threads::save_deleted(tx, thread.id, thread.deleted + step)?;
    let newest = messages::newest_active(tx.conn(), thread.id)?;
    threads::save_last(tx, thread.id, newest.as_ref())?;
    announce_change(tx, change, members, newest.as_ref(), occasion)
}

/// What one of the two has read afterwards, if that changes.
fn recount(
    tx: &mut Tx<'_>,
    person: &Participant,
    change: &Change<'_>,
) -> Result<Option<timeline::Watermark>> {
    let Change { thread, before, after } = *change;
    let (user, seq) = (person.user_id, before.seq);
    if before.is_active {
        return Ok(person.watermark.deleted_for_all(seq, exception(before, user)));
    }
    let uncounted_in = |range| messages::uncounted_in(tx.conn(), thread.id, user, range);
    Ok(person.watermark.restored(seq, thread.last_seq, exception(after, user), uncounted_in)?)
}

fn announce_change(
    tx: &mut Tx<'_>,
    change: &Change<'_>,
    members: Vec<Member>,
    newest: Option<&Message>,
    occasion: &Occasion,
) -> Result<()> {
    let (about, to) = (change.thread.id, change.thread.pair());
    let (message, last_message) = (announce::message(change.after), newest.map(announce::message));
    let last_seq = change.thread.last_seq.get();
    if change.after.is_active {
        occasion.tell(tx, about, &to, MessageRestored { message, members, last_message, last_seq })?;
    } else {
        occasion.tell(tx, about, &to, MessageDeleted { message, members, last_message, last_seq })?;
    }
    Ok(())
}

/// An entry of the moderation log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogView {
    /// It follows from the hash.
    id: Uuid,
    /// Its number in the log: 1, 2, 3 …
    seq: i64,
    /// `delete`, or `restore`.
    action: &'static str,
    conversation_message_id: Uuid,
    conversation_thread_id: Uuid,
    /// Who did it.
    actor_id: UserId,
    reason: Option<String>,
    request_id: String,
    /// SHA-256 over this entry and the one before it, in hexadecimal.
    hash: String,
    /// Always true: the log is only added to.
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Who did it.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(LogAnswer { moderation_log: [LogView] });

impl From<(Link, Hash)> for LogView {
    fn from((link, hash): (Link, Hash)) -> Self {
        let mut id = [0; 16];
        for (byte, of_hash) in id.iter_mut().zip(hash.as_bytes()) {
            *byte = *of_hash;
        }
        Self {
            id: uuid::Builder::from_custom_bytes(id).into_uuid(),
            seq: link.seq,
            action: link.action.name(),
            conversation_message_id: link.message_id,
            conversation_thread_id: link.thread_id,
            actor_id: link.actor_id,
            reason: link.reason,
            request_id: link.request_id,
            hash: hash.to_string(),
            is_active: true,
            record_version: 1,
            created_at: link.at,
            updated_at: link.at,
            owner: link.actor_id,
        }
    }
}

/// List what the staff did, the newest first.
#[utoipa::path(
    operation_id = "listModerationLog", tag = "moderation", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page.", body = LogAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/moderationlog")]
pub(crate) async fn log(service: web::Data<Conversation>, call: Call, query: Query) -> Result<Answer> {
    must_be_staff(&call)?;
    let page = Page::parse(&query)?;
    let work = move |conn: &mut PgConnection| {
        let paging = page.of_total(moderation::head(conn)?.0)?;
        let rows: Vec<LogView> = moderation::page(conn, page)?.into_iter().map(LogView::from).collect();
        call.frame(Verb::List, "moderationLog").list(&rows, paging, &[])
    };
    service.app.read(work).await
}
