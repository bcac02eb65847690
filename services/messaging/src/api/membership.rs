//! `PATCH` and `DELETE` of `/v1/conversations/{conversationId}`: who is in it, and its end.

use std::collections::HashSet;

use actix_web::{delete, patch, web};
use chrono::{DateTime, Utc};
use events::messaging::{ConversationDeleted, ConversationHidden, ConversationUpdated};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, IfMatch, Query, Result, Tx, UserId};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::{self, Occasion};
use crate::api::conversation_view::{ConversationAnswer, view_one};
use crate::api::conversations::{id_in_path, see};
use crate::domain::conversation::{self, Change, Conversation, ConversationId, Ending, Membership, Seen};
use crate::domain::participant::Participant;
use crate::store::{conversations, participants};
use crate::{Messaging, Refusal};

/// What a client sends to change a group.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateConversation {
    /// Who is to be in it: three to a thousand. Who comes sees what is said from then on.
    participant_ids: Option<Vec<Uuid>>,
    /// A group stays a group.
    #[schema(example = true)]
    is_group: Option<bool>,
    /// Checked, then ignored: the server owns it.
    last_message_at: Option<DateTime<Utc>>,
}

/// A conversation and everybody who is or was in it, locked.
pub(crate) struct Roster {
    pub(crate) conversation: Conversation,
    people: Vec<Participant>,
}

impl Roster {
    /// Locks them, for a member who can see the conversation.
    pub(crate) fn lock(tx: &mut Tx<'_>, id: ConversationId, caller: UserId) -> Result<Self> {
        let people = participants::lock_all(tx, id)?;
        let there = conversations::lock(tx, id)?.filter(|there| there.is_active);
        let conversation = there.ok_or(Refusal::ConversationNotFound)?;
        let member = people.iter().find(|one| one.user_id == caller && one.is_member);
        let member = member.ok_or(Refusal::NotAParticipant)?;
        if !member.sees(conversation.last_seq) {
            return Err(Refusal::ConversationNotFound.into());
        }
        Ok(Self { conversation, people })
    }

    /// The participants who come or go, as they are afterwards.
    fn moving(&self, membership: &Membership, now: DateTime<Utc>) -> Vec<Participant> {
        let last_seq = self.conversation.last_seq;
        let known = |user: &UserId| self.people.iter().find(|one| one.user_id == *user).copied();
        let join = |user: &UserId| {
            known(user).map_or_else(
                || Participant::joining(*user, last_seq, now),
                |former| former.rejoining(last_seq, now),
            )
        };
        let leaving = membership.leaving.iter().filter_map(known).map(Participant::leaving);
        membership.joining.iter().map(join).chain(leaving).collect()
    }
}

/// Change a group.
///
/// Any member may add and remove others; only the creator can remove the creator. A new member sees what is said since
/// they came.
#[utoipa::path(
    operation_id = "updateConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = Uuid, Path, description = "The group."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that the change is meant for."),
    ),
    request_body = Option<UpdateConversation>,
    responses(
        (status = 200, description = "The group.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/conversations/{conversationId}")]
pub(crate) async fn update(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    body.date("lastMessageAt")?;
    let wish = Change { participant_ids: body.ids("participantIds")?, is_group: body.boolean("isGroup")? };
    let joining = newcomers(&messaging, id, &call, &wish).await?;
    messaging.must_know(&joining, Refusal::UnknownParticipants).await?;
    let [occasion] = Occasion::draw(&messaging.app, &call);
    messaging.app.write(move |tx| change(tx, &call, id, if_match, &wish, &occasion)).await
}

/// Whom the change would add, as things stand: they must be known before the transaction. Who was there stays even if
/// they are known no more.
async fn newcomers(
    messaging: &Messaging,
    id: ConversationId,
    call: &Call,
    wish: &Change,
) -> Result<Vec<UserId>> {
    let user = call.caller.user_id;
    let of = messaging.app.read(move |conn| see(conn, id, user)).await?.conversation;
    Ok(conversation::change(&of, user, wish.clone())?.joining)
}

fn change(
    tx: &mut Tx<'_>,
    call: &Call,
    id: ConversationId,
    if_match: IfMatch,
    wish: &Change,
    occasion: &Occasion,
) -> Result<Answer> {
    let roster = Roster::lock(tx, id, call.caller.user_id)?;
    if_match.admit(roster.conversation.record_version)?;
    let membership = conversation::change(&roster.conversation, call.caller.user_id, wish.clone())?;
    let after = move_members(tx, &roster, &membership, occasion)?;
    let frame = call.frame(Action::Update, "conversation");
    let seen = Seen { conversation: after, ..seen_by(tx, &roster, call.caller.user_id)? };
    let version = seen.conversation.record_version;
    Ok(frame.row(&view_one(tx.conn(), seen)?)?.etag(version))
}

