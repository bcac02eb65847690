//! What is measured, each in rounds of which the median counts.

mod front;
mod life;
mod places;
mod routes;
mod unified;

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use crate::Result;
use crate::cast::Part;
use crate::load::{Load, Outcome, Traffic};
use crate::report::{Bound, Report, median, say};
use crate::scripts::CONTENT;
use crate::stand::{INBOX, LARGE, SMALL, Scale, Stand};
use crate::wire::{Answer, request};

pub(crate) use routes::growth;

/// One of the measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Sending through the gateway against the one statement by pgbench; the relay.
    Send,
    /// Listing messages against its statement.
    Messages,
    /// Listing conversations against its statement.
    Conversations,
    /// The gateway against nginx, in front of a trivial upstream and of our own routes.
    Gateway,
    /// A long conversation, a large group, somebody in thousands of conversations.
    Places,
    /// The unified inbox: its first page, and a message to a large group.
    Unified,
    /// Sending against ejabberd's HTTP API.
    Peer,
    /// From start to ready.
    Start,
    /// Memory of each process.
    Memory,
}

/// Connections that ask at once.
const MANY: usize = 32;
/// Of what is measured only this long is waited for things to become warm.
const WARM_UP: Duration = Duration::from_secs(1);

/// Where and how long it is measured.
pub(crate) struct Round<'a> {
    pub(crate) stand: &'a Stand,
    pub(crate) rounds: usize,
    pub(crate) seconds: u64,
    pub(crate) report: &'a mut Report,
}

impl<'a> Round<'a> {
    pub(crate) fn new(stand: &'a Stand, rounds: usize, seconds: u64, report: &'a mut Report) -> Self {
        Self { stand, rounds, seconds, report }
    }

    /// Load of so many connections on somebody.
    fn load(&self, address: std::net::SocketAddr, connections: usize, traffic: &Traffic) -> Load {
        let time = Duration::from_secs(self.seconds);
        Load { address, connections, warm_up: WARM_UP, time, pace: None, traffic: traffic.clone() }
    }

    /// The share that `ours` reaches of `theirs`, each measured in turn; what `ours` was in the round in the middle.
    fn share(
        &mut self,
        what: &str,
        bound: Bound,
        mut theirs: impl FnMut(&Self) -> Result<f64>,
        mut ours: impl FnMut(&Self) -> Result<Outcome>,
    ) -> Result<f64> {
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            let (theirs, ours) = (theirs(self)?, ours(self)?);
            say(&format!("    {what}: {} of {theirs:.0}/s", ours.told()));
            rounds.push((ours.rate / theirs, theirs, ours));
        }
        rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        let middle = rounds.len() / 2;
        let Some((share, theirs, ours)) = rounds.into_iter().nth(middle) else { return Ok(f64::NAN) };
        let what = format!("{what}, {}", self.stand.scale.name);
        self.report.note(what, (share, ""), bound, format!("{} of {theirs:.0}/s", ours.told()));
        Ok(ours.rate)
    }

    /// The median of a figure.
    fn figure(&self, mut measure: impl FnMut(&Self) -> Result<f64>) -> Result<f64> {
        let values: Result<Vec<f64>> = (0..self.rounds).map(|_| measure(self)).collect();
        values.map(median)
    }
}

/// How one of them is taken.
type Take = fn(&mut Round<'_>) -> Result<()>;

/// All of them, in their order.
const MEASURES: [(Measure, Take); 9] = [
    (Measure::Send, routes::send),
    (Measure::Messages, routes::messages),
    (Measure::Conversations, routes::conversations),
    (Measure::Gateway, front::gateway),
    (Measure::Places, places::places),
    (Measure::Unified, unified::unified),
    (Measure::Peer, routes::peer),
    (Measure::Memory, life::memory),
    (Measure::Start, life::start),
];

/// Whether a measure is taken on data of this size: on the larger only what may depend on it; the unified inbox has data of
/// its own.
fn belongs(measure: Measure, scale: Scale) -> bool {
    use Measure::{Conversations, Messages, Places, Send, Unified};
    match scale {
        SMALL => measure != Unified,
        LARGE => [Send, Messages, Conversations, Places].contains(&measure),
        INBOX => measure == Unified,
        _ => true,
    }
}

/// Those that are asked for, all if none is, on data of this size.
fn wanted(only: &[Measure], scale: Scale) -> impl Iterator<Item = (Measure, Take)> {
    let is_asked_for = |measure| only.is_empty() || only.contains(&measure);
    MEASURES.into_iter().filter(move |(measure, _)| is_asked_for(*measure) && belongs(*measure, scale))
}

/// Whether anything is measured on data of this size.
pub(crate) fn any(only: &[Measure], scale: Scale) -> bool {
    wanted(only, scale).next().is_some()
}

/// Runs what is asked for; all, if nothing is.
///
/// # Errors
/// A wrong answer, or a peer that does not start.
pub(crate) fn run(round: &mut Round<'_>, only: &[Measure]) -> Result<()> {
    for (measure, take) in wanted(only, round.stand.scale) {
        say(&format!("{measure:?}, {}:", round.stand.scale.name));
        take(round)?;
    }
    Ok(())
}

/// A request for each of these.
fn traffic<'a>(
    stand: &Stand,
    parts: impl IntoIterator<Item = &'a Part>,
    is_right: fn(&Answer<'_>) -> bool,
    make: impl Fn(&Part, Option<&str>) -> Vec<u8>,
) -> Traffic {
    let requests = parts.into_iter().map(|part| make(part, stand.cast.token(part))).collect();
    Traffic { requests: Arc::new(requests), is_right }
}

/// Everybody says something.
fn sends<'a>(stand: &Stand, parts: impl IntoIterator<Item = &'a Part>) -> Traffic {
    let is_created = |answer: &Answer<'_>| answer.status == 201 && answer.holds(r#""seq":"#);
    traffic(stand, parts, is_created, |part, token| {
        let body = format!(r#"{{"conversationId":"{}","content":"{CONTENT}"}}"#, part.conversation);
        request("POST", "/messaging-api/v1/messages", token, &body)
    })
}

/// Everybody reads 25 messages at a place.
fn messages_at<'a>(stand: &Stand, parts: impl IntoIterator<Item = &'a Part>, place: &str) -> Traffic {
    traffic(stand, parts, is_full_page, |part, token| {
        let path = format!("/messaging-api/v1/messages?conversationId={}&{place}", part.conversation);
        request("GET", &path, token, "")
    })
}

/// Everybody looks at their latest conversations.
fn overviews<'a>(stand: &Stand, parts: impl IntoIterator<Item = &'a Part>) -> Traffic {
    let path = "/messaging-api/v1/conversations";
    traffic(stand, parts, is_full_page, |_, token| request("GET", path, token, ""))
}

fn is_full_page(answer: &Answer<'_>) -> bool {
    answer.status == 200 && answer.holds(r#""rowCount":25,"#)
}
