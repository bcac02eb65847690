//! Arriving: how a contact comes by a channel. They are found or made, by the names that the channel and the company have for
//! them; whoever comes twice at once is one.

use events::Occasion;
use kit::{Error, Result, Tx};

use crate::Refusal;
use crate::api::contacts::tell;
use crate::api::conversations::placed;
use crate::domain::contact::{Card, Contact};
use crate::domain::ids::{ContactId, ContactInboxId};
use crate::domain::inbox::{ContactInbox, Inbox};
use crate::store::{contact_inboxes, contacts};

/// Who comes, as the channel has it.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// For a contact who is new.
    pub(crate) contact: ContactId,
    /// For one who is new in the inbox.
    pub(crate) place: ContactInboxId,
    /// What the channel calls them.
    pub(crate) source_id: String,
    /// What is known of them; what is absent stays as it was. The identifier must be proven.
    pub(crate) card: Card,
}

/// The contact, and their place in the inbox. An e-mail address or a name finds nobody: anybody may claim one.
pub(crate) fn arrive(
    tx: &mut Tx<'_>,
    inbox: &Inbox,
    who: &Arrival,
    occasion: &Occasion,
) -> Result<(Contact, ContactInbox)> {
    let known = contact_inboxes::by_source(tx.conn(), inbox.chatbot_id, inbox.id, &who.source_id)?;
    let Some(place) = known else { return come(tx, inbox, who, occasion) };
    if let Some(found) = contacts::get(tx.conn(), place.chatbot_id, place.contact_id)? {
        return Ok((told(tx, &found, &who.card, occasion)?, place));
    }
    contact_inboxes::retire(tx, &place)?;
    come(tx, inbox, who, occasion)
}

/// The same for somebody whose identifier is proven: they have the place that they have, whatever it is called.
pub(crate) fn arrive_proven(
    tx: &mut Tx<'_>,
    inbox: &Inbox,
    who: &Arrival,
    occasion: &Occasion,
) -> Result<(Contact, ContactInbox)> {
    let (contact, is_new) = known_or_new(tx, inbox, who, occasion)?;
    let contact = if is_new {
        tell(tx, &contact, occasion)?;
        contact
    } else {
        told(tx, &contact, &who.card, occasion)?
    };
    let place = placed(tx, who.place, contact.id, (inbox.chatbot_id, inbox.id), occasion.now)?;
    Ok((contact, place))
}

/// Whoever is new here may be known by their identifier; where two come at once, the first is taken.
fn come(
    tx: &mut Tx<'_>,
    inbox: &Inbox,
    who: &Arrival,
    occasion: &Occasion,
) -> Result<(Contact, ContactInbox)> {
    let (contact, is_new) = known_or_new(tx, inbox, who, occasion)?;
    let place = ContactInbox {
        id: who.place,
        chatbot_id: inbox.chatbot_id,
        contact_id: contact.id,
        inbox_id: inbox.id,
        source_id: who.source_id.clone(),
        created_at: occasion.now,
    };
    if contact_inboxes::insert(tx, &place)? {
        if is_new {
            tell(tx, &contact, occasion)?;
            return Ok((contact, place));
        }
        return Ok((told(tx, &contact, &who.card, occasion)?, place));
    }
    if is_new {
        contacts::withdraw(tx, contact.chatbot_id, contact.id)?;
    }
    let first = contact_inboxes::by_source(tx.conn(), inbox.chatbot_id, inbox.id, &who.source_id)?;
    let first = first.ok_or_else(|| Error::internal("a contact's place is taken and free"))?;
    let theirs = contacts::get(tx.conn(), first.chatbot_id, first.contact_id)?;
    let theirs = theirs.ok_or(Refusal::ContactNotFound)?;
    Ok((told(tx, &theirs, &who.card, occasion)?, first))
}

fn known_or_new(
    tx: &mut Tx<'_>,
    inbox: &Inbox,
    who: &Arrival,
    occasion: &Occasion,
) -> Result<(Contact, bool)> {
    let is_verified = who.card.identifier.is_some();
    let new = Contact::new(who.contact, inbox.chatbot_id, who.card.clone(), occasion.now);
    let new = Contact { is_verified, ..new };
    let Some(identifier) = &who.card.identifier else {
        contacts::insert(tx, &new)?;
        return Ok((new, true));
    };
    if let Some(found) = contacts::by_identifier(tx.conn(), inbox.chatbot_id, identifier)? {
        return Ok((found, false));
    }
    if contacts::insert_if_new(tx, &new)? {
        return Ok((new, true));
    }
    let first = contacts::by_identifier(tx.conn(), inbox.chatbot_id, identifier)?;
    Ok((first.ok_or_else(|| Error::internal("an identifier is taken and free"))?, false))
}

/// Keeps what the channel says of somebody, and tells of it where it is news. An identifier stays whose it is.
fn told(tx: &mut Tx<'_>, found: &Contact, card: &Card, occasion: &Occasion) -> Result<Contact> {
    let Some(locked) = contacts::lock(tx, found.chatbot_id, found.id)? else {
        return Err(Refusal::ContactNotFound.into());
    };
    let proven = card.identifier.is_some() && card.identifier == locked.card.identifier;
    let is_verified = locked.is_verified || proven;
    let news = Card {
        name: card.name.clone().or_else(|| locked.card.name.clone()),
        email: card.email.clone().or_else(|| locked.card.email.clone()),
        phone: card.phone.clone().or_else(|| locked.card.phone.clone()),
        avatar: card.avatar.clone().or_else(|| locked.card.avatar.clone()),
        identifier: locked.card.identifier.clone(),
    };
    if news == locked.card && is_verified == locked.is_verified {
        return Ok(locked);
    }
    let version = locked.record_version + 1;
    let after =
        Contact { card: news, is_verified, record_version: version, updated_at: occasion.now, ..locked };
    contacts::save(tx, &after)?;
    tell(tx, &after, occasion)?;
    Ok(after)
}
