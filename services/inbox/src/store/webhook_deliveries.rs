//! Deliveries: the outbox of webhooks, and their log.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use kit::filters::{Filter as _, WordFilter};
use kit::{Page, Tx, planned};

use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::ids::{ChannelId, ChatbotId, ConversationId, MessageId};
use crate::store::schema::webhook_delivery;

/// How many deliveries to one receiver are on their way at once: a slow one must not hold up the others.
const PER_CHANNEL: i64 = 4;
/// How long what is over is kept.
const DELIVERED_KEPT: TimeDelta = TimeDelta::days(7);
const FAILED_KEPT: TimeDelta = TimeDelta::days(30);
/// What is over is taken out, and what waits is put off, in bites of this many.
pub const BITE: usize = 1_000;
/// What stands behind something else is looked at so long after it, so that it is not looked at while that is tried: nothing
/// takes longer. Mostly it is due at once when the other is done; that it is looked at all the same mends what was missed.
const BEHIND: TimeDelta = TimeDelta::minutes(2);

#[derive(Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = webhook_delivery)]
struct Row {
    chatbot_id: ChatbotId,
    id: MessageId,
    channel_id: ChannelId,
    conversation_id: ConversationId,
    seq: i64,
    body: String,
    status: String,
    tries: i32,
    claim: i64,
    next_try_at: DateTime<Utc>,
    http_status: Option<i32>,
    problem: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Delivery {
    fn from(row: Row) -> Self {
        Self {
            chatbot_id: row.chatbot_id,
            id: row.id,
            channel_id: row.channel_id,
            conversation_id: row.conversation_id,
            seq: row.seq,
            body: row.body,
            // A CHECK keeps them to those that there are.
            status: DeliveryStatus::parse(&row.status).unwrap_or(DeliveryStatus::Failed),
            tries: row.tries,
            claim: row.claim,
            next_try_at: row.next_try_at,
            http_status: row.http_status,
            problem: row.problem,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Delivery> for Row {
    fn from(of: &Delivery) -> Self {
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            channel_id: of.channel_id,
            conversation_id: of.conversation_id,
            seq: of.seq,
            body: of.body.clone(),
            status: of.status.name().to_owned(),
            tries: of.tries,
            claim: of.claim,
            next_try_at: of.next_try_at,
            http_status: of.http_status,
            problem: of.problem.clone(),
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a delivery that is to be made.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Delivery) -> QueryResult<usize> {
    diesel::insert_into(webhook_delivery::table).values(Row::from(new)).execute(tx.conn())
}

/// Claims up to `count` deliveries that are due, of all chatbots, until `until`: none whose conversation has an earlier one
/// that is pending, and no more of one channel than it may hold up. Whoever claimed before and died is forgotten then.
///
/// # Errors
/// What Postgres says.
pub fn claim(
    tx: &mut Tx<'_>,
    count: i64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> QueryResult<Vec<Delivery>> {
    let rows: Vec<Row> = planned(
        "UPDATE webhook_delivery AS d SET leased_until = $3, claim = d.claim + 1, tries = d.tries + 1
         FROM (
             SELECT chatbot_id, id FROM webhook_delivery AS due
             WHERE status = 'pending' AND next_try_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
               AND NOT EXISTS (
                   SELECT FROM webhook_delivery AS earlier
                   WHERE earlier.chatbot_id = due.chatbot_id AND earlier.conversation_id = due.conversation_id
                     AND earlier.seq < due.seq AND earlier.status = 'pending')
               AND (SELECT count(*) FROM webhook_delivery AS busy
                   WHERE busy.chatbot_id = due.chatbot_id AND busy.channel_id = due.channel_id
                     AND busy.leased_until > $2) < $4
             ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS mine
         WHERE d.chatbot_id = mine.chatbot_id AND d.id = mine.id
         RETURNING d.chatbot_id, d.id, d.channel_id, d.conversation_id, d.seq, d.body, d.status, d.tries, d.claim,
             d.next_try_at, d.http_status, d.problem, d.created_at, d.updated_at",
    )
    .bind::<BigInt, _>(count)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(PER_CHANNEL)
    .load(tx.conn())?;
    Ok(rows.into_iter().map(Delivery::from).collect())
}

/// A message is deleted: nothing of what it said stays here, and it is not sent any more. What waited for it is due.
///
/// # Errors
/// What Postgres says.
pub fn forget(tx: &mut Tx<'_>, chatbot: ChatbotId, id: MessageId, now: DateTime<Utc>) -> QueryResult<()> {
    let it = diesel::delete(webhook_delivery::table.find((chatbot, id))).returning(Row::as_returning());
    let gone = it.get_result(tx.conn()).optional()?.map(<Delivery as From<Row>>::from);
    match gone {
        Some(of) if of.status == DeliveryStatus::Pending => next_due(tx, &of, now),
        _ => Ok(()),
    }
}

/// Lets what is due, and stands behind something that waits, wait longer: of all chatbots, a [`BITE`]; how many. New messages
/// to a receiver that is down would else be looked at again and again.
///
/// # Errors
/// What Postgres says.
pub fn defer(tx: &mut Tx<'_>, now: DateTime<Utc>) -> QueryResult<usize> {
    planned(
        "UPDATE webhook_delivery AS d SET next_try_at = waits.until + $3 * interval '1 second'
         FROM (
             SELECT due.chatbot_id, due.id, min(earlier.next_try_at) AS until
             FROM webhook_delivery AS due JOIN webhook_delivery AS earlier
               ON earlier.chatbot_id = due.chatbot_id AND earlier.conversation_id = due.conversation_id
                 AND earlier.seq < due.seq AND earlier.status = 'pending' AND earlier.tries > 0
             WHERE due.status = 'pending' AND due.next_try_at <= $1
             GROUP BY due.chatbot_id, due.id HAVING min(earlier.next_try_at) > $1
             LIMIT $2) AS waits
         WHERE d.chatbot_id = waits.chatbot_id AND d.id = waits.id AND d.status = 'pending'",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(rows(BITE))
    .bind::<BigInt, _>(BEHIND.num_seconds())
    .execute(tx.conn())
}

/// Stores what a try came to, unless another has claimed the delivery since; whether it did. What comes after it in its
/// conversation waits with it, or is due at once.
///
/// # Errors
/// What Postgres says.
pub fn finish(tx: &mut Tx<'_>, of: &Delivery) -> QueryResult<bool> {
    let mine = webhook_delivery::claim.eq(of.claim).and(webhook_delivery::status.eq("pending"));
    // What has arrived is not sent again: what it said need not lie here, too.
    let body = if of.status == DeliveryStatus::Delivered { "" } else { of.body.as_str() };
    let changes = (
        webhook_delivery::body.eq(body),
        webhook_delivery::status.eq(of.status.name()),
        webhook_delivery::leased_until.eq(None::<DateTime<Utc>>),
        webhook_delivery::next_try_at.eq(of.next_try_at),
        webhook_delivery::http_status.eq(of.http_status),
        webhook_delivery::problem.eq(&of.problem),
        webhook_delivery::updated_at.eq(of.updated_at),
    );
    let it = webhook_delivery::table.find((of.chatbot_id, of.id)).filter(mine);
    let is_mine = diesel::update(it).set(changes).execute(tx.conn())? == 1;
    match of.status {
        _ if !is_mine => {}
        DeliveryStatus::Pending => followers_wait(tx, of)?,
        DeliveryStatus::Delivered | DeliveryStatus::Failed => next_due(tx, of, of.updated_at)?,
    }
    Ok(is_mine)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn after(chatbot: ChatbotId, conversation: ConversationId, seq: i64) -> _ {
    let its = webhook_delivery::chatbot_id.eq(chatbot);
    let its = its.and(webhook_delivery::conversation_id.eq(conversation));
    its.and(webhook_delivery::seq.gt(seq)).and(webhook_delivery::status.eq("pending"))
}

/// A receiver that is down costs one look, and not one for each message.
fn followers_wait(tx: &mut Tx<'_>, of: &Delivery) -> QueryResult<()> {
    let until = of.next_try_at + BEHIND;
    let waiting = after(of.chatbot_id, of.conversation_id, of.seq);
    let waiting = webhook_delivery::table.filter(waiting.and(webhook_delivery::next_try_at.lt(until)));
    diesel::update(waiting).set(webhook_delivery::next_try_at.eq(until)).execute(tx.conn()).map(drop)
}

fn next_due(tx: &mut Tx<'_>, of: &Delivery, now: DateTime<Utc>) -> QueryResult<()> {
    let next = webhook_delivery::table
        .filter(after(of.chatbot_id, of.conversation_id, of.seq))
        .order(webhook_delivery::seq)
        .limit(1);
    let next: Option<MessageId> = next.select(webhook_delivery::id).first(tx.conn()).optional()?;
    let Some(id) = next else { return Ok(()) };
    let next = webhook_delivery::table.find((of.chatbot_id, id));
    diesel::update(next).set(webhook_delivery::next_try_at.eq(now)).execute(tx.conn()).map(drop)
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A delivery of a channel begins anew, at once; whether there is it.
///
/// # Errors
/// What Postgres says.
pub fn retry(
    tx: &mut Tx<'_>,
    chatbot: ChatbotId,
    channel: ChannelId,
    id: MessageId,
    now: DateTime<Utc>,
) -> QueryResult<Option<Delivery>> {
    let its = webhook_delivery::channel_id.eq(channel).and(webhook_delivery::status.ne("delivered"));
    let it = webhook_delivery::table.find((chatbot, id)).filter(its);
    let changes = (
        webhook_delivery::status.eq("pending"),
        webhook_delivery::tries.eq(0),
        webhook_delivery::next_try_at.eq(now),
        webhook_delivery::updated_at.eq(now),
    );
    let row = diesel::update(it).set(changes).returning(Row::as_returning()).get_result(tx.conn());
    Ok(row.optional()?.map(Delivery::from))
}

/// A delivery of a channel.
///
/// # Errors
/// What Postgres says.
pub fn get(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    channel: ChannelId,
    id: MessageId,
) -> QueryResult<Option<Delivery>> {
    let it = webhook_delivery::table.find((chatbot, id)).filter(webhook_delivery::channel_id.eq(channel));
    Ok(it.select(Row::as_select()).first(conn).optional()?.map(Delivery::from))
}

/// A page of the deliveries of a channel, the newest first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    channel: ChannelId,
    statuses: &Option<WordFilter>,
    page: Page,
) -> QueryResult<(Vec<Delivery>, i64)> {
    let all = || {
        let its = webhook_delivery::chatbot_id.eq(chatbot).and(webhook_delivery::channel_id.eq(channel));
        webhook_delivery::table.filter(its.and(statuses.on(webhook_delivery::status)))
    };
    let total = all().count().get_result(conn)?;
    let in_order = all().order((webhook_delivery::created_at.desc(), webhook_delivery::id.desc()));
    let rows: Vec<Row> =
        in_order.limit(page.rows()).offset(page.offset()).select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(Delivery::from).collect(), total))
}

/// Takes out a [`BITE`] of what is long over, of all chatbots; how many went.
///
/// # Errors
/// What Postgres says.
pub fn sweep(tx: &mut Tx<'_>, now: DateTime<Utc>) -> QueryResult<usize> {
    planned(
        "DELETE FROM webhook_delivery WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM webhook_delivery
             WHERE (status = 'delivered' AND updated_at <= $1) OR (status = 'failed' AND updated_at <= $2)
             LIMIT $3 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(now - DELIVERED_KEPT)
    .bind::<Timestamptz, _>(now - FAILED_KEPT)
    .bind::<BigInt, _>(rows(BITE))
    .execute(tx.conn())
}
