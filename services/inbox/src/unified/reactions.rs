//! What the unified inbox does on events.

use directory::KnownUser;
use events::auth::{User, UserCreated, UserDeleted, UserUpdated};
use events::inbox::{ChatbotUpdated, MemberUpdated};
use events::listing::Listing;
use events::{Heard, Payload};
use kit::{Result, Tx};

use super::told::Tells;
use crate::store::unified::{self, known_listings, moves, people};

/// Keeps what an event tells of a conversation.
pub(crate) fn follow<P: Payload + Tells>(tx: &mut Tx<'_>, event: &Heard<P>) -> Result<()> {
    unified::merge(tx, &event.data.told())
}

/// Whoever came or went has entries of many conversations: [`super::moves`] does it.
pub(crate) fn member_updated(tx: &mut Tx<'_>, event: &Heard<MemberUpdated>) -> Result<()> {
    let member = &event.data.member;
    moves::add(tx, &member.chatbot_id, member.user_id)?;
    Ok(())
}

/// With a chatbot go all entries of its conversations.
pub(crate) fn chatbot_updated(tx: &mut Tx<'_>, event: &Heard<ChatbotUpdated>) -> Result<()> {
    if !event.data.chatbot.is_active {
        moves::add_all(tx, &event.data.chatbot.id)?;
    }
    Ok(())
}

/// Keeps a new user.
pub(crate) fn user_created(tx: &mut Tx<'_>, event: &Heard<UserCreated>) -> Result<()> {
    keep_user(tx, &event.data.user)
}

/// Keeps a changed user, and what they are found by from now on.
pub(crate) fn user_updated(tx: &mut Tx<'_>, event: &Heard<UserUpdated>) -> Result<()> {
    keep_user(tx, &event.data.user)
}

/// Keeps that a user is deleted: nobody finds them by their name any more.
pub(crate) fn user_deleted(tx: &mut Tx<'_>, event: &Heard<UserDeleted>) -> Result<()> {
    keep_user(tx, &event.data.user)
}

fn keep_user(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    people::keep(tx, &[KnownUser::from(user)])?;
    Ok(())
}

/// What tells of a listing.
pub(crate) mod listing {
    use events::listing::{ListingCreated, ListingDeleted, ListingUpdated};

    use super::{Heard, Result, Tx, keep};

    pub(crate) fn created(tx: &mut Tx<'_>, event: &Heard<ListingCreated>) -> Result<()> {
        keep(tx, &event.data.listing)
    }

    pub(crate) fn updated(tx: &mut Tx<'_>, event: &Heard<ListingUpdated>) -> Result<()> {
        keep(tx, &event.data.listing)
    }

    pub(crate) fn deleted(tx: &mut Tx<'_>, event: &Heard<ListingDeleted>) -> Result<()> {
        keep(tx, &event.data.listing)
    }
}

fn keep(tx: &mut Tx<'_>, of: &Listing) -> Result<()> {
    known_listings::keep(tx, &of.into())?;
    Ok(())
}
