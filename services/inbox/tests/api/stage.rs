//! A running service, and two companies that know nothing of one another.

use diesel::prelude::*;
use diesel::sql_types::Text;
use directory::KnownUser;
use inbox::Inbox;
use inbox::domain::ids::ChannelId;
use kit::UserId;
use serde_json::{Value, json};
use testing::{Person, Reply, Running};

/// Nothing listens on port 1: a look-up fails at once.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";

/// A service with Ada, who owns a chatbot, her admin Eve, her agent Ben, the owner of another one and somebody of the staff.
pub(crate) struct Stage {
    pub(crate) app: Running<Inbox>,
    pub(crate) ada: Person,
    pub(crate) eve: Person,
    pub(crate) ben: Person,
    pub(crate) stranger: Person,
    pub(crate) staff: Person,
    /// Whoever was dismissed last.
    pub(crate) former: Option<Person>,
    /// Ada's.
    pub(crate) company: Company,
    /// The stranger's.
    pub(crate) other: Company,
}

/// A chatbot with an inbox, a contact and a conversation with them.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) chatbot: String,
    pub(crate) channel: String,
    pub(crate) inbox: String,
    pub(crate) contact: String,
    pub(crate) conversation: String,
}

pub(crate) async fn boot() -> Running<Inbox> {
    boot_with(&[], Box::new(kit::SystemClock)).await
}

pub(crate) async fn boot_with(more: &[(&str, &str)], clock: Box<dyn kit::Clock>) -> Running<Inbox> {
    let own = [("directory.users_url", NOWHERE), ("files.bucket_url", NOWHERE)];
    testing::boot_at(&[&own, more].concat(), clock).await
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::on(boot().await).await
    }

    pub(crate) async fn on(app: Running<Inbox>) -> Self {
        let [ada, eve, ben, stranger] = [(); 4].map(|()| app.person());
        let staff = app.staff();
        for (person, name) in
            [(&ada, "Ada"), (&eve, "Eve"), (&ben, "Ben"), (&stranger, "Sam"), (&staff, "Kim")]
        {
            introduce(&app, person.id, name).await;
        }
        let company = found(&app, &ada, "Bikes & Co").await;
        let other = found(&app, &stranger, "Other").await;
        let former = None;
        let stage = Self { app, ada, eve, ben, stranger, staff, former, company, other };
        for (person, role) in [(&stage.eve, "admin"), (&stage.ben, "agent")] {
            let _ = stage.hire(person, role).await.expect(201);
        }
        stage
    }

    pub(crate) async fn hire(&self, whom: &Person, role: &str) -> Reply {
        let path = format!("/v1/chatbots/{}/members", self.company.chatbot);
        self.app.post(&path).by(&self.ada).json(json!({ "userId": whom.id, "role": role })).await
    }

    pub(crate) async fn dismiss(&self, whom: &Person) {
        let path = format!("/v1/chatbots/{}/members/{}", self.company.chatbot, whom.id);
        self.app.delete(&path).by(&self.ada).await.succeeded();
    }

    /// Another contact of the company, and a conversation with them.
    pub(crate) async fn meet(&self, name: &str) -> (String, String) {
        meet(&self.app, &self.ada, &self.company.chatbot, &self.company.inbox, name).await
    }

    pub(crate) async fn post(&self, by: &Person, path: &str, body: Value) -> Reply {
        self.app.post(path).by(by).json(body).await
    }

    pub(crate) async fn get(&self, by: &Person, path: &str) -> Value {
        self.app.get(path).by(by).await.expect(200)
    }

    pub(crate) async fn send(&self, by: &Person, conversation: &str, content: &str) -> Value {
        let body = json!({ "conversationId": conversation, "content": content });
        self.post(by, "/v1/messages", body).await.expect(201)["message"].clone()
    }

    /// The contact of the only conversation of the stranger's company says something.
    pub(crate) async fn hear(&self) -> Value {
        self.post(&self.stranger, "/v1/simulator/messages", json!({})).await.expect(201)["message"].clone()
    }

    pub(crate) async fn see(&self, by: &Person, conversation: &str) -> Value {
        self.get(by, &format!("/v1/conversations/{conversation}")).await["conversation"].clone()
    }

    pub(crate) async fn history(&self, by: &Person, conversation: &str, query: &str) -> Value {
        self.get(by, &format!("/v1/messages?conversationId={conversation}&{query}")).await
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        let all = events::outbox::pending(&mut self.app.database.connect(), "inbox").unwrap();
        all.into_iter().filter(|event| event["type"] == kind).collect()
    }

    /// Applies an event as the consumer does.
    pub(crate) async fn apply(&self, event: &Value) -> events::Applied {
        let bytes = serde_json::to_vec(event).unwrap();
        let work = move |tx: &mut kit::Tx<'_>| events::apply(tx, inbox::REACTIONS, &bytes);
        self.app.app.write(work).await.unwrap()
    }
}

/// As the events of auth would.
pub(crate) async fn introduce(app: &Running<Inbox>, id: UserId, fullname: &str) {
    let (fullname, avatar) = (fullname.to_owned(), None);
    let user = KnownUser { id, fullname, avatar, is_active: true, record_version: 1, timezone: None };
    let keep =
        move |tx: &mut kit::Tx<'_>| Ok(inbox::store::unified::people::keep(tx, std::slice::from_ref(&user))?);
    app.app.write(keep).await.unwrap();
}

async fn found(app: &Running<Inbox>, by: &Person, name: &str) -> Company {
    let made = app.post("/v1/chatbots").by(by).json(json!({ "name": name })).await.expect(201);
    let chatbot = id(&made["chatbot"]);
    let channel = widget(app, &chatbot);
    let body = json!({
        "chatbotId": chatbot, "channelType": "ChannelWebWidget", "channelId": channel, "name": format!("{name}: shop"),
    });
    let inbox = id(&app.post("/v1/inboxes").by(by).json(body).await.expect(201)["inbox"]);
    let (contact, conversation) = meet(app, by, &chatbot, &inbox, "Mia").await;
    Company { chatbot, channel, inbox, contact, conversation }
}

async fn meet(app: &Running<Inbox>, by: &Person, chatbot: &str, inbox: &str, name: &str) -> (String, String) {
    let body = json!({ "chatbotId": chatbot, "name": name, "email": format!("{name}@example.com") });
    let contact = id(&app.post("/v1/contacts").by(by).json(body).await.expect(201)["contact"]);
    let body = json!({ "contactId": contact, "inboxId": inbox });
    let conversation = app.post("/v1/conversations").by(by).json(body).await.expect(201);
    (contact, id(&conversation["conversation"]))
}

/// A widget of a chatbot.
pub(crate) fn widget(app: &Running<Inbox>, chatbot: &str) -> String {
    let channel = ChannelId::draw().to_string();
    let insert = "INSERT INTO channel_web_widget (chatbot_id, id, web_widget_template_id, created_at, updated_at) \
        VALUES ($1, $2, 'kb2n8q4w1x7z5c9v3m6l0jha', now(), now())";
    let insert = diesel::sql_query(insert).bind::<Text, _>(chatbot).bind::<Text, _>(&channel);
    insert.execute(&mut app.database.connect()).unwrap();
    channel
}

pub(crate) fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("no id in {of}")).to_owned()
}

pub(crate) fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(id).collect()
}

pub(crate) fn seqs(list: &Value) -> Vec<i64> {
    list["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}
