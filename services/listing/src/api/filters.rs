//! What a list is filtered by, and whose it is.

use chrono::{DateTime, Utc};
use events::listing::{Condition, ListingType, Status};
use kit::error::{NOT_A_BOOLEAN, NOT_VALID, REQUIRED, TOO_LONG};
use kit::filters::{Filters, IdFilter, Zone};
use kit::{Error, Query, Result};
use serde_json::{Value, json};

use crate::api::views::Viewer;
use crate::domain::listing::ListingId;
use crate::store::lists::{Scope, Search, Wanted};

/// At most so many listings are asked for by id in one request.
const MAX_IDS: usize = 200;
/// How many characters of a search count.
const MAX_SEARCH: usize = 100;

/// The filters of a query, and how the answer tells them.
pub(crate) fn wanted(query: &Query, zone: Zone, now: DateTime<Utc>) -> Result<(Wanted, Vec<Value>)> {
    let search = search(query)?;
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
        search: search.map(|text| terms::query(text).map_or(Search::Nothing, Search::For)),
    };
    let mut applied = filters.applied();
    applied.extend(search.map(|text| json!({ "name": "search", "values": [text] })));
    Ok((wanted, applied))
}

fn few(ids: Option<IdFilter<ListingId>>) -> Result<Option<IdFilter<ListingId>>> {
    if ids.as_ref().is_some_and(|ids| ids.ids().len() > MAX_IDS) {
        return Err(Error::field(&NOT_VALID, "id").detail(format!("At most {MAX_IDS} ids.")));
    }
    Ok(ids)
}

/// A blank search is none.
fn search(query: &Query) -> Result<Option<&str>> {
    let search = query.one("search")?.map(str::trim).filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.chars().nth(MAX_SEARCH).is_some()) {
        return Err(Error::field(&TOO_LONG, "search").detail(format!("At most {MAX_SEARCH} characters.")));
    }
    Ok(search)
}

/// Whether deleted ones are asked for, too.
pub(crate) fn with_inactive(query: &Query) -> Result<bool> {
    match query.one("includeInactive")? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::field(&NOT_A_BOOLEAN, "includeInactive")),
    }
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
