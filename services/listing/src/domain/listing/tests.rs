//! Who sees, changes and deletes what.

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn actor(id: u128, is_staff: bool) -> Actor {
    Actor { id: Uuid::from_u128(id).into(), is_staff }
}

fn content() -> Content {
    Content {
        title: "Desk".into(),
        description: None,
        price: Some(12.5),
        currency: Some("EUR".into()),
        attributes: Map::new(),
        category_id: None,
        subcategory_id: None,
        location_id: None,
        condition: None,
        listing_type: ListingType::Sale,
        contact_email: Some("desk@example.com".into()),
        contact_phone: Some("112".into()),
        expires_at: None,
    }
}

fn listing(status: Status) -> Listing {
    let new = create(content(), Status::Draft, actor(1, false), Uuid::nil().into(), NOW).unwrap();
    Listing { status, ..new }
}

fn to(status: Status) -> Change {
    Change { status: Some(status), ..Change::default() }
}

#[test]
fn who_sees_what() {
    let (owner, other, staff) = (actor(1, false), actor(2, false), actor(3, true));
    for status in Status::ALL.iter().copied() {
        let there = listing(status);
        assert_eq!((may_see(&there, owner, false), may_see(&there, staff, false)), (Ok(()), Ok(())));
        let expected = match status {
            Status::Draft => Err(Refusal::NotAllowed),
            Status::Removed => Err(Refusal::ListingNotFound),
            _ => Ok(()),
        };
        assert_eq!(may_see(&there, other, true), expected, "{status:?}");
        assert_eq!(PUBLIC.contains(&status), expected.is_ok(), "{status:?}");
        let gone = Listing { is_active: false, ..there };
        for (who, with_inactive) in [(owner, true), (other, true), (staff, false)] {
            assert_eq!(may_see(&gone, who, with_inactive), Err(Refusal::ListingNotFound));
        }
        assert_eq!(may_see(&gone, staff, true), Ok(()));
    }
}

#[test]
fn who_sets_which_status() {
    for from in Status::ALL.iter().copied() {
        for to_status in Status::ALL.iter().copied().filter(|to| *to != from) {
            let set = |by| update(&listing(from), by, &to(to_status), NOW).map(|after| after.unwrap().status);
            let (owner, staff) = (set(actor(1, false)), set(actor(3, true)));
            let removed = from == Status::Removed || to_status == Status::Removed;
            let expected = match to_status {
                Status::Expired => Err(Refusal::ExpiresByItself),
                _ => Ok(to_status),
            };
            assert_eq!(staff, expected, "staff: {from:?} to {to_status:?}");
            let owners = if removed { expected.and(Err(Refusal::NotAllowed)) } else { expected };
            assert_eq!(owner, owners, "owner: {from:?} to {to_status:?}");
            assert!(set(actor(2, false)).is_err(), "another: {from:?} to {to_status:?}");
        }
    }
}

#[test]
fn the_content_is_the_owners() {
    let there = listing(Status::Active);
    let retitled = Change { title: Some("Table".into()), ..Change::default() };
    let after = update(&there, actor(1, false), &retitled, NOW + TimeDelta::hours(1)).unwrap().unwrap();
    assert_eq!((after.content.title.as_str(), after.record_version), ("Table", 2));
    assert_eq!(after.updated_at, NOW + TimeDelta::hours(1));
    assert_eq!(update(&there, actor(3, true), &retitled, NOW), Err(Refusal::NotAllowed));
    let same = Change { title: Some("Desk".into()), ..to(Status::Active) };
    assert_eq!(update(&there, actor(3, true), &same, NOW), Ok(None), "the same is no change");
}

#[test]
fn what_is_on_offer_ends_in_the_future() {
    let (owner, past, future) = (actor(1, false), NOW - TimeDelta::hours(1), NOW + TimeDelta::hours(1));
    let ending = |end| Change { expires_at: Some(Some(end)), ..Change::default() };
    let passed = Content { expires_at: Some(NOW), ..content() };
    let refused = create(passed.clone(), Status::Active, owner, Uuid::nil().into(), NOW);
    assert_eq!(refused, Err(Refusal::ExpiresInThePast));
    let over = Listing { content: passed, ..listing(Status::Expired) };
    assert_eq!(update(&over, owner, &to(Status::Active), NOW), Err(Refusal::ExpiresInThePast));
    assert_eq!(update(&over, owner, &ending(past), NOW), Err(Refusal::ExpiresInThePast));
    let again = Change { status: Some(Status::Active), ..ending(future) };
    assert_eq!(update(&over, owner, &again, NOW).unwrap().unwrap().status, Status::Active);
    let forever = Change { status: Some(Status::Active), expires_at: Some(None), ..Change::default() };
    assert!(update(&over, owner, &forever, NOW).unwrap().is_some());
    let retitled = Change { title: Some("Table".into()), ..Change::default() };
    assert!(update(&over, owner, &retitled, NOW).unwrap().is_some(), "what has ended may be corrected");
}

#[test]
fn time_and_departure() {
    let over = listing(Status::Active).expired(NOW);
    assert_eq!((over.status, over.record_version), (Status::Expired, 2));
    let left = listing(Status::Active).orphaned(NOW - TimeDelta::hours(1));
    assert_eq!((left.is_active, left.record_version, left.updated_at), (false, 2, NOW));
    assert_eq!((left.content.contact_email, left.content.contact_phone), (None, None));
}

#[test]
fn owner_and_staff_delete() {
    let there = listing(Status::Removed);
    assert!(!delete(&there, actor(1, false), NOW).unwrap().is_active);
    assert_eq!(delete(&there, actor(3, true), NOW).unwrap().record_version, 2);
    assert_eq!(delete(&there, actor(2, false), NOW), Err(Refusal::ListingNotFound));
    assert_eq!(delete(&listing(Status::Sold), actor(2, false), NOW), Err(Refusal::NotAllowed));
}
