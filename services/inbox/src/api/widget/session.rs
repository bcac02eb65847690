//! `/v1/widget/{channelWebWidgetId}/session`

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, Utc};
use events::Occasion;
use kit::clock::random_bytes;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Result, Tx, Use, Visit, answer_schema, hex, sha256};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::widget::door::Door;
use crate::api::widget::view::VisitorConversation;
use crate::arriving::{Arrival, arrive, arrive_proven};
use crate::domain::contact::{Card, Contact};
use crate::domain::identity;
use crate::domain::ids::{ChannelId, ContactId, ContactInboxId};
use crate::domain::inbox::ContactInbox;
use crate::limits::Doing;
use crate::store::{contact_inboxes, contacts, conversations};
use crate::visitor::{ContactClaims, Visitor, proof_of};
use crate::{Inbox, Refusal};

/// The longest token, key and name that a visitor shows, in characters.
const MAX_TOKEN: usize = 8_000;
const MAX_KEY: usize = 200;
const MAX_NAME: usize = 100;
const MAX_EMAIL: usize = 320;
/// How many conversations a visitor is shown.
pub(super) const SHOWN: i64 = 50;

/// What a widget sends for a visitor who comes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct BeginSession {
    /// Who they are, as the company's server vouches for it: a JWT signed by HS256 with the inbox's `identitySecret`. `sub` is
    /// the company's own name for them; `exp` is at most 24 hours ahead; `aud`, if it is there, is the inbox; `name`,
    /// `email` and `avatar` are taken over.
    #[schema(max_length = 8000)]
    identity: Option<String>,
    /// The token of an earlier session that is still good: they stay who they were, in the conversation that they were in.
    #[schema(max_length = 8000)]
    contact_token: Option<String>,
    /// The `sourceId` of an earlier session: they stay who they were.
    #[schema(max_length = 200)]
    source_id: Option<String>,
    /// What they want to be called. It proves nothing.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Where they say that they get e-mail. It proves nothing, and finds nobody.
    #[schema(max_length = 320)]
    email: Option<String>,
}

/// A visitor who came.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// For the other routes of the widget, as `Authorization: Bearer`.
    contact_token: String,
    #[serde(with = "kit::date")]
    expires_at: DateTime<Utc>,
    /// A secret by which this visitor is known again when the token is over: keep it where the token is kept. Null where they
    /// are known by it already, or by their identity.
    source_id: Option<String>,
    contact: VisitorCard,
    /// Theirs in this inbox, the latest message first, at most 50.
    conversations: Vec<VisitorConversation>,
}

/// The visitor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorCard {
    id: ContactId,
    name: Option<String>,
    email: Option<String>,
    avatar: Option<String>,
    /// Whether they proved in this session who they are.
    is_verified: bool,
}

answer_schema!(SessionAnswer { session: Session });

/// How a visitor comes.
#[derive(Debug, Clone)]
enum Coming {
    /// The company vouches for them.
    Proven,
    /// They were here just now.
    Again(Box<Visitor>),
    /// They show a key, or get one.
    Key { shown: Option<String>, fresh: String },
}

/// A visit, before it is known whose.
#[derive(Debug, Clone)]
struct Visiting {
    coming: Coming,
    arrival: Arrival,
    session: String,
}

/// Begin a session of a visitor: from a page of an authorized site.
#[utoipa::path(
    operation_id = "beginSession", tag = "widget",
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("Origin" = Option<String>, Header, description = "The page's, as browsers tell it."),
    ),
    request_body = Option<BeginSession>,
    responses(
        (status = 201, description = "The session.", body = SessionAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/widget/{channelWebWidgetId}/session")]
pub(crate) async fn begin(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    body: Result<Body>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Sessions).await?;
    let answer = begun(&service, &visit, &mut door, body).await;
    Ok(door.answer(&request, answer))
}

async fn begun(service: &Inbox, visit: &Visit, door: &mut Door, body: Result<Body>) -> Result<Answer> {
    door.admit()?;
    door.check_origin()?;
    let visiting = visiting(service, door, &body?)?;
    let (inbox, occasion) = (door.inbox.clone(), Occasion::at(service.app.now(), &visit.request_id));
    let came = visiting.clone();
    let work = move |tx: &mut Tx<'_>| {
        let (contact, place, key) = came.come(tx, &inbox, &occasion)?;
        let all = conversations::of_contact(tx.conn(), inbox.chatbot_id, inbox.id, contact.id, SHOWN)?;
        Ok((contact, place, key, all.iter().map(VisitorConversation::from).collect::<Vec<_>>()))
    };
    let (contact, place, key, conversations) = service.app.write(work).await?;
    let is_verified = matches!(visiting.coming, Coming::Proven);
    let claims = ContactClaims {
        chatbot: door.inbox.chatbot_id,
        inbox: door.inbox.id,
        place: place.id,
        session: visiting.session,
        proof: is_verified.then(|| proof_of(&door.inbox.identity_secret)),
    };
    let life = service.widget.token_life();
    let row = Session {
        contact_token: service.app.sign(Use::Contact, contact.id.to_string(), claims, life)?,
        expires_at: service.app.now() + life,
        source_id: key,
        contact: card(contact, is_verified),
        conversations,
    };
    visit.frame(Action::Create, "session").row(&row)
}

