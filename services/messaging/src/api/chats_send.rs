//! `POST /chats/messages`: to a chat, a group, a person or several, who need no chat before.

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::{Answer, Body, Call, Error, Id, MAX_TEXT, Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::Occasion;
use crate::api::chats::{ChatsError, OK};
use crate::api::content::{self, client_message_id, kind};
use crate::api::sending::{Answers, Delivery};
use crate::domain::conversation::{self, Conversation, ConversationId};
use crate::domain::message::{self, Message, MessageId, Wish};
use crate::store::conversations;
use crate::{Messaging, Refusal};

const ROUTE: &str = "POST /chats/messages";

/// What a client sends to say something: `message`, and exactly one of the others. Null and empty count as absent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct SendToChat {
    /// To a chat that is there.
    chat_id: Option<Uuid>,
    /// To this person, in private; the chat is found, or begins.
    #[schema(rename = "userUUID")]
    user_uuid: Option<Uuid>,
    /// To these and the caller: a discussion group begins.
    #[schema(rename = "userUUIDs")]
    user_uuids: Option<Vec<Uuid>>,
    /// To a group that is there.
    #[schema(rename = "groupUUID")]
    group_uuid: Option<Uuid>,
    #[schema(inline, example = json!({ "type": "text", "content": "Hello 👋" }))]
    message: ChatMessage,
}

/// What is said.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ChatMessage {
    /// `text` if nothing is said.
    #[schema(example = "text", pattern = "^(text|docId|link|location|profileId)$")]
    r#type: Option<String>,
    /// A text of at most 10,000 characters; an http(s) address (`link`); the id of a file (`docId`) or of a user
    /// (`profileId`); or `{lat, lng, name?}` (`location`).
    #[schema(example = "Hello 👋")]
    content: serde_json::Value,
    /// What the client calls it, at most 200 characters: a repetition in the same chat returns the first message.
    #[schema(max_length = 200)]
    client_message_id: Option<String>,
    /// The message of this chat that it answers.
    reply_to: Option<Uuid>,
}

/// A message that was sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentToChat {
    #[schema(example = 200)]
    code: u16,
    /// The message.
    id: MessageId,
    chat_id: ConversationId,
    /// The same, where the message went to a group by `userUUIDs` or `groupUUID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<ConversationId>,
    /// Its number in the chat: 1, 2, 3 …
    seq: i64,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

/// Where a message is to go.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Chat(ConversationId),
    Private(UserId),
    People(Vec<UserId>),
    Group(ConversationId),
}

impl Place {
    fn parse(body: &Body) -> Result<Self> {
        let people = if is_empty(body, "userUUIDs") { None } else { body.ids("userUUIDs")? };
        let places = [
            id(body, "chatId")?.map(Self::Chat),
            id(body, "userUUID")?.map(Self::Private),
            people.filter(|ids: &Vec<UserId>| !ids.is_empty()).map(Self::People),
            id(body, "groupUUID")?.map(Self::Group),
        ];
        let mut places = places.into_iter().flatten();
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            _ => Err(Refusal::WhereTo.into()),
        }
    }
}

fn id<I: Id>(body: &Body, name: &'static str) -> Result<Option<I>> {
    if is_empty(body, name) { Ok(None) } else { body.id(name) }
}

fn is_empty(body: &Body, name: &'static str) -> bool {
    body.text(name, MAX_TEXT).is_ok_and(|text| text.is_some_and(|text| text.is_empty()))
}

/// A place that was found, and what is to begin there.
struct Found {
    id: ConversationId,
    is_group: bool,
    opening: Option<(Conversation, bool)>,
}

