//! Entries as their users see them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use kit::filters::WordFilter;
use kit::{Page, UserId};

use crate::domain::ids::InboxEntryId;
use crate::domain::inbox_entry::{Place, Source};

/// An entry, with what its list shows.
#[derive(Debug, Clone, QueryableByName)]
pub struct Row {
    /// Its id.
    #[diesel(sql_type = Text)]
    pub id: InboxEntryId,
    /// Whose.
    #[diesel(sql_type = Uuid)]
    pub user_id: UserId,
    /// Who owns the conversation.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Its id there.
    #[diesel(sql_type = Text)]
    pub conversation_id: String,
    /// Whether the user has it in their list.
    #[diesel(sql_type = Bool)]
    pub is_shown: bool,
    /// How many messages they have not read.
    #[diesel(sql_type = BigInt)]
    pub unread: i64,
    /// The newest number.
    #[diesel(sql_type = BigInt)]
    pub last_seq: i64,
    /// How often where they stand has changed.
    #[diesel(sql_type = BigInt)]
    pub rev: i64,
    /// When the newest message was sent.
    #[diesel(sql_type = Timestamptz)]
    pub last_message_at: DateTime<Utc>,
    /// When the entry was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// What the conversation is.
    #[diesel(embed)]
    pub place: PlaceRow,
    /// The newest message that they see.
    #[diesel(embed)]
    pub last: LastRow,
}

/// What a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct PlaceRow {
    /// Of more than two.
    #[diesel(sql_type = Bool)]
    pub is_group: bool,
    /// What a group is called.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Its picture.
    #[diesel(sql_type = Nullable<Text>)]
    pub icon: Option<String>,
    /// What a thread is about.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub listing_id: Option<uuid::Uuid>,
    /// Whose an inbox's conversation is.
    #[diesel(sql_type = Nullable<Text>)]
    pub chatbot_id: Option<String>,
    /// Where it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub inbox_id: Option<String>,
    /// With whom.
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_id: Option<String>,
    /// The first 21 who are in it.
    #[diesel(sql_type = Array<Uuid>)]
    pub first_ids: Vec<UserId>,
    /// How many they are.
    #[diesel(sql_type = Integer)]
    pub member_count: i32,
}

/// The newest message that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LastRow {
    /// Which.
    #[diesel(sql_type = Nullable<Text>)]
    pub message_id: Option<String>,
    /// Its number.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub seq: Option<i64>,
    /// Of which type.
    #[diesel(sql_type = Nullable<Text>)]
    pub kind: Option<String>,
    /// What its sender is.
    #[diesel(sql_type = Nullable<Text>)]
    pub sender_type: Option<String>,
    /// Who said it.
    #[diesel(sql_type = Nullable<Text>)]
    pub sender_id: Option<String>,
    /// How it begins.
    #[diesel(sql_type = Nullable<Text>)]
    pub preview: Option<String>,
    /// When it was said.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
}

/// From the newest message `m` that the user of an entry `e` sees. A sight is read as docs/events.md says.
pub(super) const SEEN: &str = "
    FROM (
        SELECT n.seq FROM inbox_message n
        WHERE n.source = e.source AND n.conversation_id = e.conversation_id AND n.is_active
        ORDER BY n.seq DESC LIMIT 1
    ) newest
    LEFT JOIN inbox_message s
        ON s.source = e.source AND s.conversation_id = e.conversation_id AND s.seq = e.sight_seq
    JOIN inbox_message m
        ON m.source = e.source AND m.conversation_id = e.conversation_id AND m.is_active AND m.seq >= e.visible_from
        AND m.seq = CASE
            WHEN newest.seq > e.sight_up_to THEN newest.seq
            WHEN e.sight_seq IS NULL THEN NULL
            WHEN s.is_active THEN s.seq
            ELSE newest.seq
        END";

/// What stands beside entries `e`.
const BESIDE: &str = "
    SELECT e.id, e.user_id, e.source, e.conversation_id, e.is_shown, e.unread, e.last_seq, e.rev, e.last_message_at,
        e.created_at, e.updated_at, p.is_group, p.name, p.icon, p.listing_id, p.chatbot_id, p.inbox_id, p.contact_id,
        p.member_ids[:21] AS first_ids, cardinality(p.member_ids) AS member_count,
        m.id AS message_id, m.seq, m.kind, m.sender_type, m.sender_id, m.preview, m.sent_at
    FROM e
    JOIN inbox_place p USING (source, conversation_id)";

/// The entries of a query, with what stands beside them.
pub(super) fn beside(entries: &str) -> String {
    let order = "ORDER BY e.last_message_at DESC, e.id DESC";
    format!(
        "WITH e AS MATERIALIZED ({entries}){BESIDE} \
         LEFT JOIN LATERAL (SELECT m.*{SEEN}) m ON true {order}"
    )
}

/// Which entries of a user are wanted.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Whose conversations; of all services, if it is absent.
    pub sources: Option<WordFilter>,
    /// With unread messages, or without.
    pub unread: Option<bool>,
}

