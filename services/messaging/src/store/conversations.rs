//! Conversations, as they are and as one of their members sees them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, exists, select};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid};
use kit::filters::{ArrayFilter, BoolFilter, DateFilter, Filter as _};
use kit::{Page, Tx, UserId};
use timeline::Seq;

use crate::domain::conversation::{Conversation, ConversationId, LastMessage, Profile, Seen};
use crate::domain::message::{Kind, Message, MessageId};
use crate::domain::participant::Participant;
use crate::store::participants;
use crate::store::schema::{conversation, hide, participant};

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    id: ConversationId,
    is_group: bool,
    creator_id: UserId,
    member_ids: Vec<UserId>,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_seq: i64,
    last_message_at: DateTime<Utc>,
    last_message_id: Option<MessageId>,
    last_message_sender_id: Option<UserId>,
    last_message_kind: Option<String>,
    last_message_preview: Option<String>,
    last_message_seq: Option<i64>,
    last_message_sent_at: Option<DateTime<Utc>>,
    name: Option<String>,
    icon: Option<String>,
    description: Option<String>,
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        let last_message = row.last_message();
        Self {
            id: row.id,
            is_group: row.is_group,
            profile: Profile { name: row.name, icon: row.icon, description: row.description },
            creator_id: row.creator_id,
            member_ids: row.member_ids,
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_seq: Seq::saturating(row.last_seq),
            last_message_at: row.last_message_at,
            last_message,
        }
    }
}

impl Row {
    /// Where it stands in a list: the later, the earlier.
    pub(super) fn place(&self) -> Place {
        (self.last_message_at, self.id)
    }

    fn last_message(&self) -> Option<LastMessage> {
        Some(LastMessage {
            id: self.last_message_id?,
            seq: Seq::saturating(self.last_message_seq?),
            sent_at: self.last_message_sent_at?,
            sender_id: self.last_message_sender_id,
            kind: Kind::parse(self.last_message_kind.as_deref()?)?,
            preview: self.last_message_preview.clone()?,
        })
    }
}

/// Stores a new conversation; false when one of that id is there already.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Conversation) -> QueryResult<bool> {
    let row = (
        conversation::id.eq(new.id),
        conversation::is_group.eq(new.is_group),
        conversation::name.eq(&new.profile.name),
        conversation::icon.eq(&new.profile.icon),
        conversation::description.eq(&new.profile.description),
        conversation::creator_id.eq(new.creator_id),
        conversation::member_ids.eq(&new.member_ids),
        conversation::created_at.eq(new.created_at),
        conversation::updated_at.eq(new.updated_at),
        conversation::last_message_at.eq(new.last_message_at),
    );
    let inserted = diesel::insert_into(conversation::table).values(row).on_conflict_do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Locks a conversation, deleted ones too. Participants are locked before.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ConversationId) -> QueryResult<Option<Conversation>> {
    let row = conversation::table.find(id).for_no_key_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Conversation::from))
}

/// Stores what can change of a locked conversation, but for its newest message.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Conversation) -> QueryResult<usize> {
    let changes = (
        conversation::name.eq(&of.profile.name),
        conversation::icon.eq(&of.profile.icon),
        conversation::description.eq(&of.profile.description),
        conversation::creator_id.eq(of.creator_id),
        conversation::member_ids.eq(&of.member_ids),
        conversation::is_active.eq(of.is_active),
        conversation::record_version.eq(of.record_version),
        conversation::updated_at.eq(of.updated_at),
    );
    diesel::update(conversation::table.find(of.id)).set(changes).execute(tx.conn())
}

/// Stores which message of a locked conversation is its newest now; its time does not go back with it.
///
/// # Errors
/// What Postgres says.
pub fn save_last(tx: &mut Tx<'_>, id: ConversationId, last: Option<&Message>) -> QueryResult<usize> {
    let preview = |message: &Message| message.content.chars().take(PREVIEW).collect::<String>();
    let changes = (
        conversation::last_message_id.eq(last.map(|message| message.id)),
        conversation::last_message_seq.eq(last.map(|message| message.seq.get())),
        conversation::last_message_sent_at.eq(last.map(|message| message.sent_at)),
        conversation::last_message_sender_id.eq(last.and_then(|message| message.sender_id)),
        conversation::last_message_kind.eq(last.map(|message| message.kind.name())),
        conversation::last_message_preview.eq(last.map(preview)),
    );
    diesel::update(conversation::table.find(id)).set(changes).execute(tx.conn())
}

