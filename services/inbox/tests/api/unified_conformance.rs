//! The unified inbox keeps the rules of `timeline`, whatever comes of events: each history is told in a random order, every
//! event three times, to a real Postgres, and compared with the naive model and with the owner's memory.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use inbox::domain::inbox_entry::Source;
use inbox::store::unified::list::{self, Row};
use kit::clock::uuid_v7;
use kit::{Clock as _, SystemClock};
use serde_json::{Value, json};
use timeline::conformance::{Operation, Operations, Store, User, check};
use timeline::{Seq, Watermark};
use tokio::runtime::Runtime;

use crate::stage::boot;
use crate::unified_owner::Owner;

struct Told {
    runtime: Rc<Runtime>,
    app: Rc<testing::Running<inbox::Inbox>>,
    owner: Owner,
    /// How many events were heard when the entries were read.
    heard: usize,
    rows: HashMap<kit::UserId, Row>,
    seed: u64,
}

#[derive(QueryableByName)]
struct Marks {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    read_seq: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    uncounted: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    visible_from: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rev: i64,
}

impl Told {
    /// Tells all there is anew, to somebody who has heard nothing.
    fn tell(&mut self) {
        if self.heard == self.owner.told.len() {
            return;
        }
        self.heard = self.owner.told.len();
        let conn = &mut self.app.database.connect();
        sql_query("TRUNCATE inbox_place, inbox_entry, inbox_message, processed_event").execute(conn).unwrap();
        let events: Vec<Vec<u8>> =
            self.shuffled().iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
        let apply = move |tx: &mut kit::Tx<'_>| {
            events.iter().try_for_each(|bytes| events::apply(tx, inbox::REACTIONS, bytes).map(drop))
        };
        self.runtime.block_on(self.app.app.write(apply)).unwrap();
        let id = [self.owner.id.to_string()];
        let rows = list::of_places(conn, Source::Messaging, &id).unwrap();
        self.rows = rows.into_iter().map(|row| (row.user_id, row)).collect();
    }

    /// Each event three times, under ids of their own: nobody knows them for repetitions.
    fn shuffled(&mut self) -> Vec<Value> {
        let told = &self.owner.told;
        let mut all: Vec<Value> = told.iter().chain(told).chain(told).cloned().collect();
        for event in &mut all {
            event["id"] = json!(uuid_v7(SystemClock.now()));
        }
        let seed = &mut self.seed;
        all.sort_by_cached_key(|_| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *seed >> 32
        });
        all
    }
}

impl Store for Told {
    type Error = String;

    fn operations(&self) -> Operations {
        let all = Operation::ALL.into_iter();
        all.filter(|it| !matches!(it, Operation::Clear | Operation::Restore)).collect()
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=4
    }

    fn create(&mut self, members: usize) -> Result<(), String> {
        self.owner.create(members);
        Ok(())
    }

    fn send(&mut self, by: User) -> Result<Seq, String> {
        Ok(self.owner.send(by))
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> Result<(), String> {
        self.owner.read_up_to(by, target);
        Ok(())
    }

    fn read_one(&mut self, by: User, seq: Seq) -> Result<(), String> {
        self.owner.read_one(by, seq);
        Ok(())
    }

    fn hide(&mut self, by: User, seq: Seq) -> Result<(), String> {
        self.owner.hide(by, seq);
        Ok(())
    }

    fn delete_for_all(&mut self, seq: Seq) -> Result<(), String> {
        self.owner.delete_for_all(seq);
        Ok(())
    }

    fn join(&mut self, user: User) -> Result<(), String> {
        self.owner.come_or_go(user, true);
        Ok(())
    }

    fn leave(&mut self, user: User) -> Result<(), String> {
        self.owner.come_or_go(user, false);
        Ok(())
    }

    /// And whether they see it, under its name, with the newest message that they can see.
    fn unread(&mut self, user: User) -> Result<i64, String> {
        self.tell();
        let row = self.rows.get(&self.owner.user(user)).ok_or("no entry")?.clone();
        let last = self.owner.newest_seen(user).map(|message| (message.seq, message.content.clone()));
        let state = self.owner.state();
        let seen = (row.is_shown, row.last.seq.zip(row.last.preview), row.place.name, row.last_seq);
        let expected = (true, last, state.conversation.name, state.last_seq);
        if seen == expected { Ok(row.unread) } else { Err(format!("{seen:?} should be {expected:?}")) }
    }

    fn watermark(&mut self, user: User) -> Result<Watermark, String> {
        self.tell();
        let query =
            sql_query("SELECT read_seq, uncounted, visible_from, rev FROM inbox_entry WHERE user_id = $1");
        let query = query.bind::<diesel::sql_types::Uuid, _>(self.owner.user(user));
        let marks: Marks =
            query.get_result(&mut self.app.database.connect()).map_err(|error| error.to_string())?;
        let (read_seq, visible_from) = (Seq::saturating(marks.read_seq), Seq::saturating(marks.visible_from));
        Ok(Watermark { read_seq, uncounted: marks.uncounted, visible_from, rev: marks.rev })
    }

    fn visible(&mut self, user: User) -> Result<Vec<Seq>, String> {
        self.owner.memory.visible(user).map_err(|never| match never {})
    }

    fn read_by(&mut self, seq: Seq) -> Result<Vec<User>, String> {
        self.owner.memory.read_by(seq).map_err(|never| match never {})
    }
}

#[test]
fn shuffled_and_repeated_events_keep_the_rules() {
    let runtime = Rc::new(Runtime::new().unwrap());
    let app = Rc::new(runtime.block_on(boot()));
    check(8, || Told {
        runtime: runtime.clone(),
        app: app.clone(),
        owner: Owner::new(SystemClock.now()),
        heard: 0,
        rows: HashMap::new(),
        seed: 7,
    });
}
