//! What the catalogue tells the other services, in the transaction that changes the state.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use events::listing::{Listing as Told, ListingCreated, ListingDeleted, ListingUpdated};
use events::{Announcement, Payload};
use kit::clock::uuid_v7;
use kit::{App, Call, Tx};

use crate::domain::listing::{Listing, OutsideId};

/// When something happens, and for which request.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Now.
    pub now: DateTime<Utc>,
    /// The request; what happens by itself has none, and names itself.
    pub request_id: String,
}

impl Occasion {
    /// That of a request.
    #[must_use]
    pub fn of(app: &App, call: &Call) -> Self {
        Self { now: app.now(), request_id: call.request_id().to_owned() }
    }

    /// A listing was made.
    ///
    /// # Errors
    /// What Postgres says; so below.
    pub fn listing_created(&self, tx: &mut Tx<'_>, listing: &Listing) -> QueryResult<()> {
        self.tell(tx, listing, ListingCreated { listing: told(listing) })
    }

    /// A listing changed.
    ///
    /// # Errors
    /// As above.
    pub fn listing_updated(&self, tx: &mut Tx<'_>, listing: &Listing) -> QueryResult<()> {
        self.tell(tx, listing, ListingUpdated { listing: told(listing) })
    }

    /// A listing was deleted.
    ///
    /// # Errors
    /// As above.
    pub fn listing_deleted(&self, tx: &mut Tx<'_>, listing: &Listing) -> QueryResult<()> {
        self.tell(tx, listing, ListingDeleted { listing: told(listing) })
    }

    fn tell<P: Payload>(&self, tx: &mut Tx<'_>, about: &Listing, data: P) -> QueryResult<()> {
        let announcement = Announcement {
            id: uuid_v7(self.now),
            time: self.now,
            request_id: self.request_id.clone(),
            subject: about.id.to_string(),
            recipients: vec![about.user_id.into()],
            data,
        };
        events::enqueue(tx, &announcement)
    }
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
