//! `/v1/contacts`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::Occasion;
use events::inbox::ContactUpdated;
use kit::error::NOT_VALID;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{
    Action, Answer, Body, Call, Error, IfMatch, OnConstraint as _, Page, Query, Result, Tx, answer_schema,
    is_web_address,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::chatbots::MAX_NAME;
use crate::api::filters::{self, MAX_SEARCH};
use crate::api::{id_in_path, scope};
use crate::domain::chatbot::Scope;
use crate::domain::contact::{Card, Contact};
use crate::domain::ids::{ChatbotId, ContactId};
use crate::store::{contacts, members, search};
use crate::{Inbox, Refusal, announce};

/// The longest address, number or identifier, in characters.
const MAX_ADDRESS: usize = 320;
/// The longest URL of a picture, in characters.
const MAX_URL: usize = 2_000;

/// What is known of a contact: as a client sends it. In a change, what is absent stays, and null takes it away.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateContact {
    /// Whose; in a change, ignored.
    chatbot_id: ChatbotId,
    /// What to call them.
    #[schema(example = "Mia", max_length = 100)]
    name: Option<String>,
    /// Where they get e-mail. It proves nothing, and never makes two contacts one.
    #[schema(max_length = 320)]
    email: Option<String>,
    #[schema(max_length = 320)]
    phone: Option<String>,
    /// The URL of their picture.
    #[schema(max_length = 2000)]
    avatar: Option<String>,
    /// The company's own name for them, unique in the chatbot.
    #[schema(max_length = 320)]
    identifier: Option<String>,
}

/// The same, where the contact is there already.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateContact {
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(max_length = 320)]
    email: Option<String>,
    #[schema(max_length = 320)]
    phone: Option<String>,
    #[schema(max_length = 2000)]
    avatar: Option<String>,
    #[schema(max_length = 320)]
    identifier: Option<String>,
}

/// A contact: somebody who writes in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactView {
    id: ContactId,
    chatbot_id: ChatbotId,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    avatar: Option<String>,
    identifier: Option<String>,
    /// Whether the identifier was proven by a signature of the company's.
    is_verified: bool,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The chatbot.
    #[serde(rename = "_owner")]
    owner: ChatbotId,
}

answer_schema!(ContactAnswer { contact: ContactView });
answer_schema!(ContactsAnswer { contacts: [ContactView] });

impl From<&Contact> for ContactView {
    fn from(of: &Contact) -> Self {
        let Card { name, email, phone, avatar, identifier } = of.card.clone();
        Self {
            id: of.id,
            chatbot_id: of.chatbot_id,
            name,
            email,
            phone,
            avatar,
            identifier,
            is_verified: of.is_verified,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
            owner: of.chatbot_id,
        }
    }
}

/// A card as a body has it: what it does not name is as it was.
fn card(body: &Body, before: &Card) -> Result<Card> {
    let field = |name: &'static str, max, before: &Option<String>| {
        let given = body.text(name, max)?.filter(|text| !text.trim().is_empty());
        Ok::<_, Error>(if body.has(name) { given } else { before.clone() })
    };
    let avatar = field("avatar", MAX_URL, &before.avatar)?;
    if body.has("avatar") && !avatar.as_deref().is_none_or(is_web_address) {
        return Err(Error::field(&NOT_VALID, "avatar").detail("An http or https address."));
    }
    Ok(Card {
        name: field("name", MAX_NAME, &before.name)?,
        email: field("email", MAX_ADDRESS, &before.email)?,
        phone: field("phone", MAX_ADDRESS, &before.phone)?,
        avatar,
        identifier: field("identifier", MAX_ADDRESS, &before.identifier)?,
    })
}

