//! A gateway on a free port, and services to stand behind it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use gateway::GatewaySettings;
use kit::server::{Lifecycle, Server};
use kit::settings::{ProcessSettings, Source};
use tokio::net::TcpListener;

use crate::wire::{Message, Wire};

/// A gateway with one environment `production` at `localhost` and `127.0.0.1`.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    pub(crate) server: Server,
}

/// Starts a gateway before the given services, with further settings.
pub(crate) fn gateway(services: &[(&str, SocketAddr)], more: &[(&str, &str)]) -> Gateway {
    let mut pairs = BTreeMap::from([
        ("http.address".to_owned(), "127.0.0.1:0".to_owned()),
        ("http.drain_ms".to_owned(), "300".to_owned()),
        ("environments.production.hosts".to_owned(), "localhost,127.0.0.1,[::1]".to_owned()),
        ("environments.production.base_url".to_owned(), "http://localhost:8080".to_owned()),
    ]);
    let services = services.iter();
    let services = services
        .map(|(name, at)| (format!("environments.production.services.{name}"), format!("http://{at}")));
    pairs.extend(services);
    pairs.extend(more.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())));
    let source = Source::from_pairs(&pairs).unwrap();
    let (process, settings) =
        (source.load::<ProcessSettings>().unwrap(), source.load::<GatewaySettings>().unwrap());
    let lifecycle = Lifecycle::default();
    lifecycle.ready();
    let server = gateway::start(&process, &settings, lifecycle).unwrap();
    Gateway { address: server.address, server }
}

/// What a service has heard.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Message>>>);

impl Heard {
    pub(crate) fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Message {
        self.all().pop().expect("the service heard nothing")
    }

    pub(crate) fn note(&self, message: Message) {
        self.0.lock().unwrap().push(message);
    }
}

/// A service that does with each connection what the test says.
pub(crate) async fn service<F, R>(serve: F) -> SocketAddr
where
    F: Fn(Wire) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(accept(listener, serve));
    address
}

pub(crate) async fn accept<F, R>(listener: TcpListener, serve: F)
where
    F: Fn(Wire) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(Wire::new(stream)));
    }
}

/// A service that hears each request whole and answers it with `answer`.
pub(crate) async fn answering(answer: impl Into<String>) -> (SocketAddr, Heard) {
    let (heard, answer) = (Heard::default(), answer.into());
    let noted = heard.clone();
    let address = service(move |mut wire| {
        let (heard, answer) = (noted.clone(), answer.clone());
        async move {
            while let Some(message) = wire.message().await {
                heard.note(message);
                wire.say(&answer).await;
            }
        }
    });
    (address.await, heard)
}

/// A service that says `ok`.
pub(crate) async fn ok() -> (SocketAddr, Heard) {
    answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