/// Stores that a message follows in a locked conversation.
///
/// # Errors
/// What Postgres says.
pub fn append(tx: &mut Tx<'_>, new: &Message) -> QueryResult<usize> {
    save_last(tx, new.conversation_id, Some(new))?;
    let changes = (conversation::last_seq.eq(new.seq.get()), conversation::last_message_at.eq(new.sent_at));
    diesel::update(conversation::table.find(new.conversation_id)).set(changes).execute(tx.conn())
}

/// How many characters of the newest message lists show.
pub const PREVIEW: usize = 200;

/// A conversation as a member sees it; nothing when it is not there, or they are not in it.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: ConversationId, user: UserId) -> QueryResult<Option<Seen>> {
    let of_user =
        participant::conversation_id.eq(id).and(participant::user_id.eq(user)).and(participant::is_member);
    let found = conversation::table
        .inner_join(participant::table.on(participant::conversation_id.eq(conversation::id).and(of_user)))
        .filter(conversation::id.eq(id).and(conversation::is_active))
        .select((Row::as_select(), participants::Row::as_select(), last_is_hidden(user)))
        .first(conn)
        .optional()?;
    Ok(seen(conn, user, found.into_iter().collect())?.pop())
}

/// Whether there is such a conversation, whoever is in it.
///
/// # Errors
/// What Postgres says.
pub fn is_there(conn: &mut PgConnection, id: ConversationId) -> QueryResult<bool> {
    let active = conversation::table.filter(conversation::id.eq(id).and(conversation::is_active));
    select(exists(active)).get_result(conn)
}

/// Which of a user's conversations are wanted.
#[derive(Debug, Default)]
pub struct ConversationFilter {
    /// Groups, or 1:1s.
    pub is_group: Option<BoolFilter>,
    /// Who is in them.
    pub members: Option<ArrayFilter<UserId>>,
    /// When the newest message was sent.
    pub last_message_at: Option<DateFilter>,
}

impl ConversationFilter {
    /// Whether all are wanted.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.is_group.is_none() && self.members.is_none() && self.last_message_at.is_none()
    }
}

/// Where a conversation stands in a list: the later, the earlier.
pub type Place = (DateTime<Utc>, ConversationId);

/// Which rows of a list are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// At most so many,
    pub rows: i64,
    /// after so many others,
    pub offset: i64,
    /// all of them behind this place.
    pub behind: Option<Place>,
}

impl From<Page> for Slice {
    fn from(page: Page) -> Self {
        Self { rows: page.rows(), offset: page.offset(), behind: None }
    }
}

/// A part of a user's conversations, the latest message first, and how many they are in all.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    user: UserId,
    filter: &ConversationFilter,
    slice: Slice,
) -> QueryResult<(Vec<Seen>, i64)> {
    let joined = participant::conversation_id.eq(conversation::id);
    let wanted = || {
        let kinds =
            filter.is_group.on(conversation::is_group).and(filter.members.on(conversation::member_ids));
        kinds.and(filter.last_message_at.on(conversation::last_message_at))
    };
    let total = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(is_shown_to(user))
        .filter(wanted())
        .select(count_star())
        .first(conn)?;
    let mut rows = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(is_shown_to(user))
        .filter(wanted())
        .into_boxed();
    if let Some((at, id)) = slice.behind {
        let at_once = conversation::last_message_at.eq(at).and(conversation::id.lt(id));
        rows = rows.filter(conversation::last_message_at.lt(at).or(at_once));
    }
    let rows = rows
        .order((conversation::last_message_at.desc(), conversation::id.desc()))
        .limit(slice.rows)
        .offset(slice.offset)
        .select((Row::as_select(), participants::Row::as_select(), last_is_hidden(user)))
        .load(conn)?;
    Ok((seen(conn, user, rows)?, total))
}

