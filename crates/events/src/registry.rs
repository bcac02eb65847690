//! The registry: every event, its version, who consumes it, and a golden sample.

use std::collections::BTreeSet;

use serde::Serialize as _;
use serde_json::{Value, value::Serializer};

use crate::{Event, Payload, Reaction, auth, bucket, conversation, inbox, listing, messaging};

/// What an event promises.
#[derive(Debug)]
pub struct Contract {
    /// The service that tells it.
    pub source: &'static str,
    /// Its name.
    pub event: &'static str,
    /// The version of its payload's schema.
    pub version: u32,
    /// The services that react to it: each has a queue that it is routed to.
    pub consumers: &'static [&'static str],
    /// The golden sample: the event as it goes over the wire.
    pub sample: &'static str,
    reread: fn(&str) -> serde_json::Result<Value>,
}

/// Every event.
pub const REGISTRY: &[Contract] = &[
    Contract::of::<auth::UserCreated>(
        &["conversation", "inbox", "messaging"],
        include_str!("../samples/auth.user-created.json"),
    ),
    Contract::of::<auth::UserUpdated>(
        &["conversation", "inbox", "messaging"],
        include_str!("../samples/auth.user-updated.json"),
    ),
    Contract::of::<auth::UserDeleted>(
        &["bucket", "conversation", "inbox", "listing", "messaging"],
        include_str!("../samples/auth.user-deleted.json"),
    ),
    Contract::of::<auth::SessionRevoked>(&[], include_str!("../samples/auth.session-revoked.json")),
    Contract::of::<listing::ListingCreated>(
        &["conversation", "inbox"],
        include_str!("../samples/listing.listing-created.json"),
    ),
    Contract::of::<listing::ListingUpdated>(
        &["conversation", "inbox"],
        include_str!("../samples/listing.listing-updated.json"),
    ),
    Contract::of::<listing::ListingDeleted>(
        &["conversation", "inbox"],
        include_str!("../samples/listing.listing-deleted.json"),
    ),
    Contract::of::<bucket::FileUploaded>(
        &["conversation", "inbox", "messaging"],
        include_str!("../samples/bucket.file-uploaded.json"),
    ),
    Contract::of::<bucket::FileDeleted>(
        &["conversation", "inbox", "messaging"],
        include_str!("../samples/bucket.file-deleted.json"),
    ),
    Contract::of::<conversation::ThreadCreated>(
        &["inbox"],
        include_str!("../samples/conversation.thread-created.json"),
    ),
    Contract::of::<conversation::MessageCreated>(
        &["bucket", "inbox"],
        include_str!("../samples/conversation.message-created.json"),
    ),
    Contract::of::<conversation::MessageRead>(
        &["inbox"],
        include_str!("../samples/conversation.message-read.json"),
    ),
    Contract::of::<conversation::ThreadRead>(
        &["inbox"],
        include_str!("../samples/conversation.thread-read.json"),
    ),
    Contract::of::<conversation::MessageDeleted>(
        &["bucket", "inbox"],
        include_str!("../samples/conversation.message-deleted.json"),
    ),
    Contract::of::<conversation::MessageRestored>(
        &["bucket", "inbox"],
        include_str!("../samples/conversation.message-restored.json"),
    ),
    Contract::of::<inbox::ChatbotUpdated>(&["inbox"], include_str!("../samples/inbox.chatbot-updated.json")),
    Contract::of::<inbox::MemberUpdated>(&["inbox"], include_str!("../samples/inbox.member-updated.json")),
    Contract::of::<inbox::ContactUpdated>(&[], include_str!("../samples/inbox.contact-updated.json")),
    Contract::of::<inbox::ConversationCreated>(
        &["inbox"],
        include_str!("../samples/inbox.conversation-created.json"),
    ),
    Contract::of::<inbox::ConversationUpdated>(
        &["inbox"],
        include_str!("../samples/inbox.conversation-updated.json"),
    ),
    Contract::of::<inbox::ConversationSeen>(
        &["inbox"],
        include_str!("../samples/inbox.conversation-seen.json"),
    ),
    Contract::of::<inbox::MessageCreated>(
        &["bucket", "inbox"],
        include_str!("../samples/inbox.message-created.json"),
    ),
    Contract::of::<inbox::MessageDeleted>(
        &["bucket", "inbox"],
        include_str!("../samples/inbox.message-deleted.json"),
    ),
    Contract::of::<messaging::ConversationCreated>(
        &["inbox"],
        include_str!("../samples/messaging.conversation-created.json"),
    ),
    Contract::of::<messaging::ConversationRead>(
        &["inbox"],
        include_str!("../samples/messaging.conversation-read.json"),
    ),
    Contract::of::<messaging::ConversationUpdated>(
        &["inbox"],
        include_str!("../samples/messaging.conversation-updated.json"),
    ),
    Contract::of::<messaging::ConversationDeleted>(
        &["inbox"],
        include_str!("../samples/messaging.conversation-deleted.json"),
    ),
    Contract::of::<messaging::ConversationHidden>(
        &["inbox"],
        include_str!("../samples/messaging.conversation-hidden.json"),
    ),
    Contract::of::<messaging::MessageCreated>(
        &["bucket", "inbox"],
        include_str!("../samples/messaging.message-created.json"),
    ),
    Contract::of::<messaging::MessageUpdated>(
        &["inbox"],
        include_str!("../samples/messaging.message-updated.json"),
    ),
    Contract::of::<messaging::MessageDeleted>(
        &["bucket", "inbox"],
        include_str!("../samples/messaging.message-deleted.json"),
    ),
    Contract::of::<messaging::MessageHidden>(
        &["inbox"],
        include_str!("../samples/messaging.message-hidden.json"),
    ),
    Contract::of::<messaging::MessageRead>(
        &["inbox"],
        include_str!("../samples/messaging.message-read.json"),
    ),
    Contract::of::<messaging::MessageReacted>(&[], include_str!("../samples/messaging.message-reacted.json")),
];

