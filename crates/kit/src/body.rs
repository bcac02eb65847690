//! JSON bodies, read field by field, so that every complaint names its field.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use crate::error::{
    BAD_REQUEST, BODY_NOT_AN_OBJECT, BODY_NOT_JSON, BODY_TIMED_OUT, BODY_TOO_LARGE, NOT_A_BOOLEAN,
    NOT_A_DATE, NOT_AN_ID, NOT_JSON, NOT_TEXT, NOT_VALID, REQUIRED, TOO_LONG,
};
use crate::settings::HttpSettings;
use crate::{Error, Id, Result, sha256};

/// No text is longer than this, in characters.
pub const MAX_TEXT: usize = 10_000;
/// No number in an object is larger.
const MAX_NUMBER: f64 = 1e300;

/// A JSON object. Unknown fields are nobody's business; `null` counts as absent.
#[derive(Debug)]
pub struct Body {
    fields: Map<String, Value>,
    digest: Vec<u8>,
}

impl Body {
    /// Parses the bytes of a body; none at all count as `{}`.
    ///
    /// # Errors
    /// 400 when they are no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let digest = sha256(&[bytes]);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { fields: Map::new(), digest });
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self { fields, digest }),
            Ok(_) => Err(Error::new(&BODY_NOT_AN_OBJECT)),
            Err(error) => Err(Error::new(&BODY_NOT_JSON).detail(format!(
                "At line {}, column {}.",
                error.line(),
                error.column()
            ))),
        }
    }

    /// SHA-256 of the bytes as they came: tells a retry from another request.
    pub(crate) fn digest(&self) -> &[u8] {
        &self.digest
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there at all, `null` included.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A text of at most `max` characters.
    ///
    /// # Errors
    /// 400 when it is no string, holds NUL or is too long.
    pub fn text(&self, name: &'static str, max: usize) -> Result<Option<String>> {
        self.value(name).map(|value| text(value, name, max)).transpose()
    }

    /// Texts of at most `max` characters, at most `count` of them; a single one counts as a list of one.
    ///
    /// # Errors
    /// 400 when one of them is no string, holds NUL or is too long, or they are too many.
    pub fn texts(&self, name: &'static str, count: usize, max: usize) -> Result<Option<Vec<String>>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if values.len() > count {
            return Err(Error::field(&NOT_VALID, name).detail(format!("At most {count} values.")));
        }
        values.iter().map(|value| text(value, name, max)).collect::<Result<_>>().map(Some)
    }

    /// A text of at most `max` characters that must be there and not be blank. It is not trimmed.
    ///
    /// # Errors
    /// 400 when it is missing, blank, no string, holds NUL or is too long.
    pub fn required_text(&self, name: &'static str, max: usize) -> Result<String> {
        let present = self.text(name, max)?.filter(|text| !text.trim().is_empty());
        present.ok_or_else(|| Error::field(&REQUIRED, name))
    }

    /// An id.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn id<I: Id>(&self, name: &'static str) -> Result<Option<I>> {
        self.value(name).map(|value| id(value, name)).transpose()
    }

    /// An id that must be there.
    ///
    /// # Errors
    /// 400 when it is missing or none.
    pub fn required_id<I: Id>(&self, name: &'static str) -> Result<I> {
        self.id(name)?.ok_or_else(|| Error::field(&REQUIRED, name))
    }

    /// Ids; a single one counts as a list of one.
    ///
    /// # Errors
    /// 400 when one of them is none.
    pub fn ids<I: Id>(&self, name: &'static str) -> Result<Option<Vec<I>>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(values)) => {
                values.iter().map(|value| id(value, name)).collect::<Result<_>>().map(Some)
            }
            Some(scalar) => Ok(Some(vec![id(scalar, name)?])),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn boolean(&self, name: &'static str) -> Result<Option<bool>> {
        let parse = |value: &Value| value.as_bool().ok_or_else(|| Error::field(&NOT_A_BOOLEAN, name));
        self.value(name).map(parse).transpose()
    }

    /// A whole number that fits 64 bits.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn integer(&self, name: &'static str) -> Result<Option<i64>> {
        let parse = |value: &Value| {
            value.as_i64().ok_or_else(|| Error::field(&NOT_VALID, name).detail("Not a whole number."))
        };
        self.value(name).map(parse).transpose()
    }

    /// A number; what JSON can write is finite.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn number(&self, name: &'static str) -> Result<Option<f64>> {
        let parse = |value: &Value| {
            value.as_f64().ok_or_else(|| Error::field(&NOT_VALID, name).detail("Not a number."))
        };
        self.value(name).map(parse).transpose()
    }

    /// A JSON object of at most `max` bytes when it is written without blanks.
    ///
    /// # Errors
    /// 400 when it is something else, holds NUL or a number beyond 1e300 anywhere, or is too large.
    pub fn object(&self, name: &'static str, max: usize) -> Result<Option<Map<String, Value>>> {
        self.value(name).map(|value| object(value, name, max)).transpose()
    }

    /// An object in the body, to be read field by field itself; complaints name its fields without this one's name.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn nested(&self, name: &'static str) -> Result<Option<Self>> {
        let parse = |value: &Value| {
            let fields = value.as_object().cloned();
            let fields = fields.ok_or_else(|| Error::field(&NOT_VALID, name).detail("Not an object."))?;
            Ok(Self { fields, digest: self.digest.clone() })
        };
        self.value(name).map(parse).transpose()
    }

    /// A date and time in RFC 3339.
    ///
    /// # Errors
    /// 400 for anything else, such as the 30th of February.
    pub fn date(&self, name: &'static str) -> Result<Option<DateTime<Utc>>> {
        self.value(name).map(|value| date(value, name)).transpose()
    }
}

