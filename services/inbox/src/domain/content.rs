//! What messages consist of: eleven types, each with a shape of its own.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

mod fields;

use fields::{Fields, Wrong};

/// The longest title, label or value, in characters.
const MAX_LABEL: usize = 200;
/// The longest description of a card, in characters.
const MAX_DESCRIPTION: usize = 2_000;
/// The longest address, in characters.
const MAX_URL: usize = 2_000;
const MAX_OPTIONS: usize = 50;
const MAX_CARDS: usize = 10;
const MAX_BUTTONS: usize = 5;

/// The types of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// Plain text.
    Text,
    /// Pictures.
    Image,
    /// Text in Markdown, which clients render, and no server.
    Markdown,
    /// Sounds.
    Audio,
    /// Films.
    Video,
    /// Files of any kind.
    File,
    /// A place on earth.
    Location,
    /// Cards beside one another.
    Carousel,
    /// A title, a picture, and buttons.
    Card,
    /// Options, of which one is picked.
    Dropdown,
    /// Options, of which one or several are picked.
    Choice,
}

impl MessageType {
    /// All of them, in the source's order.
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::Image,
        Self::Markdown,
        Self::Audio,
        Self::Video,
        Self::File,
        Self::Location,
        Self::Carousel,
        Self::Card,
        Self::Dropdown,
        Self::Choice,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Markdown => "markdown",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Location => "location",
            Self::Carousel => "carousel",
            Self::Card => "card",
            Self::Dropdown => "dropdown",
            Self::Choice => "choice",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether it says nothing without a text.
    #[must_use]
    pub fn needs_text(self) -> bool {
        matches!(self, Self::Text | Self::Markdown | Self::Dropdown | Self::Choice)
    }

    /// Whether it is its files.
    #[must_use]
    pub fn needs_files(self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::Video | Self::File)
    }

    /// Whether files may go with it.
    #[must_use]
    pub fn takes_files(self) -> bool {
        self.needs_files() || matches!(self, Self::Text | Self::Markdown)
    }

    /// Whether contacts may send it, too.
    #[must_use]
    pub fn is_for_contacts(self) -> bool {
        self.needs_files() || matches!(self, Self::Text | Self::Location)
    }

    /// Whether a file of that MIME type fits: pictures are pictures.
    #[must_use]
    pub fn fits(self, mime_type: &str) -> bool {
        match self {
            Self::Image | Self::Audio | Self::Video => {
                mime_type.split('/').next().is_some_and(|group| group == self.name())
            }
            _ => true,
        }
    }

    /// The type of an attachment of a message of this type.
    #[must_use]
    pub fn of_attachment(self, mime_type: &str) -> &'static str {
        if self.needs_files() {
            return self.name();
        }
        let known = ["image", "audio", "video"].into_iter();
        known.into_iter().find(|group| mime_type.split('/').next() == Some(group)).unwrap_or("file")
    }

    /// Reads the body of a message of this type; what it does not know is left out.
    ///
    /// # Errors
    /// What is wrong, and where, for the reader of the error.
    pub fn body(self, given: Option<&Map<String, Value>>) -> Result<Option<Value>, String> {
        let empty = Map::new();
        let fields = Fields::new(given.unwrap_or(&empty));
        let read = match self {
            Self::Location => location(&fields),
            Self::Card => card(&fields).and_then(|body| distinct(body, offered_by_card)),
            Self::Carousel => carousel(&fields).and_then(|body| distinct(body, offered_by_carousel)),
            Self::Dropdown => options(&fields, false).and_then(|body| distinct(body, offered_by_options)),
            Self::Choice => options(&fields, true).and_then(|body| distinct(body, offered_by_options)),
            _ => return Ok(None),
        };
        read.map(Some).map_err(|wrong| wrong.0)
    }
}

fn location(of: &Fields<'_>) -> Result<Value, Wrong> {
    let (lat, lng) = (of.number("lat", -90.0..=90.0)?, of.number("lng", -180.0..=180.0)?);
    Ok(json!({ "lat": lat, "lng": lng, "name": of.text("name", MAX_LABEL)? }))
}

