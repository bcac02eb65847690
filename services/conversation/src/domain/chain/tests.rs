//! Whatever is done to a log, it shows.

use chrono::{DateTime, Duration, Utc};
use kit::UserId;
use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

use super::{Action, Broken, Hash, How, Link, NotAHash, hash, verify};

type Head = (i64, Hash);

/// Fields other than the number: little choice, so that neighbours are often alike.
fn links() -> impl Strategy<Value = Link> {
    let id = || (0_u128..3).prop_map(Uuid::from_u128);
    let action = prop_oneof![Just(Action::Delete), Just(Action::Restore)];
    let rest = (proptest::option::of("[ab]{0,2}"), "[ab]{0,2}");
    (-5_i64..5, id(), action, id(), id(), rest).prop_map(
        |(micros, actor, action, message_id, thread_id, (reason, request_id))| Link {
            seq: 0,
            at: DateTime::<Utc>::UNIX_EPOCH + Duration::microseconds(micros),
            actor_id: UserId::from(actor),
            action,
            message_id,
            thread_id,
            reason,
            request_id,
        },
    )
}

/// A log as it is written, and its head.
fn written(links: Vec<Link>) -> (Vec<(Link, Hash)>, Head) {
    let mut head = (0, Hash::GENESIS);
    let rows = links.into_iter().map(|link| {
        let link = Link { seq: head.0 + 1, ..link };
        head = (link.seq, hash(&head.1, &link));
        (link, head.1)
    });
    (rows.collect(), head)
}

fn logs(least: usize) -> impl Strategy<Value = (Vec<(Link, Hash)>, Head)> {
    proptest::collection::vec(links(), least..8).prop_map(written)
}

/// `link` with one of its fields changed.
fn changed(link: &Link, field: usize, other: &Link) -> Link {
    let mut link = link.clone();
    match field {
        0 => link.at += Duration::microseconds(1),
        1 => link.actor_id = UserId::from(Uuid::from_u128(link.actor_id.uuid().as_u128() ^ 1)),
        2 => link.action = if link.action == Action::Delete { Action::Restore } else { Action::Delete },
        3 => link.message_id = Uuid::from_u128(link.message_id.as_u128() ^ 1),
        4 => link.thread_id = Uuid::from_u128(link.thread_id.as_u128() ^ 1),
        5 => link.reason = link.reason.xor(Some(String::new())).or(Some("x".into())),
        6 => link.request_id.push('a'),
        7 => link.seq += 1,
        _ => link = Link { seq: link.seq, ..other.clone() },
    }
    link
}

fn broken(seq: usize, how: How) -> Result<u64, Broken> {
    Err(Broken { seq: i64::try_from(seq).unwrap(), how })
}

