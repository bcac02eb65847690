//! `/v1/inboxentries`: all of somebody's conversations, wherever they live.

use std::collections::HashMap;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Call, Page, Query, Result, UserId, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::filters::MAX_SEARCH;
use crate::api::id_in_path;
use crate::domain::ids::InboxEntryId;
use crate::domain::inbox_entry::{NAMED, Source};
use crate::store::unified::known_listings;
use crate::store::unified::list::{self as entries, Card, EntryFilter, Row, Totals};
use crate::store::unified::search::{self, Found};
use crate::{Inbox, Refusal};

/// Somebody with whom an entry's user is in a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CounterpartView {
    /// A user's id, or a contact's.
    id: String,
    /// Null while we have not heard of them.
    fullname: Option<String>,
    avatar: Option<String>,
}

/// What a thread is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ListingCard {
    id: uuid::Uuid,
    /// Null while we have not heard of it.
    title: Option<String>,
}

/// The newest message that the caller can see.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: String,
    seq: i64,
    /// Its first 200 characters.
    content: String,
    #[serde(rename = "type")]
    kind: String,
    /// `user`, `contact`, `bot` or `system`.
    sender_type: String,
    sender_id: Option<String>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

/// A conversation in somebody's unified inbox.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryView {
    id: InboxEntryId,
    /// Which API the conversation is got from.
    #[schema(value_type = Source)]
    source: String,
    conversation_id: String,
    /// What it is called: a group's name, a listing's title, or who is on the other side.
    title: Option<String>,
    /// Its picture: an http(s) address, or the id of a file.
    icon: Option<String>,
    is_group: bool,
    /// At most 20 of the others.
    counterparts: Vec<CounterpartView>,
    /// How many they are.
    counterpart_count: usize,
    /// Of a thread.
    listing: Option<ListingCard>,
    /// Of an inbox's conversation.
    chatbot_id: Option<String>,
    inbox_id: Option<String>,
    last_message: Option<LastMessageView>,
    /// When the newest message was sent; before that, when the conversation began.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    unread_count: i64,
    is_active: bool,
    /// Goes up with each change of where the caller stands.
    record_version: i64,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The caller.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(EntryAnswer { inbox_entry: EntryView });
answer_schema!(EntriesAnswer { inbox_entries: [EntryView] });

