//! What kit promises every service, tried on a tiny one.

#[cfg(test)]
mod bodies;
#[cfg(test)]
mod database;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod draining;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod logged;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod own_postgres;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod wire;
