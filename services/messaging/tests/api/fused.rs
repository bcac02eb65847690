//! The two lists are one statement each where nothing is filtered, and are read step by step where something is. On
//! random histories a filter that lets everything through must change nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use testing::Person;

use crate::stage::{Stage, id};

/// What somebody does next; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Send(usize),
    Read(usize, i64),
    ReadOne(usize, usize),
    HideOne(usize, usize),
    Delete(usize),
    Rename(usize),
    Leave(usize),
    Hide(usize),
    Open(usize),
    /// The system tells it.
    Name(usize, i64),
    React(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, which) = (0..3_usize, 0..100_usize);
    prop_oneof![
        12 => who.clone().prop_map(Step::Send),
        2 => (who.clone(), 0..20_i64).prop_map(|(who, seq)| Step::Read(who, seq)),
        3 => (who.clone(), which.clone()).prop_map(|(who, which)| Step::ReadOne(who, which)),
        1 => (who.clone(), which.clone()).prop_map(|(who, which)| Step::HideOne(who, which)),
        1 => which.clone().prop_map(Step::Delete),
        1 => who.clone().prop_map(Step::Rename),
        1 => who.clone().prop_map(Step::Leave),
        1 => who.clone().prop_map(Step::Hide),
        1 => who.clone().prop_map(Step::Open),
        1 => (who.clone(), 0..3_i64).prop_map(|(who, name)| Step::Name(who, name)),
        2 => (who, which).prop_map(|(who, which)| Step::React(who, which)),
    ]
}

/// A group's life, and the message of each number with its sender.
struct Life<'a> {
    stage: &'a Stage,
    group: String,
    sent: Vec<(String, usize)>,
}

impl Life<'_> {
    fn people(&self) -> [&Person; 3] {
        [&self.stage.ada, &self.stage.ben, &self.stage.chloe]
    }

    /// Refusals are part of life.
    async fn take(&mut self, step: &Step) {
        let (app, people) = (&self.stage.app, self.people());
        let message = |which: usize| self.sent.get(which % self.sent.len().max(1));
        let change = |path: String, who: usize, body: Value| app.patch(&path).by(people[who]).json(body);
        match *step {
            Step::Send(who) => self.send(who).await,
            Step::Read(who, seq) => {
                let path = format!("/v1/conversations/{}/read", self.group);
                app.post(&path).by(people[who]).json(json!({ "upToSeq": seq })).await;
            }
            Step::ReadOne(who, which) => {
                let Some((id, _)) = message(which) else { return };
                change(format!("/v1/messages/{id}"), who, json!({ "readBy": [people[who].id] })).await;
            }
            Step::HideOne(who, which) => {
                let Some((id, _)) = message(which) else { return };
                change(format!("/v1/messages/{id}"), who, json!({ "deletedFor": [people[who].id] })).await;
            }
            Step::Delete(which) => {
                let Some((id, sender)) = message(which) else { return };
                app.delete(&format!("/v1/messages/{id}")).by(people[*sender]).await;
            }
            Step::Rename(who) => self.stage.introduce(people[who].id, "Somebody Else").await,
            Step::Leave(who) => {
                app.delete(&format!("/v1/conversations/{}", self.group)).by(people[who.max(1)]).await;
            }
            Step::Hide(who) => {
                app.delete(&format!("/v1/conversations/{}?scope=me", self.group)).by(people[who]).await;
            }
            Step::Name(who, name) => {
                change(format!("/chats/groups/{}", self.group), who, json!({ "name": name.to_string() }))
                    .await;
            }
            Step::React(who, which) => {
                let Some((id, _)) = message(which) else { return };
                let path = format!("/chats/messages/{id}/reactions/👍");
                app.ask(reqwest::Method::PUT, &path).by(people[who]).await;
            }
            Step::Open(who) => {
                self.stage.open(people[who], false, &[people[who], &self.stage.dora]).await;
            }
        }
    }

    async fn send(&mut self, who: usize) {
        let body = json!({ "conversationId": self.group, "content": "x".repeat(who * 150 + 1) });
        let reply = self.stage.app.post("/v1/messages").by(self.people()[who]).json(body).await;
        if reply.status == 201 {
            self.sent.push((id(&reply.json["message"]), who));
        }
    }

    async fn check(&self) {
        let group = &self.group;
        for person in self.people() {
            for place in PLACES {
                let path = format!("/v1/messages?conversationId={group}{place}");
                self.same(person, &path, "&sentAt_min=2000-01-01").await;
            }
            for page in ["?", "?pageRowCount=1&pageNumber=2", "?pageNumber=0", "?pageNumber=99"] {
                self.same(person, &format!("/v1/conversations{page}"), "&lastMessageAt=$gte-2000-01-01")
                    .await;
            }
        }
    }

    async fn same(&self, person: &Person, path: &str, everything: &str) {
        let mut told = Vec::new();
        for path in [path.to_owned(), format!("{path}{everything}")] {
            let reply = self.stage.app.get(&path).by(person).await;
            let fields = ["status", "rowCount", "messages", "conversations", "paging", "message", "detail"];
            told.push(fields.map(|field| reply.json[field].clone()));
        }
        assert_eq!(told[0], told[1], "{path}");
    }
}

const PLACES: [&str; 13] = [
    "",
    "&limit=3",
    "&limit=200",
    "&pageRowCount=4&pageNumber=1",
    "&pageRowCount=4&pageNumber=2",
    "&pageNumber=0",
    "&pageNumber=9223372036854775807",
    "&beforeSeq=0",
    "&beforeSeq=6&limit=3",
    "&beforeSeq=9223372036854775807&limit=2",
    "&afterSeq=3&limit=4",
    "&afterSeq=9223372036854775807",
    "&aroundSeq=5&limit=4",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_tells_what_many_would() {
    let stage = std::sync::Arc::new(Stage::set().await);
    let runtime = tokio::runtime::Handle::current();
    let lives = move || {
        let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
        let outcome = runner.run(&prop::collection::vec(step(), 1..30), |steps| {
            let stage = stage.clone();
            let (done, outcome) = std::sync::mpsc::channel();
            runtime.spawn(async move {
                let mut life = Life { stage: &stage, group: stage.group().await, sent: Vec::new() };
                for step in &steps {
                    life.take(step).await;
                }
                life.check().await;
                done.send(()).unwrap();
            });
            outcome.recv().map_err(|_| TestCaseError::fail("see the panic above"))
        });
        outcome.unwrap();
    };
    tokio::task::spawn_blocking(lives).await.unwrap();
}
