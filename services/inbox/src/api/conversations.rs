//! `/v1/conversations`

use actix_web::{get, patch, post, web};
use diesel::pg::PgConnection;
use events::Occasion;
use events::inbox::{ConversationCreated, ConversationUpdated};
use kit::error::{NOT_VALID, REQUIRED};
use kit::filters::{Filters, Zone};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, IfMatch, Page, Query, Result, Tx, UserId};
use utoipa::ToSchema;

use crate::api::conversation_view::{
    ConversationAnswer, ConversationOpened, ConversationsAnswer, OpenedConversationAnswer, access, view_one,
    views,
};
use crate::api::{filters, id_in_path, scope};
use crate::domain::chatbot::Scope;
use crate::domain::conversation::{self, Change, Conversation, Opening, Status};
use crate::domain::ids::{
    ChatbotId, ContactId, ContactInboxId, ConversationId, ConversationParticipantId, InboxId,
};
use crate::domain::inbox::ContactInbox;
use crate::saying::audience;
use crate::store::conversations::ConversationFilter;
use crate::store::participants::Participant;
use crate::store::{contact_inboxes, contacts, conversations, inboxes, members, participants};
use crate::{Inbox, Refusal, announce};

/// The longest name that a channel gives to anything, in characters.
pub(crate) const MAX_SOURCE_ID: usize = 255;

/// What a client sends to begin a conversation with a contact.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    clippy::struct_field_names,
    reason = "only its shape is used, by the OpenAPI; the source's names"
)]
pub(crate) struct CreateConversation {
    /// With whom.
    contact_id: ContactId,
    /// By which inbox they are written to.
    inbox_id: InboxId,
    /// What the channel calls it; by default there is one for each contact and inbox.
    #[schema(max_length = 255)]
    source_id: Option<String>,
}

/// What a client sends to change a conversation: what is absent stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateConversation {
    /// Where it stands now.
    status: Option<Status>,
    /// The member who takes care of it; null for nobody.
    assignee_id: Option<UserId>,
}

/// What a new conversation brings with it, drawn before the transaction.
#[derive(Clone, Copy)]
pub(crate) struct Ids {
    conversation: ConversationId,
    contact_inbox: ContactInboxId,
    participant: ConversationParticipantId,
}

impl Ids {
    pub(crate) fn draw() -> Self {
        Self {
            conversation: ConversationId::draw(),
            contact_inbox: ContactInboxId::draw(),
            participant: ConversationParticipantId::draw(),
        }
    }
}

