//! Visitors: contacts who come by a widget, and the token that says who they are.

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use kit::error::{TOKEN_EXPIRED, UNAUTHENTICATED};
use kit::{App, Claims, Error, Result, Use, access_token, hex, sha256};
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::domain::contact::Contact;
use crate::domain::ids::{ChatbotId, ContactId, ContactInboxId, InboxId};
use crate::domain::inbox::{ContactInbox, ConversationPolicy, Inbox};
use crate::store::{contact_inboxes, contacts};

/// Clocks of replicas may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// What a contact token adds: the one inbox that it is good in, and how the visitor came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContactClaims {
    pub(crate) chatbot: ChatbotId,
    pub(crate) inbox: InboxId,
    pub(crate) place: ContactInboxId,
    /// What the conversation of this session is called, where each has one of its own.
    pub(crate) session: String,
    /// Of a visitor who proved who they are: which secret they proved it by.
    pub(crate) proof: Option<String>,
}

/// Somebody who showed a token that is good in an inbox.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) contact: ContactId,
    pub(crate) claims: ContactClaims,
}

impl Visitor {
    /// Who shows a token to an inbox.
    ///
    /// # Errors
    /// 401 whatever is wrong with it, and when the inbox asks for a proof that the visitor did not give, whenever they came.
    pub(crate) fn of(app: &App, headers: &HeaderMap, inbox: &Inbox) -> Result<Self> {
        let token = access_token(headers).ok_or(Error::new(&UNAUTHENTICATED))?;
        let visitor = Self::read(app, token, inbox)?;
        if inbox.identity_required && visitor.claims.proof.is_none() {
            return Err(Refusal::IdentityRequired.into());
        }
        Ok(visitor)
    }

    /// What a token says to an inbox. One that was given for a proof ends with the secret of that proof.
    pub(crate) fn read(app: &App, token: &str, inbox: &Inbox) -> Result<Self> {
        let claims = verified(app, token)?;
        let contact = claims.sub.parse().map_err(|_| Error::new(&UNAUTHENTICATED))?;
        let here = claims.extra.chatbot == inbox.chatbot_id && claims.extra.inbox == inbox.id;
        let holds =
            claims.extra.proof.as_ref().is_none_or(|proof| *proof == proof_of(&inbox.identity_secret));
        if here && holds {
            Ok(Self { contact, claims: claims.extra })
        } else {
            Err(Error::new(&UNAUTHENTICATED))
        }
    }

    /// The contact, while they are there: the token ends with them.
    pub(crate) fn present(&self, conn: &mut PgConnection) -> Result<Contact> {
        let found = contacts::get(conn, self.claims.chatbot, self.contact)?;
        found.ok_or(Error::new(&UNAUTHENTICATED))
    }

    /// Their place in the inbox, and what the conversation of this visit is called.
    pub(crate) fn place(&self, conn: &mut PgConnection, inbox: &Inbox) -> Result<(ContactInbox, String)> {
        let place = contact_inboxes::get(conn, self.claims.chatbot, self.claims.place)?;
        let place = place.filter(|place| place.contact_id == self.contact && place.inbox_id == inbox.id);
        let place = place.ok_or(Error::new(&UNAUTHENTICATED))?;
        let source_id = match inbox.conversation_policy {
            ConversationPolicy::Single => place.source_id.clone(),
            ConversationPolicy::PerSession => self.claims.session.clone(),
        };
        Ok((place, source_id))
    }
}

/// What stands in a token for the secret by which somebody proved who they are.
pub(crate) fn proof_of(identity_secret: &str) -> String {
    hex(&sha256(&[b"identity", identity_secret.as_bytes()])).chars().take(32).collect()
}

/// The tokens are our own: they are verified by the keys that sign them.
fn verified(app: &App, token: &str) -> Result<Claims<ContactClaims>> {
    let refusal = || Error::new(&UNAUTHENTICATED);
    let kid = decode_header(token).ok().and_then(|header| header.kid).ok_or_else(refusal)?;
    let keys = app.keys().jwks()?;
    let key = keys.find(&kid).and_then(|key| DecodingKey::from_jwk(key).ok()).ok_or_else(refusal)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    // The times are checked below, by the clock that the token was signed by.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_audience(&[Use::Contact.audience(app.environment())]);
    validation.set_issuer(&[app.service()]);
    let claims: Claims<ContactClaims> = decode(token, &key, &validation).map_err(|_| refusal())?.claims;
    in_time(claims, app.now())
}

fn in_time(claims: Claims<ContactClaims>, now: DateTime<Utc>) -> Result<Claims<ContactClaims>> {
    if claims.typ != Use::Contact || claims.nbf > (now + LEEWAY).timestamp() {
        return Err(Error::new(&UNAUTHENTICATED));
    }
    if claims.exp < (now - LEEWAY).timestamp() {
        return Err(Error::new(&TOKEN_EXPIRED));
    }
    Ok(claims)
}
