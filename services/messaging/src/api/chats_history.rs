//! `GET /chats/messages`: what was said in a chat, from the newest back.

use actix_web::{get, web};
use chrono::{DateTime, SubsecRound, Utc};
use diesel::pg::PgConnection;
use files::{AttachmentView, Attachments};
use kit::error::{NOT_A_DATE, NOT_VALID, REQUIRED};
use kit::filters::DateFilter;
use kit::{Answer, Body, Call, Error, Query, Result, UserId};
use serde::Serialize;
use serde_json::Value;
use timeline::{Seq, Window};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Messaging;
use crate::api::chats::{ChatsError, Meta, OK, Part};
use crate::api::conversations::see;
use crate::api::message_view::{ReactionView, attached, reactions_to};
use crate::domain::conversation::{ConversationId, Seen};
use crate::domain::message::{Kind, Message, MessageId};
use crate::store::history::{History, MessageFilter};
use crate::store::reactions::Placed;
use crate::store::{messages, reactions};

/// What a client may send in the body instead of the query.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ListChatMessages {
    /// Here or in the query.
    chat_id: Option<Uuid>,
    #[schema(example = 25, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[schema(example = 0, minimum = 0)]
    skip: Option<i64>,
    cursor: Option<String>,
    /// ISO 8601, or milliseconds since 1970.
    #[schema(example = "2026-01-31T12:00:00Z")]
    start_at: Option<Value>,
    /// The same.
    #[schema(example = 4_102_444_800_000_i64)]
    end_at: Option<Value>,
}

/// A message as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatMessageView {
    id: MessageId,
    chat_id: ConversationId,
    /// Its number in the chat: 1, 2, 3 …
    seq: i64,
    /// Null for a system message.
    sender_id: Option<UserId>,
    /// `text`, `docId`, `link`, `location`, `profileId` or `system`.
    r#type: &'static str,
    /// A text; of a `location`, `{lat, lng, name?}`.
    content: Value,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
    client_message_id: Option<String>,
    /// The message of this chat that it answers.
    reply_to: Option<MessageId>,
    /// The emoji that was there first comes first.
    reactions: Vec<ReactionView>,
    /// The files that it carries; of a `docId`, the one that it is.
    files: Vec<AttachmentView>,
}

/// Messages of a chat.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatMessagesAnswer {
    #[schema(example = 200)]
    code: u16,
    messages: Vec<ChatMessageView>,
    meta: Meta,
}

/// What is asked for.
struct Asked {
    chat: ConversationId,
    part: Part,
    before: Option<Seq>,
    filter: MessageFilter,
}

impl Asked {
    fn parse(query: &Query, body: &Body) -> Result<Self> {
        let in_body = body.id("chatId")?;
        let chat = query.id("chatId")?.or(in_body).ok_or_else(|| Error::field(&REQUIRED, "chatId"))?;
        let part = Part::parse(query, body)?;
        let before = part.place(|cursor| Seq::new(cursor.parse().ok()?))?;
        let (from, to) = (instant(query, body, "startAt")?, instant(query, body, "endAt")?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Error::field(&NOT_VALID, "endAt").detail("endAt lies before startAt."));
        }
        let sent_at = from.or(to).map(|_| DateFilter::between(from, to));
        Ok(Self { chat, part, before, filter: MessageFilter { sent_at, ..MessageFilter::default() } })
    }
}

/// A moment in ISO 8601, or in milliseconds since 1970.
fn instant(query: &Query, body: &Body, name: &'static str) -> Result<Option<DateTime<Utc>>> {
    let refusal = || Error::field(&NOT_A_DATE, name).detail("RFC 3339, or milliseconds since 1970.");
    let of_millis =
        |millis| DateTime::from_timestamp_millis(millis).filter(is_of_our_era).ok_or_else(refusal);
    // The + of an offset comes as a blank where it was not encoded.
    let text = query.one(name)?.filter(|text| !text.is_empty()).map(|text| text.replace(' ', "+"));
    let in_query = text.map(|text| match text.parse() {
        Ok(millis) => of_millis(millis),
        Err(_) => moment(&text).ok_or_else(refusal),
    });
    let in_body = match body.integer(name) {
        Ok(millis) => millis.map(of_millis).transpose(),
        Err(_) => body.date(name).map_err(|_| refusal()),
    };
    Ok(in_query.transpose()?.or(in_body?))
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    Some(date.trunc_subsecs(6)).filter(is_of_our_era)
}

/// Postgres knows no later ones, and RFC 3339 cannot write them.
fn is_of_our_era(date: &DateTime<Utc>) -> bool {
    use chrono::Datelike as _;
    (1..=9_999).contains(&date.year())
}

