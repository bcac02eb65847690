//! Dead letters: events that a service could not apply, kept until somebody looks at them.

use chrono::{DateTime, Utc};
use kit::settings::BrokerSettings;
use kit::{Error, Result};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;

use crate::broker::{Broker, Link, timely};
use crate::death;
use crate::letter::{Fate, Letter, confirmed};
use crate::topology::{Topology, short};

/// The dead letters of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pile {
    /// How many there are.
    pub count: u32,
    /// The first ones, as many as were asked for.
    pub first: Vec<DeadLetter>,
}

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id, if the relay put it there.
    pub id: Option<String>,
    /// `<source>.<type>`.
    pub routing_key: String,
    /// Why it died: the beginning of the error, without what the event held; or, when the consumer could not say, the
    /// broker's word for it, `rejected` or `delivery_limit`.
    pub reason: String,
    /// When it died, to the second.
    pub died_at: Option<DateTime<Utc>>,
    /// How often it died, counting its replays.
    pub times: i64,
    /// What came: JSON, unless that is what was wrong with it.
    pub body: String,
}

/// The dead letters of a service: how many there are, and the first `limit`. All of them stay, though a quorum queue
/// puts those that were looked at behind the others. None when there is no such queue: the service takes in no events,
/// or nothing has ever run.
///
/// # Errors
/// 503 when the broker is away.
pub async fn list(settings: &BrokerSettings, service: &str, limit: u32) -> Result<Option<Pile>> {
    let grave = Grave::open(settings, service).await?;
    let Some(count) = grave.count().await? else { return Ok(None) };
    let mut held = Vec::new();
    for _ in 0..count.min(limit) {
        // Held until all are read: one that was put back would be the next again.
        let Some(letter) = grave.get().await? else { break };
        held.push(letter);
    }
    if let Some(last) = held.last() {
        let all = BasicNackOptions { multiple: true, requeue: true };
        timely(last.nack(all)).await?;
    }
    Ok(Some(Pile { count, first: held.iter().map(describe).collect() }))
}

/// Puts up to `limit` dead letters of a service back into its queue, at most those that were there when it began, and
/// returns how many. One that dies again comes back. None when there is no such queue.
///
/// # Errors
/// 503 when the broker is away; what was not put back is still dead.
pub async fn replay(settings: &BrokerSettings, service: &str, limit: u32) -> Result<Option<u32>> {
    let grave = Grave::open(settings, service).await?;
    let Some(count) = grave.count().await? else { return Ok(None) };
    let mut done = 0;
    while done < count.min(limit) {
        let Some(letter) = grave.get().await? else { break };
        grave.put_back(&letter).await?;
        done += 1;
    }
    Ok(Some(done))
}

/// Where a service's dead letters lie. What a look takes and does not answer returns when this is dropped.
struct Grave {
    link: Link,
    dead: String,
    queue: String,
}

impl Grave {
    /// Declares nothing: whoever looks must not change what is there.
    async fn open(settings: &BrokerSettings, service: &str) -> Result<Self> {
        let link = Broker::new(settings, "dead letters".to_owned()).connect().await?.confirming().await?;
        let topology = Topology::new(settings);
        Ok(Self { link, dead: topology.dead(service), queue: topology.queue(service) })
    }

    /// How many letters lie here; none when there is no such queue, which also closes the channel.
    async fn count(&self) -> Result<Option<u32>> {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let asked = self.link.channel.queue_declare(short(&self.dead), passive, FieldTable::default());
        timely(async {
            match asked.await {
                Ok(queue) => Ok(Some(queue.message_count())),
                Err(refusal) if is_absence(&refusal) => Ok(None),
                Err(refusal) => Err(refusal),
            }
        })
        .await
    }

    async fn get(&self) -> Result<Option<Delivery>> {
        let got = self.link.channel.basic_get(short(&self.dead), BasicGetOptions::default());
        Ok(timely(got).await?.map(|message| message.delivery))
    }

    /// Acknowledged only when the queue has it: a crash between repeats it, and repetitions do no harm.
    async fn put_back(&self, letter: &Delivery) -> Result<()> {
        let again = Letter {
            // Routes by the queue's name: no other consumer hears it again.
            exchange: "",
            routing_key: &self.queue,
            mandatory: true,
            properties: death::revived(letter),
            body: &letter.data,
        };
        match confirmed(self.link.publish(again).await?).await? {
            Fate::Confirmed => timely(letter.ack(BasicAckOptions::default())).await.map(drop),
            Fate::Unroutable | Fate::Unknown => Err(Error::unavailable("the queue does not take it back")),
        }
    }
}

fn is_absence(refusal: &lapin::Error) -> bool {
    let lapin::ErrorKind::ProtocolError(error) = refusal.kind() else { return false };
    *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)
}

fn describe(letter: &Delivery) -> DeadLetter {
    DeadLetter {
        id: death::id(letter).map(str::to_owned),
        routing_key: death::kind(letter).to_owned(),
        reason: death::reason(letter),
        died_at: death::died_at(letter),
        times: death::times(letter),
        body: String::from_utf8_lossy(&letter.data).into_owned(),
    }
}
