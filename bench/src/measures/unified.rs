//! The unified inbox: what its first page reaches of the bare SQL, when a message to a large group has reached all of its
//! entries, and whether those who send there notice.

use std::time::{Duration, Instant};

use diesel::PgConnection;
use serde_json::Value;

use super::{MANY, Round, is_full_page, sends, traffic};
use crate::load::{Load, Outcome, once};
use crate::pgbench::Script;
use crate::report::{Bound, median, say};
use crate::stand::{Stand, connect, count};
use crate::wait::until;
use crate::wire::request;
use crate::{Result, projection, scripts, wrong};

/// Rows of `bench.busy`.
const DRAWN_FROM: usize = 40;
/// How many messages are followed in each round.
const FOLLOWED: usize = 15;
/// All entries have it by then, or something is broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks whether they have.
const PAUSE: Duration = Duration::from_millis(1);
/// Senders who say as much as they can.
const SENDERS: [usize; 2] = [1, MANY];
/// Somebody who says something so often: a hundred a second, for a thousand people each.
const PACE: Duration = Duration::from_millis(10);

/// All of it.
pub(super) fn unified(round: &mut Round<'_>) -> Result<()> {
    projection::fill(round.stand)?;
    projection::caught_up(round.stand)?;
    first_page(round)?;
    bump(round)?;
    paced(round)?;
    SENDERS.iter().try_for_each(|senders| beside(round, *senders))
}

/// The first page of the one with the most conversations: against all that the answer is made of, and against the page
/// alone.
fn first_page(round: &mut Round<'_>) -> Result<()> {
    let (stand, seconds) = (round.stand, round.seconds);
    let path = "/inbox-api/v1/inboxentries";
    let page = traffic(stand, [&stand.cast.busy], is_full_page, |_, token| request("GET", path, token, ""));
    let entries = stand.count(&format!(
        "SELECT count(*) AS number FROM inbox.inbox_entry WHERE user_id = '{}' AND is_shown",
        stand.cast.busy.member
    ))?;
    let bare = |script: Script| move |_: &Round<'_>| script.run(&stand.dir, &stand.database_url(), seconds);
    let whole = |round: &Round<'_>| round.load(stand.gateway()?, MANY, &page).run();
    let what = format!("first 25 of {entries} entries / pgbench: page and totals");
    round.share(&what, Bound::AtLeast(0.40, 0.55), bare(scripts::entries_and_totals(DRAWN_FROM)), whole)?;
    let what = format!("first 25 of {entries} entries / pgbench: the page alone");
    round.share(&what, Bound::Open, bare(scripts::entries(DRAWN_FROM)), whole)?;
    let one = round.figure(|round| Ok(round.load(stand.gateway()?, 1, &page).run()?.percentile(50.0)))?;
    let what = format!("first 25 of {entries} entries, one connection, {}", stand.scale.name);
    round.report.note(what, (one, " ms"), Bound::Open, "p50");
    Ok(())
}

/// From the answer to who said something in the largest group until all of its entries know.
fn bump(round: &mut Round<'_>) -> Result<()> {
    let stand = round.stand;
    let mut database = connect(&stand.stack)?;
    let mut took = Vec::new();
    let messages = sends(stand, &stand.cast.group).requests;
    for message in messages.iter().cycle().take(round.rounds * FOLLOWED) {
        took.push(follow(stand, &mut database, message)?);
        projection::caught_up(stand)?;
    }
    let most = took.iter().copied().fold(0.0, f64::max);
    let (members, name) = (stand.cast.group.len(), stand.scale.name);
    let what = format!("from 201 to the last of {members} entries, {name}");
    let figures = format!("p50 of {}; the longest {most:.0} ms", took.len());
    round.report.note(what, (median(took), " ms"), Bound::AtMost(200.0, 100.0), figures);
    Ok(())
}

