//! What a message says, read as its type wants it.

use files::Attachments;
use kit::error::{NOT_TEXT, NOT_VALID, REQUIRED, TOO_LONG};
use kit::{Body, Error, MAX_TEXT, Result, UserId, is_web_address};
use serde_json::Number;

use crate::domain::content::{Location, MAX_LINK, MAX_PLACE};
use crate::domain::message::{Draft, Kind};
use crate::{Messaging, Refusal};

/// The longest name that a client may give to its message, in characters.
const MAX_CLIENT_ID: usize = 200;
const CONTENT: &str = "content";

/// The `type` of a message; `text` if none is said.
pub(crate) fn kind(body: &Body) -> Result<Kind> {
    let known = |name: &String| Kind::SENT.into_iter().find(|kind| kind.name() == name);
    let refusal = || Error::field(&NOT_VALID, "type").detail("text, docId, link, location or profileId.");
    let name = body.text("type", MAX_TEXT)?.filter(|name| !name.is_empty());
    name.map_or(Ok(Kind::Text), |name| known(&name).ok_or_else(refusal))
}

/// What the sender's client calls a message.
pub(crate) fn client_message_id(body: &Body) -> Result<Option<String>> {
    Ok(body.text("clientMessageId", MAX_CLIENT_ID)?.filter(|name| !name.is_empty()))
}

/// The content in the body of a message, where a place is an object.
pub(crate) fn of_body(kind: Kind, body: &Body) -> Result<String> {
    if kind != Kind::Location {
        return of_text(kind, body.required_text(CONTENT, MAX_TEXT)?);
    }
    let place = body.nested(CONTENT)?.ok_or_else(|| Error::field(&REQUIRED, CONTENT))?;
    location(&place)
}

/// The content as a text, where a place is JSON.
pub(crate) fn of_text(kind: Kind, text: String) -> Result<String> {
    match kind {
        Kind::Text | Kind::System => Ok(text),
        Kind::Link => link(&text, CONTENT).map(|()| text),
        Kind::DocId | Kind::ProfileId => id(&text),
        Kind::Location => location(&Body::parse(text.as_bytes()).map_err(|_| {
            Error::field(&NOT_VALID, CONTENT).detail("JSON text, as {\"lat\": 48.2, \"lng\": 16.4}.")
        })?),
    }
}

/// Whether it is the http(s) address of a page.
pub(crate) fn link(text: &str, field: &'static str) -> Result<()> {
    if text.chars().nth(MAX_LINK).is_some() {
        return Err(Error::field(&TOO_LONG, field).detail(format!("At most {MAX_LINK} characters.")));
    }
    let refusal = || Error::field(&NOT_VALID, field).detail("An http or https address.");
    if is_web_address(text) { Ok(()) } else { Err(refusal()) }
}

/// In the usual spelling, so that it is the same for every reader.
fn id(text: &str) -> Result<String> {
    let id = text.parse::<UserId>().map_err(|_| Error::field(&kit::error::NOT_AN_ID, CONTENT))?;
    Ok(id.to_string())
}

fn location(place: &Body) -> Result<String> {
    let name = place.text("name", MAX_PLACE)?.filter(|name| !name.trim().is_empty());
    Ok(Location { lat: coordinate(place, "lat")?, lng: coordinate(place, "lng")?, name }.text()?)
}

/// A number as it came: what is whole stays whole.
fn coordinate(place: &Body, field: &'static str) -> Result<Number> {
    let degrees = place.number(field)?.ok_or_else(|| Error::field(&REQUIRED, field))?;
    let whole = place.integer(field).ok().flatten().map(Number::from);
    whole.or_else(|| Number::from_f64(degrees)).ok_or_else(|| Error::field(&NOT_VALID, field))
}

impl Messaging {
    /// Whether the sender may say what names somebody or something else; of a file, also what the files of the message are
    /// called.
    pub(crate) async fn may_say(&self, draft: &Draft) -> Result<Option<Attachments>> {
        let not_an_id = |_| Error::field(&NOT_TEXT, CONTENT);
        match draft.kind {
            Kind::ProfileId => {
                let user = draft.content.parse().map_err(not_an_id)?;
                self.must_know(&[user], Refusal::UnknownUser(CONTENT)).await?;
                Ok(None)
            }
            Kind::DocId => {
                let file = draft.content.parse().map_err(not_an_id)?;
                self.may_send_file(draft, file, CONTENT).await.map(Some)
            }
            Kind::Text | Kind::Link | Kind::Location | Kind::System => Ok(None),
        }
    }
}
