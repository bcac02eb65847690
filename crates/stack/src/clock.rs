//! The one place where this crate asks what time it is.

use chrono::{DateTime, Utc};

/// Now, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "the operator's clock: this crate has no App to take time from"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
