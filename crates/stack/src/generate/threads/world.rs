//! A made-up market: who offers what, who writes to whom about it, what is said and read when. Pure; all chance comes
//! from a seed.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{KeyedIds, UserId};
use uuid::Uuid;

use super::super::world::Chance;
use super::Size;
use super::market::Offer;
use super::talk::{Said, Thread};
use super::vocabulary::{Language, Vocabulary};

/// How far back the first message lies, in days.
const PAST_DAYS: i64 = 365;
/// How many of the first threads are long. In the very first nothing is deleted.
const LONG: usize = 3;
/// One listing in so many is sold.
const SOLD: usize = 10;
/// One thread in so many begins without a word.
const SILENT: usize = 50;
/// One message in so many is deleted.
const DELETED: usize = 200;

/// All of it.
pub(super) struct World {
    pub(super) new_users: Vec<Uuid>,
    /// Who deleted what is deleted.
    pub(super) staff: Uuid,
    pub(super) offers: Vec<Offer>,
    pub(super) threads: Vec<Thread>,
    size: Size,
    people: Vec<Uuid>,
    pairs: KeyedIds,
    vocabulary: Vocabulary,
    chance: Chance,
    clock: DateTime<Utc>,
    pace: TimeDelta,
    said: usize,
    begun: HashSet<Uuid>,
    /// Threads that are to hear that their listing was sold.
    to_tell: VecDeque<usize>,
    /// How many threads were brought to their end.
    ended: usize,
}

impl World {
    /// People and what they offer, before anybody has written to anybody. The first guest is the busiest.
    pub(super) fn new(
        size: Size,
        guests: &[Uuid],
        pairs: KeyedIds,
        mut chance: Chance,
        now: DateTime<Utc>,
    ) -> Self {
        let begin = now - TimeDelta::days(PAST_DAYS);
        let staff = chance.id(begin);
        let new_users: Vec<Uuid> = (0..size.users).map(|_| chance.id(begin)).collect();
        let people: Vec<Uuid> = guests.iter().chain(&new_users).copied().collect();
        let vocabulary = Vocabulary::new();
        let offers =
            (0..size.listings).map(|_| Offer::new(&mut chance, &vocabulary, &people, begin)).collect();
        let steps = i32::try_from(size.messages + 1).unwrap_or(i32::MAX);
        Self {
            new_users,
            staff,
            offers,
            threads: Vec::with_capacity(size.threads),
            size,
            people,
            pairs,
            vocabulary,
            chance,
            clock: begin,
            pace: (now - begin) / steps,
            said: 0,
            begun: HashSet::new(),
            to_tell: VecDeque::new(),
            ended: 0,
        }
    }

    /// Goes on by a message, and gives those to which nothing more will happen; at the end by a thread, with what was
    /// never read. `None` when there is nothing left.
    pub(super) fn go_on(&mut self) -> Option<Vec<Said>> {
        if self.said < self.size.messages {
            self.clock += self.pace;
            self.said += 1;
            return Some(self.say());
        }
        while self.threads.len() < self.size.threads {
            self.begin();
        }
        self.ended += 1;
        self.threads.get_mut(self.ended - 1).map(Thread::rest)
    }

    fn say(&mut self) -> Vec<Said> {
        self.sell();
        if let Some(told) = self.to_tell.pop_front() {
            return self.tell(told).unwrap_or_default();
        }
        let number = self.place();
        self.talk(number).unwrap_or_default()
    }

    /// Where the next is said: in a long thread, a new one, or one that is there, most likely one of the last.
    fn place(&mut self) -> usize {
        let every = self.size.messages.checked_div(self.size.longest).unwrap_or(usize::MAX);
        let turn = self.said % every.max(LONG + 1);
        if turn < LONG.min(self.threads.len()) && self.size.longest > 0 {
            return turn;
        }
        if self.is_due() {
            self.begin();
            if self.threads.len() < self.size.threads && self.chance.below(SILENT) == 0 {
                self.begin();
            }
            return self.threads.len().saturating_sub(1);
        }
        self.threads.len().saturating_sub(1 + self.chance.mostly_low(self.threads.len()))
    }