/// List all of the caller's conversations, wherever they live.
///
/// The latest message first. A search without any word finds nothing. `unreadCount` and `unreadEntryCount` at the top level count all that match, on every page.
#[utoipa::path(
    operation_id = "listInboxEntries", tag = "inboxEntries", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("source" = Option<Vec<Source>>, Query, description = "Of any of these services."),
        ("unread" = Option<bool>, Query, description = "With unread messages, or without."),
        ("search" = Option<String>, Query, max_length = 200, description = "Words that stand together in the title, in the \
            name of one of the counterparts, of a contact also in address, number or identifier, or in `lastMessage`."),
    ),
    responses(
        (status = 200, description = "A page.", body = EntriesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/inboxentries")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let mut filters = Filters::undated(&query);
    let sources = filters.words("source", |text| Source::parse(text).map(Source::name))?;
    let filter = EntryFilter { sources, unread: filters.flag("unread")? };
    let text = filters.search(MAX_SEARCH)?.map(str::to_owned);
    let applied = filters.applied();
    let work = move |conn: &mut PgConnection| {
        let (rows, totals) = wanted(conn, call.caller.user_id, &filter, text.as_deref(), page)?;
        let (paging, rows) = (page.of_total(totals.entries)?, views(conn, rows)?);
        let frame = call.frame(Action::List, "inboxEntries").with("unreadCount", json!(totals.unread));
        frame.with("unreadEntryCount", json!(totals.unread_entries)).list(&rows, paging, &applied)
    };
    service.app.read(work).await
}

/// Get an entry of the caller's.
#[utoipa::path(
    operation_id = "getInboxEntry", tag = "inboxEntries", security(("accessToken" = [])),
    params(("inboxEntryId" = InboxEntryId, Path, description = "The entry.")),
    responses(
        (status = 200, description = "The entry.", body = EntryAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/inboxentries/{inboxEntryId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: InboxEntryId = id_in_path(&path, "inboxEntryId")?;
    let work = move |conn: &mut PgConnection| {
        let row = entries::find(conn, call.caller.user_id, id)?.ok_or(Refusal::InboxEntryNotFound)?;
        let view = views(conn, vec![row])?.pop().ok_or(Refusal::InboxEntryNotFound)?;
        call.frame(Action::Get, "inboxEntry").row(&view)
    };
    service.app.read(work).await
}

/// A page of the entries, and how many they are.
fn wanted(
    conn: &mut PgConnection,
    user: UserId,
    of: &EntryFilter,
    text: Option<&str>,
    page: Page,
) -> Result<(Vec<Row>, Totals)> {
    let Some(text) = text else {
        return Ok((entries::page(conn, user, of, page)?, entries::totals(conn, user, of)?));
    };
    let Found { ids, totals } = search::found(conn, user, of, text, page)?;
    Ok((search::rows(conn, user, &ids)?, totals))
}

/// What entries name, in three queries however many they are.
struct Names {
    people: HashMap<UserId, Card>,
    listings: HashMap<uuid::Uuid, String>,
    contacts: HashMap<String, Card>,
}

impl Names {
    fn of(conn: &mut PgConnection, rows: &[Row]) -> Result<Self> {
        let mut people: Vec<UserId> = rows.iter().flat_map(|row| &row.place.first_ids).copied().collect();
        people.sort_unstable();
        people.dedup();
        let people = directory::named(conn, &people)?.into_iter().filter(|user| user.is_active);
        let people = people.map(|user| (user.id, (Some(user.fullname), user.avatar))).collect();
        let listings: Vec<uuid::Uuid> = rows.iter().filter_map(|row| row.place.listing_id).collect();
        let listings = known_listings::known(conn, &listings)?.into_iter();
        let contacts: Vec<(String, String)> = rows
            .iter()
            .filter_map(|row| row.place.chatbot_id.clone().zip(row.place.contact_id.clone()))
            .collect();
        let contacts = entries::contacts(conn, &contacts)?.into_iter().collect();
        Ok(Self { people, listings: listings.map(|of| (of.id, of.title)).collect(), contacts })
    }

    fn counterparts(&self, of: &Row) -> Vec<CounterpartView> {
        if let Some(id) = &of.place.contact_id {
            let (fullname, avatar) = self.contacts.get(id).cloned().unwrap_or_default();
            return vec![CounterpartView { id: id.clone(), fullname, avatar }];
        }
        let others = of.place.first_ids.iter().filter(|id| **id != of.user_id).take(NAMED);
        let view = |id: &UserId| {
            let (fullname, avatar) = self.people.get(id).cloned().unwrap_or_default();
            CounterpartView { id: id.to_string(), fullname, avatar }
        };
        others.map(view).collect()
    }
}

fn views(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<EntryView>> {
    let names = Names::of(conn, &rows)?;
    Ok(rows.into_iter().map(|row| view(row, &names)).collect())
}

fn view(of: Row, names: &Names) -> EntryView {
    let counterparts = names.counterparts(&of);
    let listing = of.place.listing_id.map(|id| ListingCard { id, title: names.listings.get(&id).cloned() });
    let (title, icon) = title(&of, &counterparts, listing.as_ref());
    let count = if of.place.contact_id.is_some() { 1 } else { of.place.member_count - 1 };
    EntryView {
        id: of.id,
        title,
        icon,
        is_group: of.place.is_group,
        counterpart_count: usize::try_from(count).unwrap_or_default(),
        counterparts,
        listing,
        last_message: last_message(&of),
        source: of.source,
        conversation_id: of.conversation_id,
        chatbot_id: of.place.chatbot_id,
        inbox_id: of.place.inbox_id,
        last_message_at: of.last_message_at,
        unread_count: of.unread,
        is_active: of.is_shown,
        record_version: of.rev,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.user_id,
    }
}

/// A group shows itself, a thread its listing, and whatever is between two the other.
fn title(
    of: &Row,
    with: &[CounterpartView],
    listing: Option<&ListingCard>,
) -> (Option<String>, Option<String>) {
    if of.place.is_group {
        return (of.place.name.clone(), of.place.icon.clone());
    }
    let other = with.first();
    let title = match listing {
        Some(listing) => listing.title.clone(),
        None => other.and_then(|other| other.fullname.clone()),
    };
    (title, other.and_then(|other| other.avatar.clone()))
}

fn last_message(of: &Row) -> Option<LastMessageView> {
    let last = &of.last;
    Some(LastMessageView {
        id: last.message_id.clone()?,
        seq: last.seq?,
        content: last.preview.clone()?,
        kind: last.kind.clone()?,
        sender_type: last.sender_type.clone()?,
        sender_id: last.sender_id.clone(),
        sent_at: last.sent_at?,
    })
}
