//! `PATCH` and `DELETE` of `/v1/messages/{messageId}`: edits, reads, hides, and its end.

use actix_web::{delete, patch, web};
use events::messaging::{MessageDeleted, MessageHidden, MessageRead, MessageUpdated, Sight};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, IfMatch, MAX_TEXT, Result, Tx, UserId};
use serde_json::json;
use timeline::ReadOne;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::{self, Occasion};
use crate::api::conversations::see;
use crate::api::message_view::{Beside, MessageAnswer, view};
use crate::api::messages::id_in_path;
use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::message::{self, Change, Message};
use crate::domain::participant::{Participant, all_who_read, exception, has_hidden};
use crate::store::{conversations, marks, messages, newest_seen, participants};
use crate::{Messaging, Refusal};

/// What a client sends to change a message.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateMessage {
    /// What it is to say: by its sender only. At most 10,000 characters.
    #[schema(example = "Hello Ben, is Wednesday fine?", min_length = 1, max_length = 10_000)]
    content: Option<String>,
    /// Ids that are there already, and the caller's own, who thereby reads the message.
    read_by: Option<Vec<Uuid>>,
    /// Ids that are there already, and the caller's own, who thereby deletes the message for themselves.
    deleted_for: Option<Vec<Uuid>>,
}

/// A message that a member can see, with what they need to change it, locked.
struct Held {
    message: Message,
    conversation: Conversation,
    member: Participant,
    beside: Beside,
}

impl Held {
    /// Locks the member's row, and the conversation's and the message's where the message itself is to change.
    fn lock(tx: &mut Tx<'_>, found: &Message, caller: UserId, to_edit: bool) -> Result<Self> {
        let id = found.conversation_id;
        participants::lock(tx, id, caller)?;
        if to_edit {
            conversations::lock(tx, id)?;
            messages::lock(tx, id, found.seq)?;
        }
        Self::look(tx, found, caller)
    }

    fn look(tx: &mut Tx<'_>, found: &Message, caller: UserId) -> Result<Self> {
        let seen = see(tx.conn(), found.conversation_id, caller)?;
        let message = messages::find(tx.conn(), found.id)?.ok_or(Refusal::MessageNotFound)?;
        let beside = Beside::of(tx.conn(), std::slice::from_ref(&message))?;
        let marks = beside.marks(message.conversation_id);
        let message = message::may_see(message, &seen.member, &marks)?;
        Ok(Self { message, conversation: seen.conversation, member: seen.member, beside })
    }

    fn id(&self) -> ConversationId {
        self.conversation.id
    }

    /// Looks again after a change, for the answer: also at what the caller has hidden by it.
    fn answer(&self, tx: &mut Tx<'_>, call: &Call) -> Result<Answer> {
        let message = messages::find(tx.conn(), self.message.id)?.ok_or(Refusal::MessageNotFound)?;
        let beside = Beside::of(tx.conn(), std::slice::from_ref(&message))?;
        let version = message.record_version;
        let view = view(call.caller.user_id, message, &beside);
        Ok(call.frame(Action::Update, "message").row(&view)?.etag(version))
    }
}

