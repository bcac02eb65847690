//! Listings as clients see them.

use chrono::{DateTime, Utc};
use events::listing::{Condition, ListingType, PremiumType, Status};
use kit::{Reader, UserId, answer_schema};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::listing::{Actor, Content, Listing, ListingId, OutsideId};

/// A listing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Listing)]
pub(crate) struct ListingView {
    id: ListingId,
    #[schema(example = "Writing desk, oak")]
    title: String,
    description: Option<String>,
    #[schema(example = 120.5)]
    price: Option<f64>,
    #[schema(example = "EUR")]
    currency: Option<String>,
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    category_id: Option<OutsideId>,
    subcategory_id: Option<OutsideId>,
    location_id: Option<OutsideId>,
    condition: Option<Condition>,
    /// The place of `condition` in its list, from 0; so with the others.
    #[serde(rename = "condition_idx")]
    condition_idx: Option<usize>,
    listing_type: ListingType,
    #[serde(rename = "listingType_idx")]
    listing_type_idx: usize,
    status: Status,
    #[serde(rename = "status_idx")]
    status_idx: usize,
    premium_type: PremiumType,
    #[serde(rename = "premiumType_idx")]
    premium_type_idx: usize,
    is_premium: bool,
    #[serde(with = "kit::date::option")]
    premium_expiry: Option<DateTime<Utc>>,
    /// For the owner and the staff only; null for everybody else.
    #[serde(rename = "_paymentConfirmation")]
    payment_confirmation: Option<String>,
    contact_email: Option<String>,
    contact_phone: Option<String>,
    #[serde(with = "kit::date::option")]
    expires_at: Option<DateTime<Utc>>,
    /// How many users have it among their favourites.
    favorite_count: i64,
    /// How many other users have opened it.
    views_count: i64,
    /// The owner.
    user_id: UserId,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The owner.
    #[serde(rename = "_owner")]
    owner: UserId,
}

/// Who looks at a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// A user.
    User(Actor),
    /// Another service.
    Service,
}

impl From<&Reader> for Viewer {
    fn from(reader: &Reader) -> Self {
        match reader {
            Reader::User(call) => Self::User(call.caller.into()),
            Reader::Service(_) => Self::Service,
        }
    }
}

impl ListingView {
    /// As somebody sees it.
    pub(crate) fn seen_by(viewer: Viewer, of: Listing) -> Self {
        let theirs = matches!(viewer, Viewer::User(actor) if actor.is_staff || actor.id == of.user_id);
        Self {
            payment_confirmation: of.premium.payment_confirmation.clone().filter(|_| theirs),
            ..Self::from(of)
        }
    }
}

impl From<Listing> for ListingView {
    /// What everybody sees of it.
    fn from(of: Listing) -> Self {
        let Listing { content, premium, .. } = of;
        let Content { condition, listing_type, .. } = content;
        Self {
            id: of.id,
            title: content.title,
            description: content.description,
            price: content.price,
            currency: content.currency,
            attributes: content.attributes,
            category_id: content.category_id,
            subcategory_id: content.subcategory_id,
            location_id: content.location_id,
            condition,
            condition_idx: condition.map(Condition::index),
            listing_type,
            listing_type_idx: listing_type.index(),
            status: of.status,
            status_idx: of.status.index(),
            premium_type: premium.premium_type,
            premium_type_idx: premium.premium_type.index(),
            is_premium: premium.is_premium,
            premium_expiry: premium.expiry,
            payment_confirmation: None,
            contact_email: content.contact_email,
            contact_phone: content.contact_phone,
            expires_at: content.expires_at,
            favorite_count: of.favorite_count,
            views_count: of.views_count,
            user_id: of.user_id,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
            owner: of.user_id,
        }
    }
}

answer_schema!(ListingAnswer { listing: ListingView });
answer_schema!(ListingsAnswer { listings: [ListingView] });