fn card(of: Contact, is_verified: bool) -> VisitorCard {
    VisitorCard { id: of.id, name: of.card.name, email: of.card.email, avatar: of.card.avatar, is_verified }
}

/// Reads how somebody comes. An earlier token that is not good any more makes them a stranger, and so does one that was given
/// for a proof: the proof is to be shown again.
fn visiting(service: &Inbox, door: &Door, body: &Body) -> Result<Visiting> {
    let text = |name, max| body.text(name, max).map(|text| text.filter(|text| !text.trim().is_empty()));
    let (name, email) = (text("name", MAX_NAME)?, text("email", MAX_EMAIL)?);
    let (identity, token, shown) =
        (text("identity", MAX_TOKEN)?, text("contactToken", MAX_TOKEN)?, text("sourceId", MAX_KEY)?);
    let session = format!("session:{}", hex(&random_bytes::<16>()));
    let fresh = hex(&random_bytes::<32>());
    if let Some(token) = identity {
        let card = proven(service, door, &token)?;
        return Ok(Visiting { coming: Coming::Proven, arrival: arrival(String::new(), card), session });
    }
    if door.inbox.identity_required {
        return Err(Refusal::IdentityRequired.into());
    }
    let card = Card { name, email, ..Card::default() };
    let again = token.and_then(|token| Visitor::read(&service.app, &token, &door.inbox).ok());
    if let Some(visitor) = again.filter(|visitor| visitor.claims.proof.is_none()) {
        let session = visitor.claims.session.clone();
        let arrival = arrival(source_id_of(&fresh), card);
        return Ok(Visiting { coming: Coming::Again(Box::new(visitor)), arrival, session });
    }
    let arrival = arrival(source_id_of(&fresh), card);
    Ok(Visiting { coming: Coming::Key { shown, fresh }, arrival, session })
}

fn arrival(source_id: String, card: Card) -> Arrival {
    Arrival { contact: ContactId::draw(), place: ContactInboxId::draw(), source_id, card }
}

fn proven(service: &Inbox, door: &Door, token: &str) -> Result<Card> {
    let secret = &door.inbox.identity_secret;
    let identity = identity::read(token, secret, door.inbox.id, service.app.now());
    let identity = identity.map_err(Refusal::IdentityNotValid)?;
    Ok(Card {
        name: identity.name,
        email: identity.email,
        phone: None,
        avatar: identity.avatar,
        identifier: Some(identity.identifier),
    })
}

/// What stands in the database for a visitor's key: whoever reads it there cannot come as them.
fn source_id_of(key: &str) -> String {
    format!("visitor:{}", hex(&sha256(&[b"visitor", key.as_bytes()])))
}

impl Visiting {
    /// The contact, their place, and their key where they do not know it yet.
    fn come(
        &self,
        tx: &mut Tx<'_>,
        inbox: &crate::domain::inbox::Inbox,
        occasion: &Occasion,
    ) -> Result<(Contact, ContactInbox, Option<String>)> {
        match &self.coming {
            Coming::Proven => {
                let (contact, place) = arrive_proven(tx, inbox, &self.arrival, occasion)?;
                Ok((contact, place, None))
            }
            Coming::Again(visitor) => {
                let known = visitor.place(tx.conn(), inbox).ok().map(|(place, _)| place);
                self.known_or_new(tx, inbox, known, None, occasion)
            }
            Coming::Key { shown, fresh } => {
                let of_key = |key: &String| source_id_of(key);
                let known = match shown.as_ref().map(of_key) {
                    Some(name) => contact_inboxes::by_source(tx.conn(), inbox.chatbot_id, inbox.id, &name)?,
                    None => None,
                };
                self.known_or_new(tx, inbox, known, Some(fresh), occasion)
            }
        }
    }

    /// A key that nobody has is not taken over: keys that visitors think up could be guessed.
    fn known_or_new(
        &self,
        tx: &mut Tx<'_>,
        inbox: &crate::domain::inbox::Inbox,
        known: Option<ContactInbox>,
        fresh: Option<&String>,
        occasion: &Occasion,
    ) -> Result<(Contact, ContactInbox, Option<String>)> {
        let there = match &known {
            Some(place) => contacts::get(tx.conn(), place.chatbot_id, place.contact_id)?.is_some(),
            None => false,
        };
        let source_id = known.filter(|_| there).map(|place| place.source_id);
        let key = if source_id.is_some() { None } else { fresh.cloned() };
        let source_id = source_id.unwrap_or_else(|| self.arrival.source_id.clone());
        let arrival = Arrival { source_id, ..self.arrival.clone() };
        let (contact, place) = arrive(tx, inbox, &arrival, occasion)?;
        Ok((contact, place, key))
    }
}
