//! How the catalogue behaves, on a real Postgres.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod departures;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod listings;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod look_ups;
#[cfg(test)]
mod races;
#[cfg(test)]
mod search;
#[cfg(test)]
mod stage;
