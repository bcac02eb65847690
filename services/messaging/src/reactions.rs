//! What messaging does on others' events: it keeps its copy of users.

use events::{On, Reaction};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] =
    &[&On(directory::user_created), &On(directory::user_updated), &On(directory::user_deleted)];
