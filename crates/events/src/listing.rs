//! What the catalogue tells: listings come, change and go.

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::event::payloads;

payloads! { "listing":
    ListingCreated = "listing-created", version 1;
    ListingUpdated = "listing-updated", version 1;
    ListingDeleted = "listing-deleted", version 1;
}

/// Declares an enum of words: answers show a word together with its place in the list, from 0.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// All, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word, as clients and the database write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What that word means.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.name() == word)
            }

            /// Its place in the list, from 0.
            #[must_use]
            pub fn index(self) -> usize {
                Self::ALL.iter().take_while(|it| **it != self).count()
            }
        }
    };
}

words! {
    /// How far a listing has come.
    Status {
        /// Its owner is still at it; nobody else sees it.
        Draft = "draft",
        /// On offer.
        Active = "active",
        /// Gone to somebody.
        Sold = "sold",
        /// Its time is over.
        Expired = "expired",
        /// Taken out by the staff; only they and its owner see it.
        Removed = "removed",
    }
}

words! {
    /// What state the thing is in.
    Condition {
        /// Never used.
        New = "new",
        /// Used.
        Used = "used",
        /// Used, and made good again.
        Refurbished = "refurbished",
    }
}

words! {
    /// What is offered or asked for.
    ListingType {
        /// To be bought.
        Sale = "sale",
        /// To be rented.
        Rent = "rent",
        /// Looked for.
        Wanted = "wanted",
        /// Work to be done.
        Service = "service",
    }
}

words! {
    /// How prominently it is shown.
    PremiumType {
        /// As all are.
        None = "none",
        /// A little.
        Bronze = "bronze",
        /// More.
        Silver = "silver",
        /// Most.
        Gold = "gold",
    }
}

/// A listing, as other services may know it: never with the confirmation of a payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// Which it is.
    pub id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// What it is called, 1 to 200 characters.
    pub title: String,
    /// What is said about it, at most 10,000 characters.
    pub description: Option<String>,
    /// What it costs, 0 to 1e15.
    pub price: Option<f64>,
    /// In which currency: three capitals, as in ISO 4217.
    pub currency: Option<String>,
    /// Whatever else its owner says about it.
    pub attributes: Map<String, Value>,
    /// Its category, which no service of ours owns; so below.
    pub category_id: Option<Uuid>,
    /// Its subcategory.
    pub subcategory_id: Option<Uuid>,
    /// Where it is.
    pub location_id: Option<Uuid>,
    /// What state the thing is in.
    pub condition: Option<Condition>,
    /// What is offered or asked for.
    pub listing_type: ListingType,
    /// How far it has come.
    pub status: Status,
    /// How prominently it is shown.
    pub premium_type: PremiumType,
    /// Whether it is shown prominently.
    pub is_premium: bool,
    /// Until when.
    #[serde(with = "kit::date::option")]
    pub premium_expiry: Option<DateTime<Utc>>,
    /// The address that its owner published with it.
    pub contact_email: Option<String>,
    /// The telephone number that its owner published with it.
    pub contact_phone: Option<String>,
    /// When it expires by itself.
    #[serde(with = "kit::date::option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// How many users had it among their favourites, when the event was written.
    pub favorite_count: i64,
    /// How many other users had opened it, when the event was written.
    pub views_count: i64,
    /// False once it was deleted.
    pub is_active: bool,
    /// Goes up by one with each change of the listing itself: the highest is the newest.
    pub record_version: i32,
    /// When it was made.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
}

/// A listing was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingCreated {
    /// The new listing.
    pub listing: Listing,
}

/// A listing changed: what it says, or how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingUpdated {
    /// The listing after the change.
    pub listing: Listing,
}

/// A listing was deleted, by its owner, by the staff, or because its owner was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingDeleted {
    /// The listing, no longer active.
    pub listing: Listing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_the_agreed_order() {
        let names = |all: &[Status]| all.iter().map(|it| it.name()).collect::<Vec<_>>().join("|");
        assert_eq!(names(Status::ALL), "draft|active|sold|expired|removed");
        assert_eq!((Condition::Refurbished.index(), Condition::parse("used")), (2, Some(Condition::Used)));
        assert_eq!((ListingType::Service.index(), ListingType::parse("Sale")), (3, None));
        assert_eq!((PremiumType::None.index(), PremiumType::Gold.index()), (0, 3));
        assert_eq!(serde_json::to_value(Status::ALL).unwrap()[4], "removed");
    }
}