/// Note a contact.
#[utoipa::path(
    operation_id = "createContact", tag = "contacts", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateContact,
    responses(
        (status = 201, description = "The contact.", body = ContactAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/contacts")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let chatbot: ChatbotId = body.required_id("chatbotId")?;
    let card = card(&body, &Card::default())?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let (new, by) = (Contact::new(ContactId::draw(), chatbot, card, occasion.now), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        scope(tx.conn(), &by)?.role(chatbot)?;
        contacts::insert(tx, &new).on_constraint("contact_identifier_key", Refusal::IdentifierInUse)?;
        tell(tx, &new, &occasion)?;
        by.frame(Action::Create, "contact").row(&ContactView::from(&new))
    };
    service.app.post(&call, &body, "POST /v1/contacts", work).await
}

/// All who answer hear of a contact's change.
pub(crate) fn tell(tx: &mut Tx<'_>, of: &Contact, occasion: &Occasion) -> Result<()> {
    let all = members::users(tx.conn(), of.chatbot_id)?;
    occasion.tell(tx, of.id, &all, ContactUpdated { contact: announce::contact(of) })?;
    Ok(())
}

/// List contacts: the newest first, at most the newest 10,000, of a search the newest 1,000.
#[utoipa::path(
    operation_id = "listContacts", tag = "contacts", security(("accessToken" = [])),
    params(
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "Of one of these."),
        ("search" = Option<String>, Query, max_length = 200, description = "Words of name, address, number or identifier."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page.", body = ContactsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/contacts")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let (page, mut filters) = (Page::parse(&query)?, Filters::undated(&query));
    let chatbots = filters::chatbots(&mut filters)?;
    let search = filters.search(MAX_SEARCH)?.map(str::to_owned);
    let applied = filters.applied();
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&chatbots)?;
        let (found, total) = match &search {
            None => contacts::page(conn, &scope, page)?,
            Some(text) => matching(conn, &scope, text, page)?,
        };
        let rows: Vec<_> = found.iter().map(ContactView::from).collect();
        call.frame(Action::List, "contacts").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// A page of whom a search finds, the newest first, and how many they are.
fn matching(conn: &mut PgConnection, scope: &Scope, text: &str, page: Page) -> Result<(Vec<Contact>, i64)> {
    let ids = search::contacts(conn, scope, text)?;
    let (wanted, total) = filters::part(&ids, page);
    let mut found = contacts::of_ids(conn, scope, wanted)?;
    found.sort_by_key(|contact| wanted.iter().position(|id| *id == contact.id));
    Ok((found, total))
}

/// Get a contact.
#[utoipa::path(
    operation_id = "getContact", tag = "contacts", security(("accessToken" = [])),
    params(("contactId" = ContactId, Path, description = "The contact.")),
    responses(
        (status = 200, description = "The contact.", body = ContactAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/contacts/{contactId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: ContactId = id_in_path(&path, "contactId")?;
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?;
        let found = contacts::find(conn, &scope, id)?.ok_or(Refusal::ContactNotFound)?;
        Ok(call.frame(Action::Get, "contact").row(&ContactView::from(&found))?.etag(found.record_version))
    };
    service.app.read(work).await
}

/// Change what is known of a contact.
#[utoipa::path(
    operation_id = "updateContact", tag = "contacts", security(("accessToken" = [])),
    params(
        ("contactId" = ContactId, Path, description = "The contact."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = Option<UpdateContact>,
    responses(
        (status = 200, description = "The contact.", body = ContactAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/contacts/{contactId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id: ContactId = id_in_path(&path, "contactId")?;
    card(&body, &Card::default())?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let before = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let version = before.record_version;
        let card = card(&body, &before.card)?;
        let after = before.changed(card, occasion.now);
        if after.record_version != version {
            contacts::save(tx, &after).on_constraint("contact_identifier_key", Refusal::IdentifierInUse)?;
            tell(tx, &after, &occasion)?;
        }
        let view = ContactView::from(&after);
        Ok(call.frame(Action::Update, "contact").row(&view)?.etag(after.record_version))
    };
    service.app.write(work).await
}

/// Forget a contact: nothing of what is known of them stays, and they are no longer let in. What was said stays.
#[utoipa::path(
    operation_id = "deleteContact", tag = "contacts", security(("accessToken" = [])),
    params(
        ("contactId" = ContactId, Path, description = "The contact."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The contact, no longer active.", body = ContactAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/contacts/{contactId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id: ContactId = id_in_path(&path, "contactId")?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let before = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let after = before.erased(occasion.now);
        contacts::save(tx, &after)?;
        tell(tx, &after, &occasion)?;
        let frame = call.frame(Action::Delete, "contact").with("effect", json!("deleted"));
        frame.row(&ContactView::from(&after))
    };
    service.app.write(work).await
}

fn locked(tx: &mut Tx<'_>, call: &Call, id: ContactId) -> Result<Contact> {
    let scope = scope(tx.conn(), call)?;
    let found = contacts::find(tx.conn(), &scope, id)?.ok_or(Refusal::ContactNotFound)?;
    contacts::lock(tx, found.chatbot_id, id)?.ok_or(Refusal::ContactNotFound.into())
}