    /// Whether there should be more threads by now.
    fn is_due(&self) -> bool {
        let (there, wanted) = (self.threads.len(), self.size.threads);
        there < wanted && (there < LONG || there * self.size.messages < self.said * wanted)
    }

    /// Somebody begins a thread about a listing of another's, about which they have none yet.
    fn begin(&mut self) {
        let busy = self.is_busy(self.threads.len());
        loop {
            let about = self.chance.mostly_low(self.offers.len());
            let anybody = self.chance.pick(&self.people);
            let buyer = if busy { self.people.first() } else { anybody }.copied().unwrap_or_default();
            let Some(offer) = self.offers.get_mut(about).filter(|offer| offer.owner != buyer) else {
                continue;
            };
            let id = self.pairs.of_set::<UserId>(&[offer.id, buyer, offer.owner]).uuid();
            if self.begun.insert(id) {
                offer.threads.push(self.threads.len());
                let language = Language::any(&mut self.chance);
                self.threads.push(Thread::new(id, offer.id, [buyer, offer.owner], language, self.clock));
                return;
            }
        }
    }

    /// The busiest of the people is in the long threads, and in others spread over all.
    fn is_busy(&self, number: usize) -> bool {
        let every = self.size.threads.checked_div(self.size.busiest);
        number < LONG || every.is_some_and(|every| every == 0 || number.is_multiple_of(every))
    }

    /// Every now and then something is sold, and its threads are to hear of it: not so late that they no longer could.
    fn sell(&mut self) {
        let every = self.size.messages.checked_div(self.size.listings / SOLD).unwrap_or(0);
        let is_late = self.said > self.size.messages / 10 * 9;
        if every == 0 || is_late || !self.said.is_multiple_of(every) {
            return;
        }
        let which = self.chance.below(self.offers.len());
        let offer = self.offers.get_mut(which).filter(|offer| offer.sold_at.is_none());
        if let Some(offer) = offer {
            offer.sold_at = Some(self.clock);
            self.to_tell.extend(&offer.threads);
        }
    }

    fn tell(&mut self, number: usize) -> Option<Vec<Said>> {
        let id = self.chance.id(self.clock);
        let thread = self.threads.get_mut(number)?;
        thread.say(id, None, "This listing was sold.".to_owned(), self.clock);
        Some(thread.settled())
    }

