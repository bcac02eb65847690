//! Dead letters: events that a service could not apply, kept until somebody looks at them.

use kit::settings::BrokerSettings;
use kit::{Error, Result};
use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};

use crate::broker::{Broker, Fate, Letter, Link, confirmed, timely};
use crate::topology::short;

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id, if the relay put it there.
    pub id: Option<String>,
    /// `<source>.<type>`.
    pub routing_key: String,
    /// Why it died, in the broker's words: `rejected` by the consumer, or `delivery_limit`. The log has the error.
    pub reason: String,
    /// When it died, in seconds since the epoch.
    pub died_at: Option<u64>,
    /// What came: JSON, unless that is what was wrong with it.
    pub body: String,
}

/// The dead letters of a service, oldest first, at most `limit`. They stay where they are.
///
/// # Errors
/// 503 when the broker is away.
pub async fn list(settings: &BrokerSettings, service: &str, limit: u32) -> Result<Vec<DeadLetter>> {
    let (broker, link) = open(settings).await?;
    let count = waiting(&broker, &link, service).await?.min(limit);
    let mut letters = Vec::new();
    for _ in 0..count {
        let Some(message) = get(&broker, &link, service).await? else { break };
        letters.push(describe(&message));
    }
    // None was acknowledged: they return to the queue when the link closes.
    Ok(letters)
}

/// Puts up to `limit` dead letters of a service back into its queue, oldest first, and returns how many. One that dies
/// again comes back.
///
/// # Errors
/// 503 when the broker is away; what was not put back is still dead.
pub async fn replay(settings: &BrokerSettings, service: &str, limit: u32) -> Result<u32> {
    let (broker, link) = open(settings).await?;
    let count = waiting(&broker, &link, service).await?.min(limit);
    for done in 0..count {
        let Some(message) = get(&broker, &link, service).await? else { return Ok(done) };
        put_back(&broker, &link, service, &message).await?;
    }
    Ok(count)
}

async fn open(settings: &BrokerSettings) -> Result<(Broker, Link)> {
    let broker = Broker::new(settings, "dead letters".to_owned());
    let link = broker.link().await?.confirming().await?;
    Ok((broker, link))
}

async fn waiting(broker: &Broker, link: &Link, service: &str) -> Result<u32> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let name = short(&broker.topology.dead(service));
    let queue = timely(link.channel.queue_declare(name, options, FieldTable::default())).await?;
    Ok(queue.message_count())
}

async fn get(broker: &Broker, link: &Link, service: &str) -> Result<Option<BasicGetMessage>> {
    let name = short(&broker.topology.dead(service));
    timely(link.channel.basic_get(name, BasicGetOptions::default())).await
}

/// Acknowledged only when the queue has it: a crash between repeats it, and repetitions do no harm.
async fn put_back(broker: &Broker, link: &Link, service: &str, message: &BasicGetMessage) -> Result<()> {
    let queue = broker.topology.queue(service);
    let (id, kind) = (id(message).unwrap_or_default(), kind(message));
    // The default exchange routes by the queue's name: no other consumer hears it again.
    let body = &message.delivery.data;
    let letter = Letter { id: &id, kind: &kind, exchange: "", routing_key: &queue, mandatory: true, body };
    match confirmed(link.publish(&letter).await?).await? {
        Fate::Confirmed => timely(message.delivery.ack(BasicAckOptions::default())).await.map(|_| ()),
        Fate::Unroutable | Fate::Unknown => Err(Error::unavailable("the queue does not take it back")),
    }
}

fn describe(message: &BasicGetMessage) -> DeadLetter {
    let death = death(message);
    DeadLetter {
        id: id(message),
        routing_key: kind(message),
        reason: death.as_ref().and_then(reason).unwrap_or_default(),
        died_at: death.as_ref().and_then(died_at),
        body: String::from_utf8_lossy(&message.delivery.data).into_owned(),
    }
}

fn id(message: &BasicGetMessage) -> Option<String> {
    message.delivery.properties.message_id().as_ref().map(ToString::to_string)
}

/// What the relay noted; for what others published, the routing key.
fn kind(message: &BasicGetMessage) -> String {
    let noted = message.delivery.properties.kind().as_ref();
    noted.unwrap_or(&message.delivery.routing_key).to_string()
}

/// The broker notes each death in a header, the last first.
fn death(message: &BasicGetMessage) -> Option<FieldTable> {
    let headers = message.delivery.properties.headers().as_ref()?;
    match headers.inner().get("x-death")? {
        AMQPValue::FieldArray(deaths) => match deaths.as_slice().first()? {
            AMQPValue::FieldTable(death) => Some(death.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn reason(death: &FieldTable) -> Option<String> {
    match death.inner().get("reason")? {
        AMQPValue::LongString(reason) => Some(reason.to_string()),
        _ => None,
    }
}

fn died_at(death: &FieldTable) -> Option<u64> {
    match death.inner().get("time")? {
        AMQPValue::Timestamp(seconds) => Some(*seconds),
        _ => None,
    }
}
