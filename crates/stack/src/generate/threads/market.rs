//! The listings that threads are about.

use chrono::{DateTime, Utc};
use events::listing::{Condition, Listing, ListingType, PremiumType, Status};
use serde_json::Map;
use uuid::Uuid;

use super::super::world::Chance;
use super::vocabulary::{Language, Vocabulary};

/// Something on offer.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) title: String,
    pub(super) price: u32,
    pub(super) created_at: DateTime<Utc>,
    pub(super) sold_at: Option<DateTime<Utc>>,
    /// Which threads are about it.
    pub(super) threads: Vec<usize>,
}

impl Offer {
    pub(super) fn new(
        chance: &mut Chance,
        words: &Vocabulary,
        people: &[Uuid],
        created_at: DateTime<Utc>,
    ) -> Self {
        let language = Language::any(chance);
        let length = 2 + chance.below(5);
        Self {
            id: chance.id(created_at),
            owner: chance.pick(people).copied().unwrap_or_default(),
            title: words.text(language, chance, length),
            price: u32::try_from(1 + chance.mostly_low(5000)).unwrap_or(1),
            created_at,
            sold_at: None,
            threads: Vec::new(),
        }
    }

    /// As events carry it.
    pub(super) fn listing(&self) -> Listing {
        let sold = self.sold_at.is_some();
        Listing {
            id: self.id,
            user_id: self.owner.into(),
            title: self.title.clone(),
            description: None,
            price: Some(f64::from(self.price)),
            currency: Some("EUR".to_owned()),
            attributes: Map::new(),
            category_id: None,
            subcategory_id: None,
            location_id: None,
            condition: Some(Condition::Used),
            listing_type: ListingType::Sale,
            status: if sold { Status::Sold } else { Status::Active },
            premium_type: PremiumType::None,
            is_premium: false,
            premium_expiry: None,
            contact_email: None,
            contact_phone: None,
            expires_at: None,
            favorite_count: 0,
            views_count: 0,
            is_active: true,
            record_version: if sold { 2 } else { 1 },
            created_at: self.created_at,
            updated_at: self.sold_at.unwrap_or(self.created_at),
        }
    }
}
