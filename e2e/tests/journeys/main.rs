//! The whole system, as `make up` starts it: walked through, and broken on purpose.
//!
//! All tests share one stack, one after the other; only what is about several environments has its own.

#[cfg(test)]
mod buckets;
#[cfg(test)]
mod chats;
#[cfg(test)]
mod client;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod environments;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod listings;
#[cfg(test)]
mod load;
#[cfg(test)]
mod support;
#[cfg(test)]
mod system;
#[cfg(test)]
mod tap;
#[cfg(test)]
mod threads;
#[cfg(test)]
mod unified;
#[cfg(test)]
mod walk_through;