/// Whether the joined conversation and participant say that the user sees it: as `Participant::sees`.
#[diesel::dsl::auto_type]
pub(super) fn is_shown_to(user: UserId) -> _ {
    let shown =
        participant::hidden_seq.is_null().or(conversation::last_seq.nullable().gt(participant::hidden_seq));
    participant::user_id.eq(user).and(participant::is_member).and(conversation::is_active).and(shown)
}

/// Those of these conversations that a user can see.
///
/// # Errors
/// What Postgres says.
pub fn visible_among(
    conn: &mut PgConnection,
    user: UserId,
    ids: &[ConversationId],
) -> QueryResult<Vec<ConversationId>> {
    let joined = participant::conversation_id.eq(conversation::id);
    participant::table
        .inner_join(conversation::table.on(joined))
        .filter(is_shown_to(user).and(participant::conversation_id.eq_any(ids)))
        .select(participant::conversation_id)
        .load(conn)
}

pub(super) type Found = (Row, participants::Row, bool);

/// Puts together what members see; one more query where the newest message is hidden from some.
pub(super) fn seen(conn: &mut PgConnection, user: UserId, found: Vec<Found>) -> QueryResult<Vec<Seen>> {
    let hidden: Vec<ConversationId> =
        found.iter().filter(|(_, _, hidden)| *hidden).map(|(row, ..)| row.id).collect();
    let mut older = if hidden.is_empty() { HashMap::new() } else { newest_visible(conn, user, &hidden)? };
    let see = |(row, member, hidden): Found| {
        let (conversation, member) = (Conversation::from(row), Participant::from(member));
        let newest = if hidden { older.remove(&conversation.id) } else { conversation.last_message.clone() };
        let last_message = newest.filter(|last| last.seq >= member.watermark.visible_from);
        Seen { conversation, member, last_message }
    };
    Ok(found.into_iter().map(see).collect())
}

/// Whether the user hid the newest message.
#[diesel::dsl::auto_type]
fn last_is_hidden(user: UserId) -> _ {
    let of_user = hide::conversation_id.eq(conversation::id).and(hide::user_id.eq(user));
    let newest = hide::seq.nullable().eq(conversation::last_message_seq);
    exists(hide::table.filter(of_user.and(newest)))
}

const NEWEST_VISIBLE: &str = "
    SELECT m.conversation_id, m.id, m.seq, m.sender_id, m.kind, left(m.content, 200) AS content, m.sent_at
    FROM unnest($1) AS of (id)
    CROSS JOIN LATERAL (
        SELECT * FROM message m
        WHERE m.conversation_id = of.id AND m.is_active AND NOT EXISTS (
            SELECT FROM hide h WHERE h.conversation_id = of.id AND h.user_id = $2 AND h.seq = m.seq)
        ORDER BY m.seq DESC LIMIT 1
    ) m";

#[derive(QueryableByName)]
#[diesel(table_name = crate::store::schema::message)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Newest {
    conversation_id: ConversationId,
    id: MessageId,
    seq: i64,
    sender_id: Option<UserId>,
    kind: String,
    content: String,
    sent_at: DateTime<Utc>,
}

/// The newest message of each that the user has not hidden.
fn newest_visible(
    conn: &mut PgConnection,
    user: UserId,
    ids: &[ConversationId],
) -> QueryResult<HashMap<ConversationId, LastMessage>> {
    let query = kit::planned(NEWEST_VISIBLE).bind::<Array<Uuid>, _>(ids).bind::<Uuid, _>(user);
    let rows: Vec<Newest> = query.load(conn)?;
    let last = |row: Newest| {
        let (seq, kind) = (Seq::saturating(row.seq), Kind::parse(&row.kind).unwrap_or(Kind::Text));
        let last = LastMessage {
            id: row.id,
            seq,
            sent_at: row.sent_at,
            sender_id: row.sender_id,
            kind,
            preview: row.content,
        };
        (row.conversation_id, last)
    };
    Ok(rows.into_iter().map(last).collect())
}
