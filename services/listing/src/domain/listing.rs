//! Listings: what they are, who sees them, and who may change what of them.

use chrono::{DateTime, Utc};
pub use events::listing::{Condition, ListingType, PremiumType, Status};
use kit::{Caller, UserId, typed_id};
use serde_json::{Map, Value};

use crate::Refusal;

typed_id!(
    /// A listing.
    ListingId
);
typed_id!(
    /// A category, subcategory or place, which no service of ours owns.
    OutsideId
);

/// The longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 10_000;
/// The highest price: beyond it, a double would not tell cents apart.
pub const MAX_PRICE: f64 = 1e15;
/// The most that attributes take, in bytes of JSON without blanks.
pub const MAX_ATTRIBUTES: usize = 32_768;
/// What others see: not what is still being written, and not what the staff took out.
pub const PUBLIC: [Status; 3] = [Status::Active, Status::Sold, Status::Expired];

/// A listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Which it is.
    pub id: ListingId,
    /// Its owner.
    pub user_id: UserId,
    /// What its owner says.
    pub content: Content,
    /// How far it has come.
    pub status: Status,
    /// How prominently it is shown.
    pub premium: Premium,
    /// How many users have it among their favourites.
    pub favorite_count: i64,
    /// How many other users have opened it.
    pub views_count: i64,
    /// False once it was deleted.
    pub is_active: bool,
    /// From 1, up by one with every change of the listing itself.
    pub record_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its record version went up last.
    pub updated_at: DateTime<Utc>,
}

/// What an owner says about a listing, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// 1 to 200 characters.
    pub title: String,
    /// At most 10,000 characters.
    pub description: Option<String>,
    /// 0 to 1e15.
    pub price: Option<f64>,
    /// Three capitals.
    pub currency: Option<String>,
    /// Anything else, at most 32 KiB.
    pub attributes: Map<String, Value>,
    /// A category.
    pub category_id: Option<OutsideId>,
    /// A subcategory.
    pub subcategory_id: Option<OutsideId>,
    /// A place.
    pub location_id: Option<OutsideId>,
    /// What state the thing is in.
    pub condition: Option<Condition>,
    /// What is offered or asked for.
    pub listing_type: ListingType,
    /// Where to write to.
    pub contact_email: Option<String>,
    /// Where to call.
    pub contact_phone: Option<String>,
    /// When it expires by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// How prominently a listing is shown: never a client's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Premium {
    /// The rank.
    pub premium_type: PremiumType,
    /// Whether it counts.
    pub is_premium: bool,
    /// Until when.
    pub expiry: Option<DateTime<Utc>>,
    /// What the payment service said. For the owner and the staff only.
    pub payment_confirmation: Option<String>,
}

impl Premium {
    /// None at all.
    pub const NONE: Self =
        Self { premium_type: PremiumType::None, is_premium: false, expiry: None, payment_confirmation: None };
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub id: UserId,
    /// Whether they are of the staff.
    pub is_staff: bool,
}

impl From<Caller> for Actor {
    fn from(caller: Caller) -> Self {
        Self { id: caller.user_id, is_staff: caller.role.is_staff() }
    }
}

/// What is to change, checked; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// A new title.
    pub title: Option<String>,
    /// A new description, or none; so below.
    pub description: Option<Option<String>>,
    /// A new price.
    pub price: Option<Option<f64>>,
    /// A new currency.
    pub currency: Option<Option<String>>,
    /// New attributes, instead of all there are.
    pub attributes: Option<Map<String, Value>>,
    /// A new category.
    pub category_id: Option<Option<OutsideId>>,
    /// A new subcategory.
    pub subcategory_id: Option<Option<OutsideId>>,
    /// A new place.
    pub location_id: Option<Option<OutsideId>>,
    /// A new condition.
    pub condition: Option<Option<Condition>>,
    /// A new type.
    pub listing_type: Option<ListingType>,
    /// A new address.
    pub contact_email: Option<Option<String>>,
    /// A new number.
    pub contact_phone: Option<Option<String>>,
    /// A new end.
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// A new status.
    pub status: Option<Status>,
}

impl Change {
    fn content(&self, of: Content) -> Content {
        let change = self.clone();
        Content {
            title: change.title.unwrap_or(of.title),
            description: change.description.unwrap_or(of.description),
            price: change.price.unwrap_or(of.price),
            currency: change.currency.unwrap_or(of.currency),
            attributes: change.attributes.unwrap_or(of.attributes),
            category_id: change.category_id.unwrap_or(of.category_id),
            subcategory_id: change.subcategory_id.unwrap_or(of.subcategory_id),
            location_id: change.location_id.unwrap_or(of.location_id),
            condition: change.condition.unwrap_or(of.condition),
            listing_type: change.listing_type.unwrap_or(of.listing_type),
            contact_email: change.contact_email.unwrap_or(of.contact_email),
            contact_phone: change.contact_phone.unwrap_or(of.contact_phone),
            expires_at: change.expires_at.unwrap_or(of.expires_at),
        }
    }
}