impl EntryFilter {
    /// The condition beside user `$1` and sources `$2`: text of ours only.
    pub(super) fn condition(&self) -> &'static str {
        match (self.sources.is_none(), self.unread) {
            (true, None) => "user_id = $1 AND is_shown AND $2 = $2",
            (true, Some(true)) => "user_id = $1 AND is_shown AND unread > 0 AND $2 = $2",
            (true, Some(false)) => "user_id = $1 AND is_shown AND unread = 0 AND $2 = $2",
            (false, None) => "user_id = $1 AND is_shown AND source = ANY ($2)",
            (false, Some(true)) => "user_id = $1 AND is_shown AND unread > 0 AND source = ANY ($2)",
            (false, Some(false)) => "user_id = $1 AND is_shown AND unread = 0 AND source = ANY ($2)",
        }
    }

    pub(super) fn names(&self) -> &[&'static str] {
        self.sources.as_ref().map(WordFilter::words).unwrap_or_default()
    }
}

/// The statement of [`page`]: of user `$1` and sources `$2`, `$3` rows after the first `$4`.
#[must_use]
pub fn page_statement(of: &EntryFilter) -> String {
    beside(&format!(
        "SELECT * FROM inbox_entry WHERE {} ORDER BY last_message_at DESC, id DESC LIMIT $3 OFFSET $4",
        of.condition()
    ))
}

/// A page of a user's entries, the latest message first.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, user: UserId, of: &EntryFilter, page: Page) -> QueryResult<Vec<Row>> {
    let query = sql_query(page_statement(of)).bind::<Uuid, _>(user).bind::<Array<Text>, _>(of.names());
    query.bind::<BigInt, _>(page.rows()).bind::<BigInt, _>(page.offset()).load(conn)
}

/// How many entries there are.
#[derive(Debug, Clone, Copy, Default, QueryableByName)]
pub struct Totals {
    /// All that are wanted.
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    /// Those of them with unread messages.
    #[diesel(sql_type = BigInt)]
    pub unread_entries: i64,
    /// How many messages that is.
    #[diesel(sql_type = BigInt)]
    pub unread: i64,
}

/// The statement of [`totals`]: of user `$1` and sources `$2`.
#[must_use]
pub fn totals_statement(of: &EntryFilter) -> String {
    let condition = of.condition();
    format!(
        "SELECT (SELECT count(*) FROM inbox_entry WHERE {condition}) AS entries, count(*) AS unread_entries, \
         coalesce(sum(unread), 0)::bigint AS unread FROM inbox_entry WHERE {condition} AND unread > 0"
    )
}

/// How many entries are wanted, and what is unread of them.
///
/// # Errors
/// What Postgres says.
pub fn totals(conn: &mut PgConnection, user: UserId, of: &EntryFilter) -> QueryResult<Totals> {
    sql_query(totals_statement(of)).bind::<Uuid, _>(user).bind::<Array<Text>, _>(of.names()).get_result(conn)
}

/// An entry that a user sees.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, user: UserId, id: InboxEntryId) -> QueryResult<Option<Row>> {
    let one = "SELECT * FROM inbox_entry WHERE id = $2 AND user_id = $1 AND is_shown";
    let query = sql_query(beside(one)).bind::<Uuid, _>(user).bind::<Text, _>(id);
    query.get_result(conn).optional()
}

/// All entries of some conversations of one source.
///
/// # Errors
/// What Postgres says.
pub fn of_places(conn: &mut PgConnection, of: Source, ids: &[String]) -> QueryResult<Vec<Row>> {
    let all = "SELECT * FROM inbox_entry WHERE source = $1 AND conversation_id = ANY ($2)";
    let query = sql_query(beside(all)).bind::<Text, _>(of.name());
    query.bind::<Array<Text>, _>(ids).load(conn)
}

#[derive(QueryableByName)]
struct ContactRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    avatar: Option<String>,
}

/// Contacts of chatbots, by both ids: what they are called, and their pictures.
///
/// # Errors
/// What Postgres says.
pub fn contacts(conn: &mut PgConnection, of: &[(String, String)]) -> QueryResult<Vec<(String, Card)>> {
    let (chatbots, ids): (Vec<&String>, Vec<&String>) = of.iter().map(|(chatbot, id)| (chatbot, id)).unzip();
    let query = sql_query(
        "SELECT c.id, c.name, c.avatar FROM contact c JOIN unnest($1, $2) AS of (chatbot_id, id) USING (chatbot_id, id)",
    );
    let rows: Vec<ContactRow> =
        query.bind::<Array<Text>, _>(chatbots).bind::<Array<Text>, _>(ids).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, (row.name, row.avatar))).collect())
}

/// A name and a picture.
pub type Card = (Option<String>, Option<String>);

impl Row {
    /// The conversation that it is of.
    #[must_use]
    pub fn of(&self) -> Option<Place> {
        Some(Place { source: Source::parse(&self.source)?, id: self.conversation_id.clone() })
    }
}
