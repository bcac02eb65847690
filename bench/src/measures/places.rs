//! Places that could be slow: deep in a long conversation, in a large group, with thousands of conversations.

use super::{MANY, Round, messages_at, overviews, sends};
use crate::Result;
use crate::load::{Outcome, Traffic};
use crate::report::Bound;

/// All of them.
pub(super) fn places(round: &mut Round<'_>) -> Result<()> {
    depth(round)?;
    group(round)?;
    busy(round)
}

fn alone(round: &Round<'_>, traffic: &Traffic) -> Result<Outcome> {
    round.load(round.stand.gateway()?, 1, traffic).run()
}

/// The same page at the end, in the middle and at the beginning of the longest conversation, by place and by number.
fn depth(round: &mut Round<'_>) -> Result<()> {
    let stand = round.stand;
    let last = stand.count("SELECT max(last_seq) AS number FROM messaging.conversation")?;
    let places = [
        ("the newest", "limit=25".to_owned()),
        ("in the middle", format!("beforeSeq={}", last / 2)),
        ("the oldest", "beforeSeq=26".to_owned()),
        ("by page number, in the middle", format!("pageNumber={}", last / 50)),
        ("by page number, the last full one", format!("pageNumber={}", last / 25)),
    ];
    let mut first = None;
    for (name, place) in places {
        let traffic = messages_at(stand, [&stand.cast.long], &place);
        let p50 = round.figure(|round| Ok(alone(round, &traffic)?.percentile(50.0)))?;
        let newest = *first.get_or_insert(p50);
        let what = format!("25 of {last} messages, {name}, {}", stand.scale.name);
        round.report.note(what, (p50, " ms"), Bound::Open, format!("{:.2} of the newest", p50 / newest));
    }
    Ok(())
}

/// Everybody in the largest group talks at once.
fn group(round: &mut Round<'_>) -> Result<()> {
    let stand = round.stand;
    let (traffic, size) = (sends(stand, &stand.cast.group), stand.cast.group.len());
    let one = round.figure(|round| Ok(alone(round, &traffic)?.percentile(50.0)))?;
    let many = round.figure(|round| {
        stand.drained()?;
        Ok(round.load(stand.gateway()?, MANY, &traffic).run()?.rate)
    })?;
    stand.drained()?;
    let what = format!("send into a group of {size}, {}", stand.scale.name);
    round.report.note(what, (many, "/s"), Bound::Open, format!("one connection alone: p50 {one:.2} ms"));
    Ok(())
}

/// The latest 25 of somebody's thousands.
fn busy(round: &mut Round<'_>) -> Result<()> {
    let stand = round.stand;
    let traffic = overviews(stand, [&stand.cast.busy]);
    let one = round.figure(|round| Ok(alone(round, &traffic)?.percentile(50.0)))?;
    let many = round.figure(|round| Ok(round.load(stand.gateway()?, MANY, &traffic).run()?.rate))?;
    let theirs = format!(
        "SELECT count(*) AS number FROM messaging.participant WHERE user_id = '{}'",
        stand.cast.busy.member
    );
    let what = format!("list 25 of {} conversations, {}", stand.count(&theirs)?, stand.scale.name);
    round.report.note(what, (many, "/s"), Bound::Open, format!("one connection alone: p50 {one:.2} ms"));
    Ok(())
}
