//! What the unified inbox is told of conversations, whoever owns them.

use chrono::{DateTime, Utc};
use events::Member;
use kit::UserId;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many characters of a message lists show.
pub const PREVIEW: usize = 200;
/// How many counterparts an entry names; it always counts all.
pub const NAMED: usize = 20;

/// Who owns a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Source {
    /// The messaging service: 1:1s and groups.
    Messaging,
    /// The conversation service: threads about listings.
    Conversation,
    /// This service: what contacts write to chatbots.
    Inbox,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Messaging, Self::Conversation, Self::Inbox];

    /// The service's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Conversation => "conversation",
            Self::Inbox => "inbox",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// A conversation, whoever owns it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Who.
    pub source: Source,
    /// Its id there.
    pub id: String,
}

/// What one event, or one state, tells of a conversation. Each part has a number that goes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of which.
    pub place: Place,
    /// What it is, by `record_version`.
    pub facts: Option<Facts>,
    /// Where some stand, by `rev`.
    pub members: Vec<Member>,
    /// How far all agents together have read, by `rev`.
    pub agents: Option<Agents>,
    /// What some see as the newest message, by `(visible_from, absent)`.
    pub sights: Vec<Sight>,
    /// Messages, by their `record_version`.
    pub messages: Vec<Copied>,
    /// The newest number that it tells of; it only goes up.
    pub last_seq: i64,
    /// The latest time that it tells of; it only goes up.
    pub last_message_at: DateTime<Utc>,
}

impl Told {
    /// Nothing, yet.
    #[must_use]
    pub fn of(source: Source, id: &impl ToString) -> Self {
        Self {
            place: Place { source, id: id.to_string() },
            facts: None,
            members: Vec::new(),
            agents: None,
            sights: Vec::new(),
            messages: Vec::new(),
            last_seq: 0,
            last_message_at: DateTime::UNIX_EPOCH,
        }
    }

    /// And where these stand.
    #[must_use]
    pub fn members(self, members: &[Member]) -> Self {
        Self { members: members.to_vec(), ..self }
    }

    /// And a message.
    #[must_use]
    pub fn message(mut self, message: impl Into<Copied>) -> Self {
        let message = message.into();
        self.last_seq = self.last_seq.max(message.seq);
        self.last_message_at = self.last_message_at.max(message.sent_at);
        match self.messages.iter_mut().find(|known| known.seq == message.seq) {
            Some(known) => known.newest_up_to = known.newest_up_to.max(message.newest_up_to),
            None => self.messages.push(message),
        }
        self
    }

    /// And which message is the newest, of all up to a number.
    #[must_use]
    pub fn newest(mut self, message: Option<impl Into<Copied>>, last_seq: i64) -> Self {
        self.last_seq = self.last_seq.max(last_seq);
        match message.map(Into::into) {
            Some(message) => {
                let newest_up_to = message.newest_up_to.max(last_seq);
                self.message(Copied { newest_up_to, ..message })
            }
            None => self,
        }
    }
}

/// What a conversation is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Of more than two.
    pub is_group: bool,
    /// What a group is called.
    pub name: Option<String>,
    /// Its picture.
    pub icon: Option<String>,
    /// What a thread is about.
    pub listing_id: Option<Uuid>,
    /// Whose an inbox's conversation is,
    pub chatbot_id: Option<String>,
    /// where it is,
    pub inbox_id: Option<String>,
    /// and with whom.
    pub contact_id: Option<String>,
    /// Who is in it; nobody is named of an inbox's.
    pub member_ids: Vec<UserId>,
    /// False once it was deleted.
    pub is_active: bool,
    /// Goes up with each change.
    pub record_version: i32,
}

/// How far all agents together have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agents {
    /// All up to this seq.
    pub read_seq: i64,
    /// How many after it do not count.
    pub uncounted: i64,
    /// Goes up with each change.
    pub rev: i64,
}

/// What somebody sees as the newest message; see docs/events.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Who.
    pub user_id: UserId,
    /// The first seq that they can see.
    pub visible_from: i64,
    /// How many since then they cannot see.
    pub absent: i64,
    /// The newest seq when this was so.
    pub up_to: i64,
    /// What they saw.
    pub seq: Option<i64>,
}

/// What is kept of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its place in the conversation.
    pub seq: i64,
    /// Which it is.
    pub id: String,
    /// Of which type.
    pub kind: String,
    /// `user`, `contact`, `bot` or `system`.
    pub sender_type: String,
    /// Who said it.
    pub sender_id: Option<String>,
    /// How it begins.
    pub preview: String,
    /// When it was said.
    pub sent_at: DateTime<Utc>,
    /// False while it is deleted.
    pub is_active: bool,
    /// Goes up with each change.
    pub record_version: i32,
    /// Up to which number it was told to be the newest; its own if it was not.
    pub newest_up_to: i64,
}
