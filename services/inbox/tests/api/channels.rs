//! Channels as agents manage them, and a company's own system at the other end of one.

use inbox::domain::webhook::sign;
use serde_json::{Value, json};
use testing::Reply;

use crate::stage::{Stage, id};

/// A system of the company's that is connected to an inbox.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub(crate) channel: String,
    pub(crate) secret: String,
    pub(crate) inbox: String,
}

impl System {
    pub(crate) async fn connect(stage: &Stage, url: Option<&str>) -> Self {
        let body = json!({ "chatbotId": stage.company.chatbot, "webhookUrl": url });
        let made = stage.post(&stage.ada, "/v1/channelapis", body).await.expect(201)["channelApi"].clone();
        let body = json!({
            "chatbotId": stage.company.chatbot, "channelType": "ChannelApi", "channelId": id(&made), "name": "Mail",
        });
        let inbox = id(&stage.post(&stage.ada, "/v1/inboxes", body).await.expect(201)["inbox"]);
        Self { channel: id(&made), secret: made["secret"].as_str().unwrap().to_owned(), inbox }
    }

    /// A signed request.
    pub(crate) async fn says(&self, stage: &Stage, body: &Value) -> Reply {
        self.signed(stage, "messages", body).await
    }

    /// The same, of a conversation without a message.
    pub(crate) async fn opens(&self, stage: &Stage, body: &Value) -> Reply {
        self.signed(stage, "conversations", body).await
    }

    async fn signed(&self, stage: &Stage, to: &str, body: &Value) -> Reply {
        let (text, now) = (body.to_string(), stage.app.app.now().timestamp().to_string());
        let signature = sign(&self.secret, "msg_1", &now, text.as_bytes());
        let headers =
            [("webhook-id", "msg_1"), ("webhook-timestamp", &*now), ("webhook-signature", &*signature)];
        self.sends_to(stage, to, text, headers).await
    }

    pub(crate) async fn sends(&self, stage: &Stage, body: String, headers: [(&str, &str); 3]) -> Reply {
        self.sends_to(stage, "messages", body, headers).await
    }

    async fn sends_to(&self, stage: &Stage, to: &str, body: String, headers: [(&str, &str); 3]) -> Reply {
        let ask = stage.app.post(&format!("/v1/channelapis/{}/{to}", self.channel)).raw(body);
        headers.into_iter().fold(ask, |ask, (name, value)| ask.header(name, value)).await
    }

    /// A message of a contact, as the system calls both.
    pub(crate) fn message(source_id: &str, contact: &str, content: &str) -> Value {
        json!({ "sourceId": source_id, "contact": { "sourceId": contact, "name": contact }, "message": { "content": content } })
    }

    /// The conversation with a contact, which they begin.
    pub(crate) async fn meets(&self, stage: &Stage, contact: &str) -> String {
        let said = self.says(stage, &Self::message(&format!("first of {contact}"), contact, "hello")).await;
        said.expect(201)["message"]["conversationId"].as_str().unwrap().to_owned()
    }

    /// A delivery that is due, in a conversation with somebody new.
    pub(crate) async fn owes(&self, stage: &Stage) -> String {
        let conversation = self.meets(stage, "Tom").await;
        id(&stage.send(&stage.ada, &conversation, "an answer").await)
    }

