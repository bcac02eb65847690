//! The HTTP client for addresses that companies configure. It connects to addresses that were checked just now, and to no
//! other: names are resolved by [`Guarded`], whose answer is what is connected to. It follows no redirects, knows no
//! proxies, keeps no connections, has a deadline, and reads nothing of an answer but its status.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use tower_service::Service;

use crate::domain::delivery::Outcome;
use crate::domain::networks::Networks;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

type Http = Client<HttpsConnector<HttpConnector<Guarded>>, Full<Bytes>>;
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// How names become addresses; tests have their own way.
pub type LookUp = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// Sends webhooks.
pub struct Webhooks {
    networks: Arc<Networks>,
    look_up: LookUp,
    deadline: Duration,
    /// Made when it is first needed, since the certificates of the machine are read for it.
    http: OnceLock<Option<Http>>,
}

/// A webhook.
pub(crate) struct Hook<'a> {
    pub(crate) url: &'a str,
    pub(crate) id: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) body: &'a str,
}

impl Webhooks {
    /// A client that reaches these networks, and waits for an answer no longer than that.
    #[must_use]
    pub fn new(networks: Networks, deadline: Duration) -> Self {
        Self { networks: Arc::new(networks), look_up: Arc::new(system), deadline, http: OnceLock::new() }
    }

    /// The same with other names.
    #[must_use]
    pub fn resolving(self, look_up: LookUp) -> Self {
        Self { look_up, http: OnceLock::new(), ..self }
    }

    /// Where webhooks may go.
    #[must_use]
    pub fn networks(&self) -> &Networks {
        &self.networks
    }

    /// How long a try takes at most.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Sends a webhook once.
    pub(crate) async fn send(&self, hook: &Hook<'_>) -> Outcome {
        let request = match self.request(hook) {
            Ok(request) => request,
            Err(problem) => return Outcome::Problem(problem),
        };
        let Some(http) = self.http.get_or_init(|| client(self.guarded())) else {
            return Outcome::Problem("There are no certificates to verify receivers by.".to_owned());
        };
        match tokio::time::timeout(self.deadline, http.request(request)).await {
            Ok(Ok(answer)) => Outcome::Answered(answer.status().as_u16()),
            Ok(Err(error)) => Outcome::Problem(in_words(&error)),
            Err(_) => Outcome::Problem(format!("No answer came within {} s.", self.deadline.as_secs_f32())),
        }
    }

    /// A host that is an address is not resolved: it is checked here.
    fn request(&self, hook: &Hook<'_>) -> Result<Request<Full<Bytes>>, String> {
        let url = self.networks.read(hook.url).map_err(str::to_owned)?;
        Request::post(url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "Banter-Webhooks/1")
            .header("webhook-id", hook.id)
            .header("webhook-timestamp", hook.timestamp)
            .header("webhook-signature", hook.signature)
            .body(Full::from(hook.body.to_owned()))
            .map_err(|_| "The address cannot be sent to.".to_owned())
    }

    fn guarded(&self) -> Guarded {
        Guarded { networks: self.networks.clone(), look_up: self.look_up.clone() }
    }
}

fn client(names: Guarded) -> Option<Http> {
    let mut tcp = HttpConnector::new_with_resolver(names);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_nodelay(true);
    let tls = HttpsConnectorBuilder::new().with_native_roots();
    let tls = tls.inspect_err(|error| log::error!("webhooks go nowhere: {error}")).ok()?;
    let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
    Some(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}

fn system(name: String) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Resolves names to addresses that may be connected to. A name that also stands for another is refused as a whole.
#[derive(Clone)]
struct Guarded {
    networks: Arc<Networks>,
    look_up: LookUp,
}

/// Why a name leads nowhere.
#[derive(Debug)]
enum Astray {
    NotFound(io::Error),
    NotPublic,
}

impl fmt::Display for Astray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(error) => write!(f, "not found: {error}"),
            Self::NotPublic => f.write_str("not public"),
        }
    }
}

impl std::error::Error for Astray {}

impl Service<Name> for Guarded {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Astray;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Astray>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Astray>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (networks, found) = (self.networks.clone(), (self.look_up)(name.as_str().to_owned()));
        Box::pin(async move {
            let found = found.await.map_err(Astray::NotFound)?;
            if found.iter().all(|address| networks.reach(address.ip())) {
                Ok(found.into_iter())
            } else {
                Err(Astray::NotPublic)
            }
        })
    }
}

/// What went wrong, for the company: nothing of what addresses its name has.
fn in_words(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<Astray>() {
            Some(Astray::NotPublic) => {
                return "The host is in a network that webhooks do not go to.".to_owned();
            }
            Some(Astray::NotFound(_)) => return "The host was not found.".to_owned(),
            None if is_about_a_certificate(error) => {
                return "The host's certificate could not be verified.".to_owned();
            }
            None => cause = error.source(),
        }
    }
    let what = if error.is_connect() { "No connection could be made." } else { "The connection broke off." };
    what.to_owned()
}

