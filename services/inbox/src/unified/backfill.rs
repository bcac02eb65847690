//! Asking the owners for what was before the unified inbox was first started, in parts; where each ended is noted, so that
//! a kill repeats a part at most, which does no harm. An owner that is away is asked again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kit::{Error, Result, UserId};
use uuid::Uuid;

use super::ahead;
use super::owners::Part;
use crate::Inbox;
use crate::domain::inbox_entry::{NAMED, Source, Told};
use crate::store::unified::{self, backfill, known_listings, own, people};

/// How many conversations are kept in one transaction.
const BITE: usize = 20;
/// How many of our own conversations make a part.
const PART: i64 = 500;
/// How many listings are asked for at once.
const LISTINGS: usize = 100;
/// How many names are described in one transaction.
const PEOPLE: i64 = 500;
const TRY_EVERY: Duration = Duration::from_secs(2);

/// Asks until all is told.
pub async fn run(service: Arc<Inbox>) {
    while service.app.stop().sleep(TRY_EVERY).await {
        match ask_all(&service).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => log::warn!("not all conversations of before are known yet: {error}"),
        }
    }
}

/// Describes all whom we know, and asks each owner for a part after the other; whether all is told.
///
/// # Errors
/// 503 when an owner or the database is away.
pub async fn ask_all(service: &Inbox) -> Result<bool> {
    describe_all(service).await?;
    let mut is_done = true;
    for progress in service.app.read(|conn| Ok(backfill::all(conn)?)).await? {
        let source = Source::parse(&progress.source).ok_or_else(|| Error::internal("no such source"))?;
        is_done &= progress.is_done || ask_one(service, source, progress.asked_up_to).await?;
    }
    Ok(is_done)
}

/// Describes whoever was known before names were searched, or was told to a replica that does not search them yet: at each
/// start, since that costs one walk along two primary keys.
async fn describe_all(service: &Inbox) -> Result<()> {
    let mut after = None;
    loop {
        let from = after;
        let describe = move |tx: &mut kit::Tx<'_>| Ok(people::describe_missing(tx, from, PEOPLE)?);
        after = service.app.write(describe).await?;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn ask_one(service: &Inbox, source: Source, mut after: Option<String>) -> Result<bool> {
    while let Some(part) = service.part(source, after.as_deref(), &[]).await? {
        service.keep_part(part.told).await?;
        let (next, up_to) = (part.next.clone(), part.next.clone());
        service.app.write(move |tx| Ok(backfill::asked(tx, source.name(), up_to.as_deref())?)).await?;
        match next {
            Some(next) => after = Some(next),
            None => return Ok(true),
        }
    }
    Ok(false)
}

impl Inbox {
    /// A part of what the owner of a source knows; of these ids only, where there are any.
    pub(super) async fn part(
        &self,
        source: Source,
        after: Option<&str>,
        ids: &[String],
    ) -> Result<Option<Part>> {
        if source != Source::Inbox {
            return self.owners.part(source, after, ids).await;
        }
        let (chatbot, id) = after.and_then(|after| after.split_once(',')).unwrap_or_default();
        let (chatbot, id, ids) = (chatbot.to_owned(), id.to_owned(), ids.to_vec());
        let read = move |conn: &mut _| Ok(own::after(conn, (&chatbot, &id), &ids, PART)?);
        let (told, next) = self.app.read(read).await?;
        Ok(Some(Part { told, next }))
    }

    /// Keeps what is told, and the names that go with it.
    pub(super) async fn keep_part(&self, told: Vec<Told>) -> Result<()> {
        self.meet(&told).await?;
        for bite in told.chunks(BITE) {
            let bite = bite.to_vec();
            let keep = move |tx: &mut kit::Tx<'_>| bite.iter().try_for_each(|told| unified::merge(tx, told));
            self.app.write(keep).await?;
        }
        ahead::follow_all(&self.app).await.map(drop)
    }

    /// Looks up the people and listings of conversations whom no event told us of.
    async fn meet(&self, told: &[Told]) -> Result<()> {
        let facts = || told.iter().filter_map(|told| told.facts.as_ref());
        let people: BTreeSet<UserId> =
            facts().flat_map(|facts| facts.member_ids.iter().take(NAMED + 1)).copied().collect();
        self.directory.active_among(people.into_iter().collect()).await?;
        let listings: BTreeSet<Uuid> = facts().filter_map(|facts| facts.listing_id).collect();
        let listings: Vec<Uuid> = listings.into_iter().collect();
        for some in listings.chunks(LISTINGS) {
            let found = self.owners.listings(some).await?;
            let keep = move |tx: &mut kit::Tx<'_>| {
                found.iter().try_for_each(|of| known_listings::keep(tx, &of.into()).map(drop))?;
                Ok(())
            };
            self.app.write(keep).await?;
        }
        Ok(())
    }
}