impl Contract {
    const fn of<P: Payload>(consumers: &'static [&'static str], sample: &'static str) -> Self {
        let (source, event, version) = (P::SOURCE, P::TYPE, P::VERSION);
        Self { source, event, version, consumers, sample, reread: reread::<P> }
    }

    /// `<source>.<event>`: what the exchange routes by.
    #[must_use]
    pub fn routing_key(&self) -> String {
        format!("{}.{}", self.source, self.event)
    }

    /// Reads a JSON event as this contract's type and writes it again: equal, when it keeps the contract.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn reread(&self, event: &str) -> serde_json::Result<Value> {
        (self.reread)(event)
    }
}

fn reread<P: Payload>(event: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<Event<P>>(event)?.serialize(Serializer)
}

/// What a service reacts to.
pub fn consumed_by(service: &str) -> impl Iterator<Item = &'static Contract> {
    REGISTRY.iter().filter(move |contract| contract.consumers.contains(&service))
}

/// The services that react to anything, each once.
#[must_use]
pub fn consumers() -> Vec<&'static str> {
    let mut services: Vec<_> = REGISTRY.iter().flat_map(|contract| contract.consumers).copied().collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Where a service's table of reactions and the registry disagree, by routing key: events that are routed to it without
/// a reaction, and reactions to events that are not routed to it. For a test of the service.
#[must_use]
pub fn disagreements(service: &str, reactions: &[Reaction]) -> Vec<String> {
    let routed: BTreeSet<_> = consumed_by(service).map(Contract::routing_key).collect();
    let known = reactions.iter().map(|it| format!("{}.{}", it.source(), it.kind())).collect();
    routed.symmetric_difference(&known).cloned().collect()
}

/// Whether somebody reacts to an event, so that it must find a queue.
pub(crate) fn has_consumer(source: &str, event: &str) -> bool {
    let mut contracts = REGISTRY.iter();
    contracts.any(|it| it.source == source && it.event == event && !it.consumers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::On;

    #[test]
    fn every_payload_has_a_line() {
        let sources = [
            include_str!("auth.rs"),
            include_str!("bucket.rs"),
            include_str!("conversation.rs"),
            include_str!("inbox.rs"),
            include_str!("listing.rs"),
            include_str!("messaging.rs"),
        ];
        let payloads: usize = sources.iter().map(|text| text.matches("\", version ").count()).sum();
        assert_eq!(REGISTRY.len(), payloads);
        let mut keys: Vec<_> = REGISTRY.iter().map(Contract::routing_key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), REGISTRY.len(), "an event has two lines");
    }

    #[test]
    fn every_sample_keeps_its_contract() {
        for contract in REGISTRY {
            let sample: Value = serde_json::from_str(contract.sample).unwrap();
            assert_eq!(contract.reread(contract.sample).unwrap(), sample, "{}", contract.routing_key());
            assert_eq!(sample["source"], contract.source);
            assert_eq!(sample["type"], contract.event);
            assert_eq!(sample["version"], contract.version);
        }
    }

    #[test]
    fn a_table_that_disagrees_is_told() {
        const REACTIONS: &[Reaction] = &[
            &On::<auth::UserCreated>(|_, _| Ok(())),
            &On::<auth::UserDeleted>(|_, _| Ok(())),
            &On::<auth::SessionRevoked>(|_, _| Ok(())),
        ];
        let unmet = ["auth.user-updated", "bucket.file-deleted", "bucket.file-uploaded"];
        let expected: Vec<&str> = [&["auth.session-revoked"], &unmet[..]].concat();
        assert_eq!(disagreements("messaging", REACTIONS), expected);
        assert!(disagreements("auth", &[]).is_empty());
    }

    #[test]
    fn no_sample_tells_a_secret() {
        for contract in REGISTRY {
            // An address for customers, published by whoever it belongs to, is no secret.
            let sample = contract.sample.replace("contactEmail", "").to_lowercase();
            for word in ["email", "password", "token", "secret"] {
                assert!(!sample.contains(word), "{} tells a {word}", contract.routing_key());
            }
        }
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let page = include_str!("../../../docs/events.md");
        let section = page.split("\n## ").find(|section| section.starts_with("The events")).unwrap();
        let table: Vec<_> = section.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<_> = REGISTRY.iter().map(line).collect();
        assert_eq!(
            table.len(),
            expected.len(),
            "docs/events.md should have these lines:\n{}",
            expected.join("\n")
        );
        for (found, expected) in table.iter().zip(&expected) {
            assert!(found.starts_with(expected.as_str()), "docs/events.md should have: {expected}");
        }
    }

    /// A line of the table but for its last column, the prose.
    fn line(contract: &Contract) -> String {
        let consumers = match contract.consumers {
            [] => "–".to_owned(),
            consumers => consumers.join(", "),
        };
        format!("| `{}` | {} | {consumers} |", contract.routing_key(), contract.version)
    }
}