/// What an I/O error is about is none of its sources.
fn is_about_a_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return error.get_ref().is_some_and(|inner| is_about_a_certificate(inner));
    }
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// A receiver that gives one answer to all, and how often it was asked.
    async fn receiver(answer: String) -> (u16, Arc<Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(0)));
        let counted = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *counted.lock().unwrap() += 1;
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, asked)
    }

    fn names(answers: Vec<Vec<&'static str>>) -> LookUp {
        let answers = Mutex::new(answers.into_iter());
        Arc::new(move |_| {
            let found = answers.lock().unwrap().next().unwrap_or_default();
            let found = found.into_iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            Box::pin(std::future::ready(Ok(found)))
        })
    }

    async fn send(webhooks: &Webhooks, url: &str) -> Outcome {
        webhooks.send(&Hook { url, id: "a", timestamp: "1", signature: "v1,x", body: "{}" }).await
    }

    fn local() -> Networks {
        Networks::new(&["127.0.0.1".to_owned()]).unwrap()
    }

    fn ok() -> String {
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
    }

    #[tokio::test]
    async fn private_addresses_are_not_reached_by_any_name() {
        let (port, asked) = receiver(ok()).await;
        let webhooks = Webhooks::new(Networks::default(), CONNECT);
        for host in [
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0x7f.1",
            "169.254.169.254",
            "localhost",
        ] {
            let outcome = send(&webhooks, &format!("http://{host}:{port}/")).await;
            assert!(matches!(outcome, Outcome::Problem(_)), "{host}: {outcome:?}");
        }
        for answer in
            [vec!["127.0.0.1"], vec!["::ffff:127.0.0.1"], vec!["1.1.1.1", "127.0.0.1"], vec!["fe80::1"]]
        {
            let webhooks = Webhooks::new(Networks::default(), CONNECT).resolving(names(vec![answer]));
            let outcome = send(&webhooks, &format!("http://rebound.example:{port}/")).await;
            let refused = "The host is in a network that webhooks do not go to.";
            assert_eq!(outcome, Outcome::Problem(refused.to_owned()));
        }
        assert_eq!(*asked.lock().unwrap(), 0);
    }

    #[tokio::test]
    async fn a_name_that_changes_is_looked_at_each_time() {
        let (port, asked) = receiver(ok()).await;
        let answers = vec![vec!["127.0.0.1"], vec!["10.0.0.1"]];
        let webhooks = Webhooks::new(local(), CONNECT).resolving(names(answers));
        let url = format!("http://rebinding.example:{port}/");
        assert_eq!(send(&webhooks, &url).await, Outcome::Answered(204));
        assert!(matches!(send(&webhooks, &url).await, Outcome::Problem(_)));
        assert_eq!(*asked.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn redirects_are_told_and_not_followed() {
        let (inside, asked) = receiver(ok()).await;
        let there = format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside}/\r\n\r\n");
        let (port, _) = receiver(there).await;
        let webhooks = Webhooks::new(local(), CONNECT);
        assert_eq!(send(&webhooks, &format!("http://127.0.0.1:{port}/")).await, Outcome::Answered(302));
        assert_eq!(*asked.lock().unwrap(), 0);
    }

    #[tokio::test]
    async fn who_is_slow_down_or_babbles_costs_little() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let slow = listener.local_addr().unwrap().port();
        let webhooks = Webhooks::new(local(), Duration::from_millis(200));
        let Outcome::Problem(problem) = send(&webhooks, &format!("http://127.0.0.1:{slow}/")).await else {
            panic!("it answered");
        };
        assert_eq!(problem, "No answer came within 0.2 s.");
        drop(listener);
        let webhooks = Webhooks::new(local(), CONNECT);
        let down = send(&webhooks, &format!("http://127.0.0.1:{slow}/")).await;
        assert_eq!(down, Outcome::Problem("No connection could be made.".to_owned()));
        let (port, _) = receiver(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1 << 20))).await;
        assert_eq!(send(&webhooks, &format!("http://127.0.0.1:{port}/")).await, Outcome::Answered(200));
        let (port, _) = receiver("nonsense\r\n\r\n".to_owned()).await;
        assert!(matches!(send(&webhooks, &format!("http://127.0.0.1:{port}/")).await, Outcome::Problem(_)));
    }

    #[tokio::test]
    async fn whoever_says_https_must_prove_it() {
        let (port, _) = receiver(ok()).await;
        let webhooks = Webhooks::new(local(), CONNECT);
        let outcome = send(&webhooks, &format!("https://127.0.0.1:{port}/")).await;
        assert!(matches!(outcome, Outcome::Problem(_)), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_certificate_that_nobody_vouches_for_is_named_as_the_problem() {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder().with_no_client_auth();
        let acceptor =
            TlsAcceptor::from(Arc::new(tls.with_single_cert(vec![cert.der().clone()], key).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            acceptor.accept(stream).await.map(drop)
        });
        let webhooks = Webhooks::new(local(), CONNECT).resolving(names(vec![vec!["127.0.0.1"]]));
        let outcome = send(&webhooks, &format!("https://localhost:{port}/")).await;
        let told = "The host's certificate could not be verified.";
        assert_eq!(outcome, Outcome::Problem(told.to_owned()));
    }
}
