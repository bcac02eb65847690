//! The examples of the OpenAPI, sent as they stand there: whoever copies one gets an answer and no refusal.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::system::{System, eventually};

/// What an example cannot know: who is there, and what belongs to them.
struct Known {
    token: String,
    values: Vec<(&'static str, Value)>,
}

impl Known {
    /// A group with a message in it, a listing, and a thread about it in which somebody wrote to the caller. A 1:1, where
    /// the operation opens one, is between the first two. What is for the staff is called by a moderator, what is about
    /// files with a token of the group's bucket.
    async fn arrange(system: &System, operation: &Value) -> Self {
        let [caller, ben, cleo] =
            [system.user("Ada").await, system.user("Ben").await, system.user("Cleo").await];
        let group = system.open(&caller, &[&caller, &ben, &cleo]).await;
        let message = system.send(&caller, &group, "Hello").await;
        let listing = system.offer(&caller, json!({ "title": "A desk", "status": "active" })).await;
        let thread = system.begin(&ben, &caller, &listing).await;
        let said = system.say(&ben, &thread, "Is it still there?").await;
        let path = format!("/messaging-api/v1/conversations/{group}");
        let (bucket, bucket_token) = system.bucket_of(&path, "conversation", &caller).await;
        let file = system.upload(&bucket_token, &bucket).await;
        let named = operation["operationId"].as_str().unwrap_or_default();
        let count = if named.ends_with("createConversation") { 2 } else { 3 };
        let ids = [&caller.id, &ben.id, &cleo.id];
        let values = vec![
            ("userId", json!(caller.id)),
            ("participantIds", json!(ids[..count])),
            ("conversationId", json!(group)),
            ("messageId", message["id"].clone()),
            ("listingId", json!(listing)),
            ("receiverId", json!(ben.id)),
            ("conversationThreadId", json!(thread)),
            ("conversationMessageId", said["id"].clone()),
            ("chatId", json!(group)),
            ("groupId", json!(group)),
            ("users", json!(ids[1..])),
            ("message", json!({ "type": "text", "content": "Hello" })),
            ("emoji", json!("👍🏽")),
            ("bucketId", json!(bucket)),
            ("fileId", json!(file)),
        ];
        let token = match operation["tags"][0].as_str() {
            Some("conversation: moderation") => system.login(&system.moderator().await).await,
            Some("bucket: files") => bucket_token,
            _ => caller.token,
        };
        Self { token, values }
    }

    /// A company of the caller's: two widgets, one of them without an inbox, and a system of its own, which cannot be reached;
    /// a member, a contact, a conversation with a message and a note in it.
    async fn arrange_company(system: &System) -> Self {
        let [caller, ben] = [system.user("Ada").await, system.user("Ben").await];
        let company = Company { system, token: &caller.token };
        let chatbot = company.make("chatbots", json!({ "name": "Bikes" }), "chatbot").await;
        let members = format!("chatbots/{chatbot}/members");
        company.make(&members, json!({ "userId": ben.id }), "member").await;
        let own = json!({ "chatbotId": chatbot });
        let widget = company.make("channelwebwidgets", own.clone(), "channelWebWidget").await;
        let hooked = json!({ "chatbotId": chatbot, "webhookUrl": "http://127.0.0.1:1/" });
        let channel = company.make("channelapis", hooked, "channelApi").await;
        let body = json!({ "chatbotId": chatbot, "channelType": "ChannelApi", "channelId": channel, "name": "Desk" });
        let inbox = company.make("inboxes", body, "inbox").await;
        let contact =
            company.make("contacts", json!({ "chatbotId": chatbot, "name": "Mia" }), "contact").await;
        let body = json!({ "contactId": contact, "inboxId": inbox });
        let conversation = company.make("conversations", body, "conversation").await;
        let body = json!({ "conversationId": conversation, "content": "Hello" });
        let message = company.make("messages", body, "message").await;
        let within = format!("conversations/{conversation}");
        let part = json!({ "userId": ben.id });
        let participant = company.make(&format!("{within}/participants"), part, "participant").await;
        let note = company.make(&format!("{within}/notes"), json!({ "content": "x" }), "note").await;
        let templates = system.get("/inbox-api/v1/webwidgettemplates").token(&caller.token).await.expect(200);
        let values = vec![
            ("chatbotId", json!(chatbot)),
            ("userId", json!(ben.id)),
            ("role", json!("admin")),
            ("channelWebWidgetId", json!(widget)),
            ("channelId", json!(widget)),
            ("channelApiId", json!(channel)),
            ("webWidgetTemplateId", templates["webWidgetTemplates"][0]["id"].clone()),
            ("inboxId", json!(inbox)),
            ("contactId", json!(contact)),
            ("conversationId", json!(conversation)),
            ("participantId", json!(participant)),
            ("messageId", json!(message)),
            ("deliveryId", json!(message)),
            ("noteId", json!(note)),
            ("inboxEntryId", company.entry().await),
        ];
        Self { token: caller.token, values }
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    /// The path with real ids in it, and the parameters that have an example.
    fn target(&self, path: &str, operation: &Value) -> String {
        let fill = |path: String, (name, value): &(&str, Value)| {
            path.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
        };
        let path = self.values.iter().fold(path.to_owned(), fill);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let queries = parameters.filter(|one| one["in"] == "query").filter_map(|one| {
            let name = one["name"].as_str().unwrap();
            let needed = self.value(name).filter(|_| one["required"] == true);
            let example = Some(&one["example"]).filter(|example| !example.is_null()).cloned();
            Some(format!("{name}={}", plain(&needed.or(example)?)))
        });
        format!("{path}?{}", queries.collect::<Vec<_>>().join("&"))
    }

    /// The body that the examples of its fields make; a required field without an example must be known.
    fn body(&self, schema: &Value) -> Value {
        let none = Map::new();
        let fields = schema["properties"].as_object().unwrap_or(&none).iter();
        let given = fields.filter_map(|(name, field)| {
            let example = Some(field["example"].clone()).filter(|example| !example.is_null());
            Some((name.clone(), self.value(name).or(example)?))
        });
        let body: Map<String, Value> = given.collect();
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(body.contains_key(name.as_str().unwrap()), "{name} has no example: {schema}");
        }
        Value::Object(body)
    }
}

/// Somebody who makes a company.
struct Company<'a> {
    system: &'a System,
    token: &'a str,
}

