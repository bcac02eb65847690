//! `/chats`: the compact dialect, and its list of chats.
//!
//! A chat is a conversation. Answers have no envelope but `code`, which is the HTTP status.

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use kit::error::NOT_VALID;
use kit::{Answer, Body, Call, Error, Query, Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Messaging;
use crate::api::conversation_view::People;
use crate::api::conversations::{Listed, listed};
use crate::domain::conversation::{ConversationId, LastMessage, Seen};
use crate::domain::message::MessageId;
use crate::store::conversations::{ConversationFilter, Place, Slice};

/// `code` of everything that went well.
pub(crate) const OK: u16 = 200;

/// What the dialect answers when it refuses: the envelope of all errors, and `code`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ChatsError {
    /// The HTTP status.
    #[schema(example = 400)]
    code: u16,
    #[schema(example = "ERR")]
    result: String,
    #[schema(example = 400)]
    status: u16,
    /// The code, for programs; every one stands in `docs/errors.md`.
    #[schema(example = "errMsg_chatIdIsNotAValidID")]
    message: String,
    #[schema(example = 400)]
    err_code: u16,
    date: DateTime<Utc>,
    detail: String,
}

/// Which part of a list is asked for: after so many others, or behind a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) limit: i64,
    pub(crate) skip: i64,
    pub(crate) cursor: Option<String>,
}

const MAX_LIMIT: i64 = 200;
const DEFAULT_LIMIT: i64 = 25;
const MAX_CURSOR: usize = 100;

impl Part {
    /// What the query asks for, or else the body. What the query overrides must make sense all the same.
    pub(crate) fn parse(query: &Query, body: &Body) -> Result<Self> {
        let limit = bounded(query, body, "limit", 1..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
        let skip = bounded(query, body, "skip", 0..=i64::MAX)?.unwrap_or(0);
        let in_body = body.text("cursor", MAX_CURSOR)?;
        let cursor = query.one("cursor")?.map(str::to_owned).or(in_body).filter(|cursor| !cursor.is_empty());
        if cursor.is_some() && skip > 0 {
            return Err(Error::field(&NOT_VALID, "skip").detail("Either skip or cursor."));
        }
        Ok(Self { limit, skip, cursor })
    }

    /// The place that the cursor names.
    pub(crate) fn place<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
        let refusal = || Error::field(&NOT_VALID, "cursor").detail("Only what nextCursor said.");
        self.cursor.as_deref().map(|cursor| parse(cursor).ok_or_else(refusal)).transpose()
    }

    /// Where this part stands among all.
    pub(crate) fn meta(&self, total: i64, next_cursor: Option<String>) -> Meta {
        Meta { limit: self.limit, skip: self.skip, total, next_cursor }
    }
}

fn bounded(
    query: &Query,
    body: &Body,
    name: &'static str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>> {
    let (in_query, in_body) = (query.integer(name)?, body.integer(name)?);
    let (low, high) = (*range.start(), *range.end());
    let refusal = || Error::field(&NOT_VALID, name).detail(format!("Must be {low} to {high}."));
    let is_within = [in_query, in_body].into_iter().flatten().all(|number| range.contains(&number));
    if is_within { Ok(in_query.or(in_body)) } else { Err(refusal()) }
}

/// Where a part stands among all.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    #[schema(example = 25)]
    limit: i64,
    #[schema(example = 0)]
    skip: i64,
    /// How many there are in all.
    #[schema(example = 40)]
    total: i64,
    /// The `cursor` of the next part; null where there is none.
    next_cursor: Option<String>,
}

/// A chat as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatView {
    id: ConversationId,
    /// The same.
    chat_id: ConversationId,
    /// The same, of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<ConversationId>,
    /// 1: private; 2: a group.
    #[schema(example = 1)]
    r#type: u8,
    /// What the group is called; of a private chat, the other's name.
    name: Option<String>,
    /// The group's picture; of a private chat, the other's.
    icon: Option<String>,
    /// How many messages the caller has not read.
    #[schema(example = 2)]
    un_read: i64,
    /// The newest message that the caller can see.
    last_message: Option<ChatLastMessage>,
    /// When the newest message was sent; before that, when the chat began.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
}

/// The newest message of a chat, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChatLastMessage {
    id: MessageId,
    seq: i64,
    /// Null for a system message.
    sender_id: Option<UserId>,
    /// `text`, `docId`, `link`, `location`, `profileId` or `system`.
    r#type: &'static str,
    /// At most 200 characters; of a `location`, JSON text.
    content: String,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

