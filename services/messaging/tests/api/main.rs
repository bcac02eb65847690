//! How messaging behaves, on a real Postgres.

#[cfg(test)]
mod access;
#[cfg(test)]
mod agreement;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod chats;
#[cfg(test)]
mod chats_groups;
#[cfg(test)]
mod chats_input;
#[cfg(test)]
mod chats_lists;
#[cfg(test)]
mod chats_reactions;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod files;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod fused;
#[cfg(test)]
mod membership;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod races;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod states;