impl Company<'_> {
    /// Makes something, and tells its id.
    async fn make(&self, path: &str, body: Value, name: &str) -> String {
        let made = self.system.post(&format!("/inbox-api/v1/{path}")).token(self.token).json(body).await;
        made.expect(201)[name]["id"].as_str().unwrap().to_owned()
    }

    /// Their entry in the unified inbox, once it is there.
    async fn entry(&self) -> Value {
        let entries = async || {
            let list = self.system.get("/inbox-api/v1/inboxentries").token(self.token).await.expect(200);
            list["inboxEntries"][0]["id"].clone()
        };
        eventually("the conversation is in the list", async || entries().await.is_string()).await;
        entries().await
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The schema of an operation's body; where the body may be absent, it is the alternative to null.
fn schema<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    let reference = alternatives.chain([schema]).find_map(|one| one["$ref"].as_str());
    reference.map_or(Some(schema), |reference| document.pointer(reference.trim_start_matches('#')))
}

/// Sends an operation's example and tells the status.
async fn send(system: &System, document: &Value, method: &str, path: &str, operation: &Value) -> u16 {
    let known = if path.starts_with("/inbox-api") {
        Known::arrange_company(system).await
    } else {
        Known::arrange(system, operation).await
    };
    if operation["requestBody"]["content"]["multipart/form-data"].is_object() {
        let bucket = plain(&known.value("bucketId").unwrap());
        system.upload(&known.token, &bucket).await;
        return 200;
    }
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut target = known.target(path, operation);
    if target.starts_with("/inbox-api/v1/messages?") {
        // One of two parameters must stand.
        target = format!("{target}&conversationId={}", plain(&known.value("conversationId").unwrap()));
    }
    let ask = system.ask(method, &target).token(&known.token);
    match schema(document, operation) {
        Some(schema) => ask.json(known.body(schema)).await.status,
        None => ask.await.status,
    }
}

/// What people call, by an access or bucket token: services, visitors and companies' own systems are walked through elsewhere
/// (`docs/walk-through/inbox.js`).
fn is_for_people(operation: &Value) -> bool {
    let others = ["serviceToken", "contactToken"];
    let security = operation["security"].as_array().into_iter().flatten();
    let mut schemes = security.filter_map(Value::as_object).flat_map(Map::keys);
    let named = operation["operationId"].as_str().unwrap_or_default();
    let by_others = ["receiveMessage", "receiveConversation", "beginSession", "getWidgetConfig"];
    !schemes.any(|scheme| others.iter().any(|other| scheme.ends_with(other)))
        && !by_others.iter().any(|other| named.ends_with(other))
}

#[tokio::test]
async fn every_example_of_the_openapi_works() {
    let system = System::take().await;
    let document = system.get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let mut operations: Vec<_> = methods
        .filter(|(.., operation)| !operation["responses"].is_null() && is_for_people(operation))
        .collect();
    // Who logs in must have registered.
    operations.sort_by_key(|(.., operation)| operation["operationId"] != "registerUser");
    assert!(operations.len() > 15, "{}", operations.len());
    for (path, method, operation) in operations {
        let status = send(&system, &document, method, path, operation).await;
        let responses = operation["responses"].as_object().unwrap();
        // No refresh token that stands in a document is anybody's.
        let works = (200..300).contains(&status) || (status == 401 && operation["operationId"] == "refresh");
        assert!(works, "{method} {path}: {status}");
        assert!(responses.contains_key(&status.to_string()), "{method} {path} does not document {status}");
    }
}
