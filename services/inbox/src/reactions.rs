//! What inbox does on others' events: it keeps its copies of users, files and listings, and the unified inbox. Its own
//! events come back to it by the broker for that, like all others.

use events::{On, Reaction, conversation, inbox, messaging};

use crate::unified::{
    chatbot_updated, follow, listing, member_updated, user_created, user_deleted, user_updated,
};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[
    &On(user_created),
    &On(user_updated),
    &On(user_deleted),
    &On(files::file_uploaded),
    &On(files::file_deleted),
    &On(listing::created),
    &On(listing::updated),
    &On(listing::deleted),
    &On(follow::<messaging::ConversationCreated>),
    &On(follow::<messaging::ConversationUpdated>),
    &On(follow::<messaging::ConversationDeleted>),
    &On(follow::<messaging::ConversationRead>),
    &On(follow::<messaging::ConversationHidden>),
    &On(follow::<messaging::MessageCreated>),
    &On(follow::<messaging::MessageUpdated>),
    &On(follow::<messaging::MessageDeleted>),
    &On(follow::<messaging::MessageHidden>),
    &On(follow::<messaging::MessageRead>),
    &On(follow::<conversation::ThreadCreated>),
    &On(follow::<conversation::ThreadRead>),
    &On(follow::<conversation::MessageCreated>),
    &On(follow::<conversation::MessageRead>),
    &On(follow::<conversation::MessageDeleted>),
    &On(follow::<conversation::MessageRestored>),
    &On(follow::<inbox::ConversationCreated>),
    &On(follow::<inbox::ConversationUpdated>),
    &On(follow::<inbox::ConversationSeen>),
    &On(follow::<inbox::MessageCreated>),
    &On(follow::<inbox::MessageDeleted>),
    &On(member_updated),
    &On(chatbot_updated),
];
