//! How inbox behaves, on a real Postgres.
