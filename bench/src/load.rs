//! Load: so many connections, each asking again as soon as it was answered, or at a pace. A wrong answer ends the measurement.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::runtime::{Builder, Runtime};

use crate::wire::{Answer, Wire};
use crate::{Result, wrong};

/// Requests, ready to be sent; each connection takes them in turn, from a place of its own.
pub(crate) type Requests = Arc<Vec<Vec<u8>>>;

/// What is asked, and how an answer must look.
#[derive(Clone)]
pub(crate) struct Traffic {
    pub(crate) requests: Requests,
    pub(crate) is_right: fn(&Answer<'_>) -> bool,
}

/// Who is asked, by how many at once, and how long.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// How long from one request of a connection to its next; at once, if none is given.
    pub(crate) pace: Option<Duration>,
    pub(crate) traffic: Traffic,
}

/// What became of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Answers a second, without those of the warming up.
    pub(crate) rate: f64,
    /// How many were answered in all, each rightly.
    pub(crate) answered: u64,
    latencies: Histogram<u64>,
}

impl Outcome {
    /// The latency that so many of a hundred did not exceed, in milliseconds.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        milliseconds(self.latencies.value_at_quantile(percent / 100.0))
    }

    /// Rate and latencies in words.
    pub(crate) fn told(&self) -> String {
        let (p50, p99) = (self.percentile(50.0), self.percentile(99.0));
        format!("{:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms", self.rate)
    }
}

fn milliseconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1e3
}

impl Load {
    /// Runs it.
    ///
    /// # Errors
    /// The first wrong answer, or a connection that breaks.
    pub(crate) fn run(&self) -> Result<Outcome> {
        runtime()?.block_on(self.drive())
    }

    async fn drive(&self) -> Result<Outcome> {
        let begin = Instant::now() + self.warm_up;
        let mut drivers = Vec::with_capacity(self.connections);
        for number in 0..self.connections {
            let (wire, first) =
                (Wire::connect(self.address).await?, number * self.traffic.requests.len() / self.connections);
            drivers.push(tokio::spawn(drive(wire, self.clone(), first, begin)));
        }
        let mut all = Tally::new()?;
        for driver in drivers {
            all.add(driver.await??)?;
        }
        let rate = f64::from(u32::try_from(all.latencies.len())?) / self.time.as_secs_f64();
        Ok(Outcome { rate, answered: all.answered, latencies: all.latencies })
    }
}

/// What a connection saw.
struct Tally {
    answered: u64,
    latencies: Histogram<u64>,
}

impl Tally {
    fn new() -> Result<Self> {
        Ok(Self { answered: 0, latencies: Histogram::new(3)? })
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.answered += other.answered;
        Ok(self.latencies.add(other.latencies)?)
    }

    fn note(&mut self, counts: bool, took: Duration) -> Result<()> {
        self.answered += 1;
        if counts {
            self.latencies.record(u64::try_from(took.as_micros())?)?;
        }
        Ok(())
    }
}

async fn drive(mut wire: Wire, load: Load, first: usize, begin: Instant) -> Result<Tally> {
    let mut tally = Tally::new()?;
    let mut due = Instant::now();
    for request in load.traffic.requests.iter().cycle().skip(first) {
        let asked = turn(load.pace, &mut due).await;
        if asked >= begin + load.time {
            break;
        }
        let answer = wire.ask(request).await?;
        if !(load.traffic.is_right)(&answer) {
            return Err(wrong(format!("a wrong answer: {}", answer.told())));
        }
        tally.note(asked >= begin, asked.elapsed())?;
    }
    Ok(tally)
}

/// Waits for the next turn. Who is late for it, since the answer before was slow, counts from when it was.
async fn turn(pace: Option<Duration>, due: &mut Instant) -> Instant {
    let Some(pace) = pace else { return Instant::now() };
    *due += pace;
    if *due <= Instant::now() {
        return *due;
    }
    tokio::time::sleep_until((*due).into()).await;
    Instant::now()
}

/// Asks once, and returns the body if the status is the one expected.
///
/// # Errors
/// Another status, or a connection that breaks.
pub(crate) fn once(address: SocketAddr, request: &[u8], status: u16) -> Result<Vec<u8>> {
    runtime()?.block_on(async {
        let mut wire = Wire::connect(address).await?;
        let answer = wire.ask(request).await?;
        if answer.status == status { Ok(answer.body.to_vec()) } else { Err(wrong(answer.told())) }
    })
}

/// One thread: more would take what they measure its processor.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
