//! The rules of `timeline`, kept between all agents and a contact: random histories through the agents' API and the widget's,
//! against the naive model.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::rc::Rc;

use inbox::domain::conversation::Side;
use inbox::domain::ids::{ChatbotId, ConversationId};
use inbox::store::conversations;
use serde_json::{Value, json};
use timeline::conformance::{Operation, Operations, Store, User, check};
use timeline::{Seq, Watermark};
use tokio::runtime::Runtime;

use crate::stage::{Stage, boot_with, id, seqs};
use crate::widget::Visitor;

/// The agents.
const AGENTS: User = 0;

/// A conversation of the service. The suite is synchronous: each request runs to its end on a runtime of its own.
struct Served {
    runtime: Rc<Runtime>,
    stage: Rc<Stage>,
    visitor: Option<Visitor>,
    id: String,
    /// Who sent a message, and the message.
    sent: HashMap<Seq, (User, Value)>,
}

impl Served {
    fn visitor(&self) -> &Visitor {
        self.visitor.as_ref().unwrap()
    }

    fn sides(&self) -> [Watermark; 2] {
        let chatbot: ChatbotId = self.stage.company.chatbot.parse().unwrap();
        let (conn, id) = (&mut self.stage.app.database.connect(), self.id.parse::<ConversationId>().unwrap());
        let found = conversations::get(conn, chatbot, id).unwrap().unwrap();
        [found.watermark(Side::Agents), found.watermark(Side::Contact)]
    }
}

impl Store for Served {
    type Error = String;

    fn operations(&self) -> Operations {
        BTreeSet::from([Operation::Send, Operation::ReadUpTo, Operation::DeleteForAll])
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        2..=2
    }

    fn create(&mut self, _: usize) -> Result<(), String> {
        let stage = self.stage.clone();
        let visitor = self.runtime.block_on(Visitor::come(&stage, json!({ "name": "Mia" })));
        let opened = self.runtime.block_on(visitor.post(&stage, "conversations", json!({}))).expect(201);
        self.id = id(&opened["conversation"]);
        self.visitor = Some(visitor);
        Ok(())
    }

    fn send(&mut self, by: User) -> Result<Seq, String> {
        let stage = self.stage.clone();
        let message = if by == AGENTS {
            self.runtime.block_on(stage.send(&stage.ada, &self.id, "x"))
        } else {
            self.runtime.block_on(self.visitor().says(&stage, "x"))
        };
        let seq = Seq::saturating(message["seq"].as_i64().unwrap());
        self.sent.insert(seq, (by, message));
        Ok(seq)
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> Result<(), String> {
        let stage = self.stage.clone();
        let up_to = json!({ "conversationId": self.id, "upToSeq": target.map(Seq::get) });
        let reply = if by == AGENTS {
            let path = format!("/v1/conversations/{}/seen", self.id);
            self.runtime.block_on(stage.post(&stage.ben, &path, up_to))
        } else {
            self.runtime.block_on(self.visitor().post(&stage, "seen", up_to))
        };
        reply.succeeded();
        Ok(())
    }

    /// Whoever owns the chatbot deletes what the contact said, too.
    fn delete_for_all(&mut self, seq: Seq) -> Result<(), String> {
        let (stage, path) = (self.stage.clone(), format!("/v1/messages/{}", id(&self.sent[&seq].1)));
        let delete = async { stage.app.delete(&path).by(&stage.ada).await };
        self.runtime.block_on(delete).succeeded();
        Ok(())
    }

    fn unread(&mut self, user: User) -> Result<i64, String> {
        let stage = self.stage.clone();
        let seen = if user == AGENTS {
            self.runtime.block_on(stage.see(&stage.eve, &self.id))
        } else {
            let path = format!("conversations/{}", self.id);
            self.runtime.block_on(self.visitor().get(&stage, &path)).expect(200)["conversation"].clone()
        };
        seen["unreadCount"].as_i64().ok_or_else(|| seen.to_string())
    }

    fn watermark(&mut self, user: User) -> Result<Watermark, String> {
        Ok(self.sides()[user])
    }

    fn visible(&mut self, user: User) -> Result<Vec<Seq>, String> {
        let stage = self.stage.clone();
        let list = if user == AGENTS {
            self.runtime.block_on(stage.history(&stage.ben, &self.id, "pageNumber=0"))
        } else {
            let path = format!("messages?conversationId={}&pageNumber=0", self.id);
            self.runtime.block_on(self.visitor().get(&stage, &path)).expect(200)
        };
        Ok(seqs(&list).into_iter().map(Seq::saturating).collect())
    }

    fn read_by(&mut self, of: Seq) -> Result<Vec<User>, String> {
        let (sides, sender) = (self.sides(), self.sent[&of].0);
        Ok((0..2).filter(|side| *side == sender || sides[*side].has_passed(of)).collect())
    }
}

#[test]
fn both_sides_keep_the_rules() {
    let runtime = Rc::new(Runtime::new().unwrap());
    let unlimited = ["sessions", "messages", "reads"]
        .map(|name| ["per_minute", "burst"].map(|figure| (format!("widget.{name}.{figure}"), "1000000")));
    let unlimited: Vec<(&str, &str)> =
        unlimited.iter().flatten().map(|(path, figure)| (path.as_str(), *figure)).collect();
    let app = runtime.block_on(boot_with(&unlimited, Box::new(kit::SystemClock)));
    let stage = Rc::new(runtime.block_on(Stage::on(app)));
    check(20, || Served {
        runtime: runtime.clone(),
        stage: stage.clone(),
        visitor: None,
        id: String::new(),
        sent: HashMap::new(),
    });
}