proptest! {
    #[test]
    fn a_log_as_it_was_written_is_whole((rows, head) in logs(0)) {
        let count = u64::try_from(rows.len()).unwrap();
        prop_assert_eq!(verify(rows.into_iter(), head), Ok(count));
    }

    #[test]
    fn a_changed_field_shows((mut rows, head) in logs(1), at: Index, field in 0_usize..9, other in links()) {
        let at = at.index(rows.len());
        let link = changed(&rows[at].0, field, &other);
        prop_assume!(link != rows[at].0);
        rows[at].0 = link;
        let found = verify(rows.into_iter(), head).map_err(|broken| broken.seq);
        prop_assert_eq!(found, Err(i64::try_from(at + 1).unwrap()));
    }

    #[test]
    fn an_entry_that_was_changed_and_hashed_anew_shows((mut rows, head) in logs(1), at: Index, other in links()) {
        let at = at.index(rows.len());
        let previous = at.checked_sub(1).map_or(Hash::GENESIS, |before| rows[before].1);
        let link = Link { seq: rows[at].0.seq, ..other };
        prop_assume!(link != rows[at].0);
        rows[at] = (link.clone(), hash(&previous, &link));
        // It is itself again; the next one, or the head, is not.
        let wrong = (at + 2).min(rows.len());
        prop_assert_eq!(verify(rows.into_iter(), head), broken(wrong, How::Changed));
    }

    #[test]
    fn a_log_that_was_written_anew_shows((rows, head) in logs(1), (others, other_head) in logs(1)) {
        prop_assume!(head != other_head);
        prop_assert!(verify(others.into_iter(), head).is_err());
        prop_assert!(verify(rows.into_iter(), other_head).is_err());
    }

    #[test]
    fn a_changed_hash_shows((mut rows, head) in logs(1), at: Index, bit in 0_usize..256) {
        let at = at.index(rows.len());
        let mut bytes = *rows[at].1.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        rows[at].1 = Hash::from(bytes);
        prop_assert_eq!(verify(rows.into_iter(), head), broken(at + 1, How::Changed));
    }

    #[test]
    fn a_removed_entry_shows((mut rows, head) in logs(1), at: Index) {
        let at = at.index(rows.len());
        rows.remove(at);
        let how = if at == rows.len() { How::CutOff } else { How::Missing };
        prop_assert_eq!(verify(rows.into_iter(), head), broken(at + 1, how));
    }

    #[test]
    fn a_log_that_was_cut_off_shows((mut rows, head) in logs(1), left: Index) {
        let left = left.index(rows.len());
        rows.truncate(left);
        prop_assert_eq!(verify(rows.into_iter(), head), broken(left + 1, How::CutOff));
    }

    #[test]
    fn swapped_entries_show((mut rows, head) in logs(2), one: Index, other: Index) {
        let (one, other) = (one.index(rows.len()), other.index(rows.len()));
        prop_assume!(one != other);
        rows.swap(one, other);
        prop_assert_eq!(verify(rows.into_iter(), head), broken(one.min(other) + 1, How::OutOfOrder));
    }

    #[test]
    fn swapped_contents_show((mut rows, head) in logs(2), one: Index, other: Index) {
        let (one, other) = (one.index(rows.len()), other.index(rows.len()));
        rows.swap(one, other);
        let (first, second) = (rows[one].0.seq, rows[other].0.seq);
        (rows[one].0.seq, rows[other].0.seq) = (second, first);
        prop_assume!(one != other);
        prop_assert_eq!(verify(rows.into_iter(), head), broken(one.min(other) + 1, How::Changed));
    }

    #[test]
    fn an_inserted_entry_shows((mut rows, head) in logs(0), at: Index, link in links(), seq in 0_i64..9) {
        let at = at.index(rows.len() + 1);
        let previous = at.checked_sub(1).map_or(Hash::GENESIS, |before| rows[before].1);
        let link = Link { seq, ..link };
        let forged = (link.clone(), hash(&previous, &link));
        // What is inserted before its twin is not out of order: then the twin is.
        prop_assume!(rows.get(at) != Some(&forged));
        rows.insert(at, forged);
        prop_assert!(verify(rows.into_iter(), head).is_err());
    }

    #[test]
    fn an_entry_after_the_head_shows((mut rows, head) in logs(0), link in links()) {
        let link = Link { seq: head.0 + 1, ..link };
        rows.push((link.clone(), hash(&head.1, &link)));
        let wrong = rows.len();
        prop_assert_eq!(verify(rows.into_iter(), head), broken(wrong, How::BeyondTheHead));
    }

    #[test]
    fn hashes_are_read_as_they_are_shown(bytes: [u8; 32]) {
        let hash = Hash::from(bytes);
        prop_assert_eq!(hash.to_string().parse(), Ok(hash));
        prop_assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
    }
}

#[test]
fn a_doubled_entry_is_out_of_order() {
    let (mut rows, head) = written(vec![link("a"), link("b")]);
    rows.insert(1, rows[0].clone());
    assert_eq!(verify(rows.into_iter(), head), broken(1, How::OutOfOrder));
}

#[test]
fn texts_do_not_run_into_each_other() {
    let of = |reason: Option<&str>, request_id: &str| {
        hash(&Hash::GENESIS, &Link { reason: reason.map(str::to_owned), ..link(request_id) })
    };
    assert_ne!(of(Some("ab"), "c"), of(Some("a"), "bc"));
    assert_ne!(of(Some(""), "c"), of(None, "c"));
}

/// Hashes are stored: should this change, every log there is would seem forged.
#[test]
fn the_hash_of_an_entry_is_for_ever() {
    let link = Link { seq: 1, reason: Some("spam".into()), ..link("r-1") };
    assert_eq!(
        hash(&Hash::GENESIS, &link).to_string(),
        "db1bd5d4ad496971ac23782bc5be5d0ea9c31e9e0a2dbb6e846433dbc4e1e0e3"
    );
}

#[test]
fn what_is_no_hash() {
    for text in
        ["", "0", &"0".repeat(63), &"0".repeat(65), &"0".repeat(66), &"g".repeat(64), &"+0".repeat(32)]
    {
        assert_eq!(text.parse::<Hash>(), Err(NotAHash), "{text}");
    }
}

#[test]
fn an_empty_log_is_whole_unless_the_head_knows_better() {
    assert_eq!(verify(std::iter::empty(), (0, Hash::GENESIS)), Ok(0));
    assert_eq!(verify(std::iter::empty(), (3, Hash::GENESIS)), broken(1, How::CutOff));
    let broken = verify(std::iter::empty(), (3, Hash::GENESIS)).unwrap_err();
    assert_eq!(broken.to_string(), "entry 1 and all after it were cut off");
}

fn link(request_id: &str) -> Link {
    Link {
        seq: 0,
        at: DateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::microseconds(123_456),
        actor_id: UserId::from(Uuid::from_u128(1)),
        action: Action::Delete,
        message_id: Uuid::from_u128(2),
        thread_id: Uuid::from_u128(3),
        reason: None,
        request_id: request_id.to_owned(),
    }
}
