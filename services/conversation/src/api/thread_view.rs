//! Threads as clients see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::listing::Listing;
use files::{BucketClaims, BucketGrant, Mode};
use kit::{Result, Use, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Conversation;
use crate::api::listing_view::{ListingCard, ListingView};
use crate::api::people::{NameView, People, PersonView};
use crate::domain::message::MessageId;
use crate::domain::thread::{LastMessage, ListingId, Seen, Thread, ThreadId};
use crate::store::listings;

/// A thread, as it is stored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadView {
    id: ThreadId,
    /// When the newest message was sent; before that, when the thread began.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    listing_id: ListingId,
    receiver_id: UserId,
    sender_id: UserId,
    /// Always true: threads stay.
    is_active: bool,
    /// Always 1: messages are all that changes of a thread.
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Who began it.
    #[serde(rename = "_owner")]
    owner: UserId,
}

impl From<&Thread> for ThreadView {
    fn from(of: &Thread) -> Self {
        Self {
            id: of.id,
            last_message_at: of.last_message_at,
            listing_id: of.listing_id,
            receiver_id: of.receiver_id,
            sender_id: of.sender_id,
            is_active: true,
            record_version: 1,
            created_at: of.created_at,
            updated_at: of.created_at,
            owner: of.sender_id,
        }
    }
}

/// What a viewer sees of a thread besides the thread itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Beside {
    /// The other one; null for the staff.
    other_user: Option<PersonView>,
    /// The newest message.
    last_message: Option<LastMessageView>,
    /// How many messages the viewer has not read; null for the staff.
    unread_count: Option<i64>,
}

/// A thread with what it is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct ThreadWhole {
    #[serde(flatten)]
    thread: ThreadView,
    /// Null while we have not heard of it.
    listing: Option<ListingCard>,
    #[serde(flatten)]
    beside: Beside,
}

/// The right to the files of a thread.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BucketAccess {
    /// The name of the thread's bucket.
    bucket_id: String,
    /// For the bucket service: the two read and write, the staff read. It is good for minutes.
    bucket_token: String,
}

/// A thread by itself, with the right to its files.
#[derive(Serialize, ToSchema)]
pub(crate) struct ThreadOpened {
    #[serde(flatten)]
    pub(crate) thread: ThreadWhole,
    #[serde(flatten)]
    pub(crate) access: BucketAccess,
}

/// A thread in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ThreadItem {
    #[serde(flatten)]
    thread: ThreadView,
    /// A list of one; empty while we have not heard of it.
    listing: Vec<ListingCard>,
    #[serde(flatten)]
    beside: Beside,
}

/// A thread with all that it refers to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadFetched {
    #[serde(flatten)]
    thread: ThreadView,
    /// A list of one; empty while we have not heard of it.
    listing: Vec<ListingView>,
    /// A list of one.
    receiver_user: Vec<NameView>,
    /// A list of one.
    sender_user: Vec<NameView>,
}

/// The newest message of a thread, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: MessageId,
    seq: i64,
    /// At most 200 characters.
    content: String,
    /// `text`, or `system`.
    kind: &'static str,
    /// Null for a system message.
    sender_id: Option<UserId>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

answer_schema!(ThreadAnswer { conversation_thread: ThreadWhole });
answer_schema!(OpenedThreadAnswer { conversation_thread: ThreadOpened });
answer_schema!(ThreadsAnswer { conversation_threads: [ThreadItem] });
answer_schema!(FetchedThreadsAnswer { conversation_threads: [ThreadFetched] });

/// What threads refer to: two queries, however many threads.
struct References {
    listings: HashMap<ListingId, Listing>,
    people: People,
}

impl References {
    fn of<'a>(conn: &mut PgConnection, threads: impl Iterator<Item = &'a Thread> + Clone) -> Result<Self> {
        let mut ids: Vec<ListingId> = threads.clone().map(|thread| thread.listing_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let listings = if ids.is_empty() { HashMap::new() } else { listings::known(conn, &ids)? };
        Ok(Self { listings, people: People::find(conn, threads.flat_map(Thread::pair))? })
    }

    fn listing<T: for<'a> From<&'a Listing>>(&self, of: &Thread) -> Option<T> {
        self.listings.get(&of.listing_id).map(T::from)
    }

    fn beside(&self, seen: &Seen) -> Beside {
        let of = &seen.thread;
        let other = seen.member.and_then(|member| of.other(member.user_id));
        Beside {
            other_user: other.map(|other| self.people.view(other)),
            last_message: of.last_message.as_ref().map(last_view),
            unread_count: seen.member.map(|member| member.watermark.unread(of.last_seq)),
        }
    }
}

/// The right of somebody who sees a thread to its files.
pub(crate) fn access(service: &Conversation, seen: &Seen, viewer: UserId) -> Result<BucketAccess> {
    let bucket_id = Thread::bucket(seen.thread.id);
    let read = BucketGrant { bucket: bucket_id.clone(), mode: Mode::Read };
    let write = seen.member.map(|_| BucketGrant { mode: Mode::Write, ..read.clone() });
    let claims = BucketClaims { grants: std::iter::once(read).chain(write).collect() };
    let bucket_token =
        service.app.sign(Use::Bucket, viewer.to_string(), claims, service.bucket_token_life)?;
    Ok(BucketAccess { bucket_id, bucket_token })
}

/// One thread.
pub(crate) fn view_one(conn: &mut PgConnection, seen: &Seen) -> Result<ThreadWhole> {
    let with = References::of(conn, std::iter::once(&seen.thread))?;
    let listing = with.listing(&seen.thread);
    Ok(ThreadWhole { thread: ThreadView::from(&seen.thread), listing, beside: with.beside(seen) })
}

/// A list of threads.
pub(crate) fn views(conn: &mut PgConnection, seen: &[Seen]) -> Result<Vec<ThreadItem>> {
    let with = References::of(conn, seen.iter().map(|seen| &seen.thread))?;
    let view = |seen: &Seen| ThreadItem {
        thread: ThreadView::from(&seen.thread),
        listing: with.listing(&seen.thread).into_iter().collect(),
        beside: with.beside(seen),
    };
    Ok(seen.iter().map(view).collect())
}

/// A list of threads with all that they refer to.
pub(crate) fn fetched(conn: &mut PgConnection, seen: &[Seen]) -> Result<Vec<ThreadFetched>> {
    let with = References::of(conn, seen.iter().map(|seen| &seen.thread))?;
    let view = |Seen { thread, .. }: &Seen| ThreadFetched {
        thread: ThreadView::from(thread),
        listing: with.listing(thread).into_iter().collect(),
        receiver_user: with.people.names(Some(thread.receiver_id)),
        sender_user: with.people.names(Some(thread.sender_id)),
    };
    Ok(seen.iter().map(view).collect())
}

fn last_view(last: &LastMessage) -> LastMessageView {
    LastMessageView {
        id: last.id,
        seq: last.seq.get(),
        content: last.preview.clone(),
        kind: last.kind.name(),
        sender_id: last.sender_id,
        sent_at: last.sent_at,
    }
}