    /// What the log says of the deliveries, the newest first.
    pub(crate) async fn log(&self, stage: &Stage) -> Vec<Value> {
        let path = format!("/v1/channelapis/{}/deliveries", self.channel);
        stage.get(&stage.ben, &path).await["deliveries"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_widget_is_as_its_source_has_it_until_it_is_set() {
    let stage = Stage::set().await;
    let body = json!({ "chatbotId": stage.company.chatbot });
    let made = stage.post(&stage.eve, "/v1/channelwebwidgets", body).await.expect(201);
    let widget = &made["channelWebWidget"];
    for (field, value) in [
        ("authorizedDomains", json!([])),
        ("webWidgetTemplateId", json!("kb2n8q4w1x7z5c9v3m6l0jha")),
        ("brandColor", json!("#007bff")),
        ("showHeader", json!(true)),
        ("showPersonalLogo", json!(false)),
        ("showMessageInput", json!(true)),
        ("customizeCss", Value::Null),
        ("recordVersion", json!(1)),
    ] {
        assert_eq!(widget[field], value, "{field}");
    }
    let path = format!("/v1/channelwebwidgets/{}", id(widget));
    let change = json!({
        "authorizedDomains": ["Shop.Example.com", "*.example.com", "shop.example.com"], "brandColor": "#FF0000",
        "customizeCss": "@import 'x'; .a { color: red } </style>", "showHeader": false,
    });
    let changed = stage.app.patch(&path).by(&stage.eve).json(change).await.expect(200);
    let widget = &changed["channelWebWidget"];
    assert_eq!(widget["authorizedDomains"], json!(["shop.example.com", "*.example.com"]));
    assert_eq!((&widget["brandColor"], &widget["showHeader"]), (&json!("#ff0000"), &json!(false)));
    let css = widget["customizeCss"].as_str().unwrap();
    assert!(css.contains(".a { color: red }") && !css.contains("@import") && !css.contains('<'), "{css}");
    let same = stage.app.patch(&path).by(&stage.eve).json(json!({ "showHeader": false })).await.expect(200);
    assert_eq!(same["channelWebWidget"]["recordVersion"], 2);
    let none = stage.app.patch(&path).by(&stage.eve).json(json!({ "customizeCss": null })).await.expect(200);
    assert_eq!(none["channelWebWidget"]["customizeCss"], Value::Null);
    let outdated = stage
        .app
        .patch(&path)
        .by(&stage.eve)
        .header("If-Match", "1")
        .json(json!({ "showHeader": true }))
        .await;
    outdated.refused(409, "errMsg_recordVersionIsStale");
    stage.app.delete(&path).by(&stage.eve).await.succeeded();
    stage.app.get(&path).by(&stage.eve).await.refused(404, "errMsg_channelIsNotFound");
}

#[tokio::test]
async fn what_a_widget_cannot_be_set_to() {
    let stage = Stage::set().await;
    let path = format!("/v1/channelwebwidgets/{}", stage.company.channel);
    let many: Vec<String> = (0..101).map(|at| format!("a{at}.example.com")).collect();
    for (body, code) in [
        (json!({ "brandColor": "red" }), "errMsg_brandColorIsNotValid"),
        (json!({ "brandColor": "#12345" }), "errMsg_brandColorIsNotValid"),
        (json!({ "showHeader": "yes" }), "errMsg_showHeaderIsNotAValidBoolean"),
        (json!({ "authorizedDomains": ["https://a.com"] }), "errMsg_authorizedDomainsIsNotValid"),
        (json!({ "authorizedDomains": ["*"] }), "errMsg_authorizedDomainsIsNotValid"),
        (json!({ "authorizedDomains": ["a.com; script-src *"] }), "errMsg_authorizedDomainsIsNotValid"),
        (json!({ "authorizedDomains": many }), "errMsg_authorizedDomainsIsNotValid"),
        (json!({ "authorizedDomains": [7] }), "errMsg_authorizedDomainsIsNotAValidText"),
        (json!({ "customizeCss": "x".repeat(20_001) }), "errMsg_customizeCssIsTooLong"),
        (json!({ "customizeCss": "x".repeat(1_000_000) }), "errMsg_customizeCssIsTooLong"),
        (json!({ "webWidgetTemplateId": "7" }), "errMsg_webWidgetTemplateIdIsNotAValidID"),
    ] {
        stage.app.patch(&path).by(&stage.ada).json(body).await.refused(400, code);
    }
    let unknown = json!({ "webWidgetTemplateId": "zz4a98xxat96iws9zmbrgj3a" });
    stage
        .app
        .patch(&path)
        .by(&stage.ada)
        .json(unknown)
        .await
        .refused(404, "errMsg_webWidgetTemplateIsNotFound");
    let mebibytes = json!({ "customizeCss": "x".repeat(3 << 20) });
    stage.app.patch(&path).by(&stage.ada).json(mebibytes).await.refused(413, "errMsg_bodyIsTooLarge");
}

#[tokio::test]
async fn who_wonders_why_a_site_is_refused_is_told() {
    let stage = Stage::set().await;
    let path = format!("/v1/channelwebwidgets/{}", stage.company.channel);
    let sites = json!({ "authorizedDomains": ["*.example.com"] });
    stage.app.patch(&path).by(&stage.ada).json(sites).await.succeeded();
    for (origin, allowed, reason) in [
        ("https://shop.example.com", true, "*.example.com is listed."),
        (
            "https://example.com",
            false,
            "*.example.com is listed, which is what is below example.com and not that itself.",
        ),
        ("https://evil.io", false, "evil.io is not listed."),
        ("evil.io", false, "That is no origin of a page, such as https://shop.example.com."),
    ] {
        let check = stage.get(&stage.ben, &format!("{path}/check?origin={origin}")).await["check"].clone();
        assert_eq!((&check["isAllowed"], &check["reason"]), (&json!(allowed), &json!(reason)), "{origin}");
    }
    stage.app.get(&format!("{path}/check")).by(&stage.ben).await.refused(400, "errMsg_originIsRequired");
}

#[tokio::test]
async fn secrets_are_for_those_who_manage_and_can_be_made_anew() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, Some("https://example.com/hook")).await;
    let path = format!("/v1/channelapis/{}", system.channel);
    let see = async |by| stage.get(by, &path).await["channelApi"]["secret"].clone();
    assert_eq!(see(&stage.eve).await, json!(system.secret));
    assert_eq!(see(&stage.ben).await, Value::Null);
    let list = stage.get(&stage.ben, "/v1/channelapis").await;
    assert_eq!((&list["rowCount"], &list["channelApis"][0]["secret"]), (&json!(1), &Value::Null));
    stage.app.patch(&path).by(&stage.eve).json(json!({ "rotateSecret": true })).await.succeeded();
    assert_ne!(see(&stage.eve).await, json!(system.secret));
    let late = system.says(&stage, &System::message("1", "Tom", "hello")).await;
    late.refused(401, "errMsg_signatureIsNotValid");
}

#[tokio::test]
async fn webhooks_go_to_no_private_address() {
    let stage = Stage::set().await;
    for url in [
        "http://127.0.0.1:5432",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://10.0.0.1/",
        "ftp://example.com/",
        "https://user:secret@example.com/",
        "nonsense",
    ] {
        let body = json!({ "chatbotId": stage.company.chatbot, "webhookUrl": url });
        let reply = stage.post(&stage.ada, "/v1/channelapis", body).await;
        reply.refused(400, "errMsg_webhookUrlIsNotValid");
    }
    let system = System::connect(&stage, Some("http://localhost:1/")).await;
    system.owes(&stage).await;
    assert_eq!(inbox::webhooks::turn(&stage.app.service).await.unwrap(), 1);
    let log = system.log(&stage).await;
    assert_eq!(log[0]["problem"], "The host is in a network that webhooks do not go to.");
    assert_eq!((&log[0]["status"], &log[0]["httpStatus"]), (&json!("pending"), &Value::Null));
}