fn text(value: &Value, name: &'static str, max: usize) -> Result<String> {
    let text =
        value.as_str().filter(|text| !text.contains('\0')).ok_or_else(|| Error::field(&NOT_TEXT, name))?;
    if text.chars().nth(max).is_some() {
        return Err(Error::field(&TOO_LONG, name).detail(format!("At most {max} characters.")));
    }
    Ok(text.to_owned())
}

fn object(value: &Value, name: &'static str, max: usize) -> Result<Map<String, Value>> {
    let object = value.as_object().ok_or_else(|| Error::field(&NOT_VALID, name).detail("Not an object."))?;
    let text = value.to_string();
    if text.len() > max {
        return Err(Error::field(&TOO_LONG, name).detail(format!("At most {max} bytes of JSON.")));
    }
    if holds_nul(value) {
        return Err(Error::field(&NOT_TEXT, name));
    }
    if holds_immense(value) {
        return Err(Error::field(&NOT_VALID, name).detail("A number in it is beyond 1e300."));
    }
    Ok(object.clone())
}

/// Postgres stores no NUL. Parsed JSON nests 128 levels at most.
fn holds_nul(value: &Value) -> bool {
    let within = |text: &str| text.contains('\0');
    match value {
        Value::String(text) => within(text),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| within(name) || holds_nul(value)),
        _ => false,
    }
}

/// Postgres writes all digits of a number, and what is nearly infinite could then not be read again.
fn holds_immense(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() > MAX_NUMBER),
        Value::Array(values) => values.iter().any(holds_immense),
        Value::Object(fields) => fields.values().any(holds_immense),
        _ => false,
    }
}

fn id<I: Id>(value: &Value, name: &'static str) -> Result<I> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| Error::field(&NOT_AN_ID, name))
}

/// Years beyond 9999 parse, but neither RFC 3339 nor most clients can write them.
fn date(value: &Value, name: &'static str) -> Result<DateTime<Utc>> {
    let parsed = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    parsed.map(|date| date.to_utc().trunc_subsecs(6)).ok_or_else(|| Error::field(&NOT_A_DATE, name))
}

impl FromRequest for Body {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = json(request.clone(), payload.take());
        Box::pin(async move { Self::parse(&json.await?) })
    }
}

/// The bytes of a body that says that it is JSON, if it says anything.
pub(crate) async fn json(request: HttpRequest, mut payload: Payload) -> Result<Bytes> {
    let read = read(&request, &mut payload).await;
    let bytes = read.inspect_err(|_| leave_unread(&request, payload))?;
    if bytes.is_empty() || is_json(&request) { Ok(bytes.freeze()) } else { Err(Error::new(&NOT_JSON)) }
}

/// The rest of a body that is too large or too slow. While its answer is on the way it is held: dropped, actix would
/// read on for as long as it comes; held, actix closes the connection in a way that lets the client read the answer.
pub(crate) struct Unread(Payload);

/// Leaves the rest of a body where it is, since its request is refused: the answer arrives, and nothing more is read.
pub fn leave_unread(request: &HttpRequest, rest: Payload) {
    request.extensions_mut().insert(Unread(rest));
}

impl Unread {
    pub(crate) fn held_by(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Holding { answer, _payload: self.0 })
    }
}

struct Holding {
    answer: BoxBody,
    _payload: Payload,
}

impl MessageBody for Holding {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}

