//! What inbox does on others' events: it keeps its copies of users and files.

use events::{On, Reaction};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[
    &On(directory::user_created),
    &On(directory::user_updated),
    &On(directory::user_deleted),
    &On(files::file_uploaded),
    &On(files::file_deleted),
];
