//! The way to RabbitMQ. There is no recovery in place: whatever goes wrong, the link is dropped and made anew, and the
//! topology declared again.

use std::fmt::Display;
use std::time::Duration;

use kit::settings::BrokerSettings;
use kit::{Error, Result};
use lapin::options::ConfirmSelectOptions;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};

use crate::topology::Topology;

/// How long the broker may take for anything: to connect, to declare, to confirm.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds between heartbeats: a link that is dead without saying so is noticed after two.
const HEARTBEAT: u16 = 5;
/// The largest frame, in bytes: the client holds 64 of them for each connection, and longer messages take several.
const FRAME: u32 = 16 << 10;

/// A broker that can be connected to.
#[derive(Debug, Clone)]
pub(crate) struct Broker {
    settings: BrokerSettings,
    name: String,
    pub(crate) topology: Topology,
}

/// A connection with one channel on it.
pub(crate) struct Link {
    pub(crate) channel: Channel,
    /// Closed when it is dropped.
    _connection: Connection,
}

impl Broker {
    /// The broker of the settings. The name is what it shows the connections under.
    pub(crate) fn new(settings: &BrokerSettings, name: String) -> Self {
        Self { settings: settings.clone(), name, topology: Topology::new(settings) }
    }

    /// Connects, and declares the topology.
    ///
    /// # Errors
    /// 503 when the broker does not answer in time, or refuses.
    pub(crate) async fn link(&self) -> Result<Link> {
        let link = self.connect().await?;
        timely(self.topology.declare(&link.channel)).await?;
        Ok(link)
    }

    /// Connects to whatever there is.
    ///
    /// # Errors
    /// 503 when the broker does not answer in time, or refuses.
    pub(crate) async fn connect(&self) -> Result<Link> {
        let name = self.name.as_str().into();
        let properties = ConnectionProperties::default().with_connection_name(name);
        let connection = timely(Connection::connect_uri(self.uri()?, properties)).await?;
        let channel = timely(connection.create_channel()).await?;
        Ok(Link { channel, _connection: connection })
    }

    /// Sees to it that there is a link to publish over.
    ///
    /// # Errors
    /// 503 when the broker does not answer in time, or refuses.
    pub(crate) async fn ensure(&self, slot: &mut Option<Link>) -> Result<()> {
        if !slot.as_ref().is_some_and(Link::is_alive) {
            *slot = None;
            *slot = Some(self.link().await?.confirming().await?);
        }
        Ok(())
    }

    fn uri(&self) -> Result<AMQPUri> {
        let parsed = self.settings.url.expose().parse::<AMQPUri>();
        // The parser's message may hold the password.
        let mut uri = parsed.map_err(|_| Error::internal("BANTER__BROKER__URL is not an AMQP URL"))?;
        uri.query.heartbeat = uri.query.heartbeat.or(Some(HEARTBEAT));
        uri.query.frame_max = uri.query.frame_max.or(Some(FRAME));
        Ok(uri)
    }
}

impl Link {
    /// Whether it can still be used, as far as we know.
    pub(crate) fn is_alive(&self) -> bool {
        self.channel.status().connected()
    }

    /// Asks the broker to confirm what is published here.
    pub(crate) async fn confirming(self) -> Result<Self> {
        timely(self.channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(self)
    }
}

/// Awaits the broker, but not for ever: a request in flight when the broker dies may never be answered.
pub(crate) async fn timely<T, E: Display>(
    request: impl IntoFuture<Output = std::result::Result<T, E>>,
) -> Result<T> {
    match tokio::time::timeout(PATIENCE, request).await {
        Ok(answer) => answer.map_err(|error| Error::unavailable(format!("broker: {error}"))),
        Err(_) => Err(Error::unavailable("the broker does not answer in time")),
    }
}