/// A body without a content type is taken for JSON.
fn is_json(request: &HttpRequest) -> bool {
    let Some(value) = request.headers().get(CONTENT_TYPE) else { return true };
    let mime =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

/// The whole body, unless it is too large or too slow.
pub(crate) async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<BytesMut> {
    let settings =
        request.app_data::<web::Data<HttpSettings>>().ok_or_else(|| Error::internal("no http settings"))?;
    if announced(request).is_some_and(|length| length > settings.body_limit) {
        return Err(Error::new(&BODY_TOO_LARGE));
    }
    let deadline = Duration::from_millis(settings.body_timeout_ms);
    let collected = tokio::time::timeout(deadline, collect(payload, settings.body_limit)).await;
    collected.unwrap_or_else(|_| Err(Error::new(&BODY_TIMED_OUT)))
}

/// The `Content-Length`, if there is one.
fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(payload: &mut Payload, limit: usize) -> Result<BytesMut> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Error::new(&BAD_REQUEST).because(error))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Error::new(&BODY_TOO_LARGE));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;

    fn complaint<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().message()
    }

    #[test]
    fn complaints_name_the_field() {
        let body =
            Body::parse(br#"{"a":1,"b":"x\u0000","c":"  ","d":["x"],"e":"2024-02-30T00:00:00Z","f":"yes"}"#)
                .unwrap();
        assert_eq!(complaint(body.text("a", 5)), "errMsg_aIsNotAValidText");
        assert_eq!(complaint(body.text("b", 5)), "errMsg_bIsNotAValidText");
        assert_eq!(complaint(body.required_text("c", 5)), "errMsg_cIsRequired");
        assert_eq!(complaint(body.ids::<UserId>("d")), "errMsg_dIsNotAValidID");
        assert_eq!(complaint(body.date("e")), "errMsg_eIsNotAValidDate");
        assert_eq!(complaint(body.boolean("f")), "errMsg_fIsNotAValidBoolean");
        assert_eq!(complaint(body.required_id::<UserId>("g")), "errMsg_gIsRequired");
    }

    #[test]
    fn length_is_in_characters() {
        let body = Body::parse(r#"{"a":"😀😀"}"#.as_bytes()).unwrap();
        assert!(body.text("a", 2).is_ok());
        assert_eq!(complaint(body.text("a", 1)), "errMsg_aIsTooLong");
    }

    #[test]
    fn objects_and_numbers() {
        let body = Body::parse(
            br#"{"a":{"b":["\\u0000"]},"c":{"d":"\u0000"},"e":{"\u0000":1},"f":[],"g":1.5,"h":"1","j":{"k":[-1e301]}}"#,
        );
        let body = body.unwrap();
        assert_eq!(body.object("a", 100).unwrap().unwrap().len(), 1);
        assert_eq!(complaint(body.object("a", 10)), "errMsg_aIsTooLong");
        assert_eq!(complaint(body.object("c", 100)), "errMsg_cIsNotAValidText");
        assert_eq!(complaint(body.object("e", 100)), "errMsg_eIsNotAValidText");
        for bad in ["f", "j"] {
            assert_eq!(complaint(body.object(bad, 100)), format!("errMsg_{bad}IsNotValid"));
        }
        assert_eq!((body.number("g").unwrap(), body.number("i").unwrap()), (Some(1.5), None));
        assert_eq!(complaint(body.number("h")), "errMsg_hIsNotValid");
        assert!(Body::parse(b"{\"a\":1e400}").is_err());
    }

    #[test]
    fn an_object_within_is_read_field_by_field() {
        let body = Body::parse(br#"{"a":{"b":"x","c":null},"d":"x","e":null}"#).unwrap();
        let within = body.nested("a").unwrap().unwrap();
        assert_eq!(within.text("b", 5).unwrap().as_deref(), Some("x"));
        assert_eq!(complaint(within.required_text("c", 5)), "errMsg_cIsRequired");
        assert_eq!(complaint(body.nested("d")), "errMsg_dIsNotValid");
        assert!(body.nested("e").unwrap().is_none());
    }

    #[test]
    fn a_scalar_is_a_list_of_one() {
        let body = Body::parse(br#"{"ids":"018f2f6e-7c1a-7abc-8def-0123456789ab"}"#).unwrap();
        assert_eq!(body.ids::<UserId>("ids").unwrap().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bad in ["[]", "1", "{", "\"x\"", "{\"a\":\u{1}}"] {
            assert!(Body::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Body::parse(&vec![b'['; 100_000]).is_err());
        assert!(Body::parse(b"").is_ok());
    }
}
