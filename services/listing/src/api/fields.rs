//! The fields of a body, by the rules of the domain, with complaints that name them.

use chrono::{DateTime, SubsecRound as _, Utc};
use events::listing::{Condition, ListingType, PremiumType, Status};
use kit::error::{NOT_AN_ID, NOT_VALID};
use kit::{Body, Error, MAX_TEXT, Result, UserId};
use serde_json::{Map, Value};

use crate::Refusal;
use crate::domain::contact::{CURRENCY, MAX_EMAIL, MAX_PHONE, is_currency, is_email, is_phone};
use crate::domain::listing::{
    Actor, Change, Content, ListingId, MAX_ATTRIBUTES, MAX_DESCRIPTION, MAX_PRICE, MAX_TITLE,
};

/// No word of a list is longer.
const MAX_WORD: usize = 64;

/// The listing that a path names.
pub(crate) fn id_in_path(text: &str) -> Result<ListingId> {
    text.parse().map_err(|_| Error::field(&NOT_AN_ID, "listingId"))
}

/// What a new listing says.
pub(crate) fn content(body: &Body) -> Result<Content> {
    Ok(Content {
        title: title(body)?,
        description: description(body)?,
        price: price(body)?,
        currency: currency(body)?,
        attributes: attributes(body)?,
        category_id: body.id("categoryId")?,
        subcategory_id: body.id("subcategoryId")?,
        location_id: body.id("locationId")?,
        condition: condition(body)?,
        listing_type: listing_type(body)?.unwrap_or(ListingType::Sale),
        contact_email: contact_email(body)?,
        contact_phone: contact_phone(body)?,
        expires_at: expires_at(body)?,
    })
}

/// What is to change: a field that is there, if only as null.
pub(crate) fn change(body: &Body) -> Result<Change> {
    Ok(Change {
        title: given(body, "title", title)?,
        description: given(body, "description", description)?,
        price: given(body, "price", price)?,
        currency: given(body, "currency", currency)?,
        attributes: given(body, "attributes", attributes)?,
        category_id: given(body, "categoryId", |body| body.id("categoryId"))?,
        subcategory_id: given(body, "subcategoryId", |body| body.id("subcategoryId"))?,
        location_id: given(body, "locationId", |body| body.id("locationId"))?,
        condition: given(body, "condition", condition)?,
        listing_type: listing_type(body)?,
        contact_email: given(body, "contactEmail", contact_email)?,
        contact_phone: given(body, "contactPhone", contact_phone)?,
        expires_at: given(body, "expiresAt", expires_at)?,
        status: status(body)?,
    })
}

/// A field that is there at all, null included.
fn given<T>(body: &Body, field: &str, read: impl Fn(&Body) -> Result<T>) -> Result<Option<T>> {
    body.has(field).then(|| read(body)).transpose()
}

/// The status that is asked for.
pub(crate) fn status(body: &Body) -> Result<Option<Status>> {
    word(body, "status", Status::parse)
}

/// Fields that are the server's: of the right type, and else ignored, but for an owner who is somebody else.
pub(crate) fn check_servers_own(body: &Body, actor: Actor) -> Result<()> {
    body.boolean("isPremium")?;
    word(body, "premiumType", PremiumType::parse)?;
    body.date("premiumExpiry")?;
    body.text("_paymentConfirmation", MAX_TEXT)?;
    for count in
        ["viewsCount", "favoriteCount", "condition_idx", "listingType_idx", "status_idx", "premiumType_idx"]
    {
        body.integer(count)?;
    }
    match body.id::<UserId>("userId")? {
        Some(user) if user != actor.id && !actor.is_staff => Err(Refusal::UserIsNotTheCaller.into()),
        _ => Ok(()),
    }
}

fn title(body: &Body) -> Result<String> {
    body.required_text("title", MAX_TITLE)
}

fn description(body: &Body) -> Result<Option<String>> {
    body.text("description", MAX_DESCRIPTION)
}

/// Zero has no sign.
fn price(body: &Body) -> Result<Option<f64>> {
    let refusal = || Error::field(&NOT_VALID, "price").detail("A price is 0 to 1e15.");
    let price = body.number("price")?;
    price
        .map(|price| if (0.0..=MAX_PRICE).contains(&price) { Ok(price.abs()) } else { Err(refusal()) })
        .transpose()
}

fn currency(body: &Body) -> Result<Option<String>> {
    checked(body, "currency", CURRENCY, is_currency)
}

fn attributes(body: &Body) -> Result<Map<String, Value>> {
    Ok(body.object("attributes", MAX_ATTRIBUTES)?.unwrap_or_default())
}

fn condition(body: &Body) -> Result<Option<Condition>> {
    word(body, "condition", Condition::parse)
}

fn listing_type(body: &Body) -> Result<Option<ListingType>> {
    word(body, "listingType", ListingType::parse)
}

fn contact_email(body: &Body) -> Result<Option<String>> {
    checked(body, "contactEmail", MAX_EMAIL, is_email)
}

fn contact_phone(body: &Body) -> Result<Option<String>> {
    checked(body, "contactPhone", MAX_PHONE, is_phone)
}

/// As it is shown: to the millisecond.
fn expires_at(body: &Body) -> Result<Option<DateTime<Utc>>> {
    Ok(body.date("expiresAt")?.map(|date| date.trunc_subsecs(3)))
}

fn word<T>(body: &Body, field: &'static str, read: fn(&str) -> Option<T>) -> Result<Option<T>> {
    let text = body.text(field, MAX_WORD)?;
    text.map(|text| read(&text).ok_or_else(|| Error::field(&NOT_VALID, field))).transpose()
}

fn checked(body: &Body, field: &'static str, max: usize, rule: fn(&str) -> bool) -> Result<Option<String>> {
    let text = body.text(field, max)?;
    text.map(|text| if rule(&text) { Ok(text) } else { Err(Error::field(&NOT_VALID, field)) }).transpose()
}
