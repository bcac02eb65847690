//! Messages as clients see them.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use files::{AttachmentView, Attachments};
use kit::{Result, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::conversation::ConversationId;
use crate::domain::message::{Message, MessageId};
use crate::domain::participant::{Mark, Reader, has_hidden, read_by};
use crate::domain::reaction::{self, Reaction, Tally};
use crate::store::reactions::Placed;
use crate::store::{marks, participants, reactions};

/// A message as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: MessageId,
    /// What is said; of a `location`, JSON text.
    content: String,
    /// Null for a system message.
    sender_user_id: Option<UserId>,
    /// The caller's own id, if they deleted it for themselves.
    deleted_for: Vec<UserId>,
    /// At most 100 of those who have read it, the sender among them.
    read_by: Vec<UserId>,
    /// How many have read it.
    read_by_count: usize,
    conversation_id: ConversationId,
    /// When it was stored; it never decreases along `seq`.
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
    /// Its number in the conversation: 1, 2, 3 …
    seq: i64,
    /// `text`, `docId`, `link`, `location`, `profileId` or `system`.
    #[serde(rename = "type")]
    kind: &'static str,
    client_message_id: Option<String>,
    /// The message of this conversation that it answers.
    reply_to: Option<MessageId>,
    /// The emoji that was there first comes first.
    reactions: Vec<ReactionView>,
    /// The files that it carries.
    files: Vec<AttachmentView>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The sender.
    #[serde(rename = "_owner")]
    owner: Option<UserId>,
}

/// What an emoji came to on a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReactionView {
    #[schema(example = "👍🏽")]
    emoji: String,
    /// How many put it there.
    #[schema(example = 2)]
    count: usize,
    /// At most 100 of them, in the order in which they did.
    user_ids: Vec<UserId>,
    /// Whether the caller did.
    mine: bool,
}

answer_schema!(MessageAnswer { message: MessageView });
answer_schema!(MessagesAnswer { messages: [MessageView] });

/// What answers show of messages besides what stands in their rows: two queries, however many messages, and one more
/// each where one of them ever had a reaction or carries a file.
pub(crate) struct Beside {
    readers: Vec<(ConversationId, Reader)>,
    marks: Vec<(ConversationId, Mark)>,
    reactions: Vec<Placed>,
    attachments: Attachments,
}

impl Beside {
    /// Of no messages.
    pub(crate) fn nothing() -> Self {
        Self::just_sent(Attachments::default())
    }

    /// Of messages that were sent just now: nobody else can have read them.
    pub(crate) fn just_sent(attachments: Attachments) -> Self {
        Self { readers: Vec::new(), marks: Vec::new(), reactions: Vec::new(), attachments }
    }

    /// Of messages of one conversation, whose readers and marks were read with them.
    pub(crate) fn read(
        conn: &mut PgConnection,
        id: ConversationId,
        readers: Vec<Reader>,
        marks: Vec<Mark>,
        messages: &[Message],
    ) -> Result<Self> {
        let readers = readers.into_iter().map(|reader| (id, reader)).collect();
        let marks = marks.into_iter().map(|mark| (id, mark)).collect();
        let (reactions, attachments) = (reactions::of(conn, messages)?, attached(conn, messages)?);
        Ok(Self { readers, marks, reactions, attachments })
    }

    /// Of these messages.
    pub(crate) fn of(conn: &mut PgConnection, messages: &[Message]) -> Result<Self> {
        let mut ids: Vec<ConversationId> = messages.iter().map(|message| message.conversation_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self::nothing());
        }
        let places: Vec<_> = messages.iter().map(|message| (message.conversation_id, message.seq)).collect();
        let (readers, marks) = (participants::readers(conn, &ids)?, marks::of(conn, &places)?);
        let (reactions, attachments) = (reactions::of(conn, messages)?, attached(conn, messages)?);
        Ok(Self { readers, marks, reactions, attachments })
    }

    /// Who is in a conversation, and how far they read.
    pub(crate) fn readers(&self, id: ConversationId) -> Vec<Reader> {
        self.readers.iter().filter(|(place, _)| *place == id).map(|(_, reader)| *reader).collect()
    }

    /// What members did with single messages of a conversation.
    pub(crate) fn marks(&self, id: ConversationId) -> Vec<Mark> {
        self.marks.iter().filter(|(place, _)| *place == id).map(|(_, mark)| *mark).collect()
    }
}

/// What the files of these messages are called.
pub(crate) fn attached(conn: &mut PgConnection, messages: &[Message]) -> Result<Attachments> {
    Ok(Attachments::find(conn, messages.iter().flat_map(|message| message.file_ids.iter().copied()))?)
}

/// The reactions to a message as one of the members sees them, of those to several messages.
pub(crate) fn reactions_to(of: &Message, viewer: UserId, all: &[Placed]) -> Vec<ReactionView> {
    let here = all.iter().filter(|(id, seq, _)| *id == of.conversation_id && *seq == of.seq);
    let here: Vec<Reaction> = here.map(|(.., reaction)| reaction.clone()).collect();
    let view = |Tally { emoji, mut user_ids }: Tally| {
        let (count, mine) = (user_ids.len(), user_ids.contains(&viewer));
        user_ids.truncate(reaction::NAMED);
        ReactionView { emoji, count, user_ids, mine }
    };
    reaction::tally(&here).into_iter().map(view).collect()
}

/// Messages as one of the members sees them.
pub(crate) fn views(viewer: UserId, messages: Vec<Message>, beside: &Beside) -> Vec<MessageView> {
    messages.into_iter().map(|message| view(viewer, message, beside)).collect()
}

/// A message as one of the members sees it.
pub(crate) fn view(viewer: UserId, of: Message, beside: &Beside) -> MessageView {
    let marks = beside.marks(of.conversation_id);
    let read = read_by(&of, &beside.readers(of.conversation_id), &marks);
    let hidden = has_hidden(&marks, viewer, of.seq);
    MessageView {
        id: of.id,
        reactions: reactions_to(&of, viewer, &beside.reactions),
        files: beside.attachments.views(&of.file_ids),
        reply_to: of.reply_to,
        sender_user_id: of.sender_id,
        deleted_for: if hidden { vec![viewer] } else { Vec::new() },
        read_by: read.named,
        read_by_count: read.count,
        conversation_id: of.conversation_id,
        sent_at: of.sent_at,
        seq: of.seq.get(),
        kind: of.kind.name(),
        content: of.content,
        client_message_id: of.client_message_id,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.sent_at,
        updated_at: of.updated_at,
        owner: of.sender_id,
    }
}
