//! A company of the demo that answers its customers: a chatbot with a widget, two who answer, and visitors who wrote in.

use serde_json::{Value, json};

use super::api::{Api, Visitor, text};
use super::find;
use crate::error::{Error, Result};

const COMPANY: &str = "Bikes & Co";
/// Whose it is, and who answers with her.
const OWNER: &str = "ada";
const AGENT: &str = "ben";
/// The sites that may carry the widget.
const SITES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "shop.example"];

/// A visitor, and what was said: by the visitor, where nobody's name stands before it.
struct Visit {
    visitor: &'static str,
    said: &'static [(&'static str, &'static str)],
}

const VISITS: [Visit; 3] = [
    Visit {
        visitor: "Mia Wong",
        said: &[
            ("", "Hello! Is the blue city bike still available in M?"),
            (AGENT, "Hi Mia, yes, two of them. Would you like to come for a ride?"),
            ("", "Gladly. Tomorrow after five?"),
        ],
    },
    Visit {
        visitor: "Tom Berger",
        said: &[
            ("", "My order has not arrived yet 😕"),
            (OWNER, "I am sorry, Tom. It left our house on Monday and should be with you tomorrow."),
        ],
    },
    Visit {
        visitor: "Zoë",
        said: &[("", "Do you repair e-bikes, too?"), ("", "Mine makes a strange noise.")],
    },
];

/// Makes what is not there yet; how many visitors wrote in then.
pub(super) async fn open(api: &Api, visitors: &[Visitor]) -> Result<usize> {
    let owner = find(visitors, OWNER)?;
    let chatbot = api.company(owner).await?;
    let members = format!("/inbox-api/v1/chatbots/{chatbot}/members");
    api.call(owner, &members, &json!({ "userId": find(visitors, AGENT)?.id })).await?;
    let widget = api.widget(owner, &chatbot).await?;
    let known = api
        .list(owner, &format!("/inbox-api/v1/contacts?chatbotId={chatbot}&pageNumber=0"), "contacts")
        .await?;
    for visit in &VISITS {
        if known.iter().all(|contact| text(contact, "/name").ok().as_deref() != Some(visit.visitor)) {
            play(api, visitors, &widget, visit).await?;
        }
    }
    Ok(VISITS.len())
}

async fn play(api: &Api, visitors: &[Visitor], widget: &str, visit: &Visit) -> Result<()> {
    let base = format!("/inbox-api/v1/widget/{widget}");
    let begin = api.post(&format!("{base}/session"), &json!({ "name": visit.visitor }));
    let session = api.succeed(begin.header("Origin", "http://localhost")).await?;
    let token = text(&session, "/session/contactToken")?;
    let mut conversation = None;
    for (who, content) in visit.said {
        if who.is_empty() {
            let said = api.post(&format!("{base}/messages"), &json!({ "content": content }));
            let said = api.succeed(said.header("Origin", "http://localhost").bearer_auth(&token)).await?;
            conversation = Some(text(&said, "/message/conversationId")?);
            continue;
        }
        let id = conversation.as_ref().ok_or_else(|| Error::new("the demo answers before it is asked"))?;
        let agent = find(visitors, who)?;
        api.call(agent, "/inbox-api/v1/messages", &json!({ "conversationId": id, "content": content }))
            .await?;
        api.call(agent, &format!("/inbox-api/v1/conversations/{id}/seen"), &json!({})).await?;
    }
    Ok(())
}

impl Api {
    /// The company's chatbot.
    async fn company(&self, owner: &Visitor) -> Result<String> {
        let there = self.list(owner, "/inbox-api/v1/chatbots?pageNumber=0", "chatbots").await?;
        match there.iter().find(|chatbot| chatbot.pointer("/name") == Some(&json!(COMPANY))) {
            Some(chatbot) => text(chatbot, "/id"),
            None => text(
                &self.call(owner, "/inbox-api/v1/chatbots", &json!({ "name": COMPANY })).await?,
                "/chatbot/id",
            ),
        }
    }

    /// Its widget, on which an inbox is open.
    async fn widget(&self, owner: &Visitor, chatbot: &str) -> Result<String> {
        let inboxes = format!("/inbox-api/v1/inboxes?chatbotId={chatbot}&pageNumber=0");
        if let Some(inbox) = self.list(owner, &inboxes, "inboxes").await?.first() {
            return text(inbox, "/channelId");
        }
        let body = json!({ "chatbotId": chatbot, "authorizedDomains": SITES });
        let made = self.call(owner, "/inbox-api/v1/channelwebwidgets", &body).await?;
        let widget = text(&made, "/channelWebWidget/id")?;
        let body = json!({
            "chatbotId": chatbot, "channelType": "ChannelWebWidget", "channelId": widget, "name": "Our shop",
        });
        self.call(owner, "/inbox-api/v1/inboxes", &body).await?;
        Ok(widget)
    }

    /// A POST of somebody's.
    async fn call(&self, who: &Visitor, path: &str, body: &Value) -> Result<Value> {
        self.succeed(self.post(path, body).bearer_auth(&who.token)).await
    }

    /// All rows of a list of somebody's.
    async fn list(&self, who: &Visitor, path: &str, name: &str) -> Result<Vec<Value>> {
        let answer = self.succeed(self.get(path).bearer_auth(&who.token)).await?;
        Ok(answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default())
    }
}
