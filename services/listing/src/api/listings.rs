//! `/v1/listings`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::Occasion;
use events::listing::{Condition, ListingType, Status};
use kit::filters::Zone;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Page, Query, Reader, Result, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce;
use crate::api::fields::{check_servers_own, content, id_in_path, status};
use crate::api::filters::{scope, wanted, with_inactive};
use crate::api::views::{ListingAnswer, ListingView, ListingsAnswer, Viewer};
use crate::domain::listing::{self, Actor, Listing, ListingId};
use crate::store::views::{self, Open};
use crate::store::{listings, lists};
use crate::{Catalogue, Refusal};

/// What a client sends to make a listing. What the server owns is checked, then ignored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateListing {
    #[schema(example = "Writing desk, oak", min_length = 1, max_length = 200)]
    title: String,
    #[schema(example = "Two drawers, one of them with a key.", max_length = 10_000)]
    description: Option<String>,
    #[schema(example = 120.5, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    price: Option<f64>,
    /// As in ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Anything, at most 32 KiB of JSON.
    #[schema(value_type = Option<Object>)]
    attributes: Option<serde_json::Value>,
    category_id: Option<Uuid>,
    subcategory_id: Option<Uuid>,
    location_id: Option<Uuid>,
    condition: Option<Condition>,
    /// `sale` where it is absent.
    listing_type: Option<ListingType>,
    /// `draft` where it is absent; `expired` and `removed` are not the owner's to set.
    #[schema(example = "active")]
    status: Option<Status>,
    #[schema(example = "desks@example.com", format = "email", max_length = 254)]
    contact_email: Option<String>,
    #[schema(example = "+43 1 234 56 78", max_length = 32)]
    contact_phone: Option<String>,
    /// In the future.
    expires_at: Option<DateTime<Utc>>,
}

/// Make a listing.
///
/// Its owner is the caller.
#[utoipa::path(
    operation_id = "createListing", tag = "listings", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateListing,
    responses(
        (status = 201, description = "The new listing.", body = ListingAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/listings")]
pub(crate) async fn create(catalogue: web::Data<Catalogue>, call: Call, body: Body) -> Result<Answer> {
    let (app, owner) = (&catalogue.app, Actor::from(call.caller));
    let [occasion] = Occasion::draw(app, &call);
    let (content, status) = (content(&body)?, status(&body)?.unwrap_or(Status::Draft));
    check_servers_own(&body, owner)?;
    let new = listing::create(content, status, owner, app.new_id(), occasion.now)?;
    let by = call.clone();
    let save = move |tx: &mut Tx<'_>| {
        listings::insert(tx, &new)?;
        announce::created(tx, &occasion, &new)?;
        let view = ListingView::seen_by(Viewer::User(owner), new.clone());
        Ok(by.frame(Action::Create, "listing").row(&view)?.etag(new.record_version))
    };
    app.post(&call, &body, "POST /v1/listings", save).await
}

/// List listings.
///
/// The newest first: those that are active, sold or expired, and all of one's own; to the staff all. At most 10,000 of
/// those that match are counted and shown. Other services may ask for certain ids, by a token of their own.
#[utoipa::path(
    operation_id = "listListings", tag = "listings", security(("accessToken" = [])),
    params(
        ("search" = Option<String>, Query, description = "Words of title and description, or their beginnings.",
            example = "desk", max_length = 100),
        ("id" = Option<Vec<Uuid>>, Query, description = "Only these; may be repeated, at most 200."),
        ("userId" = Option<Vec<String>>, Query, description = "Of these owners."),
        ("categoryId" = Option<Vec<String>>, Query, description = "In these categories, or `null`."),
        ("subcategoryId" = Option<Vec<String>>, Query, description = "In these subcategories, or `null`."),
        ("locationId" = Option<Vec<String>>, Query, description = "At these places, or `null`."),
        ("status" = Option<Vec<Status>>, Query, description = "Any of these."),
        ("condition" = Option<Vec<Condition>>, Query, description = "Any of these, or `null`."),
        ("listingType" = Option<Vec<ListingType>>, Query, description = "Any of these."),
        ("isPremium" = Option<String>, Query, description = "`true`, `false` or `null`.",
            pattern = "^(true|false|null)$"),
        ("price_min" = Option<f64>, Query, description = "Not below it."),
        ("price_max" = Option<f64>, Query, description = "Not above it."),
        ("createdAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("includeInactive" = Option<bool>, Query, description = "By the staff: deleted ones too."),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page.", body = ListingsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/listings")]
pub(crate) async fn list(
    catalogue: web::Data<Catalogue>,
    reader: Reader,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let (page, viewer) = (Page::parse(&query)?, Viewer::from(&reader));
    let (wanted, applied) = wanted(&query, zone, catalogue.app.now())?;
    let scope = scope(viewer, &wanted, with_inactive(&query)?)?;
    let work = move |conn: &mut PgConnection| {
        let (rows, total) = lists::page(conn, &wanted, scope, page)?;
        Ok((rows, page.of_total(total)?))
    };
    let (rows, paging) = catalogue.app.read(work).await?;
    let rows: Vec<_> = rows.into_iter().map(|row| ListingView::seen_by(viewer, row)).collect();
    reader.frame(Action::List, "listings").list(&rows, paging, &applied)
}

/// Get a listing.
///
/// Another's draft is not allowed; what the staff took out is there for its owner and the staff only. Opened by another
/// user for the first time, its `viewsCount` goes up.
#[utoipa::path(
    operation_id = "getListing", tag = "listings", security(("accessToken" = [])),
    params(
        ("listingId" = Uuid, Path, description = "The listing."),
        ("includeInactive" = Option<bool>, Query, description = "By the staff: also when it was deleted."),
    ),
    responses(
        (status = 200, description = "The listing.", body = ListingAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/listings/{listingId}")]
pub(crate) async fn get(
    catalogue: web::Data<Catalogue>,
    reader: Reader,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, with_inactive, viewer) = (id_in_path(&path)?, with_inactive(&query)?, Viewer::from(&reader));
    let look = move |conn: &mut PgConnection| see(conn, id, viewer, with_inactive);
    let (mut listing, opener) = catalogue.app.read(look).await?;
    if let Some(user) = opener {
        let open = Open { listing: id, user: user.id, now: catalogue.app.now() };
        listing.views_count = catalogue.app.once(open).await??.unwrap_or(listing.views_count);
    }
    let version = listing.record_version;
    Ok(reader.frame(Action::Get, "listing").row(&ListingView::seen_by(viewer, listing))?.etag(version))
}

/// The listing, and who opens it for the first time.
fn see(
    conn: &mut PgConnection,
    id: ListingId,
    viewer: Viewer,
    with_inactive: bool,
) -> Result<(Listing, Option<Actor>)> {
    let listing = listings::find(conn, id)?.ok_or(Refusal::ListingNotFound)?;
    let Viewer::User(actor) = viewer else { return Ok((listing, None)) };
    listing::may_see(&listing, actor, with_inactive)?;
    let counts = listing.is_active && actor.id != listing.user_id && !views::is_known(conn, id, actor.id)?;
    Ok((listing, counts.then_some(actor)))
}
