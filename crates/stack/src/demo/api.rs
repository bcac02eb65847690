//! The few calls of the public API that the demo needs.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::Person;
use crate::error::{Context, Error, Result};

/// The API behind a gateway.
pub(super) struct Api {
    client: Client,
    base: String,
    /// Which environment; its name need not be one that the resolver knows.
    host: Option<String>,
}

/// Somebody who has signed in.
pub(super) struct Visitor {
    pub(super) name: &'static str,
    pub(super) id: String,
    pub(super) token: String,
}

impl Api {
    pub(super) fn new(base: String, host: Option<String>) -> Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(30)).no_proxy().build();
        Ok(Self { client: client.context(|| "cannot make an HTTP client")?, base, host })
    }

    /// Signs somebody in, registering them first when they are new.
    pub(super) async fn sign_in(&self, person: &Person, password: &str) -> Result<Visitor> {
        let credentials = json!({ "email": person.email(), "password": password });
        let (status, _) = self.ask(self.post("/auth-api/login", &credentials)).await?;
        if status != 200 {
            let fullname = person.fullname;
            let details = json!({ "email": person.email(), "password": password, "fullname": fullname });
            self.succeed(self.post("/auth-api/v1/users", &details)).await?;
        }
        let bundle = self.succeed(self.post("/auth-api/login", &credentials)).await?;
        let (id, token) = (text(&bundle, "/user/id")?, text(&bundle, "/accessToken")?);
        Ok(Visitor { name: person.name, id, token })
    }

    /// Opens a conversation among `members`, as the first of them; a repetition finds the same one.
    pub(super) async fn open(&self, key: &str, members: &[&Visitor]) -> Result<String> {
        let first = members.first().ok_or_else(|| Error::new("a conversation of nobody"))?;
        let ids: Vec<_> = members.iter().map(|member| member.id.as_str()).collect();
        let body = json!({ "isGroup": ids.len() > 2, "participantIds": ids });
        let request = self.post("/messaging-api/v1/conversations", &body);
        let request = request.bearer_auth(&first.token).header("Idempotency-Key", format!("demo-{key}"));
        text(&self.succeed(request).await?, "/conversation/id")
    }

    /// Says something; the same `id` says it only once.
    pub(super) async fn say(&self, who: &Visitor, conversation: &str, said: &str, id: &str) -> Result<()> {
        let body = json!({ "conversationId": conversation, "content": said, "clientMessageId": id });
        let request = self.post("/messaging-api/v1/messages", &body).bearer_auth(&who.token);
        self.succeed(request).await.map(drop)
    }

    /// Reads everything said so far.
    pub(super) async fn read(&self, who: &Visitor, conversation: &str) -> Result<()> {
        let path = format!("/messaging-api/v1/conversations/{conversation}/read");
        self.succeed(self.post(&path, &json!({})).bearer_auth(&who.token)).await.map(drop)
    }

    /// The titles of all listings of somebody.
    pub(super) async fn titles(&self, who: &Visitor) -> Result<HashSet<String>> {
        let path = format!("/listing-api/v1/listings?userId={}&pageNumber=0", who.id);
        let request = self.get(&path).bearer_auth(&who.token);
        let answer = self.succeed(request).await?;
        let listings = answer.pointer("/listings").and_then(Value::as_array).into_iter().flatten();
        Ok(listings.filter_map(|listing| text(listing, "/title").ok()).collect())
    }

    /// Makes a listing.
    pub(super) async fn offer(&self, who: &Visitor, listing: &Value) -> Result<()> {
        let request = self.post("/listing-api/v1/listings", listing).bearer_auth(&who.token);
        self.succeed(request).await.map(drop)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.at(self.client.get(format!("{}{path}", self.base)))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.at(self.client.post(format!("{}{path}", self.base)).json(body))
    }

    /// Asks the right environment.
    fn at(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.host {
            Some(host) => request.header("Host", host),
            None => request,
        }
    }

    pub(super) async fn succeed(&self, request: RequestBuilder) -> Result<Value> {
        let (status, answer) = self.ask(request).await?;
        if (200..300).contains(&status) { Ok(answer) } else { Err(refused(status, &answer)) }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(u16, Value)> {
        let answer = request.send().await.context(|| "the gateway does not answer")?;
        let status = answer.status().as_u16();
        let body = answer.json().await.unwrap_or(Value::Null);
        Ok((status, body))
    }
}

fn refused(status: u16, answer: &Value) -> Error {
    Error::new(format!("demo data: the API refused with {status}: {answer}"))
}

/// A text in an answer.
pub(super) fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| Error::new(format!("demo data: the answer lacks {pointer}: {answer}")))
}
