//! A running service and people whom it knows.

use ::directory::KnownUser;
use files::{FileId, KnownFile};
use kit::UserId;
use messaging::Messaging;
use serde_json::{Value, json};
use testing::{Person, Reply, Running};

pub(crate) const SECRET: &str = "a secret for pairs, in tests only";

/// A service with five people who write to one another, and a stranger.
pub(crate) struct Stage {
    pub(crate) app: Running<Messaging>,
    pub(crate) ada: Person,
    pub(crate) ben: Person,
    pub(crate) chloe: Person,
    pub(crate) dora: Person,
    pub(crate) emil: Person,
    pub(crate) stranger: Person,
}

/// Nothing listens on port 1: a look-up fails at once.
pub(crate) async fn boot() -> Running<Messaging> {
    let nowhere = "http://127.0.0.1:1";
    let own = [("pairs.secret", SECRET), ("directory.users_url", nowhere), ("files.bucket_url", nowhere)];
    testing::boot(&own).await
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let app = boot().await;
        let [ada, ben, chloe, dora, emil, stranger] = [(); 6].map(|()| app.person());
        let stage = Self { app, ada, ben, chloe, dora, emil, stranger };
        for (person, name) in [
            (&stage.ada, "Ada"),
            (&stage.ben, "Ben"),
            (&stage.chloe, "Chloe"),
            (&stage.dora, "Dora"),
            (&stage.emil, "Emil"),
            (&stage.stranger, "Sam"),
        ] {
            stage.introduce(person.id, name).await;
        }
        stage
    }

    /// As the event `user-created` would.
    pub(crate) async fn introduce(&self, id: UserId, fullname: &str) {
        self.keep(id, fullname, true).await;
    }

    /// As the event `user-deleted` would.
    pub(crate) async fn retire(&self, id: UserId) {
        self.keep(id, "Somebody", false).await;
    }

    async fn keep(&self, id: UserId, fullname: &str, is_active: bool) {
        let user = KnownUser {
            id,
            fullname: fullname.into(),
            avatar: None,
            is_active,
            record_version: 1,
            timezone: None,
        };
        self.app.app.write(move |tx| Ok(directory::keep(tx, std::slice::from_ref(&user))?)).await.unwrap();
    }

    /// A file in a bucket, as an event of the bucket service would tell.
    pub(crate) async fn file(&self, bucket: &str, is_active: bool) -> FileId {
        let file = KnownFile {
            id: kit::clock::uuid_v7(self.app.app.now()).into(),
            bucket: bucket.to_owned(),
            original_name: "plan.pdf".into(),
            mime_type: "application/pdf".into(),
            size: 7,
            is_active,
        };
        let id = file.id;
        let keep = move |tx: &mut kit::Tx<'_>| Ok(files::keep(tx, std::slice::from_ref(&file))?);
        self.app.app.write(keep).await.unwrap();
        id
    }

    /// Many more people.
    pub(crate) async fn crowd(&self, size: usize) -> Vec<Person> {
        let crowd: Vec<Person> = std::iter::repeat_with(|| self.app.person()).take(size).collect();
        for person in &crowd {
            self.introduce(person.id, "One of many").await;
        }
        crowd
    }

    pub(crate) async fn open(&self, by: &Person, is_group: bool, with: &[&Person]) -> Reply {
        let ids: Vec<UserId> = with.iter().map(|person| person.id).collect();
        let body = json!({ "isGroup": is_group, "participantIds": ids });
        self.app.post("/v1/conversations").by(by).json(body).await
    }

    /// The 1:1 of Ada and Ben.
    pub(crate) async fn pair(&self) -> String {
        let reply = self.open(&self.ada, false, &[&self.ada, &self.ben]).await;
        id(&reply.expect(201)["conversation"])
    }

    /// The 1:1 of Ada and Ben, which is there.
    pub(crate) async fn pair_again(&self) -> String {
        let reply = self.open(&self.ada, false, &[&self.ada, &self.ben]).await;
        id(&reply.expect(200)["conversation"])
    }

    /// A group of Ada, Ben and Chloe.
    pub(crate) async fn group(&self) -> String {
        let reply = self.open(&self.ada, true, &[&self.ada, &self.ben, &self.chloe]).await;
        id(&reply.expect(201)["conversation"])
    }

    pub(crate) async fn send(&self, by: &Person, conversation: &str, content: &str) -> Value {
        let body = json!({ "conversationId": conversation, "content": content });
        self.app.post("/v1/messages").by(by).json(body).await.expect(201)["message"].clone()
    }

    pub(crate) async fn conversation(&self, by: &Person, id: &str) -> Value {
        self.app.get(&format!("/v1/conversations/{id}")).by(by).await.expect(200)["conversation"].clone()
    }

    pub(crate) async fn messages(&self, by: &Person, query: &str) -> Value {
        self.app.get(&format!("/v1/messages?{query}")).by(by).await.expect(200)
    }

    pub(crate) async fn read(&self, by: &Person, conversation: &str, body: Value) -> Value {
        let path = format!("/v1/conversations/{conversation}/read");
        self.app.post(&path).by(by).json(body).await.expect(200)["conversation"].clone()
    }

    /// Sends in the compact dialect, wherever `to` says.
    pub(crate) async fn say(&self, by: &Person, to: Value, message: Value) -> Reply {
        let mut body = to;
        body["message"] = message;
        self.app.post("/chats/messages").by(by).json(body).await
    }

    /// The caller's chats.
    pub(crate) async fn chats(&self, by: &Person, query: &str) -> Value {
        self.app.get(&format!("/chats?{query}")).by(by).await.expect(200)
    }

    /// Messages of a chat in the compact dialect.
    pub(crate) async fn history(&self, by: &Person, chat: &str, query: &str) -> Value {
        self.app.get(&format!("/chats/messages?chatId={chat}&{query}")).by(by).await.expect(200)
    }

    /// A group of Ada, Ben, Chloe and Dora, made by Ada.
    pub(crate) async fn club(&self) -> String {
        let users = [self.ben.id, self.chloe.id, self.dora.id];
        let body = json!({ "users": users, "name": "Club" });
        id(&self.app.post("/chats/groups").by(&self.ada).json(body).await.expect(200))
    }

    /// Changes who is in a group.
    pub(crate) async fn set_members(&self, by: &Person, group: &str, with: &[&Person]) -> Reply {
        let ids: Vec<UserId> = with.iter().map(|person| person.id).collect();
        let body = json!({ "participantIds": ids });
        self.app.patch(&format!("/v1/conversations/{group}")).by(by).json(body).await
    }

    /// The last event of a kind that waits in the outbox.
    pub(crate) fn told_last(&self, kind: &str) -> Value {
        let of_kind = |event: &&Value| event["type"] == kind;
        self.told().iter().rfind(of_kind).unwrap_or_else(|| panic!("no {kind}")).clone()
    }

    /// How many events of a kind wait in the outbox.
    pub(crate) fn told_count(&self, kind: &str) -> usize {
        self.told().iter().filter(|event| event["type"] == kind).count()
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self) -> Vec<Value> {
        events::outbox::pending(&mut self.app.database.connect(), "messaging").unwrap()
    }
}

pub(crate) fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

pub(crate) fn seqs(list: &Value) -> Vec<i64> {
    list["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}

/// What is said, as text.
pub(crate) fn text(content: &str) -> Value {
    json!({ "type": "text", "content": content })
}