/// 发送消息 · Send a message
///
/// To a chat, a person, a group, or to several people with whom a discussion group begins: exactly one of `chatId`,
/// `userUUID`, `groupUUID` and `userUUIDs`. `clientMessageId` and `replyTo` may also stand beside `message`.
#[utoipa::path(
    operation_id = "sendToChat", tag = "chats", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = SendToChat,
    responses(
        (status = 200, description = "The message is sent.", body = SentToChat),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[post("/chats/messages")]
pub(crate) async fn send(messaging: web::Data<Messaging>, call: Call, body: Body) -> Result<Answer> {
    let place = Place::parse(&body)?;
    let message = body.nested("message")?.ok_or_else(|| Error::field(&kit::error::REQUIRED, "message"))?;
    let wish = wish(&message, &body)?;
    let Found { id, is_group, opening } = messaging.find(place, call.caller.user_id).await?;
    let app = &messaging.app;
    let wish = Wish { conversation_id: id, ..wish };
    let draft = message::compose(wish, call.caller.user_id, app.new_id(), app.now())?;
    messaging.may_say(&draft).await?;
    let mut delivery = Delivery::of(app, &call, draft);
    if let Some((new, is_there)) = opening {
        let [occasion] = Occasion::draw(app, &call);
        delivery = delivery.opening(new, occasion, is_there);
    }
    let answers = if is_group { TO_GROUP } else { TO_CHAT };
    delivery.run(&messaging, call, &body, answers).await
}

const TO_CHAT: Answers = Answers {
    route: ROUTE,
    new: |_, sent, _| answer(&sent, false),
    first: |_, _, first| answer(&first, false),
};
const TO_GROUP: Answers = Answers {
    route: ROUTE,
    new: |_, sent, _| answer(&sent, true),
    first: |_, _, first| answer(&first, true),
};

fn answer(of: &Message, is_group: bool) -> Result<Answer> {
    let chat_id = of.conversation_id;
    let group_id = is_group.then_some(chat_id);
    let (seq, sent_at) = (of.seq.get(), of.sent_at);
    Answer::bare(OK, &SentToChat { code: OK, id: of.id, chat_id, group_id, seq, sent_at })
}

/// What is to be said, wherever it goes.
fn wish(message: &Body, body: &Body) -> Result<Wish> {
    let kind = kind(message)?;
    let name = client_message_id(message)?.map_or_else(|| client_message_id(body), |name| Ok(Some(name)))?;
    let reply_to = message.id("replyTo")?.map_or_else(|| body.id("replyTo"), |id| Ok(Some(id)))?;
    Ok(Wish {
        conversation_id: Uuid::nil().into(),
        sender_id: None,
        kind,
        content: content::of_body(kind, message)?,
        client_message_id: name,
        reply_to,
        // Here, a file is a message of its own.
        file_ids: Vec::new(),
    })
}

impl Messaging {
    async fn find(&self, place: Place, caller: UserId) -> Result<Found> {
        match place {
            Place::Chat(id) => Ok(Found { id, is_group: false, opening: None }),
            Place::Group(id) => self.find_group(id, caller).await,
            Place::Private(user) => self.find_private(user, caller).await,
            Place::People(ids) => {
                let new = self.gather(caller, ids, "userUUIDs").await?;
                Ok(Found { id: new.id, is_group: true, opening: Some((new, false)) })
            }
        }
    }

    /// Who is not in it is refused by the send.
    async fn find_group(&self, id: ConversationId, caller: UserId) -> Result<Found> {
        let seen = self.app.read(move |conn| Ok(conversations::find(conn, id, caller)?)).await?;
        if seen.is_some_and(|seen| !seen.conversation.is_group) {
            return Err(Refusal::GroupsOnly.into());
        }
        Ok(Found { id, is_group: true, opening: None })
    }

    /// A chat that is there waits for no look-up.
    async fn find_private(&self, user: UserId, caller: UserId) -> Result<Found> {
        if user == caller {
            return Err(Refusal::UserIsTheCaller.into());
        }
        let opening = conversation::open(caller, false, vec![caller, user])?;
        let new = opening.start(caller, &self.pairs, Uuid::nil().into(), self.app.now());
        let id = new.id;
        let look = move |conn: &mut PgConnection| Ok(conversations::find(conn, id, caller)?.is_some());
        let is_there = self.app.read(look).await?;
        if !is_there {
            self.must_know(&new.member_ids, Refusal::UnknownUser("userUUID")).await?;
        }
        Ok(Found { id, is_group: false, opening: Some((new, is_there)) })
    }

    /// A new group of the caller and these people, whom `field` names.
    pub(crate) async fn gather(
        &self,
        caller: UserId,
        ids: Vec<UserId>,
        field: &'static str,
    ) -> Result<Conversation> {
        let everybody = std::iter::once(caller).chain(ids).collect();
        let opening = conversation::open(caller, true, everybody).map_err(|_| Refusal::GroupOf(field))?;
        self.must_know(&opening.member_ids, Refusal::UnknownUser(field)).await?;
        Ok(opening.start(caller, &self.pairs, self.app.new_id(), self.app.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(body: &str) -> Result<Place> {
        Place::parse(&Body::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn exactly_one_place() {
        let id = "018f2f6e-7c1a-7abc-8def-0123456789ab";
        let good = place(&format!(r#"{{"chatId":"{id}","userUUID":"","userUUIDs":[],"groupUUID":null}}"#));
        assert_eq!(good.unwrap(), Place::Chat(id.parse().unwrap()));
        let scalar = place(&format!(r#"{{"userUUIDs":"{id}"}}"#));
        assert_eq!(scalar.unwrap(), Place::People(vec![id.parse().unwrap()]));
        for bad in
            ["{}".into(), format!(r#"{{"chatId":"{id}","groupUUID":"{id}"}}"#), r#"{"chatId":""}"#.into()]
        {
            let message = place(&bad).unwrap_err().message();
            assert_eq!(message, "errMsg_exactlyOneOfChatIdUserUUIDUserUUIDsGroupUUID", "{bad}");
        }
        assert_eq!(place(r#"{"chatId":7}"#).unwrap_err().message(), "errMsg_chatIdIsNotAValidID");
        assert_eq!(place(r#"{"userUUIDs":[""]}"#).unwrap_err().message(), "errMsg_userUUIDsIsNotAValidID");
    }
}