/// The caller's chats.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatsAnswer {
    #[schema(example = 200)]
    code: u16,
    chats: Vec<ChatView>,
    meta: Meta,
}

/// 获取会话列表 · List the caller's chats
///
/// The latest message first, with unread counts. By `skip` and `limit`, or from part to part by `cursor`.
#[utoipa::path(
    operation_id = "listChats", tag = "chats", security(("accessToken" = [])),
    params(
        ("limit" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("skip" = Option<i64>, Query, description = "How many to pass over.", example = 0, minimum = 0),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the part before; instead of `skip`."),
    ),
    responses(
        (status = 200, description = "Chats.", body = ChatsAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[get("/chats")]
pub(crate) async fn list(messaging: web::Data<Messaging>, call: Call, query: Query) -> Result<Answer> {
    let part = Part::parse(&query, &Body::parse(b"")?)?;
    let behind = part.place(place)?;
    let user = call.caller.user_id;
    // One more tells whether there is a next part.
    let slice = Slice { rows: part.limit + 1, offset: part.skip, behind };
    let none = ConversationFilter::default();
    let Listed { seen, people, total } =
        messaging.app.read(move |conn| listed(conn, user, &none, slice)).await?;
    let shown = usize::try_from(part.limit).unwrap_or(usize::MAX);
    let next = seen.get(shown).and(shown.checked_sub(1)).and_then(|last| seen.get(last)).map(cursor);
    let chats = seen.into_iter().take(shown).map(|seen| view(seen, user, &people)).collect();
    Answer::bare(OK, &ChatsAnswer { code: OK, chats, meta: part.meta(total, next) })
}

/// The place of a chat in the list, as clients hand it back.
fn cursor(of: &Seen) -> String {
    format!("{}.{}", of.conversation.last_message_at.timestamp_micros(), of.conversation.id)
}

fn place(cursor: &str) -> Option<Place> {
    let (micros, id) = cursor.split_once('.')?;
    Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
}

fn view(seen: Seen, viewer: UserId, people: &People) -> ChatView {
    let (un_read, of) = (seen.unread(), seen.conversation);
    let other = of.member_ids.iter().find(|id| !of.is_group && **id != viewer);
    let other = other.and_then(|id| people.get(id));
    let name = other.map_or(of.profile.name, |other| other.fullname.clone());
    let icon = other.map_or(of.profile.icon, |other| other.avatar.clone());
    ChatView {
        id: of.id,
        chat_id: of.id,
        group_id: of.is_group.then_some(of.id),
        r#type: if of.is_group { 2 } else { 1 },
        name,
        icon,
        un_read,
        last_message: seen.last_message.map(last_view),
        last_message_at: of.last_message_at,
    }
}

fn last_view(last: LastMessage) -> ChatLastMessage {
    ChatLastMessage {
        id: last.id,
        seq: last.seq.get(),
        sender_id: last.sender_id,
        r#type: last.kind.name(),
        content: last.preview,
        sent_at: last.sent_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(query: &str, body: &[u8]) -> Result<Part> {
        Part::parse(&Query::parse(query), &Body::parse(body).unwrap())
    }

    #[test]
    fn the_query_wins_over_the_body() {
        let asked = part("limit=3", br#"{"limit":9,"skip":2}"#).unwrap();
        assert_eq!(asked, Part { limit: 3, skip: 2, cursor: None });
        assert_eq!(part("", b"").unwrap(), Part { limit: 25, skip: 0, cursor: None });
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let cases =
            [("limit=-1", "limit"), ("limit=201", "limit"), ("skip=-1", "skip"), ("skip=1&cursor=x", "skip")];
        for (query, field) in cases {
            let message = part(query, b"").unwrap_err().message();
            assert_eq!(message, format!("errMsg_{field}IsNotValid"), "{query}");
        }
        assert!(part("skip=1000000000", b"").is_ok());
        assert!(part("limit=3", br#"{"limit":"3"}"#).is_err());
    }

    #[test]
    fn only_our_own_cursors_are_places() {
        for bad in ["x", "1", ".", "1.x", "x.018f2f6e-7c1a-7abc-8def-0123456789ab", "99999999999999999999.x"]
        {
            assert_eq!(place(bad), None, "{bad}");
        }
        assert!(place("1700000000000000.018f2f6e-7c1a-7abc-8def-0123456789ab").is_some());
    }
}
