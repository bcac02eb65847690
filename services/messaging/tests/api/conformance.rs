//! The rules of `timeline`, kept by this service: random histories through its API, against the naive model.

use std::collections::{BTreeSet, HashMap};
use std::future::IntoFuture as _;
use std::ops::RangeInclusive;
use std::rc::Rc;

use diesel::{QueryResult, RunQueryDsl as _};
use kit::UserId;
use messaging::domain::conversation::ConversationId;
use messaging::domain::participant::all_who_read;
use messaging::store::{conversations, marks, messages, participants};
use serde_json::{Value, json};
use testing::{Ask, Follower, Person};
use timeline::conformance::{Operation, Operations, PEOPLE, Store, User, check};
use timeline::{Seq, SeqRange, Watermark};
use tokio::runtime::Runtime;

use crate::stage::{Stage, id};

/// A group must have three members, a history's may have fewer: some who never say or read anything make up for it.
const MAKEWEIGHTS: usize = 2;

/// A conversation of the service. The suite is synchronous: each request runs to its end on a runtime of its own.
struct Served {
    runtime: Rc<Runtime>,
    stage: Rc<Stage>,
    sizes: RangeInclusive<usize>,
    people: Vec<Person>,
    id: String,
    members: BTreeSet<User>,
    /// Who sent a message, and its id.
    sent: HashMap<Seq, (User, String)>,
}

impl Served {
    fn new(runtime: &Rc<Runtime>, stage: &Rc<Stage>, sizes: RangeInclusive<usize>) -> Self {
        let people = runtime.block_on(stage.crowd(PEOPLE + MAKEWEIGHTS));
        Self {
            runtime: runtime.clone(),
            stage: stage.clone(),
            sizes,
            people,
            id: String::new(),
            members: BTreeSet::new(),
            sent: HashMap::new(),
        }
    }

    fn change(&self, by: User, seq: Seq, body: Value) {
        let path = format!("/v1/messages/{}", self.sent[&seq].1);
        self.ask(by, self.stage.app.patch(&path).json(body));
    }

    /// The founder sets who is in it.
    fn set_members(&self) {
        let path = format!("/v1/conversations/{}", self.id);
        self.ask(0, self.stage.app.patch(&path).json(json!({ "participantIds": self.member_ids() })));
    }

    fn is_group(&self) -> bool {
        *self.sizes.end() > 2
    }

    fn member_ids(&self) -> Vec<UserId> {
        let makeweights = self.people.iter().skip(PEOPLE).filter(|_| self.is_group());
        self.members
            .iter()
            .map(|user| &self.people[*user])
            .chain(makeweights)
            .map(|person| person.id)
            .collect()
    }

    fn ask(&self, by: User, ask: Ask) -> Value {
        let reply = self.runtime.block_on(ask.by(&self.people[by]).into_future());
        assert!(reply.status < 300, "{}", reply.text);
        reply.json
    }

    fn post(&self, by: User, path: &str, body: Value) -> Value {
        self.ask(by, self.stage.app.post(path).json(body))
    }

    /// Whoever heard the events in any order, or asked for the state, knows what the service answers.
    fn follow(&self, by: User, seen: &Value) {
        let (events, user) = (self.told(), self.people[by].id.to_string());
        let state = self.state();
        let mut late = Follower::default();
        late.hear(&state);
        let asked = late.clone();
        late.hear_shuffled(&events, 7);
        let heard = Follower::of_shuffled(&events, u64::try_from(events.len()).unwrap());
        for (how, follower) in [("heard", heard), ("asked", asked), ("both", late)] {
            let known = (follower.unread(&user), follower.is_shown_to(&user), follower.last_message_at());
            let expected =
                (seen["unreadCount"].as_i64().unwrap(), true, seen["lastMessageAt"].as_str().unwrap());
            assert_eq!(known, expected, "{how}: {events:#?}");
            let last = follower.last_message(&user);
            let same = ["id", "seq", "content"].map(|name| last[name] == seen["lastMessage"][name]);
            assert_eq!(same, [true; 3], "{how}: {last} is not {}: {events:#?}", seen["lastMessage"]);
            assert_eq!(follower.conversation()["participantIds"], seen["participantIds"], "{how}");
        }
    }

    /// All that was told of the conversation.
    fn told(&self) -> Vec<Value> {
        let is_about = |event: &Value| event.to_string().contains(&self.id);
        self.stage.told().into_iter().filter(is_about).collect()
    }

    /// What the service tells other services, in parts of four people.
    fn state(&self) -> Value {
        let service = self.stage.app.issuer.service("inbox");
        let (mut whole, mut after) = (Value::Null, String::new());
        loop {
            let path = format!("/v1/conversationstates?id={}&limit=4{after}", self.id);
            let reply = self.runtime.block_on(self.stage.app.get(&path).token(&service).into_future());
            let json = reply.expect(200);
            if let Some(part) = json["conversationStates"].as_array().unwrap().first() {
                whole = joined(whole, part);
            }
            match json["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return whole,
            }
        }
    }

    fn list(&self, by: User) -> Vec<Value> {
        let path = format!("/v1/messages?pageNumber=0&conversationId={}", self.id);
        self.ask(by, self.stage.app.get(&path))["messages"].as_array().unwrap().clone()
    }
}

