//! Lists of listings: which match, how many there are, and a page of them.

use diesel::dsl::sql;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use events::listing::Status;
use kit::filters::{BoolFilter, DateFilter, Filter as _, IdFilter, NumberFilter, WordFilter};
use kit::queries::{Counted, Fresh};
use kit::search::Matches;
use kit::{Page, Result, UserId};

use crate::domain::listing::{Listing, ListingId, OutsideId, PUBLIC};
use crate::store::row::{Row, gather};
use crate::store::schema::listing;

/// A list counts and shows so many at most, so that none costs more than that; whoever wants others says more of what
/// they look for.
pub const MOST_FOUND: i64 = 10_000;

/// What a list is filtered by.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only these.
    pub ids: Option<IdFilter<ListingId>>,
    /// By owner.
    pub users: Option<IdFilter<UserId>>,
    /// By category, subcategory and place.
    pub categories: Option<IdFilter<OutsideId>>,
    /// By subcategory.
    pub subcategories: Option<IdFilter<OutsideId>>,
    /// By place.
    pub locations: Option<IdFilter<OutsideId>>,
    /// By status.
    pub status: Option<WordFilter>,
    /// By condition.
    pub condition: Option<WordFilter>,
    /// By type.
    pub listing_type: Option<WordFilter>,
    /// By premium.
    pub is_premium: Option<BoolFilter>,
    /// By price.
    pub price: Option<NumberFilter>,
    /// By when it was made.
    pub created_at: Option<DateFilter>,
    /// By the terms of title and description.
    pub search: Option<Search>,
}

/// What a search looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Terms, as Postgres takes them.
    For(String),
    /// Nothing that a text could be found by.
    Nothing,
}

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What others may see, and all of one's own.
    Of(UserId),
    /// All that were not deleted.
    Active,
    /// All.
    All,
}

type Matching<'a> = listing::BoxedQuery<'a, Pg>;

/// A page of the listings that match, newest first, and how many match; [`MOST_FOUND`] at most.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    wanted: &Wanted,
    scope: Scope,
    page: Page,
) -> Result<(Vec<Listing>, i64)> {
    let limit = page.rows().min(MOST_FOUND.saturating_sub(page.offset()));
    let rows = if limit > 0 { newest(conn, wanted, scope, limit, page.offset())? } else { Vec::new() };
    // Whoever sees the end knows how many there are.
    let count = i64::try_from(rows.len()).unwrap_or(limit);
    let total = match count {
        1.. if count < limit => page.offset() + count,
        0 if page.offset() == 0 => 0,
        _ => total(conn, wanted, scope)?,
    };
    Ok((rows, total))
}

fn newest(
    conn: &mut PgConnection,
    wanted: &Wanted,
    scope: Scope,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listing>> {
    let newest = matching(wanted, scope).order((listing::created_at.desc(), listing::id.desc()));
    gather(Fresh(newest.limit(limit).offset(offset).select(Row::as_select())).load(conn)?)
}

fn total(conn: &mut PgConnection, wanted: &Wanted, scope: Scope) -> Result<i64> {
    let found = matching(wanted, scope).select(sql::<Integer>("1")).limit(MOST_FOUND);
    Ok(Fresh(Counted(found)).get_result(conn)?)
}

fn matching(wanted: &Wanted, scope: Scope) -> Matching<'_> {
    let query = visible(scope)
        .filter(wanted.ids.on(listing::id).and(wanted.users.on(listing::user_id)))
        .filter(wanted.categories.on(listing::category_id))
        .filter(wanted.subcategories.on(listing::subcategory_id))
        .filter(wanted.locations.on(listing::location_id))
        .filter(wanted.status.on(listing::status))
        .filter(wanted.condition.on(listing::condition))
        .filter(wanted.listing_type.on(listing::listing_type))
        .filter(wanted.is_premium.on(listing::is_premium))
        .filter(wanted.price.on(listing::price).and(wanted.created_at.on(listing::created_at)));
    match &wanted.search {
        None => query,
        Some(Search::For(terms)) => query.filter(Matches::new(listing::terms, terms)),
        Some(Search::Nothing) => query.filter(sql::<Bool>("FALSE")),
    }
}

fn visible<'a>(scope: Scope) -> Matching<'a> {
    let all = listing::table.into_boxed();
    match scope {
        Scope::All => all,
        Scope::Active => all.filter(listing::is_active),
        Scope::Of(user) => {
            let public = listing::status.eq_any(PUBLIC.map(Status::name));
            all.filter(listing::is_active).filter(public.or(listing::user_id.eq(user)))
        }
    }
}
