//! Requests and replies, as tests like to write and read them.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::Person;

/// A request being put together; `.await` sends it.
#[derive(Debug)]
pub struct Ask(pub reqwest::RequestBuilder);

impl Ask {
    /// With this person's access token.
    #[must_use]
    pub fn by(self, person: &Person) -> Self {
        Self(self.0.bearer_auth(&person.token))
    }

    /// With any access token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// With a JSON body.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "json!(…) is written in place")]
    pub fn json(self, body: Value) -> Self {
        Self(self.0.json(&body))
    }

    /// With a body that says it is JSON, whatever it is.
    #[must_use]
    pub fn raw(self, body: impl Into<reqwest::Body>) -> Self {
        self.raw_as("application/json", body)
    }

    /// With a body that says what it is.
    #[must_use]
    pub fn raw_as(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("Content-Type", content_type).body(body))
    }
}

impl IntoFuture for Ask {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let response = self.0.send().await.expect("the service answers");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let text = response.text().await.expect("the service answers to the end");
            let json = serde_json::from_str(&text).unwrap_or(Value::Null);
            Reply { status, headers, text, json }
        })
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Reply {
    /// The body, if the status is the expected one.
    ///
    /// # Panics
    /// When it is another.
    #[must_use]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// Checks the error envelope: status, code, and that nothing of it is missing.
    ///
    /// # Panics
    /// When something else came.
    pub fn refused(&self, status: u16, message: &str) {
        let (json, text) = (&self.json, &self.text);
        assert_eq!(self.status, status, "{text}");
        assert_eq!(json["message"], message, "{text}");
        assert_eq!(json["result"], "ERR", "{text}");
        assert_eq!((&json["status"], &json["errCode"]), (&status.into(), &status.into()), "{text}");
        assert!(json["date"].is_string() && json["detail"].is_string(), "{text}");
    }

    /// Asserts that it was a success.
    ///
    /// # Panics
    /// When it was not.
    pub fn succeeded(&self) {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
    }

    /// A header's value; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
