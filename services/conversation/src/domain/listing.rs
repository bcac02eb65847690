//! Listings, as far as threads are concerned: who may be written to about one, and what its threads are told.

use events::listing::{Listing, Status};

/// Whether somebody may begin to write about it: a draft or one that was taken out is nothing that others know of.
#[must_use]
pub fn is_open(listing: &Listing) -> bool {
    listing.is_active && !matches!(listing.status, Status::Draft | Status::Removed)
}

/// What the threads of a listing are told when it changes, if anything.
#[must_use]
pub fn notice(before: &Listing, after: &Listing) -> Option<&'static str> {
    let (ended, status) = (before.is_active && !after.is_active, after.status);
    match status {
        _ if ended => Some("This listing was removed."),
        _ if status == before.status => None,
        Status::Sold => Some("This listing was sold."),
        Status::Expired => Some("This listing has expired."),
        Status::Removed => Some("This listing was removed."),
        Status::Draft | Status::Active => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing(status: &str, is_active: bool) -> Listing {
        let (id, date) = (uuid::Uuid::nil(), "2026-01-01T00:00:00.000Z");
        serde_json::from_value(json!({
            "id": id, "userId": id, "title": "Bicycle", "attributes": {}, "listingType": "sale", "status": status,
            "premiumType": "none", "isPremium": false, "favoriteCount": 0, "viewsCount": 0, "isActive": is_active,
            "premiumExpiry": null, "expiresAt": null, "recordVersion": 1, "createdAt": date, "updatedAt": date,
        }))
        .unwrap()
    }

    fn told(before: (&str, bool), after: (&str, bool)) -> Option<&'static str> {
        notice(&listing(before.0, before.1), &listing(after.0, after.1))
    }

    #[test]
    fn threads_are_told_when_it_ends_and_once() {
        assert_eq!(told(("active", true), ("sold", true)), Some("This listing was sold."));
        assert_eq!(told(("active", true), ("expired", true)), Some("This listing has expired."));
        assert_eq!(told(("sold", true), ("removed", true)), Some("This listing was removed."));
        assert_eq!(told(("active", true), ("active", false)), Some("This listing was removed."));
        assert_eq!(told(("sold", true), ("sold", true)), None);
        assert_eq!(told(("sold", true), ("active", true)), None);
        assert_eq!(told(("sold", false), ("sold", false)), None);
    }

    #[test]
    fn nobody_begins_to_write_about_what_others_do_not_see() {
        let open = |status, is_active| is_open(&listing(status, is_active));
        assert!(open("active", true) && open("sold", true) && open("expired", true));
        assert!(!open("draft", true) && !open("removed", true) && !open("active", false));
    }
}
