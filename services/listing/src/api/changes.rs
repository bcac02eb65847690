//! `PATCH` and `DELETE /v1/listings/{listingId}`

use actix_web::{delete, patch, web};
use chrono::{DateTime, Utc};
use events::Occasion;
use events::listing::{Condition, ListingType, Status};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, IfMatch, Result, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce;
use crate::api::fields::{change, check_servers_own, id_in_path};
use crate::api::views::{ListingAnswer, ListingView, Viewer};
use crate::domain::listing::{self, Actor};
use crate::store::listings;
use crate::{Catalogue, Refusal};

/// What a client sends to change a listing; what is absent stays, null takes away what may be absent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateListing {
    #[schema(example = "Writing desk, oak", min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(example = 99.0, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    price: Option<f64>,
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Instead of all that were there.
    #[schema(value_type = Option<Object>)]
    attributes: Option<serde_json::Value>,
    category_id: Option<Uuid>,
    subcategory_id: Option<Uuid>,
    location_id: Option<Uuid>,
    condition: Option<Condition>,
    listing_type: Option<ListingType>,
    /// By the owner `draft`, `active` or `sold`; the staff also set `removed`, and bring back from it.
    status: Option<Status>,
    #[schema(format = "email", max_length = 254)]
    contact_email: Option<String>,
    #[schema(max_length = 32)]
    contact_phone: Option<String>,
    /// In the future.
    expires_at: Option<DateTime<Utc>>,
}

/// Change a listing.
///
/// By its owner; its status also by the staff.
#[utoipa::path(
    operation_id = "updateListing", tag = "listings", security(("accessToken" = [])),
    params(
        ("listingId" = Uuid, Path, description = "The listing."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that the change is of."),
    ),
    request_body = Option<UpdateListing>,
    responses(
        (status = 200, description = "The listing after the change.", body = ListingAnswer),
        (status = 409, description = "If-Match is not the current recordVersion.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/listings/{listingId}")]
pub(crate) async fn update(
    catalogue: web::Data<Catalogue>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let (id, actor) = (id_in_path(&path)?, Actor::from(call.caller));
    let change = change(&body)?;
    check_servers_own(&body, actor)?;
    let [occasion] = Occasion::draw(&catalogue.app, &call);
    let apply = move |tx: &mut Tx<'_>| {
        let before = listings::lock(tx, id)?.ok_or(Refusal::ListingNotFound)?;
        let decided = listing::update(&before, actor, &change, occasion.now)?;
        if_match.admit(before.record_version)?;
        let Some(after) = decided else { return Ok(before) };
        listings::save(tx, &after)?;
        announce::updated(tx, &occasion, &after)?;
        Ok(after)
    };
    let after = catalogue.app.write(apply).await?;
    let version = after.record_version;
    let view = ListingView::seen_by(Viewer::User(actor), after);
    Ok(call.frame(Action::Update, "listing").row(&view)?.etag(version))
}

/// Delete a listing.
///
/// By its owner or the staff, who alone see it afterwards, where they ask for it.
#[utoipa::path(
    operation_id = "deleteListing", tag = "listings", security(("accessToken" = [])),
    params(
        ("listingId" = Uuid, Path, description = "The listing."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The listing, no longer active.", body = ListingAnswer),
        (status = 409, description = "If-Match is not the current recordVersion.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/listings/{listingId}")]
pub(crate) async fn delete(
    catalogue: web::Data<Catalogue>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let (id, actor) = (id_in_path(&path)?, Actor::from(call.caller));
    let [occasion] = Occasion::draw(&catalogue.app, &call);
    let apply = move |tx: &mut Tx<'_>| {
        let before = listings::lock(tx, id)?.ok_or(Refusal::ListingNotFound)?;
        let after = listing::delete(&before, actor, occasion.now)?;
        if_match.admit(before.record_version)?;
        listings::save(tx, &after)?;
        announce::deleted(tx, &occasion, &after)?;
        Ok(after)
    };
    let after = catalogue.app.write(apply).await?;
    let version = after.record_version;
    let view = ListingView::seen_by(Viewer::User(actor), after);
    Ok(call.frame(Action::Delete, "listing").row(&view)?.etag(version))
}
