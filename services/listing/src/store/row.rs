//! The columns of `listing`, and what they mean.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use events::listing::{Condition, ListingType, PremiumType, Status};
use kit::{Error, Result, UserId};
use serde_json::{Map, Value};

use crate::domain::listing::{Content, Listing, ListingId, OutsideId, Premium};
use crate::store::schema::listing;

/// A listing as it is read: all but its terms.
#[derive(Queryable, Selectable)]
#[diesel(table_name = listing)]
pub(super) struct Row {
    id: ListingId,
    user_id: UserId,
    #[diesel(embed)]
    said: Said,
    #[diesel(embed)]
    premium: PremiumRow,
    #[diesel(embed)]
    state: State,
    favorite_count: i64,
    views_count: i64,
    created_at: DateTime<Utc>,
}

/// What its owner said.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = listing, treat_none_as_null = true)]
pub(super) struct Said {
    title: String,
    description: Option<String>,
    price: Option<f64>,
    currency: Option<String>,
    attributes: Value,
    category_id: Option<OutsideId>,
    subcategory_id: Option<OutsideId>,
    location_id: Option<OutsideId>,
    condition: Option<String>,
    listing_type: String,
    contact_email: Option<String>,
    contact_phone: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = listing)]
pub(super) struct PremiumRow {
    premium_type: String,
    is_premium: bool,
    premium_expiry: Option<DateTime<Utc>>,
    payment_confirmation: Option<String>,
}

/// How far it has come.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = listing)]
pub(super) struct State {
    status: String,
    is_active: bool,
    record_version: i32,
    updated_at: DateTime<Utc>,
}

impl From<&Content> for Said {
    fn from(of: &Content) -> Self {
        let of = of.clone();
        Self {
            title: of.title,
            description: of.description,
            price: of.price,
            currency: of.currency,
            attributes: Value::Object(of.attributes),
            category_id: of.category_id,
            subcategory_id: of.subcategory_id,
            location_id: of.location_id,
            condition: of.condition.map(|word| word.name().to_owned()),
            listing_type: of.listing_type.name().to_owned(),
            contact_email: of.contact_email,
            contact_phone: of.contact_phone,
            expires_at: of.expires_at,
        }
    }
}

impl From<&Listing> for State {
    fn from(of: &Listing) -> Self {
        let &Listing { status, is_active, record_version, updated_at, .. } = of;
        Self { status: status.name().to_owned(), is_active, record_version, updated_at }
    }
}

impl TryFrom<Said> for Content {
    type Error = Error;

    fn try_from(row: Said) -> Result<Self> {
        Ok(Self {
            condition: row.condition.map(|text| known(Condition::parse, &text)).transpose()?,
            listing_type: known(ListingType::parse, &row.listing_type)?,
            attributes: object(row.attributes)?,
            title: row.title,
            description: row.description,
            price: row.price,
            currency: row.currency,
            category_id: row.category_id,
            subcategory_id: row.subcategory_id,
            location_id: row.location_id,
            contact_email: row.contact_email,
            contact_phone: row.contact_phone,
            expires_at: row.expires_at,
        })
    }
}

impl TryFrom<PremiumRow> for Premium {
    type Error = Error;

    fn try_from(row: PremiumRow) -> Result<Self> {
        let PremiumRow { premium_type, is_premium, premium_expiry, payment_confirmation } = row;
        let premium_type = known(PremiumType::parse, &premium_type)?;
        Ok(Self { premium_type, is_premium, expiry: premium_expiry, payment_confirmation })
    }
}

impl TryFrom<Row> for Listing {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let Row { id, user_id, said, premium, state, favorite_count, views_count, created_at } = row;
        Ok(Self {
            id,
            user_id,
            content: said.try_into()?,
            status: known(Status::parse, &state.status)?,
            premium: premium.try_into()?,
            favorite_count,
            views_count,
            is_active: state.is_active,
            record_version: state.record_version,
            created_at,
            updated_at: state.updated_at,
        })
    }
}

/// The constraints of the table let no other word in.
fn known<T>(parse: fn(&str) -> Option<T>, word: &str) -> Result<T> {
    parse(word).ok_or_else(|| Error::internal(format!("the word {word} is unknown")))
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::internal("attributes are no object")),
    }
}

/// Listings out of their rows.
pub(super) fn gather(rows: Vec<Row>) -> Result<Vec<Listing>> {
    rows.into_iter().map(Listing::try_from).collect()
}
