//! A made-up world: who is in which conversation, and who says what when. Pure; all chance comes from a seed.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Builder, Uuid};

use super::Size;

/// How far back the first message lies, in days.
const PAST_DAYS: i64 = 365;
/// The largest group, as large as the service allows.
const LARGEST: usize = 1000;
/// How many of the newest messages a member may not have read yet.
const UNREAD: usize = 20;
/// Which room is the longest.
const LONG: usize = 2;

const TEXTS: [&str; 12] = [
    "Good morning!",
    "Can we move this to Thursday? I am on a train all of Wednesday.",
    "Yes",
    "I sent you the file an hour ago, did it arrive?",
    "👍",
    "Thank you, that helps a lot.",
    "We should ask the others first. I am not sure that everybody has seen the new version, and some are away.",
    "On my way",
    "The meeting room is taken until eleven, shall we sit in the kitchen?",
    "😂😂",
    "Let me look at it this afternoon and come back to you with numbers.",
    "Perfect, see you then.",
];

/// A small generator of pseudo-random numbers (SplitMix64): the same seed, the same world.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * u128::try_from(bound).unwrap_or(1);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number below `bound`, small ones far more often than large ones.
    pub(super) fn mostly_low(&mut self, bound: usize) -> usize {
        let bound = self.below(bound) + 1;
        let bound = self.below(bound) + 1;
        self.below(bound)
    }

    pub(super) fn pick<'a, T>(&mut self, some: &'a [T]) -> Option<&'a T> {
        let index = self.below(some.len());
        some.get(index)
    }

    /// An id made at `time`.
    pub(super) fn id(&mut self, time: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(time.timestamp_millis()).unwrap_or(0);
        let [low, high] = [self.next().to_be_bytes(), self.next().to_be_bytes()];
        let mut random = [0; 10];
        for (to, from) in random.iter_mut().zip(low.into_iter().chain(high)) {
            *to = from;
        }
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// Somebody new.
#[derive(Debug)]
pub(super) struct NewUser {
    pub(super) id: Uuid,
    pub(super) number: usize,
}

/// A conversation and what was said last in it.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: Uuid,
    pub(super) created_at: DateTime<Utc>,
    pub(super) members: Vec<Uuid>,
    pub(super) last: Option<Said>,
    /// Who sent the newest messages, the newest last.
    recent: VecDeque<Uuid>,
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) room: Uuid,
    pub(super) id: Uuid,
    pub(super) seq: i64,
    pub(super) sender: Uuid,
    pub(super) text: &'static str,
    pub(super) at: DateTime<Utc>,
}

/// How far a member has read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) read_seq: i64,
    pub(super) uncounted: i64,
}

/// All of it.
#[derive(Debug)]
pub(super) struct World {
    pub(super) new_users: Vec<NewUser>,
    pub(super) rooms: Vec<Room>,
    chance: Chance,
    clock: DateTime<Utc>,
    pace: TimeDelta,
    /// One message in so many goes to the longest room.
    to_longest: Option<usize>,
    said: usize,
}

impl World {
    /// People and rooms, before anybody has said anything.
    pub(super) fn new(size: Size, guests: &[Uuid], mut chance: Chance, now: DateTime<Utc>) -> Self {
        let begin = now - TimeDelta::days(PAST_DAYS);
        let new_users: Vec<_> =
            (1..=size.users).map(|number| NewUser { id: chance.id(begin), number }).collect();
        let users: Vec<Uuid> = new_users.iter().map(|user| user.id).collect();
        let rooms = (0..size.conversations).map(|number| {
            let busy = users.first().filter(|_| is_busy(size, number));
            room(&mut chance, number, &users, guests, busy, begin)
        });
        let rooms = rooms.collect();
        let steps = i32::try_from(size.messages + 1).unwrap_or(i32::MAX);
        let to_longest = size.messages.checked_div(size.longest);
        Self { new_users, rooms, chance, clock: begin, pace: (now - begin) / steps, to_longest, said: 0 }
    }

    /// The next message: a moment later, in some room, by one of its members.
    pub(super) fn say(&mut self) -> Option<Said> {
        self.clock += self.pace;
        self.said += 1;
        let long = self.to_longest.is_some_and(|every| every == 0 || self.said.is_multiple_of(every));
        let room = if long { LONG } else { self.chance.mostly_low(self.rooms.len()) };
        let room = self.rooms.get_mut(room)?;
        let said = Said {
            room: room.id,
            id: self.chance.id(self.clock),
            seq: room.last.as_ref().map_or(1, |last| last.seq + 1),
            sender: *self.chance.pick(&room.members)?,
            text: self.chance.pick(&TEXTS)?,
            at: self.clock,
        };
        room.note(&said);
        Some(said)
    }
}

