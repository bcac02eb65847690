//! A consumer of what messaging or conversation tell of one conversation, as `docs/events.md` describes it: to try whether
//! their events, in any order and repeated, come to what the owner says.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// What somebody knows of a conversation who has only heard the events of it, or asked for its state.
#[derive(Debug, Default, Clone)]
pub struct Follower {
    conversation: Value,
    members: HashMap<String, Value>,
    sights: HashMap<String, Value>,
    /// By their seq: the newest active one, those of the sights, and what is deleted.
    messages: BTreeMap<i64, Value>,
    /// Up to which number a message was told to be the newest active one.
    newest_up_to: HashMap<i64, i64>,
    last_seq: i64,
    last_message_at: String,
}

impl Follower {
    /// Hears each of these events three times, in an order that `seed` decides.
    #[must_use]
    pub fn of_shuffled(events: &[Value], seed: u64) -> Self {
        let mut follower = Self::default();
        follower.hear_shuffled(events, seed);
        follower
    }

    /// Hears each of these events three times, in an order that `seed` decides.
    pub fn hear_shuffled(&mut self, events: &[Value], seed: u64) {
        let mut order: Vec<&Value> = events.iter().chain(events).chain(events).collect();
        let mut state = seed;
        order.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 32
        });
        for event in order {
            self.hear(&event["data"]);
        }
    }

    /// Hears what an event tells, or a state.
    pub fn hear(&mut self, data: &Value) {
        for about in ["conversation", "thread"] {
            if !data[about].is_null() {
                keep(&mut self.conversation, &data[about], |of| (number(&of["recordVersion"]), 0));
                self.last_message_at = text(&data[about]["lastMessageAt"]).max(self.last_message_at.clone());
            }
        }
        each(&data["members"], |member| self.meet(member));
        self.meet(&data["member"]);
        each(&data["sights"], |sight| self.see(sight));
        self.see(&data["sight"]);
        self.learn(&data["message"]);
        self.learn(&data["lastMessage"]);
        if let Some(seq) = data["lastMessage"]["seq"].as_i64() {
            let up_to = self.newest_up_to.entry(seq).or_default();
            *up_to = number(&data["lastSeq"]).max(*up_to);
        }
        self.last_seq = self.last_seq.max(number(&data["lastSeq"]));
        self.forget();
    }

    fn meet(&mut self, member: &Value) {
        if let Some(id) = member["userId"].as_str() {
            keep(self.members.entry(id.to_owned()).or_default(), member, |of| (number(&of["rev"]), 0));
        }
    }

    fn see(&mut self, sight: &Value) {
        let rank = |of: &Value| (number(&of["visibleFrom"]), number(&of["absent"]));
        if let Some(id) = sight["userId"].as_str() {
            keep(self.sights.entry(id.to_owned()).or_default(), sight, rank);
            self.learn(&sight["lastMessage"]);
        }
    }

    fn learn(&mut self, message: &Value) {
        let Some(seq) = message["seq"].as_i64() else { return };
        keep(self.messages.entry(seq).or_default(), message, |of| (number(&of["recordVersion"]), 0));
        self.last_seq = self.last_seq.max(seq);
        self.last_message_at = text(&message["sentAt"]).max(self.last_message_at.clone());
    }

    /// Of what is active, only what somebody sees as the newest is worth keeping: or may see, while a newer one is not
    /// known to be deleted that must be, since this one was told to be the newest after it.
    fn forget(&mut self) {
        let seen: Vec<i64> = self.sights.values().map(|sight| number(&sight["lastMessage"]["seq"])).collect();
        let newest = self.newest().unwrap_or(0);
        let up_to = |seq: i64| self.newest_up_to.get(&seq).copied().unwrap_or(seq).max(seq);
        let worth = |seq: i64, message: &Value| {
            message["isActive"] == false || newest <= up_to(seq) || seen.contains(&seq)
        };
        self.messages.retain(|seq, message| worth(*seq, message));
    }

    fn newest(&self) -> Option<i64> {
        let mut newest_first = self.messages.iter().rev();
        newest_first.find(|(_, message)| message["isActive"] == true).map(|(seq, _)| *seq)
    }

    /// What is known of the conversation itself.
    #[must_use]
    pub fn conversation(&self) -> &Value {
        &self.conversation
    }

    /// The newest number.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// When the newest message was sent.
    #[must_use]
    pub fn last_message_at(&self) -> &str {
        &self.last_message_at
    }

    /// Where somebody stands, by the owner's last word.
    #[must_use]
    pub fn member(&self, user: &str) -> &Value {
        self.members.get(user).unwrap_or(&Value::Null)
    }

    /// Whether somebody has the conversation in their list.
    #[must_use]
    pub fn is_shown_to(&self, user: &str) -> bool {
        let member = self.member(user);
        member["isMember"] == true && member["hiddenSeq"].as_i64().is_none_or(|hidden| self.last_seq > hidden)
    }

    /// How many messages somebody has not read.
    #[must_use]
    pub fn unread(&self, user: &str) -> i64 {
        let member = self.member(user);
        let floor = number(&member["readSeq"]).max(number(&member["visibleFrom"]) - 1);
        (self.last_seq - floor - number(&member["uncounted"])).max(0)
    }

    /// The newest message that somebody sees.
    #[must_use]
    pub fn last_message(&self, user: &str) -> &Value {
        let sight = self.sights.get(user).unwrap_or(&Value::Null);
        let newest = self.newest();
        let later = newest.is_some_and(|seq| seq > number(&sight["upToSeq"]));
        let of_sight = sight["lastMessage"]["seq"].as_i64();
        let is_active = |seq: &i64| self.messages.get(seq).is_some_and(|message| message["isActive"] == true);
        let seen = match of_sight {
            _ if later || sight.is_null() => newest,
            Some(seq) if is_active(&seq) => Some(seq),
            Some(_) => newest,
            None => None,
        };
        let first = number(&self.member(user)["visibleFrom"]);
        seen.filter(|seq| *seq >= first).and_then(|seq| self.messages.get(&seq)).unwrap_or(&Value::Null)
    }
}

/// Keeps what ranks higher.
fn keep(known: &mut Value, told: &Value, rank: impl Fn(&Value) -> (i64, i64)) {
    if known.is_null() || rank(told) > rank(known) {
        known.clone_from(told);
    }
}

fn number(of: &Value) -> i64 {
    of.as_i64().unwrap_or(0)
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().to_owned()
}

fn each(of: &Value, work: impl FnMut(&Value)) {
    of.as_array().into_iter().flatten().for_each(work);
}