/// Sends, and looks until no entry is behind; milliseconds.
fn follow(stand: &Stand, database: &mut PgConnection, message: &[u8]) -> Result<f64> {
    let answer: Value = serde_json::from_slice(&once(stand.gateway()?, message, 201)?)?;
    let answered = Instant::now();
    let seq = answer.pointer("/message/seq").and_then(Value::as_i64);
    let seq = seq.ok_or_else(|| wrong("an answer without a number"))?;
    let group = stand.cast.group.first().ok_or_else(|| wrong("a group of nobody"))?;
    let behind = format!(
        "SELECT count(*) AS number FROM (SELECT FROM inbox.inbox_entry
         WHERE source = 'messaging' AND conversation_id = '{}' AND last_seq < {seq} LIMIT 1) AS behind",
        group.conversation
    );
    until((PATIENCE, PAUSE), "a message does not reach all entries", || Ok(count(database, &behind)? == 0))?;
    Ok(answered.elapsed().as_secs_f64() * 1e3)
}

/// How long senders wait who leave the machine some air, beside inbox at work, against the same with inbox stopped.
fn paced(round: &mut Round<'_>) -> Result<()> {
    let (stand, traffic) = (round.stand, sends(round.stand, &round.stand.cast.group));
    let (mut shares, mut all) = (Vec::new(), Vec::new());
    for _ in 0..round.rounds {
        let load = Load { pace: Some(PACE), ..round.load(stand.gateway()?, 1, &traffic) };
        let without = stopped(stand, &load)?;
        projection::caught_up(stand)?;
        let with = load.run()?;
        say(&format!("    paced: {} beside inbox, {} without", with.told(), without.told()));
        shares.push(without.percentile(50.0) / with.percentile(50.0));
        all.push(format!("{:.1} and {:.1}", with.percentile(99.0), without.percentile(99.0)));
    }
    let what = format!("100 sends/s into a group of {}, p50: inbox stopped / runs", stand.cast.group.len());
    let figures = format!("p99 with and without inbox, ms: {}", all.join("; "));
    round.report.note(what, (median(shares), ""), Bound::AtLeast(0.85, 0.95), figures);
    Ok(())
}

/// The load while inbox is stopped.
fn stopped(stand: &Stand, load: &Load) -> Result<Outcome> {
    projection::caught_up(stand)?;
    stand.stack.stop("inbox")?;
    let outcome = load.run();
    stand.stack.start("inbox")?;
    outcome
}

/// Sends into the largest group as fast as they go beside inbox at work, against the same with inbox stopped: how much of
/// the machine inbox takes.
fn beside(round: &mut Round<'_>, senders: usize) -> Result<()> {
    let (stand, traffic) = (round.stand, sends(round.stand, &round.stand.cast.group));
    let p50 = std::cell::RefCell::new(Vec::new());
    let load = |round: &Round<'_>| -> Result<Load> { Ok(round.load(stand.gateway()?, senders, &traffic)) };
    let without = |round: &Round<'_>| {
        let outcome = stopped(stand, &load(round)?)?;
        say(&format!("    inbox stopped: {}", outcome.told()));
        p50.borrow_mut().push(outcome.percentile(50.0));
        Ok(outcome.rate)
    };
    let with = |round: &Round<'_>| -> Result<Outcome> {
        projection::caught_up(stand)?;
        load(round)?.run()
    };
    let what = format!(
        "send into a group of {}, {senders} at once: inbox runs / is stopped",
        stand.cast.group.len()
    );
    round.share(&what, Bound::Open, without, with)?;
    let begun = Instant::now();
    projection::caught_up(stand)?;
    let figures = format!("p50 without inbox {:.2} ms", median(p50.into_inner()));
    let what = format!("until inbox has caught up after {senders} at once, {}", stand.scale.name);
    round.report.note(what, (begun.elapsed().as_secs_f64(), " s"), Bound::Open, figures);
    Ok(())
}