/// The parts of a state put together.
fn joined(mut whole: Value, part: &Value) -> Value {
    if whole.is_null() {
        return part.clone();
    }
    for list in ["members", "sights"] {
        let more = part[list].as_array().unwrap().clone();
        whole[list].as_array_mut().unwrap().extend(more);
    }
    whole
}

fn seq(of: &Value) -> Seq {
    Seq::saturating(of["seq"].as_i64().unwrap())
}

impl Store for Served {
    type Error = diesel::result::Error;

    fn operations(&self) -> Operations {
        let mut operations = BTreeSet::from(Operation::ALL);
        operations.remove(&Operation::Clear);
        operations.remove(&Operation::Restore);
        if !self.is_group() {
            operations.remove(&Operation::Join);
            operations.remove(&Operation::Leave);
        }
        operations
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        self.sizes.clone()
    }

    fn create(&mut self, members: usize) -> QueryResult<()> {
        self.members = (0..members).collect();
        // What earlier conversations told is of no interest.
        diesel::sql_query("TRUNCATE outbox").execute(&mut self.stage.app.database.connect())?;
        let body = json!({ "isGroup": self.is_group(), "participantIds": self.member_ids() });
        let json = self.post(0, "/v1/conversations", body);
        self.id = id(&json["conversation"]);
        Ok(())
    }

    fn send(&mut self, by: User) -> QueryResult<Seq> {
        let body = json!({ "conversationId": self.id, "content": "x" });
        let message = self.post(by, "/v1/messages", body)["message"].clone();
        self.sent.insert(seq(&message), (by, id(&message)));
        Ok(seq(&message))
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> QueryResult<()> {
        let body = json!({ "upToSeq": target.map(Seq::get) });
        self.post(by, &format!("/v1/conversations/{}/read", self.id), body);
        Ok(())
    }

    fn read_one(&mut self, by: User, seq: Seq) -> QueryResult<()> {
        let body = json!({ "readBy": [self.people[by].id] });
        self.change(by, seq, body);
        Ok(())
    }

    fn hide(&mut self, by: User, seq: Seq) -> QueryResult<()> {
        let body = json!({ "deletedFor": self.people[by].id });
        self.change(by, seq, body);
        Ok(())
    }

    fn delete_for_all(&mut self, seq: Seq) -> QueryResult<()> {
        let (sender, id) = self.sent[&seq].clone();
        let json = self.ask(sender, self.stage.app.delete(&format!("/v1/messages/{id}")));
        assert_eq!(json["effect"], "deletedForAll");
        Ok(())
    }

    fn join(&mut self, user: User) -> QueryResult<()> {
        self.members.insert(user);
        self.set_members();
        Ok(())
    }

    fn leave(&mut self, user: User) -> QueryResult<()> {
        self.members.remove(&user);
        // By themselves or by the founder, in turns.
        if self.sent.len().is_multiple_of(2) {
            let path = format!("/v1/conversations/{}", self.id);
            assert_eq!(self.ask(user, self.stage.app.delete(&path))["effect"], "left");
        } else {
            self.set_members();
        }
        Ok(())
    }

    fn unread(&mut self, user: User) -> QueryResult<i64> {
        let path = format!("/v1/conversations/{}", self.id);
        let json = self.ask(user, self.stage.app.get(&path));
        self.follow(user, &json["conversation"]);
        Ok(json["conversation"]["unreadCount"].as_i64().unwrap())
    }

    fn watermark(&mut self, user: User) -> QueryResult<Watermark> {
        let id: ConversationId = self.id.parse().unwrap();
        let found = conversations::find(&mut self.stage.app.database.connect(), id, self.people[user].id)?;
        found.map(|seen| seen.member.watermark).ok_or(diesel::NotFound)
    }

    fn visible(&mut self, user: User) -> QueryResult<Vec<Seq>> {
        Ok(self.list(user).iter().map(seq).collect())
    }

    /// Straight from the store, since perhaps nobody sees the message any more who could be asked.
    fn read_by(&mut self, of: Seq) -> QueryResult<Vec<User>> {
        let (conn, id) = (&mut self.stage.app.database.connect(), self.id.parse::<ConversationId>().unwrap());
        let message = messages::range(conn, id, SeqRange::new(of, of).unwrap())?.pop().unwrap();
        let readers: Vec<_> =
            participants::readers(conn, &[id])?.into_iter().map(|(_, reader)| reader).collect();
        let marks: Vec<_> = marks::of(conn, &[(id, of)])?.into_iter().map(|(_, mark)| mark).collect();
        let named = all_who_read(&message, &readers, &marks);
        let present = self.members.iter().copied();
        Ok(present.filter(|user| named.contains(&self.people[*user].id)).collect())
    }
}

fn histories(sizes: RangeInclusive<usize>) {
    let runtime = Rc::new(Runtime::new().unwrap());
    let stage = Rc::new(runtime.block_on(Stage::set()));
    check(25, || Served::new(&runtime, &stage, sizes.clone()));
}

#[test]
fn pairs_keep_the_rules() {
    histories(2..=2);
}

#[test]
fn groups_keep_the_rules() {
    histories(1..=4);
}