/// Stores and announces who comes and goes; nothing where nobody does.
pub(crate) fn move_members(
    tx: &mut Tx<'_>,
    roster: &Roster,
    membership: &Membership,
    occasion: &Occasion,
) -> Result<Conversation> {
    let before = &roster.conversation;
    let moving = roster.moving(membership, occasion.now);
    if moving.is_empty() {
        return Ok(before.clone());
    }
    let after = Conversation {
        creator_id: membership.creator_id,
        member_ids: membership.member_ids.clone(),
        record_version: before.record_version + 1,
        updated_at: occasion.now,
        ..before.clone()
    };
    participants::save(tx, after.id, &moving)?;
    conversations::save(tx, &after)?;
    let everybody = [&membership.member_ids[..], &membership.leaving].concat();
    let data = ConversationUpdated {
        conversation: announce::conversation(&after),
        members: announce::members(&moving),
    };
    occasion.tell(tx, after.id, &everybody, data)?;
    Ok(after)
}

/// The conversation as it was for somebody, for the answer to what they did with it.
fn seen_by(tx: &mut Tx<'_>, roster: &Roster, user: UserId) -> Result<Seen> {
    if let Some(seen) = conversations::find(tx.conn(), roster.conversation.id, user)? {
        return Ok(seen);
    }
    let member =
        roster.people.iter().find(|one| one.user_id == user).copied().ok_or(Refusal::NotAParticipant)?;
    Ok(Seen { conversation: roster.conversation.clone(), member, last_message: None })
}

/// Delete a conversation.
///
/// A 1:1 is hidden for both, and so is a group when its creator deletes it (`effect: deleted`); another member leaves
/// the group (`left`). With `scope=me` it is hidden for the caller until the next message (`hidden`).
#[utoipa::path(
    operation_id = "deleteConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = Uuid, Path, description = "The conversation."),
        ("scope" = Option<String>, Query, description = "`me` hides it for the caller only; `all` is the default.",
            pattern = "^(me|all)$"),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The conversation, inactive, and the `effect`.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/conversations/{conversationId}")]
pub(crate) async fn delete(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    query: Query,
    if_match: IfMatch,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let only_me = match query.one("scope")? {
        None | Some("all") => false,
        Some("me") => true,
        Some(_) => return Err(Error::field(&kit::error::NOT_VALID, "scope").detail("`me` or `all`.")),
    };
    let [occasion] = Occasion::draw(&messaging.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let roster = Roster::lock(tx, id, call.caller.user_id)?;
        if_match.admit(roster.conversation.record_version)?;
        if only_me { hide(tx, &call, &roster, &occasion) } else { end(tx, &call, &roster, &occasion) }
    };
    messaging.app.write(work).await
}

fn hide(tx: &mut Tx<'_>, call: &Call, roster: &Roster, occasion: &Occasion) -> Result<Answer> {
    let (of, user_id) = (&roster.conversation, call.caller.user_id);
    let seen = seen_by(tx, roster, user_id)?;
    let member = seen.member.hiding(of.last_seq);
    participants::save(tx, of.id, &[member])?;
    let data = ConversationHidden { conversation_id: of.id.uuid(), member: announce::member(&member) };
    occasion.tell(tx, of.id, &[user_id], data)?;
    answer_ended(tx, call, of.clone(), seen, "hidden")
}

fn end(tx: &mut Tx<'_>, call: &Call, roster: &Roster, occasion: &Occasion) -> Result<Answer> {
    let seen = seen_by(tx, roster, call.caller.user_id)?;
    match conversation::end(&roster.conversation, call.caller.user_id) {
        Ending::Left(membership) => {
            let after = move_members(tx, roster, &membership, occasion)?;
            answer_ended(tx, call, after, seen, "left")
        }
        Ending::Deleted => {
            let after = end_for_all(tx, roster, occasion)?;
            answer_ended(tx, call, after, seen, "deleted")
        }
    }
}

/// Ends all memberships with the conversation: a send that waits finds no member.
pub(crate) fn end_for_all(tx: &mut Tx<'_>, roster: &Roster, occasion: &Occasion) -> Result<Conversation> {
    let before = &roster.conversation;
    let (record_version, updated_at) = (before.record_version + 1, occasion.now);
    let after = Conversation { is_active: false, record_version, updated_at, ..before.clone() };
    let members: HashSet<UserId> = before.member_ids.iter().copied().collect();
    let leaving = roster.people.iter().filter(|one| members.contains(&one.user_id));
    let leaving: Vec<Participant> = leaving.copied().map(Participant::leaving).collect();
    participants::save(tx, after.id, &leaving)?;
    conversations::save(tx, &after)?;
    let data = ConversationDeleted {
        conversation: announce::conversation(&after),
        members: announce::members(&leaving),
    };
    occasion.tell(tx, after.id, &after.member_ids, data)?;
    Ok(after)
}

/// However it ended, for the caller it is no longer active.
fn answer_ended(
    tx: &mut Tx<'_>,
    call: &Call,
    after: Conversation,
    seen: Seen,
    effect: &str,
) -> Result<Answer> {
    let seen = Seen { conversation: Conversation { is_active: false, ..after }, ..seen };
    let frame = call.frame(Action::Delete, "conversation").with("effect", json!(effect));
    frame.row(&view_one(tx.conn(), seen)?)
}
