//! What the catalogue tells the other services, in the transaction that changes the state.

use diesel::QueryResult;
use events::Occasion;
use events::listing::{Listing as Told, ListingCreated, ListingDeleted, ListingUpdated};
use kit::Tx;

use crate::domain::listing::{Listing, OutsideId};

/// A listing was made.
pub(crate) fn created(tx: &mut Tx<'_>, occasion: &Occasion, listing: &Listing) -> QueryResult<()> {
    occasion.tell(tx, listing.id, &[listing.user_id], ListingCreated { listing: told(listing) })
}

/// A listing changed.
pub(crate) fn updated(tx: &mut Tx<'_>, occasion: &Occasion, listing: &Listing) -> QueryResult<()> {
    occasion.tell(tx, listing.id, &[listing.user_id], ListingUpdated { listing: told(listing) })
}

/// A listing was deleted.
pub(crate) fn deleted(tx: &mut Tx<'_>, occasion: &Occasion, listing: &Listing) -> QueryResult<()> {
    occasion.tell(tx, listing.id, &[listing.user_id], ListingDeleted { listing: told(listing) })
}

/// A listing as the other services may know it: without the confirmation of a payment.
fn told(listing: &Listing) -> Told {
    let Listing { content, premium, .. } = listing.clone();
    Told {
        id: listing.id.uuid(),
        user_id: listing.user_id,
        title: content.title,
        description: content.description,
        price: content.price,
        currency: content.currency,
        attributes: content.attributes,
        category_id: content.category_id.map(OutsideId::uuid),
        subcategory_id: content.subcategory_id.map(OutsideId::uuid),
        location_id: content.location_id.map(OutsideId::uuid),
        condition: content.condition,
        listing_type: content.listing_type,
        status: listing.status,
        premium_type: premium.premium_type,
        is_premium: premium.is_premium,
        premium_expiry: premium.expiry,
        contact_email: content.contact_email,
        contact_phone: content.contact_phone,
        expires_at: content.expires_at,
        favorite_count: listing.favorite_count,
        views_count: listing.views_count,
        is_active: listing.is_active,
        record_version: listing.record_version,
        created_at: listing.created_at,
        updated_at: listing.updated_at,
    }
}
