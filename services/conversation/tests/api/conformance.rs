//! The rules of `timeline`, kept by this service: random histories through its API, against the naive model.

use std::collections::{BTreeSet, HashMap};
use std::future::IntoFuture as _;
use std::ops::RangeInclusive;
use std::rc::Rc;

use conversation::domain::thread::ThreadId;
use conversation::store::{messages, threads};
use diesel::{QueryResult, RunQueryDsl as _};
use serde_json::{Value, json};
use testing::{Ask, Follower, Person};
use timeline::conformance::{Operation, Operations, Store, User, check};
use timeline::{Seq, SeqRange, Watermark};
use tokio::runtime::Runtime;

use crate::stage::{Stage, id, listing, seqs};

/// A thread of the service. The suite is synchronous: each request runs to its end on a runtime of its own.
struct Served {
    runtime: Rc<Runtime>,
    stage: Rc<Stage>,
    id: String,
    /// Who sent a message, and the message.
    sent: HashMap<Seq, (User, Value)>,
}

impl Served {
    fn person(&self, user: User) -> &Person {
        [&self.stage.ada, &self.stage.ben][user]
    }

    fn ask(&self, by: &Person, ask: Ask) -> Value {
        let reply = self.runtime.block_on(ask.by(by).into_future());
        assert!(reply.status < 300, "{}", reply.text);
        reply.json
    }

    /// Whoever heard the events in any order, or asked for the state, knows what the service answers.
    fn follow(&self, user: User, seen: &Value) {
        let is_about = |event: &Value| event.to_string().contains(&self.id);
        let all = events::outbox::pending(&mut self.stage.app.database.connect(), "conversation").unwrap();
        let events: Vec<Value> = all.into_iter().filter(is_about).collect();
        let service = self.stage.app.issuer.service("inbox");
        let path = format!("/v1/conversationthreadstates?id={}", self.id);
        let reply = self.runtime.block_on(self.stage.app.get(&path).token(&service).into_future());
        let mut asked = Follower::default();
        asked.hear(&reply.expect(200)["conversationThreadStates"][0]);
        let mut both = asked.clone();
        both.hear_shuffled(&events, 7);
        let heard = Follower::of_shuffled(&events, u64::try_from(events.len()).unwrap());
        let id = self.person(user).id.to_string();
        for (how, follower) in [("heard", heard), ("asked", asked), ("both", both)] {
            let known = (follower.unread(&id), follower.is_shown_to(&id), follower.last_message_at());
            let expected =
                (seen["unreadCount"].as_i64().unwrap(), true, seen["lastMessageAt"].as_str().unwrap());
            assert_eq!(known, expected, "{how}: {events:#?}");
            let last = follower.last_message(&id);
            let same = ["id", "seq", "content"].map(|name| last[name] == seen["lastMessage"][name]);
            assert_eq!(same, [true; 3], "{how}: {last} is not {}: {events:#?}", seen["lastMessage"]);
        }
    }

    fn message(&self, seq: Seq) -> messages_row::Message {
        let (conn, id) = (&mut self.stage.app.database.connect(), self.id.parse::<ThreadId>().unwrap());
        messages::range(conn, id, SeqRange::new(seq, seq).unwrap()).unwrap().pop().unwrap()
    }
}

use conversation::domain::message as messages_row;

impl Store for Served {
    type Error = diesel::result::Error;

    fn operations(&self) -> Operations {
        use Operation::{DeleteForAll, ReadOne, ReadUpTo, Restore, Send};
        BTreeSet::from([Send, ReadUpTo, ReadOne, DeleteForAll, Restore])
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        2..=2
    }

    fn create(&mut self, _: usize) -> QueryResult<()> {
        // What earlier threads told is of no interest.
        diesel::sql_query("TRUNCATE outbox").execute(&mut self.stage.app.database.connect())?;
        let listing = listing(self.stage.ada.id, "One more");
        let stage = self.stage.clone();
        self.runtime.block_on(stage.keep(&listing));
        let reply = self.runtime.block_on(stage.open(&stage.ada, &stage.ben, &listing));
        self.id = id(&reply.expect(201)["conversationThread"]);
        Ok(())
    }

    fn send(&mut self, by: User) -> QueryResult<Seq> {
        let stage = self.stage.clone();
        let message = self.runtime.block_on(stage.send(self.person(by), &self.id, "x"));
        let seq = Seq::saturating(message["seq"].as_i64().unwrap());
        self.sent.insert(seq, (by, message));
        Ok(seq)
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> QueryResult<()> {
        let path = format!("/v1/conversationthreads/{}/read", self.id);
        let body = json!({ "upToSeq": target.map(Seq::get) });
        self.ask(self.person(by), self.stage.app.post(&path).json(body));
        Ok(())
    }

    /// Nobody can read their own message: for the suite that is nothing.
    fn read_one(&mut self, by: User, seq: Seq) -> QueryResult<()> {
        let (sender, message) = &self.sent[&seq];
        let status = self.runtime.block_on(self.stage.read(self.person(by), message)).status;
        assert_eq!(status, if *sender == by { 403 } else { 200 });
        Ok(())
    }

    fn delete_for_all(&mut self, seq: Seq) -> QueryResult<()> {
        let path = format!("/v1/conversationmessages/{}", id(&self.sent[&seq].1));
        self.ask(&self.stage.staff, self.stage.app.delete(&path));
        Ok(())
    }

    fn restore(&mut self, seq: Seq) -> QueryResult<()> {
        let path = format!("/v1/conversationmessages/{}/restore", id(&self.sent[&seq].1));
        self.ask(&self.stage.staff, self.stage.app.post(&path));
        Ok(())
    }

    fn unread(&mut self, user: User) -> QueryResult<i64> {
        let stage = self.stage.clone();
        let seen = self.runtime.block_on(stage.see(self.person(user), &self.id));
        self.follow(user, &seen);
        Ok(seen["unreadCount"].as_i64().unwrap())
    }

    fn watermark(&mut self, user: User) -> QueryResult<Watermark> {
        let id: ThreadId = self.id.parse().unwrap();
        let found = threads::find(&mut self.stage.app.database.connect(), id, self.person(user).id)?;
        found.and_then(|seen| seen.member).map(|member| member.watermark).ok_or(diesel::NotFound)
    }

    fn visible(&mut self, user: User) -> QueryResult<Vec<Seq>> {
        let stage = self.stage.clone();
        let list = self.runtime.block_on(stage.history(self.person(user), &self.id, "pageNumber=0"));
        Ok(seqs(&list).into_iter().map(Seq::saturating).collect())
    }

    fn read_by(&mut self, of: Seq) -> QueryResult<Vec<User>> {
        let (sender, read) = (self.sent[&of].0, self.message(of).read_at.is_some());
        Ok(if read { vec![0, 1] } else { vec![sender] })
    }
}

#[test]
fn threads_keep_the_rules() {
    let runtime = Rc::new(Runtime::new().unwrap());
    let stage = Rc::new(runtime.block_on(Stage::set()));
    check(25, || Served {
        runtime: runtime.clone(),
        stage: stage.clone(),
        id: String::new(),
        sent: HashMap::new(),
    });
}
