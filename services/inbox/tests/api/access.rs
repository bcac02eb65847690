//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use inbox::Inbox;
use kit::openapi::document;
use serde_json::{Value, json};

use crate::stage::{Stage, id, widget};

#[derive(Debug, Clone, Copy)]
enum By {
    Owner,
    Admin,
    Agent,
    Former,
    Stranger,
    Staff,
    Nobody,
}

const EVERYBODY: [By; 7] = [By::Owner, By::Admin, By::Agent, By::Former, By::Stranger, By::Staff, By::Nobody];

/// A route, with a body, and what each of [`EVERYBODY`] may expect; `{…}` stands for what [`Filled`] makes, anew after each change.
type Row = (&'static str, Value, [u16; 7]);

/// Those who answer; global roles grant nothing, and what is another chatbot's is not there.
const MEMBERS: [u16; 7] = [200, 200, 200, 404, 404, 404, 401];
const MADE: [u16; 7] = [201, 201, 201, 404, 404, 404, 401];
const MANAGERS: [u16; 7] = [200, 200, 403, 404, 404, 404, 401];
/// Neither agents nor anybody else.
const NOBODY: [u16; 7] = [401; 7];
/// Lists are of the caller's own chatbots.
const ANY: [u16; 7] = [200, 200, 200, 200, 200, 200, 401];

fn rows() -> Vec<Row> {
    let none = Value::Null;
    vec![
        ("POST /v1/chatbots", json!({ "name": "New" }), [201, 201, 201, 201, 201, 201, 401]),
        ("GET /v1/chatbots", none.clone(), ANY),
        ("GET /v1/chatbots/{chatbotId}", none.clone(), MEMBERS),
        ("PATCH /v1/chatbots/{chatbotId}", json!({ "name": "Renamed" }), MANAGERS),
        ("DELETE /v1/chatbots/{chatbotId}", none.clone(), [200, 403, 403, 404, 404, 404, 401]),
        (
            "POST /v1/chatbots/{chatbotId}/members",
            json!({ "userId": "{newcomer}" }),
            [201, 201, 403, 404, 404, 404, 401],
        ),
        ("GET /v1/chatbots/{chatbotId}/members", none.clone(), MEMBERS),
        (
            "PATCH /v1/chatbots/{chatbotId}/members/{userId}",
            json!({ "role": "admin" }),
            [200, 403, 403, 404, 404, 404, 401],
        ),
        // The agent is the one who is removed: everybody may go.
        ("DELETE /v1/chatbots/{chatbotId}/members/{userId}", none.clone(), MEMBERS),
        (
            "POST /v1/inboxes",
            json!({ "chatbotId": "{chatbotId}", "channelType": "ChannelWebWidget", "channelId": "{channelId}", "name": "x" }),
            [201, 201, 403, 404, 404, 404, 401],
        ),
        ("GET /v1/inboxes", none.clone(), ANY),
        ("GET /v1/inboxes/{inboxId}", none.clone(), MEMBERS),
        ("PATCH /v1/inboxes/{inboxId}", json!({ "name": "y" }), MANAGERS),
        ("DELETE /v1/inboxes/{inboxId}", none.clone(), MANAGERS),
        ("POST /v1/contacts", json!({ "chatbotId": "{chatbotId}", "name": "Tom" }), MADE),
        ("GET /v1/contacts", none.clone(), ANY),
        ("GET /v1/contacts/{contactId}", none.clone(), MEMBERS),
        ("PATCH /v1/contacts/{contactId}", json!({ "name": "Tim" }), MEMBERS),
        ("DELETE /v1/contacts/{contactId}", none.clone(), MEMBERS),
        (
            "POST /v1/conversations",
            json!({ "contactId": "{contactId}", "inboxId": "{inboxId}", "sourceId": "another" }),
            MADE,
        ),
        ("GET /v1/conversations", none.clone(), ANY),
        ("GET /v1/conversations/{conversationId}", none.clone(), MEMBERS),
        ("PATCH /v1/conversations/{conversationId}", json!({ "status": "pending" }), MEMBERS),
        ("POST /v1/conversations/{conversationId}/seen", json!({}), MEMBERS),
        ("POST /v1/conversations/{conversationId}/participants", json!({ "userId": "{userId}" }), MADE),
        ("GET /v1/conversations/{conversationId}/participants", none.clone(), MEMBERS),
        ("DELETE /v1/conversations/{conversationId}/participants/{participantId}", none.clone(), MEMBERS),
        ("POST /v1/messages", json!({ "conversationId": "{conversationId}", "content": "x" }), MADE),
        ("GET /v1/messages?conversationId={conversationId}", none.clone(), MEMBERS),
        ("GET /v1/messages?search=bicycle", none.clone(), ANY),
        ("GET /v1/messages/{messageId}", none.clone(), MEMBERS),
        ("DELETE /v1/messages/{messageId}", none.clone(), MANAGERS),
        ("POST /v1/conversations/{conversationId}/notes", json!({ "content": "x" }), MADE),
        ("GET /v1/conversations/{conversationId}/notes", none.clone(), MEMBERS),
        (
            "DELETE /v1/conversations/{conversationId}/notes/{noteId}",
            none,
            [200, 403, 403, 404, 404, 404, 401],
        ),
        ("POST /v1/simulator/messages", json!({}), [201, 201, 201, 404, 201, 404, 401]),
    ]
}

fn rows_of_channels() -> Vec<Row> {
    let none = Value::Null;
    vec![
        (
            "POST /v1/channelwebwidgets",
            json!({ "chatbotId": "{chatbotId}" }),
            [201, 201, 403, 404, 404, 404, 401],
        ),
        ("GET /v1/channelwebwidgets", none.clone(), ANY),
        ("GET /v1/channelwebwidgets/{channelWebWidgetId}", none.clone(), MEMBERS),
        ("PATCH /v1/channelwebwidgets/{channelWebWidgetId}", json!({ "showHeader": false }), MANAGERS),
        ("DELETE /v1/channelwebwidgets/{channelWebWidgetId}", none.clone(), MANAGERS),
        ("GET /v1/channelwebwidgets/{channelWebWidgetId}/check?origin=https://a.com", none.clone(), MEMBERS),
        ("GET /v1/webwidgettemplates", none.clone(), ANY),
        ("GET /v1/webwidgettemplates/{webWidgetTemplateId}", none.clone(), ANY),
        ("POST /v1/channelapis", json!({ "chatbotId": "{chatbotId}" }), [201, 201, 403, 404, 404, 404, 401]),
        ("GET /v1/channelapis", none.clone(), ANY),
        ("GET /v1/channelapis/{channelApiId}", none.clone(), MEMBERS),
        ("PATCH /v1/channelapis/{channelApiId}", json!({ "rotateSecret": true }), MANAGERS),
        ("DELETE /v1/channelapis/{channelApiId}", none.clone(), MANAGERS),
        ("GET /v1/channelapis/{channelApiId}/deliveries", none.clone(), MEMBERS),
        ("POST /v1/channelapis/{channelApiId}/deliveries/{deliveryId}/retry", json!({}), MANAGERS),
        // By their signature alone.
        ("POST /v1/channelapis/{channelApiId}/messages", json!({}), NOBODY),
        ("POST /v1/channelapis/{channelApiId}/conversations", json!({}), NOBODY),
        // Visitors: an access token is no contact token. Who may what is in `widget`.
        ("GET /v1/widget/{channelWebWidgetId}/config", none.clone(), [200; 7]),
        ("POST /v1/widget/{channelWebWidgetId}/session", json!({}), [201; 7]),
        ("GET /v1/widget/{channelWebWidgetId}/conversations", none.clone(), NOBODY),
        ("POST /v1/widget/{channelWebWidgetId}/conversations", json!({}), NOBODY),
        ("GET /v1/widget/{channelWebWidgetId}/conversations/{conversationId}", none.clone(), NOBODY),
        (
            "GET /v1/widget/{channelWebWidgetId}/messages?conversationId={conversationId}",
            none.clone(),
            NOBODY,
        ),
        ("POST /v1/widget/{channelWebWidgetId}/messages", json!({ "content": "x" }), NOBODY),
        (
            "POST /v1/widget/{channelWebWidgetId}/seen",
            json!({ "conversationId": "{conversationId}" }),
            NOBODY,
        ),
    ]
}

/// Ada's own entry: nobody else's is there.
fn rows_of_entries() -> Vec<Row> {
    let own = [200, 404, 404, 404, 404, 404, 401];
    vec![
        ("GET /v1/inboxentries", Value::Null, ANY),
        ("GET /v1/inboxentries/{inboxEntryId}", Value::Null, own),
    ]
}

/// A company that nobody has changed yet, which all its people but the former one answer for.
struct Filled(Vec<(&'static str, String)>);

impl Filled {
    async fn arrange(stage: &mut Stage) -> Self {
        // Nobody answers for more than a hundred.
        let former =
            stage.app.delete(&format!("/v1/chatbots/{}", stage.company.chatbot)).by(&stage.ada).await;
        assert!(matches!(former.status, 200 | 404), "{}", former.text);
        let chatbot =
            &stage.post(&stage.ada, "/v1/chatbots", json!({ "name": "Fresh" })).await.expect(201)["chatbot"];
        stage.company.chatbot = id(chatbot);
        let former = stage.app.person();
        crate::stage::introduce(&stage.app, former.id, "Former").await;
        for (person, role) in [(&stage.eve, "admin"), (&stage.ben, "agent"), (&former, "agent")] {
            let _ = stage.hire(person, role).await.expect(201);
        }
        stage.dismiss(&former).await;
        let [first, second] = [(); 2].map(|()| widget(&stage.app, &stage.company.chatbot));
        let body = json!({
            "chatbotId": stage.company.chatbot, "channelType": "ChannelWebWidget", "channelId": first, "name": "Shop",
        });
        stage.company.inbox = id(&stage.post(&stage.ada, "/v1/inboxes", body).await.expect(201)["inbox"]);
        let system = crate::channels::System::connect(stage, Some("https://example.com/hook")).await;
        let delivery = system.owes(stage).await;
        let (contact, conversation) = stage.meet("Mia").await;
        let message = id(&stage.send(&stage.ada, &conversation, "the bicycle").await);
        let notes = format!("/v1/conversations/{conversation}/notes");
        let note = id(&stage.post(&stage.ada, &notes, json!({ "content": "n" })).await.expect(201)["note"]);
        let people = stage.get(&stage.ada, &format!("/v1/conversations/{conversation}/participants")).await;
        let agent = people["participants"].as_array().unwrap().iter().find(|it| it["userId"].is_string());
        let newcomer = stage.app.person();
        crate::stage::introduce(&stage.app, newcomer.id, "New").await;
        stage.former = Some(former);
        Self(vec![
            ("{chatbotId}", stage.company.chatbot.clone()),
            ("{userId}", stage.ben.id.to_string()),
            ("{newcomer}", newcomer.id.to_string()),
            ("{channelId}", second),
            ("{channelWebWidgetId}", first),
            ("{channelApiId}", system.channel),
            ("{deliveryId}", delivery),
            ("{webWidgetTemplateId}", "kb2n8q4w1x7z5c9v3m6l0jha".to_owned()),
            ("{inboxId}", stage.company.inbox.clone()),
            ("{contactId}", contact),
            ("{conversationId}", conversation),
            ("{participantId}", id(agent.unwrap())),
            ("{messageId}", message),
            ("{noteId}", note),
            ("{inboxEntryId}", crate::unified::entry_of(stage, &stage.ada).await),
        ])
    }

    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

#[tokio::test]
async fn every_route_by_everybody() {
    let mut stage = Stage::set().await;
    let rows = [rows(), rows_of_channels(), rows_of_entries()].concat();
    let mut filled = Filled::arrange(&mut stage).await;
    for (route, body, expected) in &rows {
        for (by, expected) in EVERYBODY.iter().zip(expected) {
            let (method, path) = route.split_once(' ').unwrap();
            let ask = stage.app.ask(method.parse().unwrap(), &filled.fill(path));
            let ask = if body.is_null() { ask } else { ask.raw(filled.fill(&body.to_string())) };
            let reply = match by {
                By::Owner => ask.by(&stage.ada).await,
                By::Admin => ask.by(&stage.eve).await,
                By::Agent => ask.by(&stage.ben).await,
                By::Former => ask.by(stage.former.as_ref().unwrap()).await,
                By::Stranger => ask.by(&stage.stranger).await,
                By::Staff => ask.by(&stage.staff).await,
                By::Nobody => ask.await,
            };
            assert_eq!(reply.status, *expected, "{route} by {by:?}: {}", reply.text);
            if reply.status < 300 && method != "GET" {
                filled = Filled::arrange(&mut stage).await;
            }
        }
    }
    let tried: BTreeSet<String> =
        rows.iter().map(|row| row.0.split('?').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(tried, routes(), "each route of the OpenAPI has a row, and each row a route");
}

fn routes() -> BTreeSet<String> {
    let json = serde_json::to_value(document::<Inbox>()).unwrap();
    let paths = json["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>()
    };
    paths
        .iter()
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .collect()
}