/// 消息列表 · List the messages of a chat
///
/// A part ascends; `skip` counts back from the newest, and `cursor` leads from part to part, to the oldest. Listing reads
/// nothing: `POST /messaging-api/v1/conversations/{chatId}/read` does. The parameters may also stand in a JSON body; the
/// query wins.
#[utoipa::path(
    operation_id = "listChatMessages", tag = "chats", security(("accessToken" = [])),
    params(
        ("chatId" = Option<Uuid>, Query, description = "The chat: here or in the body."),
        ("limit" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("skip" = Option<i64>, Query, description = "How many of the newest to pass over.", example = 0, minimum = 0),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the part before; instead of `skip`."),
        ("startAt" = Option<String>, Query, description = "Sent then or later: ISO 8601, or milliseconds since 1970."),
        ("endAt" = Option<String>, Query, description = "Sent then or before."),
    ),
    request_body = Option<ListChatMessages>,
    responses(
        (status = 200, description = "Messages, ascending.", body = ChatMessagesAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[get("/chats/messages")]
pub(crate) async fn list(
    messaging: web::Data<Messaging>,
    call: Call,
    query: Query,
    body: Body,
) -> Result<Answer> {
    let asked = Asked::parse(&query, &body)?;
    messaging.app.read(move |conn| answer(conn, call.caller.user_id, &asked)).await
}

fn answer(conn: &mut PgConnection, user: UserId, asked: &Asked) -> Result<Answer> {
    let seen = see(conn, asked.chat, user)?;
    // One more tells whether there is a next part.
    let limit = asked.part.limit + 1;
    let (mut rows, total) = rows(conn, &seen, asked, limit)?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    rows.drain(..usize::from(more));
    let next = rows.first().filter(|_| more).map(|oldest| oldest.seq.to_string());
    let (placed, attachments) = (reactions::of(conn, &rows)?, attached(conn, &rows)?);
    let messages = rows.into_iter().map(|message| view(message, user, &placed, &attachments)).collect();
    Answer::bare(OK, &ChatMessagesAnswer { code: OK, messages, meta: asked.part.meta(total, next) })
}

/// At most `limit` messages, and how many there are in all. Where nothing in between is filtered or hidden, the place of
/// a part is arithmetic.
fn rows(conn: &mut PgConnection, seen: &Seen, asked: &Asked, limit: i64) -> Result<(Vec<Message>, i64)> {
    let (member, last_seq) = (seen.member, seen.conversation.last_seq);
    let (from, skip) = (member.watermark.visible_from, asked.part.skip);
    if asked.filter.is_plain() && member.absent == 0 {
        let visible = member.watermark.visible(last_seq);
        let end = asked.before.unwrap_or_else(|| last_seq.next().saturating_add(skip.saturating_neg()));
        let range = visible.window(Window::Before(end), limit);
        let rows = range.map(|range| messages::range(conn, asked.chat, range)).transpose()?;
        return Ok((rows.unwrap_or_default(), visible.total()));
    }
    let history = History { user: member.user_id, place: Some((asked.chat, from)), filter: &asked.filter };
    let total = history.count(conn)?;
    let rows = match asked.before {
        Some(seq) => history.window(conn, Window::Before(seq), limit)?,
        None if skip < total => history.newest(conn, limit, skip)?,
        None => Vec::new(),
    };
    Ok((rows, total))
}

fn view(of: Message, viewer: UserId, placed: &[Placed], attachments: &Attachments) -> ChatMessageView {
    ChatMessageView {
        reactions: reactions_to(&of, viewer, placed),
        files: attachments.views(&of.file_ids),
        id: of.id,
        chat_id: of.conversation_id,
        seq: of.seq.get(),
        sender_id: of.sender_id,
        r#type: of.kind.name(),
        content: content(of.kind, of.content),
        sent_at: of.sent_at,
        client_message_id: of.client_message_id,
        reply_to: of.reply_to,
    }
}

/// A place is stored as JSON text.
fn content(kind: Kind, text: String) -> Value {
    let place = (kind == Kind::Location).then(|| serde_json::from_str(&text).ok()).flatten();
    place.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(query: &str, body: &str) -> Option<String> {
        let body = Body::parse(body.as_bytes()).unwrap();
        instant(&Query::parse(query), &body, "startAt").unwrap().map(|date| date.to_rfc3339())
    }

    #[test]
    fn moments_in_both_ways_from_both_places() {
        let moment = Some("2026-01-31T12:00:00+00:00".to_owned());
        assert_eq!(start("startAt=2026-01-31T12:00:00Z", "{}"), moment);
        assert_eq!(start("startAt=2026-01-31T13:00:00+01:00", r#"{"startAt":7}"#), moment);
        assert_eq!(start("startAt=1769860800000", ""), moment);
        assert_eq!(start("", r#"{"startAt":1769860800000}"#), moment);
        assert_eq!(start("", r#"{"startAt":"2026-01-31T12:00:00Z"}"#), moment);
        assert_eq!(start("", r#"{"startAt":null}"#), None);
    }

    #[test]
    fn what_is_no_moment() {
        for query in ["startAt=yesterday", "startAt=9223372036854775807", "startAt=2026-02-30T00:00:00Z"] {
            let complaint = instant(&Query::parse(query), &Body::parse(b"").unwrap(), "startAt").unwrap_err();
            assert_eq!(complaint.message(), "errMsg_startAtIsNotAValidDate", "{query}");
        }
        for body in [r#"{"startAt":1.5}"#, r#"{"startAt":[]}"#, r#"{"startAt":"1769860800000x"}"#] {
            let body = Body::parse(body.as_bytes()).unwrap();
            assert!(instant(&Query::default(), &body, "startAt").is_err());
        }
    }
}
