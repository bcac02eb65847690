//! Our routes through the gateway against their statements by pgbench, on the same Postgres in the same run.

use std::cell::RefCell;

use super::{MANY, Round, messages_at, overviews, sends};
use crate::load::{Load, Outcome};
use crate::peers::ejabberd;
use crate::report::{Bound, Report, median, say};
use crate::stand::Stand;
use crate::{Result, scripts, wrong};

/// Sending; and in between the relay, which has much to tell after pgbench has sent without it.
pub(super) fn send(round: &mut Round<'_>) -> Result<()> {
    let (stand, seconds) = (round.stand, round.seconds);
    let script = scripts::send(stand.cast.pairs.len());
    let traffic = sends(stand, &stand.cast.pairs);
    let relayed = RefCell::new(Vec::new());
    let alone = |_: &Round<'_>| {
        stand.drained()?;
        // Else the relay would take its share of what the database alone can do.
        stand.stack.stop("messaging")?;
        stand.settle()?;
        let rate = script.run(&stand.dir, &stand.database_url(), seconds)?;
        stand.stack.start("messaging")?;
        let (events, took) = stand.drained()?;
        relayed.borrow_mut().push(f64::from(i32::try_from(events)?) / took.as_secs_f64());
        stand.settle()?;
        Ok(rate)
    };
    let whole = |round: &Round<'_>| counted(stand, &round.load(stand.gateway()?, MANY, &traffic));
    let rate = round.share("send through the gateway / pgbench", Bound::AtLeast(0.35, 0.55), alone, whole)?;
    round.report.keep("send", stand.scale.name, rate);
    let (relay, name) = (median(relayed.into_inner()), stand.scale.name);
    round.report.note(
        format!("relay, {name}"),
        (relay, "/s"),
        Bound::AtLeast(5e3, 15e3),
        "events told, after pgbench had sent",
    );
    Ok(())
}

/// Runs a load of sends: exactly as many numbers were given as answers came.
fn counted(stand: &Stand, load: &Load) -> Result<Outcome> {
    const GIVEN: &str = "SELECT sum(last_seq)::bigint AS number FROM messaging.conversation";
    let before = stand.count(GIVEN)?;
    let outcome = load.run()?;
    let (given, answered) = (stand.count(GIVEN)? - before, i64::try_from(outcome.answered)?);
    if given == answered { Ok(outcome) } else { Err(wrong(format!("{answered} answers, {given} messages"))) }
}

/// Listing the newest 25 messages of a conversation.
pub(super) fn messages(round: &mut Round<'_>) -> Result<()> {
    let (stand, seconds) = (round.stand, round.seconds);
    let script = scripts::messages(stand.cast.pairs.len())?;
    let traffic = messages_at(stand, &stand.cast.pairs, "limit=25");
    stand.drained()?;
    let alone = |_: &Round<'_>| script.run(&stand.dir, &stand.database_url(), seconds);
    let whole = |round: &Round<'_>| round.load(stand.gateway()?, MANY, &traffic).run();
    let rate = round.share("list 25 messages / pgbench", Bound::AtLeast(0.25, 0.40), alone, whole)?;
    round.report.keep("messages", stand.scale.name, rate);
    Ok(())
}

/// Listing the latest 25 conversations.
pub(super) fn conversations(round: &mut Round<'_>) -> Result<()> {
    let (stand, seconds) = (round.stand, round.seconds);
    let script = scripts::conversations(stand.cast.listers.len());
    let traffic = overviews(stand, &stand.cast.listers);
    stand.drained()?;
    let alone = |_: &Round<'_>| script.run(&stand.dir, &stand.database_url(), seconds);
    let whole = |round: &Round<'_>| round.load(stand.gateway()?, MANY, &traffic).run();
    let rate = round.share("list 25 conversations / pgbench", Bound::AtLeast(0.40, 0.55), alone, whole)?;
    round.report.keep("conversations", stand.scale.name, rate);
    Ok(())
}

/// Sending against ejabberd, which checks nothing, numbers nothing and tells nobody, but keeps a copy for each side.
pub(super) fn peer(round: &mut Round<'_>) -> Result<()> {
    if !ejabberd::is_installed() {
        round
            .report
            .skip("sending against ejabberd: it is not installed (apt-get install ejabberd erlang-p1-pgsql)");
        return Ok(());
    }
    let stand = round.stand;
    let (peer, theirs) = (ejabberd::start(stand)?, ejabberd::traffic());
    let traffic = sends(stand, &stand.cast.pairs);
    let alone = |round: &Round<'_>| {
        let outcome = round.load(peer.address, MANY, &theirs).run()?;
        say(&format!("    ejabberd: {}", outcome.told()));
        Ok(outcome.rate)
    };
    let whole = |round: &Round<'_>| {
        stand.drained()?;
        round.load(stand.gateway()?, MANY, &traffic).run()
    };
    round.share("send through the gateway / ejabberd", Bound::Open, alone, whole)?;
    match ejabberd::archived(stand)? {
        0 => Err(wrong("ejabberd has archived nothing")),
        _ => Ok(()),
    }
}

/// What becomes of the rates when there are more messages.
pub(crate) fn growth(report: &mut Report) {
    for what in ["send", "messages", "conversations"] {
        if let [(small, before), (large, after)] = report.kept(what)[..] {
            let figures = format!("{after:.0}/s of {before:.0}/s");
            let what = format!("{what}: {large} / {small}");
            report.note(what, (after / before, ""), Bound::AtLeast(0.8, 0.9), figures);
        }
    }
}
