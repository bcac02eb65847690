//! The envelope of every successful answer, and of every error.

use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use crate::call::{Call, Visit};
use crate::{Caller, Clock as _, Error, Paging, Result, SystemClock};

/// What a route does, as `action` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new object.
    Create,
    /// A change of an object.
    Update,
    /// The end of an object.
    Delete,
    /// One object.
    Get,
    /// Many objects.
    List,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Get => "get",
            Self::List => "list",
        }
    }
}

/// An answer as it goes over the wire: rendered early, so that it can be kept in the transaction that it tells of.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    body: Vec<u8>,
    replayed: bool,
    etag: Option<i32>,
}

impl Answer {
    pub(crate) fn replayed(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, replayed: true, etag: None }
    }

    /// Bare JSON, for an API whose answers have no envelope.
    ///
    /// # Errors
    /// Internal, when it cannot be written as JSON.
    pub fn bare<T: Serialize>(status: u16, json: &T) -> Result<Self> {
        let body = serde_json::to_vec(json).map_err(Error::internal)?;
        Ok(Self { status, body, replayed: false, etag: None })
    }

    /// Adds `ETag: "<recordVersion>"`.
    #[must_use]
    pub fn etag(self, record_version: i32) -> Self {
        Self { etag: Some(record_version), ..self }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        response.insert_header((CONTENT_TYPE, "application/json"));
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if let Some(version) = self.etag {
            response.insert_header(("ETag", format!("\"{version}\"")));
        }
        response.body(self.body)
    }
}

/// The frame around an answer's data; see the table in `docs/api.md`.
pub struct Frame<'a> {
    visit: &'a Visit,
    caller: Option<Caller>,
    sso: Duration,
    action: Action,
    name: &'static str,
    status: u16,
    extra: Vec<(&'static str, Value)>,
}

impl Call {
    /// The frame of an answer whose data stands under `name`.
    #[must_use]
    pub fn frame(&self, action: Action, name: &'static str) -> Frame<'_> {
        Frame { caller: Some(self.caller), sso: self.sso, ..self.visit.frame(action, name) }
    }
}

impl Visit {
    /// The frame of an answer to a caller whom nobody knows.
    #[must_use]
    pub fn frame(&self, action: Action, name: &'static str) -> Frame<'_> {
        let status = if action == Action::Create { 201 } else { 200 };
        Frame { visit: self, caller: None, sso: Duration::ZERO, action, name, status, extra: Vec::new() }
    }
}

impl Frame<'_> {
    /// Says who the caller turned out to be, where no access token told it: at a login.
    #[must_use]
    pub fn by(self, caller: Caller) -> Self {
        Self { caller: Some(caller), ..self }
    }

    /// Answers 200 although something was asked to be created: it was there already.
    #[must_use]
    pub fn reused(self) -> Self {
        Self { status: 200, ..self }.with("reused", json!(true))
    }

    /// [`Frame::reused`], unless what was asked for was created just now.
    #[must_use]
    pub fn reused_unless(self, is_new: bool) -> Self {
        if is_new { self } else { self.reused() }
    }

    /// Adds a field at the top level, beside the data.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.extra.push((name, value));
        self
    }

    /// One object.
    ///
    /// # Errors
    /// Internal, when it cannot be written as JSON.
    pub fn row<T: Serialize>(self, row: &T) -> Result<Answer> {
        self.render(1, row, None)
    }

    /// A list, with the filters that were applied.
    ///
    /// # Errors
    /// Internal, when it cannot be written as JSON.
    pub fn list<T: Serialize>(self, rows: &[T], paging: Paging, filters: &[Value]) -> Result<Answer> {
        self.render(rows.len(), &rows, Some((paging, filters)))
    }

    /// A stretch of a list that nobody counts: it has no paging.
    ///
    /// # Errors
    /// Internal, when it cannot be written as JSON.
    pub fn rows<T: Serialize>(self, rows: &[T]) -> Result<Answer> {
        self.render(rows.len(), &rows, None)
    }

    fn render<T: Serialize>(
        self,
        row_count: usize,
        data: &T,
        list: Option<(Paging, &[Value])>,
    ) -> Result<Answer> {
        let status = self.status;
        let body =
            serde_json::to_vec(&Envelope { frame: self, row_count, data, list }).map_err(Error::internal)?;
        Ok(Answer { status, body, replayed: false, etag: None })
    }
}

/// Written by hand, since the data stands under a name of its own, between the other fields.
struct Envelope<'a, T> {
    frame: Frame<'a>,
    row_count: usize,
    data: &'a T,
    list: Option<(Paging, &'a [Value])>,
}

impl<T: Serialize> Serialize for Envelope<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Frame { visit, caller, sso, action, name, status, extra } = &self.frame;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", "OK")?;
        map.serialize_entry("statusCode", status)?;
        map.serialize_entry("elapsedMs", &visit.started.elapsed().as_millis())?;
        map.serialize_entry("ssoTime", &sso.as_millis())?;
        map.serialize_entry("source", "db")?;
        map.serialize_entry("cacheKey", &Value::Null)?;
        map.serialize_entry("userId", &caller.map(|caller| caller.user_id))?;
        map.serialize_entry("sessionId", &caller.map(|caller| caller.session_id))?;
        map.serialize_entry("requestId", &visit.request_id[..])?;
        map.serialize_entry("dataName", name)?;
        map.serialize_entry("method", &visit.method)?;
        map.serialize_entry("action", action.name())?;
        map.serialize_entry("appVersion", env!("CARGO_PKG_VERSION"))?;
        map.serialize_entry("rowCount", &self.row_count)?;
        extra.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.serialize_entry(name, self.data)?;
        if let Some((paging, filters)) = &self.list {
            map.serialize_entry("paging", paging)?;
            map.serialize_entry("filters", filters)?;
            map.serialize_entry("uiPermissions", &[(); 0])?;
        }
        map.end()
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after_seconds() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(self.envelope())
    }
}

impl Error {
    /// The error envelope: `{result, status, message, errCode, date, detail}`.
    #[must_use]
    pub fn envelope(&self) -> Value {
        let status = self.code().status;
        let date = SystemClock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        json!({
            "result": "ERR",
            "status": status,
            "message": self.message(),
            "errCode": status,
            "date": date,
            "detail": self.detail_text(),
        })
    }
}

/// Dates in answers: RFC 3339, UTC, milliseconds. For `#[serde(with = "kit::date")]`.
pub mod date {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Writes a date.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(date: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&date.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    /// Reads a date.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        DateTime::deserialize(deserializer)
    }

    /// The same for dates that may be absent. For `#[serde(with = "kit::date::option")]`.
    pub mod option {
        use chrono::{DateTime, Utc};
        use serde::{Deserialize as _, Deserializer, Serializer};

        /// Writes a date, or null.
        ///
        /// # Errors
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(
            date: &Option<DateTime<Utc>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match date {
                Some(date) => super::serialize(date, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads a date, or null.
        ///
        /// # Errors
        /// Those of the deserializer.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<DateTime<Utc>>, D::Error> {
            Option::deserialize(deserializer)
        }
    }
}
