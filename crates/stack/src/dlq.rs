//! Dead letters: events that a service could not take in after bounded retries. Each service's queue
//! `banter.<service>` has its dead letters in `banter.<service>.dead`.

use lapin::message::{BasicGetMessage, Delivery};
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ErrorKind};

use crate::error::{Context, Error, Result};

/// AMQP's "survives a restart of the broker".
const PERSISTENT: u8 = 2;

/// What lies in a dead-letter queue.
#[derive(Debug)]
pub(crate) struct Pile {
    /// How many letters.
    pub(crate) count: u32,
    /// The first ones.
    pub(crate) first: Vec<Letter>,
}

/// One dead letter, as far as an operator wants to know.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The event's id.
    pub(crate) id: String,
    /// The event's type.
    pub(crate) kind: String,
    /// When it died.
    pub(crate) died: String,
    /// Why it died.
    pub(crate) reason: String,
    /// How often it died.
    pub(crate) times: String,
}

/// Counts a service's dead letters and shows the first `max`; all of them stay, though a quorum queue puts those that
/// were shown behind the others. `None` when the service takes in no events.
pub(crate) async fn list(broker: &str, service: &str, max: u32) -> Result<Option<Pile>> {
    let (_connection, channel) = open(broker).await?;
    let queue = dead_queue(service);
    let Some(count) = count(&channel, &queue).await? else { return Ok(None) };
    let mut held = Vec::new();
    for _ in 0..max.min(count) {
        // Held until all are read, since a letter put back would be the next one again.
        let Some(letter) = get(&channel, &queue).await? else { break };
        held.push(letter);
    }
    let first = held.iter().map(|letter| describe(&letter.properties)).collect();
    for letter in &held {
        put_back(letter).await?;
    }
    Ok(Some(Pile { count, first }))
}

/// Publishes a service's dead letters to its queue again, at most `max` and at most those that were there when it
/// began; each is removed only after the broker has confirmed its successor. How many it were; `None` when
/// the service takes in no events.
pub(crate) async fn replay(broker: &str, service: &str, max: Option<u32>) -> Result<Option<u32>> {
    let (_connection, channel) = open(broker).await?;
    let confirms = channel.confirm_select(ConfirmSelectOptions::default()).await;
    confirms.context(|| "the broker confirms nothing")?;
    let queue = dead_queue(service);
    let Some(count) = count(&channel, &queue).await? else { return Ok(None) };
    let bound = max.unwrap_or(u32::MAX).min(count);
    let mut replayed = 0;
    while replayed < bound {
        let Some(letter) = get(&channel, &queue).await? else { break };
        if let Err(failure) = publish(&channel, &main_queue(service), &letter).await {
            put_back(&letter).await?;
            return Err(failure);
        }
        let acked = letter.acker.ack(BasicAckOptions::default()).await;
        acked.context(|| "cannot remove a dead letter: it may be delivered twice")?;
        replayed += 1;
    }
    Ok(Some(replayed))
}

fn main_queue(service: &str) -> String {
    format!("banter.{service}")
}

fn dead_queue(service: &str) -> String {
    format!("banter.{service}.dead")
}

async fn open(broker: &str) -> Result<(Connection, Channel)> {
    let connection = Connection::connect(broker, ConnectionProperties::default()).await;
    let connection = connection.context(|| "cannot connect to RabbitMQ")?;
    let channel = connection.create_channel().await.context(|| "cannot open a channel")?;
    Ok((connection, channel))
}

/// How many letters a queue holds; `None` when there is no such queue, which also closes the channel.
async fn count(channel: &Channel, queue: &str) -> Result<Option<u32>> {
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    match channel.queue_declare(queue.into(), passive, FieldTable::default()).await {
        Ok(declared) => Ok(Some(declared.message_count())),
        Err(refusal) if is_absence(&refusal) => Ok(None),
        refused => refused.context(|| format!("cannot look at {queue}")).map(|_| None),
    }
}

fn is_absence(refusal: &lapin::Error) -> bool {
    let ErrorKind::ProtocolError(error) = refusal.kind() else { return false };
    *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)
}

async fn get(channel: &Channel, queue: &str) -> Result<Option<Delivery>> {
    let got = channel.basic_get(queue.into(), BasicGetOptions::default()).await;
    let got: Option<BasicGetMessage> = got.context(|| format!("cannot read {queue}"))?;
    Ok(got.map(|message| message.delivery))
}

async fn put_back(letter: &Delivery) -> Result<()> {
    let options = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
    letter.acker.nack(options).await.context(|| "cannot put a dead letter back").map(drop)
}

async fn publish(channel: &Channel, queue: &str, letter: &Delivery) -> Result<()> {
    let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = revived(&letter.properties);
    let published = channel.basic_publish("".into(), queue.into(), mandatory, &letter.data, properties).await;
    let confirmation = published.context(|| format!("cannot publish to {queue}"))?.await;
    match confirmation.context(|| format!("{queue} was not confirmed"))? {
        Confirmation::Ack(None) => Ok(()),
        _ => Err(Error::new(format!("{queue} did not take a letter back"))),
    }
}

/// The letter's properties without the marks of its death, which would count against it.
fn revived(properties: &BasicProperties) -> BasicProperties {
    let is_mark = |name: &str| name.starts_with("x-death") || name.starts_with("x-first-death");
    let is_mark =
        |name: &str| is_mark(name) || name.starts_with("x-last-death") || name == "x-delivery-count";
    let mut kept = FieldTable::default();
    for (name, value) in properties.headers().iter().flat_map(FieldTable::inner) {
        if !is_mark(name.as_str()) {
            kept.insert(name.clone(), value.clone());
        }
    }
    properties.clone().with_headers(kept).with_delivery_mode(PERSISTENT)
}

fn describe(properties: &BasicProperties) -> Letter {
    let text = |value: Option<&str>| value.unwrap_or("–").to_owned();
    let death = properties.headers().as_ref().and_then(last_death);
    let field = |name: &str| death.and_then(|death| death.inner().get(name)).map_or("–".to_owned(), show);
    Letter {
        id: text(properties.message_id().as_ref().map(ShortString::as_str)),
        kind: text(properties.kind().as_ref().map(ShortString::as_str)),
        died: field("time"),
        reason: field("reason"),
        times: field("count"),
    }
}

/// `x-death` lists the deaths, the last one first.
fn last_death(headers: &FieldTable) -> Option<&FieldTable> {
    let AMQPValue::FieldArray(deaths) = headers.inner().get("x-death")? else { return None };
    match deaths.as_slice().first()? {
        AMQPValue::FieldTable(death) => Some(death),
        _ => None,
    }
}

fn show(value: &AMQPValue) -> String {
    match value {
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::LongLongInt(number) => number.to_string(),
        AMQPValue::Timestamp(seconds) => i64::try_from(*seconds)
            .ok()
            .and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0))
            .map_or_else(|| "–".to_owned(), |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        _ => "–".to_owned(),
    }
}
