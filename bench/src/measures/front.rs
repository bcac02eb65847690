//! The gateway against nginx: in front of a trivial upstream, and of our own routes.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::{MANY, Round, messages_at, sends};
use crate::Result;
use crate::load::{Outcome, Traffic};
use crate::peers::{self, Peer};
use crate::report::{Bound, median, say};
use crate::wire::request;

/// Connections in front of the trivial upstream.
const CROWD: usize = 64;
const TRIVIAL: Bound = Bound::AtLeast(0.65, 0.85);
const REAL: Bound = Bound::AtLeast(0.80, 0.95);

/// All of it.
pub(super) fn gateway(round: &mut Round<'_>) -> Result<()> {
    let upstream = peers::upstream(&round.stand.dir)?;
    let ours = peers::gateway(&round.stand.dir, upstream.address)?;
    added(round, &upstream, &ours)?;
    let Some(nginx) = peers::nginx_program() else {
        round.report.skip("the gateway against nginx: nginx is not installed (apt-get install nginx)");
        return Ok(());
    };
    against(round, &nginx, &upstream, &ours)
}

fn trivial() -> Traffic {
    let requests = vec![request("GET", "/messaging-api/v1/anything", None, "")];
    Traffic { requests: Arc::new(requests), is_right: |answer| answer.status == 200 }
}

/// What the gateway adds to the latency of one connection.
fn added(round: &mut Round<'_>, upstream: &Peer, ours: &Peer) -> Result<()> {
    let median_of = |round: &Round<'_>, address| -> Result<f64> {
        Ok(round.load(address, 1, &trivial()).run()?.percentile(50.0) * 1e3)
    };
    let mut rounds = Vec::new();
    for _ in 0..round.rounds {
        let (direct, through) = (median_of(round, upstream.address)?, median_of(round, ours.address)?);
        rounds.push(through - direct);
    }
    let bound = Bound::AtMost(80.0, 40.0);
    let figures = "p50 through the gateway less p50 without it";
    round.report.note("gateway adds on one connection", (median(rounds), " µs"), bound, figures);
    Ok(())
}

fn against(round: &mut Round<'_>, nginx: &Path, upstream: &Peer, ours: &Peer) -> Result<()> {
    let theirs = peers::nginx(nginx, &round.stand.dir, upstream.address)?;
    let between = Between { ours: ours.address, theirs: theirs.address, connections: CROWD };
    between.compare(round, "gateway / nginx, trivial upstream", TRIVIAL, &trivial())?;
    drop(theirs);
    let theirs = peers::nginx(nginx, &round.stand.dir, round.stand.service("messaging")?)?;
    let between = Between { ours: round.stand.gateway()?, theirs: theirs.address, connections: MANY };
    let pairs = &round.stand.cast.pairs;
    let lists = messages_at(round.stand, pairs, "limit=25");
    between.compare(round, "gateway / nginx, list messages", REAL, &lists)?;
    between.compare(round, "gateway / nginx, send", REAL, &sends(round.stand, pairs))
}

/// Two who lead to the same.
struct Between {
    ours: SocketAddr,
    theirs: SocketAddr,
    connections: usize,
}

impl Between {
    fn compare(&self, round: &mut Round<'_>, what: &str, bound: Bound, traffic: &Traffic) -> Result<()> {
        let run = |round: &Round<'_>, address| -> Result<Outcome> {
            round.stand.drained()?;
            round.load(address, self.connections, traffic).run()
        };
        let theirs = |round: &Round<'_>| {
            let outcome = run(round, self.theirs)?;
            say(&format!("    nginx: {}", outcome.told()));
            Ok(outcome.rate)
        };
        round.share(what, bound, theirs, |round| run(round, self.ours)).map(drop)
    }
}
