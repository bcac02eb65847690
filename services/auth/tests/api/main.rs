//! How auth behaves, on a real Postgres.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod events_told;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod login;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod search;
#[cfg(test)]
mod stage;
