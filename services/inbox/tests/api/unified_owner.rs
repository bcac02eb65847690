//! A conversation as messaging keeps it, in memory, and what it would tell of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use events::messaging::{
    Conversation, ConversationCreated, ConversationRead, ConversationState, ConversationUpdated, Message,
    MessageCreated, MessageDeleted, MessageHidden, MessageRead, Sight,
};
use events::{Member, Payload};
use kit::UserId;
use kit::clock::uuid_v7;
use serde_json::{Value, json};
use timeline::Seq;
use timeline::conformance::{Operation, Store, User};
use uuid::Uuid;

use crate::memory::Memory;

pub(crate) struct Owner {
    pub(crate) id: Uuid,
    pub(crate) memory: Memory,
    now: DateTime<Utc>,
    version: i32,
    people: BTreeMap<User, UserId>,
    messages: BTreeMap<Seq, Message>,
    /// All that was told.
    pub(crate) told: Vec<Value>,
}

impl Owner {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let people = (0..timeline::conformance::PEOPLE).map(|user| (user, uuid_v7(now).into())).collect();
        let operations =
            Operation::ALL.into_iter().filter(|it| !matches!(it, Operation::Clear | Operation::Restore));
        Self {
            id: uuid_v7(now),
            memory: Memory::new(operations),
            now,
            version: 0,
            people,
            messages: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    pub(crate) fn user(&self, user: User) -> UserId {
        self.people[&user]
    }

    pub(crate) fn newest_seen(&mut self, user: User) -> Option<&Message> {
        let seq = self.memory.visible(user).unwrap().pop()?;
        self.messages.get(&seq)
    }

    fn tell<P: Payload>(&mut self, data: P) {
        let data = serde_json::to_value(data).unwrap();
        self.told.push(json!({
            "id": uuid_v7(self.now), "type": P::TYPE, "source": P::SOURCE, "subject": self.id,
            "time": "2026-01-01T00:00:00.000Z", "requestId": "r", "version": P::VERSION, "recipients": [], "data": data,
        }));
    }

    fn member(&self, user: User) -> Member {
        let member = &self.memory.members[&user];
        Member {
            user_id: self.people[&user],
            read_seq: member.watermark.read_seq.get(),
            uncounted: member.watermark.uncounted,
            visible_from: member.watermark.visible_from.get(),
            is_member: member.present,
            hidden_seq: None,
            rev: member.watermark.rev,
        }
    }

    fn conversation(&self) -> Conversation {
        let present = self.memory.members.iter().filter(|(_, member)| member.present);
        Conversation {
            id: self.id,
            is_group: true,
            name: Some(format!("Version {}", self.version)),
            icon: None,
            desc: None,
            participant_ids: present.map(|(user, _)| self.people[user]).collect(),
            last_message_at: self.now,
            is_active: true,
            record_version: self.version,
            created_at: self.now,
            updated_at: self.now,
            owner: self.people[&0],
        }
    }

    fn newest(&self) -> Option<Message> {
        self.messages.values().rev().find(|message| message.is_active).cloned()
    }

    fn sight(&mut self, user: User) -> Sight {
        let (first, last) = (self.memory.members[&user].watermark.visible_from, self.memory.last_seq());
        let seen = i64::try_from(self.memory.visible(user).unwrap().len()).unwrap();
        Sight {
            user_id: self.people[&user],
            visible_from: first.get(),
            absent: (last.since(first.prev())).max(0) - seen,
            up_to_seq: last.get(),
            last_message: self.newest_seen(user).cloned(),
        }
    }

    /// What those members see who do not see the newest message, though it is not from before they came.
    fn sights(&mut self) -> Vec<Sight> {
        let Some(newest) = self.newest() else { return Vec::new() };
        let newest = Seq::saturating(newest.seq);
        let present: Vec<User> = self.present();
        let hiders = present.into_iter().filter(|user| {
            let first = self.memory.members[user].watermark.visible_from;
            newest >= first && self.memory.clone().visible(*user).unwrap().last() != Some(&newest)
        });
        let hiders: Vec<User> = hiders.collect();
        hiders.into_iter().map(|user| self.sight(user)).collect()
    }

    fn present(&self) -> Vec<User> {
        self.memory.members.iter().filter(|(_, member)| member.present).map(|(user, _)| *user).collect()
    }

    /// What it says when it is asked.
    pub(crate) fn state(&mut self) -> ConversationState {
        let users: Vec<User> = self.memory.members.keys().copied().collect();
        ConversationState {
            conversation: self.conversation(),
            last_seq: self.memory.last_seq().get(),
            last_message: self.newest(),
            members: users.iter().map(|user| self.member(*user)).collect(),
            sights: self.sights(),
        }
    }

    pub(crate) fn create(&mut self, members: usize) {
        self.memory.create(members).unwrap();
        self.version = 1;
        let members = (0..members).map(|user| self.member(user)).collect();
        self.tell(ConversationCreated { conversation: self.conversation(), members });
    }

    pub(crate) fn send(&mut self, by: User) -> Seq {
        let seq = self.memory.send(by).unwrap();
        self.now += TimeDelta::seconds(1);
        let message = Message {
            id: uuid_v7(self.now),
            conversation_id: self.id,
            seq: seq.get(),
            sender_user_id: Some(self.people[&by]),
            content: format!("message {seq}"),
            kind: "text".into(),
            client_message_id: None,
            reply_to: None,
            file_ids: Vec::new(),
            sent_at: self.now,
            is_active: true,
            record_version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        self.messages.insert(seq, message.clone());
        let members = vec![self.member(by)];
        self.tell(MessageCreated { message, members });
        seq
    }

    pub(crate) fn read_up_to(&mut self, by: User, target: Option<Seq>) {
        self.memory.read_up_to(by, target).unwrap();
        let data = ConversationRead { conversation_id: self.id, member: self.member(by) };
        self.tell(data);
    }

    pub(crate) fn read_one(&mut self, by: User, seq: Seq) {
        self.memory.read_one(by, seq).unwrap();
        let (conversation_id, message_id) = (self.id, self.messages[&seq].id);
        let member = self.member(by);
        self.tell(MessageRead { conversation_id, message_id, seq: seq.get(), member });
    }

    pub(crate) fn hide(&mut self, by: User, seq: Seq) {
        self.memory.hide(by, seq).unwrap();
        let (conversation_id, message_id) = (self.id, self.messages[&seq].id);
        let (member, sight) = (self.member(by), self.sight(by));
        self.tell(MessageHidden { conversation_id, message_id, seq: seq.get(), member, sight });
    }

    pub(crate) fn delete_for_all(&mut self, seq: Seq) {
        self.memory.delete_for_all(seq).unwrap();
        let message = self.messages.get_mut(&seq).unwrap();
        (message.is_active, message.record_version, message.content) = (false, 2, String::new());
        let message = message.clone();
        let members = self.present().into_iter().map(|user| self.member(user)).collect();
        let (last_message, last_seq) = (self.newest(), self.memory.last_seq().get());
        let sights = self.sights();
        self.tell(MessageDeleted { message, members, last_message, last_seq, sights });
    }

    pub(crate) fn come_or_go(&mut self, user: User, comes: bool) {
        let moved = if comes { self.memory.join(user) } else { self.memory.leave(user) };
        moved.unwrap();
        self.version += 1;
        let data =
            ConversationUpdated { conversation: self.conversation(), members: vec![self.member(user)] };
        self.tell(data);
    }
}
