//! `/v1/messages`

use actix_web::{delete, get, post, web};
use diesel::pg::PgConnection;
use events::Occasion;
use events::inbox::MessageDeleted;
use files::FileId;
use kit::error::{NOT_VALID, REQUIRED};
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, SeqQuery, Tx};
use serde_json::{Value, json};
use timeline::{Seq, SeqRange, Visible, Window};
use utoipa::ToSchema;

use crate::api::content::{Wish, wish};
use crate::api::conversations::{locked, seen};
use crate::api::filters::{self, MAX_SEARCH};
use crate::api::message_view::{MessageAnswer, MessagesAnswer, view_one, views};
use crate::api::{id_in_path, participants, scope};
use crate::domain::chatbot::Scope;
use crate::domain::content::MessageType;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ChatbotId, ConversationId, ConversationParticipantId, MessageId};
use crate::domain::message::{self, Attachment, Draft, Message, Sender};
use crate::saying::{Spoken, audience, last, say};
use crate::store::{conversations, messages, search, webhook_deliveries};
use crate::{Inbox, Refusal, announce};

/// What a client sends to say something to a contact.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateMessage {
    /// Where.
    conversation_id: ConversationId,
    /// `text` by default.
    message_type: Option<MessageType>,
    /// What; at most 10,000 characters. Text, Markdown, dropdowns and choices must have it.
    #[schema(example = "It is still there.", max_length = 10_000)]
    content: Option<String>,
    /// Of a location `{lat, lng, name?}`; of a card `{title, description?, imageUrl?, buttons?: [{title, value? | url}]}`; of
    /// a carousel `{cards: […]}`; of a dropdown or choice `{options: [{title, value?}], multiple?}`.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Files that go with it, at most 10: of the conversation's bucket, or of the sender's public one.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<FileId>>,
    /// What the client calls it, at most 200 characters: a repetition returns the first message.
    #[schema(example = "c0ffee-3", max_length = 200)]
    client_message_id: Option<String>,
    /// `user` by default; `bot` speaks in the chatbot's name.
    #[schema(example = "user", pattern = "^(user|bot)$")]
    sender_type: Option<String>,
    /// If present, the caller, or the chatbot.
    #[schema(max_length = 40)]
    sender_id: Option<String>,
}

/// Say something to a contact.
///
/// It gets the conversation's next number, becomes its newest message, is announced and handed to the channel, all at once
/// or not at all. The sender takes part in the conversation from then on.
#[utoipa::path(
    operation_id = "createMessage", tag = "messages", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateMessage,
    responses(
        (status = 201, description = "The message.", body = MessageAnswer),
        (status = 200, description = "The first message of this clientMessageId.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/messages")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let (id, wish): (ConversationId, _) = (body.required_id("conversationId")?, wish(&body)?);
    let as_bot = speaks_as_bot(&body)?;
    let attachments = wish.attachments(&service, id, Some(call.caller.user_id)).await?;
    let (ids, by) = ((MessageId::draw(), ConversationParticipantId::draw()), call.clone());
    let (named, occasions) = (body.text("senderId", 40)?, Occasion::draw(&service.app, &call));
    let work = move |tx: &mut Tx<'_>| {
        let (_, found) = locked(tx, &by, id)?;
        let sender = sender(&by, &found, as_bot, named.as_deref())?;
        let draft = draft(&wish, &attachments, (ids.0, sender), &found, &occasions);
        if let Sender::User(user) = sender {
            participants::join(tx, ids.1, &found, user, draft.now)?;
        }
        spoken(&by, say(tx, draft, &occasions)?, tx)
    };
    service.app.post(&call, &body, "POST /v1/messages", work).await
}

fn spoken(call: &Call, spoken: Spoken, tx: &mut Tx<'_>) -> Result<Answer> {
    let frame = call.frame(Action::Create, "message");
    match spoken {
        Spoken::New(message) => frame.row(&view_one(tx.conn(), message)?),
        Spoken::Before(message) => frame.reused().row(&view_one(tx.conn(), message)?),
    }
}

fn speaks_as_bot(body: &Body) -> Result<bool> {
    match body.text("senderType", 20)?.as_deref() {
        None | Some("user") => Ok(false),
        Some("bot") => Ok(true),
        Some("contact" | "system") => Err(Refusal::SenderIsAnother.into()),
        Some(_) => Err(Error::field(&NOT_VALID, "senderType").detail("user or bot.")),
    }
}