/// Change a message.
///
/// Its sender edits the content. Everybody may add themselves to `readBy` (reads it, in any order) and to `deletedFor`
/// (deletes it for themselves); nobody is removed from either.
#[utoipa::path(
    operation_id = "updateMessage", tag = "messages", security(("accessToken" = [])),
    params(
        ("messageId" = Uuid, Path, description = "The message."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that the change is meant for."),
    ),
    request_body = Option<UpdateMessage>,
    responses(
        (status = 200, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/messages/{messageId}")]
pub(crate) async fn update(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let wish = Change {
        content: content(&body)?,
        read_by: body.ids("readBy")?,
        deleted_for: body.ids("deletedFor")?,
    };
    let occasions = Occasion::draw::<3>(&messaging.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let found = messages::find(tx.conn(), id)?.ok_or(Refusal::MessageNotFound)?;
        let held = Held::lock(tx, &found, call.caller.user_id, wish.content.is_some())?;
        if_match.admit(held.message.record_version)?;
        change(tx, &held, &wish, &occasions)?;
        held.answer(tx, &call)
    };
    messaging.app.write(work).await
}

/// A content that is there must say something.
fn content(body: &Body) -> Result<Option<String>> {
    let content = body.text("content", MAX_TEXT)?;
    match content {
        Some(blank) if blank.trim().is_empty() => Err(Error::field(&kit::error::REQUIRED, "content")),
        content => Ok(content),
    }
}

fn change(tx: &mut Tx<'_>, held: &Held, wish: &Change, occasions: &[Occasion; 3]) -> Result<()> {
    let marks = held.beside.marks(held.id());
    let readers = all_who_read(&held.message, &held.beside.readers(held.id()), &marks);
    let here = marks.iter().filter(|mark| mark.hidden && mark.seq == held.message.seq);
    let hiders: Vec<UserId> = here.map(|mark| mark.user_id).collect();
    let changes = message::change(&held.message, held.member.user_id, wish.clone(), &readers, &hiders)?;
    let [edited, was_read, was_hidden] = occasions;
    if let Some(content) = changes.content {
        edit(tx, held, content, edited)?;
    }
    let mut member = held.member;
    if changes.read {
        member = read(tx, held, was_read)?;
    }
    if changes.hide {
        hide(tx, held, member, was_hidden)?;
    }
    Ok(())
}

fn edit(tx: &mut Tx<'_>, held: &Held, content: String, occasion: &Occasion) -> Result<()> {
    let before = held.message.clone();
    let (record_version, updated_at) = (before.record_version + 1, occasion.now);
    let after = Message { content, record_version, updated_at, ..before };
    messages::save(tx, &after)?;
    if is_last(held) {
        conversations::save_last(tx, held.id(), Some(&after))?;
    }
    let newest = messages::newest_active(tx.conn(), held.id())?;
    let members = participants::members(tx.conn(), held.id())?;
    let data = MessageUpdated {
        message: announce::message(&after),
        last_seq: held.conversation.last_seq.get(),
        sights: sights(tx, held, newest.as_ref(), &members)?,
        last_message: newest.as_ref().map(announce::message),
    };
    Ok(occasion.tell(tx, held.id(), &held.conversation.member_ids, data)?)
}

fn is_last(held: &Held) -> bool {
    held.conversation.last_message.as_ref().is_some_and(|last| last.seq == held.message.seq)
}

/// Reads the one message; the watermark moves over what has become contiguous.
fn read(tx: &mut Tx<'_>, held: &Held, occasion: &Occasion) -> Result<Participant> {
    let (id, seq, user) = (held.id(), held.message.seq, held.member.user_id);
    let last_seq = held.conversation.last_seq;
    let why = exception(&held.message, user, &held.beside.marks(id));
    let first_counting = |range| {
        // Two, since the message itself is to be left aside.
        let counting = marks::counting_in(tx.conn(), id, user, range, 2)?;
        Ok::<_, diesel::result::Error>(counting.into_iter().find(|counting| *counting != seq))
    };
    let (watermark, passed) = match held.member.watermark.read_one(seq, last_seq, why, first_counting)? {
        ReadOne::Unchanged => return Ok(held.member),
        ReadOne::Passed(watermark) => (watermark, true),
        ReadOne::Excepted(watermark) => (watermark, false),
    };
    if !passed {
        marks::read(tx, id, user, seq, occasion.now)?;
    }
    marks::forget(tx, id, user, watermark.read_seq)?;
    let member = Participant { watermark, ..held.member };
    participants::save(tx, id, &[member])?;
    let data = MessageRead {
        conversation_id: id.uuid(),
        message_id: held.message.id.uuid(),
        seq: seq.get(),
        member: announce::member(&member),
    };
    occasion.tell(tx, id, &held.conversation.member_ids, data)?;
    Ok(member)
}

/// Deletes the message for the member alone.
fn hide(tx: &mut Tx<'_>, held: &Held, member: Participant, occasion: &Occasion) -> Result<()> {
    let (id, seq, user) = (held.id(), held.message.seq, member.user_id);
    let marks = Beside::of(tx.conn(), std::slice::from_ref(&held.message))?.marks(id);
    let why = exception(&held.message, user, &marks);
    let Some(hide) = member.watermark.hidden(seq, why) else { return Ok(()) };
    marks::hide(tx, id, user, seq, hide.read)?;
    let watermark = hide.watermark.unwrap_or(member.watermark);
    let member = Participant { watermark, absent: member.absent + 1, ..member };
    participants::save(tx, id, &[member])?;
    let seen = newest_seen::of(tx.conn(), &[(id, user)])?;
    let data = MessageHidden {
        conversation_id: id.uuid(),
        message_id: held.message.id.uuid(),
        seq: seq.get(),
        member: announce::member(&member),
        sight: announce::sight(&member, held.conversation.last_seq, seen.get(&(id, user))),
    };
    Ok(occasion.tell(tx, id, &[user], data)?)
}

/// Delete a message.
///
/// Its sender deletes it for all (`effect: deletedForAll`), anybody else for themselves (`deletedForMe`).
#[utoipa::path(
    operation_id = "deleteMessage", tag = "messages", security(("accessToken" = [])),
    params(
        ("messageId" = Uuid, Path, description = "The message."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The message, inactive, and the `effect`.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/messages/{messageId}")]
pub(crate) async fn delete(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let [occasion] = Occasion::draw(&messaging.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (found, caller) =
            (messages::find(tx.conn(), id)?.ok_or(Refusal::MessageNotFound)?, call.caller.user_id);
        if found.sender_id == Some(caller) {
            delete_for_all(tx, &call, &found, if_match, &occasion)
        } else {
            let held = Held::lock(tx, &found, caller, false)?;
            if_match.admit(held.message.record_version)?;
            hide(tx, &held, held.member, &occasion)?;
            answer_deleted(&call, &held.message, &held.beside, "deletedForMe")
        }
    };
    messaging.app.write(work).await
}

/// The one operation that touches everybody: who can see the message sees one less, and for whom it counted it counts no
/// more.
fn delete_for_all(
    tx: &mut Tx<'_>,
    call: &Call,
    found: &Message,
    if_match: IfMatch,
    occasion: &Occasion,
) -> Result<Answer> {
    let id = found.conversation_id;
    let people = participants::lock_all(tx, id)?;
    let held = Held::lock(tx, found, call.caller.user_id, true)?;
    if_match.admit(held.message.record_version)?;
    let before = held.message.clone();
    let (record_version, updated_at) = (before.record_version + 1, occasion.now);
    let after = Message { is_active: false, record_version, updated_at, ..before };
    messages::save(tx, &after)?;
    let moved = forget_message(tx, &held, &people)?;
    let newest = messages::newest_active(tx.conn(), id)?;
    if is_last(&held) {
        conversations::save_last(tx, id, newest.as_ref())?;
    }
    let after_it: Vec<Participant> = moved.iter().map(|(_, after)| *after).collect();
    let data = MessageDeleted {
        message: announce::message(&after),
        members: announce::members(counted(&moved)),
        last_seq: held.conversation.last_seq.get(),
        sights: sights(tx, &held, newest.as_ref(), &after_it)?,
        last_message: newest.as_ref().map(announce::message),
    };
    occasion.tell(tx, id, &held.conversation.member_ids, data)?;
    answer_deleted(call, &after, &held.beside, "deletedForAll")
}

/// A member before and after something.
type Moved = (Participant, Participant);

/// Stores what the end of the message means for each member.
fn forget_message(tx: &mut Tx<'_>, held: &Held, people: &[Participant]) -> Result<Vec<Moved>> {
    let (marks, message) = (held.beside.marks(held.id()), &held.message);
    let hidden = |user| has_hidden(&marks, user, message.seq);
    let without = |one: &Participant| {
        one.without(message.seq, exception(message, one.user_id, &marks), hidden(one.user_id))
    };
    let members = people.iter().filter(|one| one.is_member);
    let moved: Vec<Moved> = members.map(|one| (*one, without(one))).collect();
    let changed: Vec<Participant> = moved.iter().filter(|(a, b)| a != b).map(|(_, after)| *after).collect();
    participants::save(tx, held.id(), &changed)?;
    Ok(moved)
}

/// Those for whom the message had counted as unread.
fn counted(moved: &[Moved]) -> impl Iterator<Item = &Participant> {
    moved.iter().filter(|(before, after)| before.watermark != after.watermark).map(|(_, after)| after)
}

/// What those members see now who deleted for themselves what is the newest message now.
fn sights(
    tx: &mut Tx<'_>,
    held: &Held,
    newest: Option<&Message>,
    members: &[Participant],
) -> Result<Vec<Sight>> {
    let Some(newest) = newest else { return Ok(Vec::new()) };
    let (id, up_to) = (held.id(), held.conversation.last_seq);
    let hiders = newest_seen::hiders(tx.conn(), &[(id, newest.seq)])?;
    let seen = newest_seen::of(tx.conn(), &hiders)?;
    let of_hiders = members.iter().filter(|member| hiders.contains(&(id, member.user_id)));
    Ok(of_hiders.map(|member| announce::sight(member, up_to, seen.get(&(id, member.user_id)))).collect())
}

fn answer_deleted(call: &Call, of: &Message, beside: &Beside, effect: &str) -> Result<Answer> {
    let gone = Message { is_active: false, ..of.clone() };
    let frame = call.frame(Action::Delete, "message").with("effect", json!(effect));
    frame.row(&view(call.caller.user_id, gone, beside))
}
