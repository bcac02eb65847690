//! `/v1/listings/{listingId}/favorite`

use actix_web::{delete, put, web};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Call, Result, Tx};

use crate::api::fields::id_in_path;
use crate::api::views::{ListingAnswer, ListingView, Viewer};
use crate::domain::listing::{self, Actor, Listing, ListingId};
use crate::store::{favorites, listings};
use crate::{Catalogue, Refusal};

/// Make a listing a favourite.
///
/// As often as one likes; it counts once. The listing itself does not change by it.
#[utoipa::path(
    operation_id = "addFavorite", tag = "listings", security(("accessToken" = [])),
    params(("listingId" = uuid::Uuid, Path, description = "The listing.")),
    responses(
        (status = 200, description = "The listing with its new `favoriteCount`.", body = ListingAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[put("/v1/listings/{listingId}/favorite")]
pub(crate) async fn add(
    catalogue: web::Data<Catalogue>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let (id, actor, now) = (id_in_path(&path)?, Actor::from(call.caller), catalogue.app.now());
    let apply = move |tx: &mut Tx<'_>| {
        let seen = see(tx, id, actor)?;
        if !favorites::add(tx, id, actor.id, now)? {
            return Ok(seen);
        }
        counted(tx, seen, 1)
    };
    answer(&call, actor, catalogue.app.write(apply).await?)
}

/// Make a listing a favourite no more.
#[utoipa::path(
    operation_id = "removeFavorite", tag = "listings", security(("accessToken" = [])),
    params(("listingId" = uuid::Uuid, Path, description = "The listing.")),
    responses(
        (status = 200, description = "The listing with its new `favoriteCount`.", body = ListingAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/listings/{listingId}/favorite")]
pub(crate) async fn remove(
    catalogue: web::Data<Catalogue>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let (id, actor) = (id_in_path(&path)?, Actor::from(call.caller));
    let apply = move |tx: &mut Tx<'_>| {
        let seen = see(tx, id, actor)?;
        if !favorites::remove(tx, id, actor.id)? {
            return Ok(seen);
        }
        counted(tx, seen, -1)
    };
    answer(&call, actor, catalogue.app.write(apply).await?)
}

/// The listing, under a lock that the count is exact by.
fn see(tx: &mut Tx<'_>, id: ListingId, actor: Actor) -> Result<Listing> {
    let there = listings::lock(tx, id)?.ok_or(Refusal::ListingNotFound)?;
    listing::may_see(&there, actor, false)?;
    Ok(there)
}

fn counted(tx: &mut Tx<'_>, seen: Listing, more: i64) -> Result<Listing> {
    let favorite_count = seen.favorite_count + more;
    favorites::count(tx, seen.id, favorite_count)?;
    Ok(Listing { favorite_count, ..seen })
}

fn answer(call: &Call, actor: Actor, listing: Listing) -> Result<Answer> {
    let version = listing.record_version;
    let view = ListingView::seen_by(Viewer::User(actor), listing);
    Ok(call.frame(Action::Update, "listing").row(&view)?.etag(version))
}
