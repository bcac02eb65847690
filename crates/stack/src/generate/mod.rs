//! Test data at scale: people, conversations and messages in the messaging service's tables, by COPY; and
//! [threads] of the conversation service.
//!
//! What is generated keeps the service's own rules (seqs without gaps, times in their order, exact unread), so that
//! what is measured on it can be believed. Generated people cannot sign in; people who are there already, such as those
//! of the demo, become members of some of the groups.

mod rows;
pub(crate) mod threads;
mod world;

use std::cell::RefCell;
use std::io::Write;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::{Connection, ExecuteCopyFromDsl, QueryDsl, QueryResult, RunQueryDsl, copy_from};
use kit::clock::random_bytes;
use kit::{Clock as _, SystemClock};
use uuid::Uuid;

use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::postgres;

use rows::{conversation, known_user, message, participant};
use world::{Chance, World};

/// Existing people who join in; more would only make the generation slower.
const GUESTS: i64 = 100;

/// How much to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// People.
    pub(crate) users: usize,
    /// Conversations, one in five a group.
    pub(crate) conversations: usize,
    /// Messages, few in most conversations and many in some.
    pub(crate) messages: usize,
    /// How many of the messages one conversation has, at least.
    pub(crate) longest: usize,
    /// In how many of the conversations one of the people is, at least.
    pub(crate) busiest: usize,
}

/// Generates data on top of what is there, whole or not at all. `told` hears after every message.
pub(crate) fn generate(layout: &Layout, size: Size, told: impl Fn()) -> Result<()> {
    if size.users < 3 || size.conversations == 0 {
        return Err(Error::new("it takes at least 3 users and 1 conversation"));
    }
    let mut database = postgres::connect(&layout.admin_url("banter"))?;
    let guests = guests(&mut database)?;
    let world = World::new(size, &guests, Chance::new(u64::from_be_bytes(random_bytes())), SystemClock.now());
    let written = database.transaction(|database| write(database, world, size.messages, &told));
    written.context(|| "cannot write the data: does the messaging service have its tables?")?;
    let analyzed =
        "ANALYZE messaging.conversation, messaging.participant, messaging.message, messaging.known_user";
    database.batch_execute(analyzed).context(|| "cannot take statistics")
}

fn guests(database: &mut PgConnection) -> Result<Vec<Uuid>> {
    let some = known_user::table.select(known_user::id).order(known_user::id).limit(GUESTS);
    some.load(database).context(|| "cannot read the known users: is the messaging service up?")
}

/// Messages first: only after the last of them is it known what a conversation's row says.
fn write(database: &mut PgConnection, world: World, messages: usize, told: &impl Fn()) -> QueryResult<()> {
    let world = RefCell::new(world);
    copy_from(known_user::table)
        .from_raw_data(known_user::table, |out| rows::people(out, &world.borrow()))
        .execute(database)?;
    copy_from(message::table)
        .from_raw_data(message::table, |out| write_messages(out, &world, messages, told))
        .execute(database)?;
    copy_from(conversation::table)
        .from_raw_data(conversation::table, |out| rows::conversations(out, &world.borrow()))
        .execute(database)?;
    copy_from(participant::table)
        .from_raw_data(participant::table, |out| rows::participants(out, &world.borrow()))
        .execute(database)?;
    Ok(())
}

/// In the order in which they were sent, over all conversations: so they lie on disk when people write them.
fn write_messages(
    out: &mut dyn Write,
    world: &RefCell<World>,
    messages: usize,
    told: &impl Fn(),
) -> QueryResult<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, out);
    for _ in 0..messages {
        let said = world.borrow_mut().say();
        said.map_or(Ok(()), |said| rows::put_message(&mut out, &said))?;
        told();
    }
    rows::flush(&mut out)
}