fn carousel(of: &Fields<'_>) -> Result<Value, Wrong> {
    let cards = of.list("cards", 1..=MAX_CARDS, card)?;
    Ok(json!({ "cards": cards }))
}

fn card(of: &Fields<'_>) -> Result<Value, Wrong> {
    Ok(json!({
        "title": of.required("title", MAX_LABEL)?,
        "description": of.text("description", MAX_DESCRIPTION)?,
        "imageUrl": of.url("imageUrl", MAX_URL)?,
        "buttons": of.list("buttons", 0..=MAX_BUTTONS, button)?,
    }))
}

/// A button says something in the contact's name, or leads somewhere.
fn button(of: &Fields<'_>) -> Result<Value, Wrong> {
    let title = of.required("title", MAX_LABEL)?;
    if let Some(url) = of.url("url", MAX_URL)? {
        return Ok(json!({ "title": title, "url": url }));
    }
    let value = of.text("value", MAX_LABEL)?.unwrap_or_else(|| title.clone());
    Ok(json!({ "title": title, "value": value }))
}

fn options(of: &Fields<'_>, may_be_several: bool) -> Result<Value, Wrong> {
    let options = of.list("options", 1..=MAX_OPTIONS, |of| {
        let title = of.required("title", MAX_LABEL)?;
        let value = of.text("value", MAX_LABEL)?.unwrap_or_else(|| title.clone());
        Ok(json!({ "title": title, "value": value }))
    })?;
    let multiple = may_be_several && of.boolean("multiple")?.unwrap_or(false);
    Ok(json!({ "options": options, "multiple": multiple }))
}

/// Something that may be picked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    /// What the answer says.
    pub value: String,
    /// What the contact sees.
    pub title: String,
}

fn offers(of: &Value, list: &str) -> Vec<Offer> {
    let read = |one: &Value| {
        let text = |name| one.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Offer { value: text("value")?, title: text("title")? })
    };
    of.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(read).collect()
}

fn offered_by_options(body: &Value) -> Vec<Offer> {
    offers(body, "options")
}

fn offered_by_card(body: &Value) -> Vec<Offer> {
    offers(body, "buttons")
}

fn offered_by_carousel(body: &Value) -> Vec<Offer> {
    body.get("cards").and_then(Value::as_array).into_iter().flatten().flat_map(offered_by_card).collect()
}

/// An answer names a value: two offers with the same one could not be told apart.
fn distinct(body: Value, offered: fn(&Value) -> Vec<Offer>) -> Result<Value, Wrong> {
    let mut seen = BTreeSet::new();
    match offered(&body).into_iter().find(|offer| !seen.insert(offer.value.clone())) {
        Some(twice) => Err(Wrong(format!("The value {:?} is offered twice.", twice.value))),
        None => Ok(body),
    }
}

/// What a message offers to pick, and whether several of it may be.
#[must_use]
pub fn offered(kind: MessageType, body: &Value) -> (Vec<Offer>, bool) {
    let several = body.get("multiple").and_then(Value::as_bool).unwrap_or(false);
    match kind {
        MessageType::Dropdown | MessageType::Choice => (offered_by_options(body), several),
        MessageType::Card => (offered_by_card(body), false),
        MessageType::Carousel => (offered_by_carousel(body), false),
        _ => (Vec::new(), false),
    }
}

/// The titles of what an answer picks of a message's offers.
///
/// # Errors
/// What is wrong with it.
pub fn picked(kind: MessageType, body: &Value, answer: &[String]) -> Result<Vec<String>, String> {
    let (offers, several) = offered(kind, body);
    if answer.len() > 1 && !several {
        return Err("Only one may be picked.".to_owned());
    }
    let mut seen = BTreeSet::new();
    let title = |value: &String| {
        let offer = offers.iter().find(|offer| offer.value == *value).filter(|_| seen.insert(value.clone()));
        offer
            .map(|offer| offer.title.clone())
            .ok_or_else(|| format!("{value:?} is not offered, or picked twice."))
    };
    let titles: Vec<String> = answer.iter().map(title).collect::<Result<_, _>>()?;
    if titles.is_empty() { Err("Nothing is picked.".to_owned()) } else { Ok(titles) }
}

#[cfg(test)]
mod tests;
