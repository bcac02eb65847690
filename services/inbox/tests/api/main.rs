//! How inbox behaves, on a real Postgres.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod chatbots;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod incoming;
#[cfg(test)]
mod limits;
/// How a store is made of the transitions of `timeline`: the crate's own.
#[cfg(test)]
#[path = "../../../../crates/timeline/tests/timeline/memory.rs"]
mod memory;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod races;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod unified;
#[cfg(test)]
mod unified_backfill;
#[cfg(test)]
mod unified_conformance;
#[cfg(test)]
mod unified_large;
#[cfg(test)]
mod unified_owner;
#[cfg(test)]
mod unified_search;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod widget;
