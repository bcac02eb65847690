//! What a list is filtered by, and whose it is.

use chrono::{DateTime, Utc};
use events::listing::{Condition, ListingType, Status};
use kit::error::{NOT_VALID, REQUIRED};
use kit::filters::{Filters, IdFilter, Zone};
use kit::{Error, Query, Result};
use serde_json::Value;

use crate::api::views::Viewer;
use crate::domain::listing::ListingId;
use crate::store::lists::{Scope, Search, Wanted};

/// At most so many listings are asked for by id in one request.
const MAX_IDS: usize = 200;
/// How many characters of a search count.
const MAX_SEARCH: usize = 100;

/// The filters of a query, and how the answer tells them.
pub(crate) fn wanted(query: &Query, zone: Zone, now: DateTime<Utc>) -> Result<(Wanted, Vec<Value>)> {
    let mut filters = Filters::of(query, zone.or(None), now);
    let wanted = Wanted {
        ids: few(filters.ids("id")?)?,
        users: filters.ids("userId")?,
        categories: filters.ids("categoryId")?,
        subcategories: filters.ids("subcategoryId")?,
        locations: filters.ids("locationId")?,
        status: filters.words("status", |text| Status::parse(text).map(Status::name))?,
        condition: filters.words("condition", |text| Condition::parse(text).map(Condition::name))?,
        listing_type: filters.words("listingType", |text| ListingType::parse(text).map(ListingType::name))?,
        is_premium: filters.boolean("isPremium")?,
        price: filters.number("price")?,
        created_at: filters.date("createdAt")?,
        search: filters
            .search(MAX_SEARCH)?
            .map(|text| terms::query(text).map_or(Search::Nothing, Search::For)),
    };
    Ok((wanted, filters.applied()))
}

fn few(ids: Option<IdFilter<ListingId>>) -> Result<Option<IdFilter<ListingId>>> {
    if ids.as_ref().is_some_and(|ids| ids.ids().len() > MAX_IDS) {
        return Err(Error::field(&NOT_VALID, "id").detail(format!("At most {MAX_IDS} ids.")));
    }
    Ok(ids)
}

/// Whether deleted ones are asked for, too.
pub(crate) fn with_inactive(query: &Query) -> Result<bool> {
    Ok(Filters::undated(query).flag("includeInactive")?.unwrap_or(false))
}

/// A service looks up what it was told of, whatever became of it; it does not browse.
pub(crate) fn scope(viewer: Viewer, wanted: &Wanted, with_inactive: bool) -> Result<Scope> {
    match viewer {
        Viewer::User(actor) if !actor.is_staff => Ok(Scope::Of(actor.id)),
        Viewer::User(_) if with_inactive => Ok(Scope::All),
        Viewer::User(_) => Ok(Scope::Active),
        Viewer::Service if wanted.ids.is_some() => Ok(Scope::All),
        Viewer::Service => Err(Error::field(&REQUIRED, "id")),
    }
}
