//! How the catalogue behaves, on a real Postgres.
