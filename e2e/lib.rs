//! Journeys over the whole system: every process as a user would run it, through the gateway. See `tests/journeys`.
