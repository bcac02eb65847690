//! Comparing the unified inbox with its owners, and putting it right.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use kit::{Result, UserId};

use super::owners::Part;
use crate::Inbox;
use crate::domain::inbox_entry::{Agents, Place, Source, Told};
use crate::store::unified::list::{self, Row};
use crate::store::unified::{own, places, words};

/// What differs is looked at again after a while: events may be on their way.
const AGAIN: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
/// How many conversations are asked for by their ids at once.
const IDS: usize = 100;

/// What somebody should see of a conversation, or does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sees {
    is_shown: bool,
    unread: i64,
    last: Option<(i64, String)>,
    last_message_at: String,
    name: Option<String>,
    with: Vec<UserId>,
}

/// Where the unified inbox and an owner disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// About which conversation.
    pub place: Place,
    /// How.
    pub what: String,
}

/// What a comparison came to.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// How many entries were compared.
    pub entries: usize,
    /// What differs still, after a while.
    pub differences: Vec<Difference>,
    /// Owners that were not asked, since no setting says where they are.
    pub unknown: Vec<Source>,
}

/// Compares everything with the owners.
///
/// # Errors
/// 503 when an owner or the database is away.
pub async fn verify(service: &Inbox) -> Result<Report> {
    let mut report = Report::default();
    for source in Source::ALL {
        let mut found = whole(service, source, &mut report).await?;
        for _ in 0..AGAIN {
            if found.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            found = again(service, source, &found).await?;
        }
        report.differences.extend(found);
    }
    Ok(report)
}

/// Puts right what differs: forgets it, asks again and keeps what is told, as all that comes by events meanwhile. The words
/// of names and titles are made anew of what we have.
///
/// # Errors
/// 503 when an owner or the database is away.
pub async fn repair(service: &Inbox, differences: &[Difference]) -> Result<()> {
    let broken: BTreeSet<Place> = differences.iter().map(|difference| difference.place.clone()).collect();
    for place in broken {
        let forgotten = place.clone();
        service.app.write(move |tx| Ok(places::forget(tx, &forgotten)?)).await?;
        let mut after = None;
        let ids = [place.id.clone()];
        while let Some(part) = service.part(place.source, after.as_deref(), &ids).await? {
            service.keep_part(part.told).await?;
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        service.app.write(move |tx| Ok(words::mend(tx, &place)?)).await?;
    }
    Ok(())
}

/// A walk through all that an owner knows, and then through what it does not.
async fn whole(service: &Inbox, source: Source, report: &mut Report) -> Result<Vec<Difference>> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let Some(part) = service.part(source, after.as_deref(), &[]).await? else {
            report.unknown.push(source);
            return Ok(found);
        };
        let next = part.next.clone();
        found.extend(compare(service, source, part, &mut report.entries).await?);
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    found.extend(strays(service, source).await?);
    Ok(found)
}

/// Entries that are shown of conversations that their owner does not know.
async fn strays(service: &Inbox, source: Source) -> Result<Vec<Difference>> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let from = after.clone();
        let limit = i64::try_from(IDS).unwrap_or(i64::MAX);
        let read = move |conn: &mut _| Ok(places::after(conn, source.name(), &from, limit)?);
        let ids: Vec<String> = service.app.read(read).await?;
        let Some(last) = ids.last() else { return Ok(found) };
        after.clone_from(last);
        let known = known(service, source, &ids).await?;
        let unknown: Vec<String> = ids.into_iter().filter(|id| !known.contains(id)).collect();
        let rows = service.app.read(move |conn| Ok(list::of_places(conn, source, &unknown)?)).await?;
        let shown = rows.into_iter().filter(|row| row.is_shown);
        found.extend(shown.map(|row| Difference {
            place: Place { source, id: row.conversation_id },
            what: format!("{} has an entry of a conversation that is not there", row.user_id),
        }));
    }
}