    /// One of the two says something, mostly after reading; the buyer first. Half the time the other reads at once.
    fn talk(&mut self, number: usize) -> Option<Vec<Said>> {
        let (id, words) = (self.chance.id(self.clock), 1 + self.chance.mostly_low(40));
        let thread = self.threads.get_mut(number)?;
        let owner_speaks = thread.last.is_some() && self.chance.below(2) == 0;
        let between = thread.between(owner_speaks);
        if self.chance.below(10) > 0 {
            thread.read_all(between.0, self.clock);
        }
        let before = thread.last.clone();
        let text = self.vocabulary.text(thread.language, &mut self.chance, words);
        thread.say(id, Some(between), text, self.clock);
        match self.chance.below(30) {
            0..15 => thread.read_all(between.1, self.clock),
            15 => thread.read_newest(between.1, self.clock),
            _ => {}
        }
        if number > 0 && self.chance.below(DELETED) == 0 {
            thread.delete_newest(before, self.clock);
        }
        Some(thread.settled())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use kit::settings::Secret;

    use super::*;

    const SIZE: Size =
        Size { users: 50, listings: 100, threads: 500, messages: 8000, longest: 1000, busiest: 20 };

    fn world() -> (World, Vec<Said>) {
        let pairs =
            KeyedIds::new(&Secret::new("a secret of at least 32 characters"), "pairs.secret").unwrap();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(500);
        let mut world = World::new(SIZE, &[Uuid::nil()], pairs, Chance::new(7), now);
        let said = std::iter::from_fn(|| world.go_on()).flatten().collect();
        (world, said)
    }

    fn by_thread(said: &[Said]) -> HashMap<Uuid, Vec<&Said>> {
        let mut threads = HashMap::<Uuid, Vec<&Said>>::new();
        for said in said {
            threads.entry(said.thread).or_default().push(said);
        }
        for here in threads.values_mut() {
            here.sort_by_key(|said| said.seq);
        }
        threads
    }

    #[test]
    fn seqs_have_no_gaps_and_times_follow_them() {
        let (world, said) = world();
        assert_eq!((said.len(), world.threads.len()), (SIZE.messages, SIZE.threads));
        for (id, here) in by_thread(&said) {
            let thread = world.threads.iter().find(|thread| thread.id == id).unwrap();
            let expected: Vec<i64> = (1..=thread.last_seq.get()).collect();
            assert_eq!(here.iter().map(|said| said.seq.get()).collect::<Vec<_>>(), expected);
            assert!(here.is_sorted_by_key(|said| said.at));
            assert!(
                here.iter().all(|said| said.at >= thread.created_at && said.at <= thread.last_message_at)
            );
        }
    }

    #[test]
    fn what_the_two_have_not_read_is_counted_exactly() {
        let (world, said) = world();
        let said = by_thread(&said);
        let mut some = 0;
        for thread in &world.threads {
            for reader in &thread.two {
                let unread = |said: &&&Said| {
                    said.between.is_some_and(|(_, to)| to == reader.user)
                        && said.read_at.is_none()
                        && said.deleted_at.is_none()
                };
                let here = said.get(&thread.id).into_iter().flatten();
                let by_hand = i64::try_from(here.filter(unread).count()).unwrap();
                assert_eq!(reader.watermark.unread(thread.last_seq), by_hand);
                some += by_hand;
            }
        }
        assert!(some > 0);
    }

    #[test]
    fn deleted_messages_are_counted_and_not_shown() {
        let (world, said) = world();
        let said = by_thread(&said);
        for thread in &world.threads {
            let here = said.get(&thread.id).map(Vec::as_slice).unwrap_or_default();
            let active: Vec<_> = here.iter().filter(|said| said.deleted_at.is_none()).collect();
            assert_eq!(i64::try_from(here.len() - active.len()).unwrap(), thread.deleted);
            assert_eq!(active.last().map(|said| said.seq), thread.last.as_ref().map(|last| last.seq));
        }
        assert_eq!(world.threads[0].deleted, 0);
        assert!(world.threads[1].deleted > 0);
    }

    #[test]
    fn there_is_one_thread_for_a_listing_and_two_of_whom_one_owns_it() {
        let (world, _) = world();
        let owners: HashMap<Uuid, Uuid> = world.offers.iter().map(|offer| (offer.id, offer.owner)).collect();
        let mut seen = HashSet::new();
        for thread in &world.threads {
            let [buyer, owner] = thread.two.each_ref().map(|reader| reader.user);
            assert!(buyer != owner && owners[&thread.listing] == owner);
            assert!(seen.insert((thread.listing, buyer)));
        }
    }

    #[test]
    fn some_threads_are_long_and_somebody_is_in_many() {
        let (world, _) = world();
        assert!(world.threads.iter().take(LONG).all(|thread| thread.last_seq.get() > 900));
        let busy = |thread: &&Thread| thread.two[0].user == Uuid::nil();
        assert!(world.threads.iter().filter(busy).count() >= SIZE.busiest);
    }

    #[test]
    fn threads_of_what_is_sold_were_told_once() {
        let (world, said) = world();
        let sold: Vec<_> = world.offers.iter().filter_map(|offer| Some((offer, offer.sold_at?))).collect();
        assert!(!sold.is_empty());
        let told = |number: usize| {
            let id = world.threads[number].id;
            said.iter().filter(|said| said.thread == id && said.between.is_none()).count()
        };
        for (offer, at) in sold {
            for number in &offer.threads {
                let was_there = world.threads[*number].created_at < at;
                assert_eq!(told(*number), usize::from(was_there));
            }
        }
    }
}