fn sender(call: &Call, of: &Conversation, as_bot: bool, named: Option<&str>) -> Result<Sender> {
    let sender = if as_bot { Sender::Bot(of.chatbot_id) } else { Sender::User(call.caller.user_id) };
    if named.is_some_and(|named| sender.id().as_deref() != Some(named)) {
        return Err(Refusal::SenderIsAnother.into());
    }
    Ok(sender)
}

/// What is to be said in a conversation.
pub(crate) fn draft(
    wish: &Wish,
    attachments: &[Attachment],
    (id, sender): (MessageId, Sender),
    of: &Conversation,
    [occasion, _]: &[Occasion; 2],
) -> Draft {
    Draft {
        id,
        chatbot_id: of.chatbot_id,
        conversation_id: of.id,
        sender,
        message_type: wish.message_type,
        content: wish.content.clone(),
        body: wish.body.clone(),
        attachments: attachments.to_vec(),
        client_message_id: wish.client_message_id.clone(),
        source_id: None,
        answer: wish.answer.clone(),
        now: occasion.now,
    }
}

/// Which part of a history is asked for: a page, or what lies around a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    page: Page,
    place: Option<SeqQuery>,
}

/// List messages: of a conversation, or those that a search finds.
///
/// Of a conversation ascending by `seq`, the oldest first: by page, or the nearest to a place by `beforeSeq`, `afterSeq`,
/// `aroundSeq` or the newest by `limit` alone. A search finds the newest 1,000 messages of the caller's chatbots that have
/// all its words, the newest first.
#[utoipa::path(
    operation_id = "listMessages", tag = "messages", security(("accessToken" = [])),
    params(
        ("conversationId" = Option<ConversationId>, Query, description = "Of which; required unless `search` stands."),
        ("search" = Option<String>, Query, max_length = 200, description = "Words of messages."),
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "For a search: of one of these."),
        ("pageNumber" = Option<i64>, Query, description = "From 1, the oldest; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("beforeSeq" = Option<i64>, Query, description = "The newest before this one.", minimum = 0),
        ("afterSeq" = Option<i64>, Query, description = "The oldest after this one.", minimum = 0),
        ("aroundSeq" = Option<i64>, Query, description = "The nearest to this one.", minimum = 0),
        ("limit" = Option<i64>, Query, description = "25 by default. Alone: the newest.", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "Messages.", body = MessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/messages")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let part = Part::parse(&query)?;
    let mut filters = Filters::undated(&query);
    let chatbots = filters::chatbots(&mut filters)?;
    let conversation: Option<ConversationId> = query.id("conversationId")?;
    let text = filters.search(MAX_SEARCH)?.map(str::to_owned);
    let applied = filters.applied();
    match (conversation, text) {
        (None, None) => Err(Error::field(&REQUIRED, "conversationId")),
        (Some(_), Some(_)) => {
            Err(Error::field(&NOT_VALID, "search").detail("A search is over all conversations."))
        }
        (Some(id), None) => {
            let work = move |conn: &mut PgConnection| {
                let scope = scope(conn, &call)?;
                let of = seen(conn, &scope, id)?;
                let (found, paging) = (part.find(conn, &of)?, part.paging(&of)?);
                let rows = views(conn, found)?;
                call.frame(Action::List, "messages").list(&rows, paging, &[])
            };
            service.app.read(work).await
        }
        (None, Some(text)) => {
            let work = move |conn: &mut PgConnection| {
                let scope = scope(conn, &call)?.narrowed(&chatbots)?;
                let (found, total) = matching(conn, &scope, &text, part.page)?;
                let rows = views(conn, found)?;
                call.frame(Action::List, "messages").list(&rows, part.page.of_total(total)?, &applied)
            };
            service.app.read(work).await
        }
    }
}

/// A page of what a search finds, the newest first, and how many they are.
fn matching(conn: &mut PgConnection, scope: &Scope, text: &str, page: Page) -> Result<(Vec<Message>, i64)> {
    let ids = search::messages(conn, scope, text)?;
    let (wanted, total) = filters::part(&ids, page);
    let mut found = messages::of_ids(conn, scope, wanted)?;
    found.sort_by_key(|message| wanted.iter().position(|id| *id == message.id));
    Ok((found, total))
}

impl Part {
    pub(crate) fn parse(query: &Query) -> Result<Self> {
        Ok(Self { page: Page::parse(query)?, place: SeqQuery::parse(query)? })
    }

    /// The paging that the answer shows.
    pub(crate) fn paging(self, of: &Conversation) -> Result<kit::Paging> {
        self.place.map_or(self.page, SeqQuery::page).of_total(of.last_seq.get() - of.deleted)
    }

    /// Where no message is missing, the part is a range of numbers; else the index is walked.
    pub(crate) fn find(self, conn: &mut PgConnection, of: &Conversation) -> Result<Vec<Message>> {
        let found = if of.deleted == 0 {
            let all = Visible::new(Seq::FIRST, of.last_seq);
            let cut = self.cut(all);
            cut.map_or(Ok(Vec::new()), |range| messages::range(conn, of.chatbot_id, of.id, range))
        } else {
            match self.place {
                None => messages::page(conn, of.chatbot_id, of.id, self.page),
                Some(place) => {
                    messages::window(conn, of.chatbot_id, of.id, window(place), place.page().rows())
                }
            }
        };
        Ok(found?)
    }

    fn cut(self, all: Visible) -> Option<SeqRange> {
        match self.place {
            None if self.page.number() == 0 => all.all(),
            None => all.page(self.page.number(), self.page.rows()),
            Some(place) => all.window(window(place), place.page().rows()),
        }
    }
}

fn window(place: SeqQuery) -> Window {
    match place {
        SeqQuery::Newest { .. } => Window::Newest,
        SeqQuery::Before { seq, .. } => Window::Before(Seq::saturating(seq)),
        SeqQuery::After { seq, .. } => Window::After(Seq::saturating(seq)),
        SeqQuery::Around { seq, .. } => Window::Around(Seq::saturating(seq)),
    }
}

/// Get a message.
#[utoipa::path(
    operation_id = "getMessage", tag = "messages", security(("accessToken" = [])),
    params(("messageId" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/messages/{messageId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: MessageId = id_in_path(&path, "messageId")?;
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?;
        let found = there(messages::find(conn, &scope, id)?)?;
        let version = found.record_version;
        Ok(call.frame(Action::Get, "message").row(&view_one(conn, found)?)?.etag(version))
    };
    service.app.read(work).await
}

fn there(found: Option<Message>) -> Result<Message> {
    found.filter(|message| message.is_active).ok_or(Refusal::MessageNotFound.into())
}

/// Delete a message for all: by its sender, or who manages the chatbot. Nothing of what it said stays.
#[utoipa::path(
    operation_id = "deleteMessage", tag = "messages", security(("accessToken" = [])),
    params(("messageId" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "The message, no longer active.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/messages/{messageId}")]
pub(crate) async fn delete(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: MessageId = id_in_path(&path, "messageId")?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let scope = scope(tx.conn(), &call)?;
        let place = there(messages::find(tx.conn(), &scope, id)?)?;
        let (scope, of) = locked(tx, &call, place.conversation_id)?;
        let message = there(messages::get(tx.conn(), of.chatbot_id, of.id, id)?)?;
        let manages = scope.role(of.chatbot_id)?.may_manage().is_ok();
        message::may_delete(&message, call.caller.user_id, manages)?;
        let gone = erase(tx, of, message, &occasion)?;
        call.frame(Action::Delete, "message")
            .with("effect", json!("deleted"))
            .row(&view_one(tx.conn(), gone)?)
    };
    service.app.write(work).await
}

/// Stores and announces that a message of a locked conversation is deleted.
fn erase(tx: &mut Tx<'_>, of: Conversation, message: Message, occasion: &Occasion) -> Result<Message> {
    let gone = message.erased(occasion.now);
    messages::erase(tx, &gone)?;
    webhook_deliveries::forget(tx, gone.chatbot_id, gone.id, occasion.now)?;
    let newest = messages::newest_active(tx.conn(), of.chatbot_id, of.id)?;
    let after = Conversation { last_message: newest.as_ref().map(last), ..of.without(&gone) };
    conversations::save(tx, &after)?;
    let data = MessageDeleted {
        message: announce::message(&gone),
        sides: announce::sides(&after),
        last_message: newest.as_ref().map(announce::message),
        last_seq: after.last_seq.get(),
    };
    let to = audience(tx, &after)?;
    occasion.tell_all(tx, gone.id, to, data)?;
    Ok(gone)
}
