//! Test data at scale for the conversation service: people, listings, threads and what is said in them, by COPY.
//!
//! What is generated keeps the services' own rules: ids of threads that follow from their listing and the two, seqs
//! without gaps, what has been read by the transitions of `timeline`, terms by `terms`, listings that the catalogue
//! knows too, sold ones of which their threads were told. Deleted messages are not in the moderation log, which nobody
//! can write but the service.

mod market;
mod rows;
mod talk;
mod vocabulary;
mod world;

use std::cell::RefCell;
use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::{
    Connection, ExecuteCopyFromDsl, ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl, copy_from,
};
use kit::clock::random_bytes;
use kit::settings::Secret;
use kit::{Clock as _, KeyedIds, SystemClock};
use uuid::Uuid;

use super::world::Chance;
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::postgres;

use rows::{catalogue, known_listing, known_user, message, message_term, participant, thread};
use talk::Said;
use world::World;

/// Existing people who take part.
const GUESTS: i64 = 100;

/// How much to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// People.
    pub(crate) users: usize,
    /// Listings.
    pub(crate) listings: usize,
    /// Threads, most of them about few of the listings.
    pub(crate) threads: usize,
    /// Messages, few in most threads.
    pub(crate) messages: usize,
    /// How many of the messages each of the longest threads has, about.
    pub(crate) longest: usize,
    /// In how many of the threads one of the people is, at least.
    pub(crate) busiest: usize,
}

impl Size {
    /// Refuses a world with so few people that they hardly find anybody to write to.
    fn check(self) -> Result<()> {
        let room = self.users.saturating_mul(self.listings) / 4;
        if self.users < 10 || self.listings < 10 || self.threads > room || self.busiest > self.listings / 4 {
            return Err(Error::new(
                "it takes at least 10 users and 10 listings, 4 times as many pairs of them as threads, \
                 and 4 times as many listings as the busiest has threads",
            ));
        }
        Ok(())
    }
}

/// Visibility is known to the indices then, as after some time in service.
const SETTLE: &str = "VACUUM (ANALYZE) conversation.thread, conversation.participant, conversation.message,
    conversation.message_term, conversation.known_listing, conversation.known_user, listing.listing";

/// Generates data on top of what is there, whole or not at all. `told` hears twice of every message.
pub(crate) fn generate(layout: &Layout, size: Size, told: impl Fn()) -> Result<()> {
    size.check()?;
    let mut database = postgres::connect(&layout.admin_url("banter"))?;
    let (pairs, guests) = (pairs(layout)?, guests(&mut database)?);
    let plan = Plan { size, pairs, guests, seed: random_bytes(), now: SystemClock.now() };
    let written = database.transaction(|database| plan.write(database, &told));
    written
        .context(|| "cannot write the data: do the conversation and listing services have their tables?")?;
    database.batch_execute(SETTLE).context(|| "cannot take statistics")
}

fn pairs(layout: &Layout) -> Result<KeyedIds> {
    KeyedIds::new(&Secret::new(layout.secrets.get("pairs")), "pairs.secret")
        .context(|| "cannot make ids of threads")
}

/// The newest first: who came last becomes the busiest.
fn guests(database: &mut PgConnection) -> Result<Vec<Uuid>> {
    let active = known_user::table.filter(known_user::is_active).select(known_user::id);
    let newest = active.order(known_user::id.desc()).limit(GUESTS);
    newest.load(database).context(|| "cannot read the known users: is the conversation service up?")
}

/// What a world follows from, so that it can be told twice: once for what is said, once for what it is found by.
struct Plan {
    size: Size,
    pairs: KeyedIds,
    guests: Vec<Uuid>,
    seed: [u8; 8],
    now: DateTime<Utc>,
}

impl Plan {
    fn world(&self) -> World {
        let chance = Chance::new(u64::from_be_bytes(self.seed));
        World::new(self.size, &self.guests, self.pairs.clone(), chance, self.now)
    }

    /// Messages before threads: only after the last of them is it known what a thread's row says.
    fn write(&self, database: &mut PgConnection, told: &impl Fn()) -> QueryResult<()> {
        let world = RefCell::new(self.world());
        copy_from(known_user::table)
            .from_raw_data(known_user::table, |out| rows::people(out, &world.borrow()))
            .execute(database)?;
        copy_from(message::table)
            .from_raw_data(message::table, |out| tell(out, &world, rows::message_row, told))
            .execute(database)?;
        let again = RefCell::new(self.world());
        copy_from(message_term::table)
            .from_raw_data(message_term::table, |out| tell(out, &again, |said, _| rows::term_row(said), told))
            .execute(database)?;
        write_rest(database, &world.borrow())
    }
}

fn write_rest(database: &mut PgConnection, world: &World) -> QueryResult<()> {
    copy_from(thread::table)
        .from_raw_data(thread::table, |out| rows::threads(out, world))
        .execute(database)?;
    copy_from(participant::table)
        .from_raw_data(participant::table, |out| rows::participants(out, world))
        .execute(database)?;
    copy_from(known_listing::table)
        .from_raw_data(known_listing::table, |out| rows::known_listings(out, world))
        .execute(database)?;
    copy_from(catalogue::table)
        .from_raw_data(catalogue::table, |out| rows::listings(out, world))
        .execute(database)?;
    Ok(())
}

/// Over all threads, about in the order of time: so messages lie on disk when people write and read them.
fn tell(
    out: &mut dyn Write,
    world: &RefCell<World>,
    row: impl Fn(&Said, &World) -> String,
    told: &impl Fn(),
) -> QueryResult<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, out);
    let mut settled = Some(Vec::new());
    while let Some(messages) = settled {
        for said in messages {
            rows::put(&mut out, &row(&said, &world.borrow()))?;
            told();
        }
        settled = world.borrow_mut().go_on();
    }
    rows::flush(&mut out)
}
