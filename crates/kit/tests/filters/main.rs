//! The filter language held against naive filters, and what Postgres makes of it.

#[cfg(test)]
mod calendar;
#[cfg(test)]
mod database;
#[cfg(test)]
mod language;
#[cfg(test)]
mod moments;
