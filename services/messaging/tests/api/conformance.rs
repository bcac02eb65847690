//! The rules of `timeline`, kept by this service: random histories through its API, against the naive model.

use std::collections::BTreeSet;
use std::future::IntoFuture as _;
use std::ops::RangeInclusive;
use std::rc::Rc;

use diesel::QueryResult;
use messaging::domain::conversation::ConversationId;
use messaging::store::conversations;
use serde_json::{Value, json};
use testing::{Ask, Person};
use timeline::conformance::{Operation, Operations, PEOPLE, Store, User, check};
use timeline::{Seq, Watermark};
use tokio::runtime::Runtime;

use crate::stage::Stage;

/// A conversation of the service. The suite is synchronous: each request runs to its end on a runtime of its own.
struct Served {
    runtime: Rc<Runtime>,
    stage: Rc<Stage>,
    sizes: RangeInclusive<usize>,
    people: Vec<Person>,
    id: String,
}

impl Served {
    fn new(runtime: &Rc<Runtime>, stage: &Rc<Stage>, sizes: RangeInclusive<usize>) -> Self {
        let people = runtime.block_on(stage.crowd(PEOPLE));
        Self { runtime: runtime.clone(), stage: stage.clone(), sizes, people, id: String::new() }
    }

    fn ask(&self, by: User, ask: Ask) -> Value {
        let reply = self.runtime.block_on(ask.by(&self.people[by]).into_future());
        assert!(reply.status < 300, "{}", reply.text);
        reply.json
    }

    fn post(&self, by: User, path: &str, body: Value) -> Value {
        self.ask(by, self.stage.app.post(path).json(body))
    }

    fn list(&self, by: User) -> Vec<Value> {
        let path = format!("/v1/messages?pageNumber=0&conversationId={}", self.id);
        self.ask(by, self.stage.app.get(&path))["messages"].as_array().unwrap().clone()
    }
}

fn seq(of: &Value) -> Seq {
    Seq::saturating(of["seq"].as_i64().unwrap())
}

impl Store for Served {
    type Error = diesel::result::Error;

    fn operations(&self) -> Operations {
        BTreeSet::from([Operation::Send, Operation::ReadUpTo])
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        self.sizes.clone()
    }

    fn create(&mut self, members: usize) -> QueryResult<()> {
        let ids: Vec<_> = self.people.iter().take(members).map(|person| person.id).collect();
        let json =
            self.post(0, "/v1/conversations", json!({ "isGroup": members > 2, "participantIds": ids }));
        self.id = crate::stage::id(&json["conversation"]);
        Ok(())
    }

    fn send(&mut self, by: User) -> QueryResult<Seq> {
        let body = json!({ "conversationId": self.id, "content": "x" });
        Ok(seq(&self.post(by, "/v1/messages", body)["message"]))
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> QueryResult<()> {
        let body = json!({ "upToSeq": target.map(Seq::get) });
        self.post(by, &format!("/v1/conversations/{}/read", self.id), body);
        Ok(())
    }

    fn unread(&mut self, user: User) -> QueryResult<i64> {
        let path = format!("/v1/conversations/{}", self.id);
        let json = self.ask(user, self.stage.app.get(&path));
        Ok(json["conversation"]["unreadCount"].as_i64().unwrap())
    }

    fn watermark(&mut self, user: User) -> QueryResult<Watermark> {
        let id: ConversationId = self.id.parse().unwrap();
        let found = conversations::find(&mut self.stage.app.database.connect(), id, self.people[user].id)?;
        found.map(|seen| seen.watermark).ok_or(diesel::NotFound)
    }

    fn visible(&mut self, user: User) -> QueryResult<Vec<Seq>> {
        Ok(self.list(user).iter().map(seq).collect())
    }

    fn read_by(&mut self, of: Seq) -> QueryResult<Vec<User>> {
        let list = self.list(0);
        let message = list.iter().find(|message| seq(message) == of).unwrap();
        let named = message["readBy"].as_array().unwrap();
        let number = |id: &Value| self.people.iter().position(|person| json!(person.id) == *id).unwrap();
        Ok(named.iter().map(number).collect())
    }
}

fn histories(sizes: RangeInclusive<usize>) {
    let runtime = Rc::new(Runtime::new().unwrap());
    let stage = Rc::new(runtime.block_on(Stage::set()));
    check(20, || Served::new(&runtime, &stage, sizes.clone()));
}

#[test]
fn pairs_keep_the_rules() {
    histories(2..=2);
}

#[test]
fn groups_keep_the_rules() {
    histories(3..=4);
}