impl Room {
    fn note(&mut self, said: &Said) {
        if self.recent.len() == UNREAD {
            self.recent.pop_front();
        }
        self.recent.push_back(said.sender);
        self.last = Some(said.clone());
    }

    /// How far the member at this place has read: one in three lags behind. Own messages count for nobody.
    pub(super) fn reading(&self, place: usize, member: Uuid) -> Reading {
        let lag = if place.is_multiple_of(3) { place % (self.recent.len() + 1) } else { 0 };
        let unread = self.recent.iter().rev().take(lag);
        let uncounted = unread.clone().filter(|sender| **sender == member).count();
        let last_seq = self.last.as_ref().map_or(0, |last| last.seq);
        let as_number = |count: usize| i64::try_from(count).unwrap_or(0);
        Reading { read_seq: last_seq - as_number(unread.count()), uncounted: as_number(uncounted) }
    }
}

/// Whether the busiest of the people is in a room: they are spread over all.
fn is_busy(size: Size, number: usize) -> bool {
    size.conversations
        .checked_div(size.busiest)
        .is_some_and(|every| every == 0 || number.is_multiple_of(every))
}

/// One in five is a group; the first one is as large as can be. Somebody `busy` is in it in any case.
fn room(
    chance: &mut Chance,
    number: usize,
    users: &[Uuid],
    guests: &[Uuid],
    busy: Option<&Uuid>,
    begin: DateTime<Utc>,
) -> Room {
    let wanted = match number {
        0 => LARGEST,
        _ if number.is_multiple_of(5) => 3 + chance.mostly_low(40),
        _ => 2,
    };
    let mut members: BTreeSet<Uuid> = busy.copied().into_iter().collect();
    while members.len() < wanted.min(users.len()) {
        members.extend(chance.pick(users));
    }
    let mut members: Vec<Uuid> = members.into_iter().collect();
    if wanted > 2 && wanted < LARGEST && number.is_multiple_of(50) {
        members.extend(chance.pick(guests));
    }
    Room { id: chance.id(begin), created_at: begin, members, last: None, recent: VecDeque::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { users: 50, conversations: 200, messages: 5000, longest: 1000, busiest: 100 };

    fn world() -> (World, Vec<Said>) {
        let mut world =
            World::new(SIZE, &[Uuid::nil()], Chance::new(7), DateTime::UNIX_EPOCH + TimeDelta::days(500));
        let said = (0..SIZE.messages).filter_map(|_| world.say()).collect();
        (world, said)
    }

    #[test]
    fn seqs_have_no_gaps_and_times_follow_them() {
        let (world, said) = world();
        assert_eq!(said.len(), SIZE.messages);
        for room in &world.rooms {
            let here: Vec<_> = said.iter().filter(|said| said.room == room.id).collect();
            let expected: Vec<i64> = (1..).take(here.len()).collect();
            assert_eq!(here.iter().map(|said| said.seq).collect::<Vec<_>>(), expected);
            assert!(here.is_sorted_by_key(|said| said.at));
            assert!(here.iter().all(|said| room.members.contains(&said.sender)));
        }
    }

    #[test]
    fn what_a_member_has_not_read_is_counted_exactly() {
        let (world, said) = world();
        for room in &world.rooms {
            let last_seq = room.last.as_ref().map_or(0, |last| last.seq);
            for (place, member) in room.members.iter().enumerate() {
                let Reading { read_seq, uncounted } = room.reading(place, *member);
                let later = said.iter().filter(|said| said.room == room.id && said.seq > read_seq);
                let unread =
                    i64::try_from(later.filter(|said| said.sender != *member).count()).expect("small");
                assert_eq!(last_seq - read_seq - uncounted, unread);
            }
        }
    }

    #[test]
    fn one_room_is_long_and_somebody_is_in_many() {
        let (world, said) = world();
        let long = world.rooms[LONG].id;
        assert!(said.iter().filter(|said| said.room == long).count() >= SIZE.longest);
        let busy = world.new_users[0].id;
        assert!(world.rooms.iter().filter(|room| room.members.contains(&busy)).count() >= SIZE.busiest);
    }

    #[test]
    fn there_are_pairs_and_groups_and_guests() {
        let (world, _) = world();
        assert!(world.rooms.iter().all(|room| room.members.len() >= 2));
        assert!(world.rooms.iter().filter(|room| room.members.len() == 2).count() >= 150);
        assert!(world.rooms.iter().any(|room| room.members.contains(&Uuid::nil())));
    }
}
