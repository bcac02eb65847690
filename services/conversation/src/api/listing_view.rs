//! Listings as answers about threads carry them: in short, or whole.

use chrono::{DateTime, Utc};
use events::listing::{Condition, Listing, ListingType, PremiumType, Status};
use kit::UserId;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a thread is about, in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListingCard {
    status: Status,
    /// Its place in the list of statuses, from 0.
    #[serde(rename = "status_idx")]
    status_idx: usize,
    title: String,
    /// Its owner.
    user_id: UserId,
}

impl From<&Listing> for ListingCard {
    fn from(of: &Listing) -> Self {
        Self {
            status: of.status,
            status_idx: of.status.index(),
            title: of.title.clone(),
            user_id: of.user_id,
        }
    }
}

/// What a thread is about, whole.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListingView {
    id: Uuid,
    attributes: Map<String, Value>,
    category_id: Option<Uuid>,
    condition: Option<Condition>,
    #[serde(rename = "condition_idx")]
    condition_idx: Option<usize>,
    contact_email: Option<String>,
    contact_phone: Option<String>,
    currency: Option<String>,
    description: Option<String>,
    #[serde(with = "kit::date::option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<DateTime<Utc>>,
    favorite_count: i64,
    is_premium: bool,
    listing_type: ListingType,
    #[serde(rename = "listingType_idx")]
    listing_type_idx: usize,
    location_id: Option<Uuid>,
    /// Null outside the catalogue.
    #[serde(rename = "_paymentConfirmation")]
    payment_confirmation: Option<String>,
    #[serde(with = "kit::date::option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    premium_expiry: Option<DateTime<Utc>>,
    premium_type: PremiumType,
    #[serde(rename = "premiumType_idx")]
    premium_type_idx: usize,
    price: Option<f64>,
    status: Status,
    #[serde(rename = "status_idx")]
    status_idx: usize,
    subcategory_id: Option<Uuid>,
    title: String,
    user_id: UserId,
    views_count: i64,
}

impl From<&Listing> for ListingView {
    fn from(of: &Listing) -> Self {
        let of = of.clone();
        Self {
            id: of.id,
            attributes: of.attributes,
            category_id: of.category_id,
            condition: of.condition,
            condition_idx: of.condition.map(Condition::index),
            contact_email: of.contact_email,
            contact_phone: of.contact_phone,
            currency: of.currency,
            description: of.description,
            expires_at: of.expires_at,
            favorite_count: of.favorite_count,
            is_premium: of.is_premium,
            listing_type: of.listing_type,
            listing_type_idx: of.listing_type.index(),
            location_id: of.location_id,
            payment_confirmation: None,
            premium_expiry: of.premium_expiry,
            premium_type: of.premium_type,
            premium_type_idx: of.premium_type.index(),
            price: of.price,
            status: of.status,
            status_idx: of.status.index(),
            subcategory_id: of.subcategory_id,
            title: of.title,
            user_id: of.user_id,
            views_count: of.views_count,
        }
    }
}