/// Begin a conversation with a contact, or find the one that there is.
#[utoipa::path(
    operation_id = "createConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateConversation,
    responses(
        (status = 201, description = "A new conversation.", body = ConversationAnswer),
        (status = 200, description = "There is one.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let (contact, inbox): (ContactId, InboxId) =
        (body.required_id("contactId")?, body.required_id("inboxId")?);
    let source_id = body.text("sourceId", MAX_SOURCE_ID)?.filter(|text| !text.is_empty());
    let ([occasion], ids, by) = (Occasion::draw(&service.app, &call), Ids::draw(), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        let scope = scope(tx.conn(), &by)?;
        let inbox = inboxes::find(tx.conn(), &scope, inbox)?.ok_or(Refusal::InboxNotFound)?;
        let known = contacts::get(tx.conn(), inbox.chatbot_id, contact)?.ok_or(Refusal::ContactNotFound)?;
        let place = placed(tx, ids.contact_inbox, known.id, (inbox.chatbot_id, inbox.id), occasion.now)?;
        let source_id = source_id.clone().unwrap_or_else(|| place.source_id.clone());
        let (found, is_new) = open(tx, ids, &place, source_id, &occasion)?;
        let frame = by.frame(Action::Create, "conversation");
        frame.reused_unless(is_new).row(&view_one(tx.conn(), &scope, &found)?)
    };
    service.app.post(&call, &body, "POST /v1/conversations", work).await
}

/// A contact in an inbox: under the first name that the channel has for them, or their own id.
pub(crate) fn placed(
    tx: &mut Tx<'_>,
    id: ContactInboxId,
    contact_id: ContactId,
    (chatbot_id, inbox_id): (ChatbotId, InboxId),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<ContactInbox> {
    if let Some(found) = contact_inboxes::of_contact(tx.conn(), chatbot_id, inbox_id, contact_id)? {
        return Ok(found);
    }
    let source_id = contact_id.to_string();
    let new = ContactInbox { id, chatbot_id, contact_id, inbox_id, source_id, created_at: now };
    if contact_inboxes::insert(tx, &new)? {
        return Ok(new);
    }
    let found = contact_inboxes::by_source(tx.conn(), chatbot_id, inbox_id, &new.source_id)?;
    found.ok_or_else(|| Error::internal("a contact's place is taken and free"))
}

/// The conversation of a contact that a channel calls so: the one that there is, or a new one; and whether it is new.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    ids: Ids,
    place: &ContactInbox,
    source_id: String,
    occasion: &Occasion,
) -> Result<(Conversation, bool)> {
    let new = Conversation::new(Opening {
        id: ids.conversation,
        chatbot_id: place.chatbot_id,
        contact_id: place.contact_id,
        contact_inbox_id: place.id,
        inbox_id: place.inbox_id,
        source_id,
        now: occasion.now,
    });
    if !conversations::insert(tx, &new)? {
        let found = conversations::by_source(tx.conn(), new.chatbot_id, place.id, &new.source_id)?;
        return Ok((conversation::there(found)?, false));
    }
    participants::insert(tx, &participant(ids.participant, &new, None))?;
    let contact =
        contacts::get(tx.conn(), new.chatbot_id, new.contact_id)?.ok_or(Refusal::ContactNotFound)?;
    let data = ConversationCreated {
        conversation: announce::conversation(&new),
        contact: announce::contact(&contact),
        sides: announce::sides(&new),
    };
    let to = audience(tx, &new)?;
    occasion.tell_all(tx, new.id, to, data)?;
    Ok((new, true))
}

/// The part of an agent, or of the contact.
pub(crate) fn participant(
    id: ConversationParticipantId,
    of: &Conversation,
    user: Option<UserId>,
) -> Participant {
    Participant {
        id,
        chatbot_id: of.chatbot_id,
        conversation_id: of.id,
        user_id: user,
        contact_id: user.is_none().then_some(of.contact_id),
        created_at: of.updated_at,
        updated_at: of.updated_at,
    }
}

/// List conversations: the latest message first, at most the latest 10,000 of those that match.
#[utoipa::path(
    operation_id = "listConversations", tag = "conversations", security(("accessToken" = [])),
    params(
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "Of one of these chatbots."),
        ("inboxId" = Option<Vec<InboxId>>, Query, description = "In one of these inboxes."),
        ("contactId" = Option<Vec<ContactId>>, Query, description = "With one of these contacts."),
        ("participantId" = Option<Vec<UserId>>, Query, description = "One of these agents takes part; `null`: none does."),
        ("assigneeId" = Option<Vec<UserId>>, Query, description = "One of these agents takes care of it; `null`: nobody does."),
        ("status" = Option<Vec<Status>>, Query, description = "Standing so."),
        ("unread" = Option<bool>, Query, description = "With something, or nothing, that no agent has read."),
        ("lastMessageAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
    ),
    responses(
        (status = 200, description = "A page.", body = ConversationsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query, zone: Zone) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let zone = service.directory.zone(zone, &call, &query, "lastMessageAt").await?;
    let mut filters = Filters::of(&query, zone, service.app.now());
    let chatbots = filters::chatbots(&mut filters)?;
    let filter = ConversationFilter {
        inboxes: filters.ids("inboxId")?,
        contacts: filters.ids("contactId")?,
        participants: filters.ids("participantId")?,
        assignees: filters.ids("assigneeId")?,
        statuses: filters.words("status", |text| Status::parse(text).map(Status::name))?,
        unread: filters.flag("unread")?,
        last_message_at: filters.date("lastMessageAt")?,
    };
    let applied = filters.applied();
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&chatbots)?;
        let (found, total) = conversations::page(conn, &scope, &filter, page)?;
        let rows = views(conn, &scope, &found)?;
        call.frame(Action::List, "conversations").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// Get a conversation: as its list shows it, so that a client can fetch one that its list lacks.
#[utoipa::path(
    operation_id = "getConversation", tag = "conversations", security(("accessToken" = [])),
    params(("conversationId" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "The conversation.", body = OpenedConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations/{conversationId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: ConversationId = id_in_path(&path, "conversationId")?;
    let (access, by) = (access(&service, id, call.caller.user_id.to_string())?, call.clone());
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &by)?;
        let found = seen(conn, &scope, id)?;
        Ok((view_one(conn, &scope, &found)?, found.record_version))
    };
    let (conversation, version) = service.app.read(work).await?;
    let row = ConversationOpened { conversation, access };
    Ok(call.frame(Action::Get, "conversation").row(&row)?.etag(version))
}

/// A conversation as somebody sees it who answers for its chatbot.
pub(crate) fn seen(conn: &mut PgConnection, scope: &Scope, id: ConversationId) -> Result<Conversation> {
    Ok(conversation::there(conversations::find(conn, scope, id)?)?)
}

/// The same, locked, by somebody who goes on to answer until the transaction ends.
pub(crate) fn locked(tx: &mut Tx<'_>, call: &Call, id: ConversationId) -> Result<(Scope, Conversation)> {
    let scope = scope(tx.conn(), call)?;
    let found = seen(tx.conn(), &scope, id)?;
    if !members::hold(tx, found.chatbot_id, call.caller.user_id)? {
        return Err(Refusal::ConversationNotFound.into());
    }
    let locked = conversations::lock(tx, found.chatbot_id, id)?;
    Ok((scope, conversation::there(locked)?))
}

/// Change a conversation's status or assignee.
#[utoipa::path(
    operation_id = "updateConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = Option<UpdateConversation>,
    responses(
        (status = 200, description = "The conversation.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/conversations/{conversationId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id: ConversationId = id_in_path(&path, "conversationId")?;
    let change = change(&body)?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (scope, before) = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        assignable(tx, &before, change)?;
        let version = before.record_version;
        let after = before.changed(change, occasion.now);
        if after.record_version != version {
            conversations::save(tx, &after)?;
            let to = audience(tx, &after)?;
            let data = ConversationUpdated { conversation: announce::conversation(&after) };
            occasion.tell_all(tx, after.id, to, data)?;
        }
        let view = view_one(tx.conn(), &scope, &after)?;
        Ok(call.frame(Action::Update, "conversation").row(&view)?.etag(after.record_version))
    };
    service.app.write(work).await
}

fn change(body: &Body) -> Result<Change> {
    let refusal = || Error::field(&NOT_VALID, "status").detail("open, pending or resolved.");
    let parse = |name: String| Status::parse(&name).ok_or_else(refusal);
    let status = body.text("status", 20)?.map(parse).transpose()?;
    if body.has("status") && status.is_none() {
        return Err(Error::field(&REQUIRED, "status"));
    }
    let assignee: Option<UserId> = body.id("assigneeId")?;
    Ok(Change { status, assignee: body.has("assigneeId").then_some(assignee) })
}

/// Whoever is to take care of it answers for the chatbot now.
fn assignable(tx: &mut Tx<'_>, of: &Conversation, change: Change) -> Result<()> {
    match change.assignee.flatten() {
        Some(user) if !members::hold(tx, of.chatbot_id, user)? => {
            Err(Refusal::NotAMember("assigneeId").into())
        }
        _ => Ok(()),
    }
}