/// Decides on a new listing of `owner`.
///
/// # Errors
/// A status that is not an owner's to set, or an end that has passed.
pub fn create(
    content: Content,
    status: Status,
    owner: Actor,
    id: ListingId,
    now: DateTime<Utc>,
) -> Result<Listing, Refusal> {
    may_set(Status::Draft, status, owner)?;
    if content.has_passed(now) {
        return Err(Refusal::ExpiresInThePast);
    }
    Ok(Listing {
        id,
        user_id: owner.id,
        content,
        status,
        premium: Premium::NONE,
        favorite_count: 0,
        views_count: 0,
        is_active: true,
        record_version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// Decides whether somebody sees a listing.
///
/// # Errors
/// To others a draft is not allowed, and what the staff took out is not there. A deleted one is there for the staff only,
/// where they ask for it.
pub fn may_see(listing: &Listing, actor: Actor, with_inactive: bool) -> Result<(), Refusal> {
    if !listing.is_active {
        return if actor.is_staff && with_inactive { Ok(()) } else { Err(Refusal::ListingNotFound) };
    }
    match listing.status {
        _ if actor.is_staff || actor.id == listing.user_id => Ok(()),
        Status::Removed => Err(Refusal::ListingNotFound),
        Status::Draft => Err(Refusal::NotAllowed),
        Status::Active | Status::Sold | Status::Expired => Ok(()),
    }
}

/// Decides on a change by `actor`: the listing after it, or nothing when it changes nothing.
///
/// # Errors
/// The content is its owner's; the status is the owner's and the staff's, each within bounds; what is on offer ends in
/// the future.
pub fn update(
    listing: &Listing,
    actor: Actor,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Option<Listing>, Refusal> {
    may_manage(listing, actor)?;
    let after = Listing {
        content: change.content(listing.content.clone()),
        status: change.status.unwrap_or(listing.status),
        ..listing.clone()
    };
    if after.content != listing.content && actor.id != listing.user_id {
        return Err(Refusal::NotAllowed);
    }
    may_set(listing.status, after.status, actor)?;
    let ends_anew = after.content.expires_at != listing.content.expires_at;
    let is_offered_anew = after.status != listing.status && after.status == Status::Active;
    if (ends_anew || is_offered_anew) && after.content.has_passed(now) {
        return Err(Refusal::ExpiresInThePast);
    }
    Ok((after != *listing).then(|| after.changed(now)))
}

/// Decides on the deletion by `actor`: what is left of the listing.
///
/// # Errors
/// It is its owner's and the staff's to delete.
pub fn delete(listing: &Listing, actor: Actor, now: DateTime<Utc>) -> Result<Listing, Refusal> {
    may_manage(listing, actor)?;
    Ok(Listing { is_active: false, ..listing.clone() }.changed(now))
}

fn may_manage(listing: &Listing, actor: Actor) -> Result<(), Refusal> {
    may_see(listing, actor, false)?;
    if actor.is_staff || actor.id == listing.user_id { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Only time makes a listing expire; only the staff take one out, or bring it back.
fn may_set(from: Status, to: Status, actor: Actor) -> Result<(), Refusal> {
    match (from, to) {
        _ if from == to => Ok(()),
        (_, Status::Expired) => Err(Refusal::ExpiresByItself),
        (Status::Removed, _) | (_, Status::Removed) if !actor.is_staff => Err(Refusal::NotAllowed),
        _ => Ok(()),
    }
}

impl Content {
    fn has_passed(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Listing {
    fn changed(self, now: DateTime<Utc>) -> Self {
        Self { record_version: self.record_version + 1, updated_at: now.max(self.updated_at), ..self }
    }

    /// The listing once its time is over.
    #[must_use]
    pub fn expired(self, now: DateTime<Utc>) -> Self {
        Self { status: Status::Expired, ..self }.changed(now)
    }

    /// What is left of the listing once its owner is deleted: nothing to reach them by.
    #[must_use]
    pub fn orphaned(mut self, now: DateTime<Utc>) -> Self {
        (self.content.contact_email, self.content.contact_phone) = (None, None);
        Self { is_active: false, ..self }.changed(now)
    }
}

#[cfg(test)]
mod tests;