/// Those of these that their owner knows.
async fn known(service: &Inbox, source: Source, ids: &[String]) -> Result<BTreeSet<String>> {
    let (mut known, mut after) = (BTreeSet::new(), None::<String>);
    while let Some(part) = service.part(source, after.as_deref(), ids).await? {
        known.extend(part.told.into_iter().map(|told| told.place.id));
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    Ok(known)
}

/// Looks again at what differed.
async fn again(service: &Inbox, source: Source, found: &[Difference]) -> Result<Vec<Difference>> {
    let ids: BTreeSet<String> = found.iter().map(|difference| difference.place.id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut still = Vec::new();
    for some in ids.chunks(IDS) {
        let mut after = None::<String>;
        while let Some(part) = service.part(source, after.as_deref(), some).await? {
            after.clone_from(&part.next);
            still.extend(compare(service, source, part, &mut 0).await?);
            if after.is_none() {
                break;
            }
        }
        let known = known(service, source, some).await?;
        let strays = found.iter().filter(|it| some.contains(&it.place.id) && !known.contains(&it.place.id));
        still.extend(strays.cloned());
    }
    Ok(still)
}

async fn compare(
    service: &Inbox,
    source: Source,
    part: Part,
    compared: &mut usize,
) -> Result<Vec<Difference>> {
    let ids: Vec<String> = part.told.iter().map(|told| told.place.id.clone()).collect();
    let chatbots: Vec<String> = part.told.iter().filter_map(chatbot).collect();
    let read = move |conn: &mut _| {
        let (rows, agents) = (list::of_places(conn, source, &ids)?, own::agents(conn, &chatbots)?);
        Ok((rows, agents, words::wrong(conn, source, &ids)?))
    };
    let (rows, agents, wrong) = service.app.read(read).await?;
    let mut ours: HashMap<(String, UserId), Sees> = HashMap::new();
    for row in rows {
        ours.insert((row.conversation_id.clone(), row.user_id), Sees::from(row));
    }
    let mut found: Vec<Difference> = wrong.into_iter().map(|id| misnamed(source, id)).collect();
    for told in &part.told {
        for (user, theirs) in expected(told, &agents) {
            *compared += 1;
            let known = ours.remove(&(told.place.id.clone(), user));
            let is_same = match &known {
                Some(known) => *known == theirs || (!known.is_shown && !theirs.is_shown),
                None => !theirs.is_shown,
            };
            if !is_same {
                let what = format!("{user} should see {theirs:?}, and sees {known:?}");
                found.push(Difference { place: told.place.clone(), what });
            }
        }
    }
    Ok(found)
}

fn misnamed(source: Source, id: String) -> Difference {
    Difference { place: Place { source, id }, what: "is found by other words than it shows".into() }
}

fn chatbot(of: &Told) -> Option<String> {
    of.facts.as_ref().and_then(|facts| facts.chatbot_id.clone())
}

/// What those whom a state tells of should see.
fn expected(told: &Told, agents: &[(String, UserId)]) -> BTreeMap<UserId, Sees> {
    let Some(facts) = &told.facts else { return BTreeMap::new() };
    let newest = told.messages.iter().filter(|message| message.is_active).map(|message| message.seq).max();
    let sees = |is_shown: bool, unread: i64, seq: Option<i64>| {
        let last = told.messages.iter().find(|message| Some(message.seq) == seq);
        Sees {
            is_shown,
            unread,
            last: last.map(|message| (message.seq, message.preview.clone())),
            last_message_at: told.last_message_at.to_rfc3339(),
            name: facts.name.clone(),
            with: facts.member_ids.iter().take(21).copied().collect(),
        }
    };
    if let Some(Agents { read_seq, uncounted, .. }) = told.agents {
        let unread = (told.last_seq - read_seq - uncounted).max(0);
        let ours = agents.iter().filter(|(chatbot, _)| Some(chatbot) == facts.chatbot_id.as_ref());
        return ours.map(|(_, user)| (*user, sees(facts.is_active, unread, newest))).collect();
    }
    let of_member = |member: &events::Member| {
        let is_shown = member.is_member && member.hidden_seq.is_none_or(|hidden| told.last_seq > hidden);
        let floor = member.read_seq.max(member.visible_from - 1);
        let sight = told.sights.iter().find(|sight| sight.user_id == member.user_id);
        let seq = sight.map_or(newest, |sight| sight.seq).filter(|seq| *seq >= member.visible_from);
        (member.user_id, sees(is_shown, (told.last_seq - floor - member.uncounted).max(0), seq))
    };
    told.members.iter().map(of_member).collect()
}

impl From<Row> for Sees {
    fn from(row: Row) -> Self {
        Self {
            is_shown: row.is_shown,
            unread: row.unread,
            last: row.last.seq.zip(row.last.preview),
            last_message_at: row.last_message_at.to_rfc3339(),
            name: row.place.name,
            with: row.place.first_ids,
        }
    }
}
