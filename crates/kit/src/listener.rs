//! Where connections come in, and the order in which they end.
//!
//! actix' own server drops what waits to be accepted, and what it has just read, as soon as it is told to stop. Here
//! the listener closes first, then everything that was accepted has a moment to say what it came for, and only then
//! do silent connections end.

use std::cell::RefCell;
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener as BlockingListener};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request, Response};
use actix_service::{IntoServiceFactory, ServiceFactoryExt as _, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};

use crate::link::{Link, Wire};
use crate::pace::Gate;
use crate::settings::HttpSettings;

const BACKLOG: u32 = 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a connection's first request may take.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long a client may go on sending what nobody reads any more, so that it can read why.
const HANG_UP_DEADLINE: Duration = Duration::from_secs(1);
/// How long a connection that was accepted at the very last has for its request.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// A process without file descriptors left must not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How far a listener is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Open,
    /// No connection is accepted any more; those that are here are served.
    Closed,
    /// Connections without a request end, the others when they have answered.
    Ending,
    /// All end at once.
    Cut,
}

/// A listener with worker threads, each of which accepts and serves connections.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    /// Closed by the last worker that ends.
    stage: watch::Sender<Stage>,
}

impl Listener {
    /// Listens, and serves an application of each worker's own.
    ///
    /// # Errors
    /// When the address is taken, or threads cannot be had.
    pub(crate) fn start<F, I, S, B>(settings: &HttpSettings, app: F) -> io::Result<Self>
    where
        F: Fn() -> I + Clone + Send + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<actix_web::Error>,
        S::InitError: Debug,
        S::Response: Into<Response<B>>,
        B: MessageBody + 'static,
    {
        let listener = bind(settings.address)?;
        let (address, stage) = (listener.local_addr()?, watch::Sender::new(Stage::Open));
        for _ in 0..settings.workers.unwrap_or(1) {
            let (listener, app, stage) = (listener.try_clone()?, app.clone(), stage.subscribe());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let work = move || run(runtime, work(listener, app, stage));
            std::thread::Builder::new().name("http".into()).spawn(work)?;
        }
        Ok(Self { address, stage })
    }

    /// Ends in order; what is still in flight after `grace` is cut.
    pub(crate) async fn close(self, grace: Duration) {
        self.stage.send_replace(Stage::Closed);
        let _ = tokio::time::timeout(LAST_WORDS, self.stage.closed()).await;
        self.stage.send_replace(Stage::Ending);
        if tokio::time::timeout(grace, self.stage.closed()).await.is_err() {
            log::warn!("requests are cut: they took longer than {} s", grace.as_secs());
            self.stage.send_replace(Stage::Cut);
            self.stage.closed().await;
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<BlockingListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // The port of a process that has just ended may be taken at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

fn run(runtime: Runtime, work: impl Future<Output = io::Result<()>>) {
    if let Err(error) = LocalSet::new().block_on(&runtime, work) {
        log::error!("a worker ended: {error}");
    }
    runtime.shutdown_background();
}

async fn work<F, I, S, B>(
    listener: BlockingListener,
    app: F,
    mut stage: watch::Receiver<Stage>,
) -> io::Result<()>
where
    F: Fn() -> I,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody + 'static,
{
    let app = app().into_factory().map_err(|error| error.into().error_response());
    let ending = stage.clone();
    let service = HttpService::build()
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_DEADLINE)
        .client_disconnect_timeout(HANG_UP_DEADLINE)
        .on_connect_ext(|link: &Link, data| drop(data.insert::<Rc<Gate>>(link.gate())))
        .graceful_shutdown_signal(move || reached(ending.clone(), Stage::Ending))
        .finish(map_config(app, |()| AppConfig::default()));
    let service = service.new_service(()).await.map_err(|()| io::Error::other("no service"))?;
    let (service, mut connections) = (Rc::new(service), JoinSet::new());
    let listener = TcpListener::from_std(listener)?;
    accept(&listener, &mut stage, &service, &mut connections).await;
    for stream in last_ones(listener)? {
        connections.spawn_local(serve(service.clone(), stream));
    }
    tokio::select! {
        () = reached(stage, Stage::Cut) => {}
        () = async { while connections.join_next().await.is_some() {} } => {}
    }
    Ok(())
}

/// Resolves at a stage, or when nobody is left to announce one.
async fn reached(mut stage: watch::Receiver<Stage>, wanted: Stage) {
    let _ = stage.wait_for(|stage| *stage >= wanted).await;
}

async fn accept<S>(
    listener: &TcpListener,
    stage: &mut watch::Receiver<Stage>,
    service: &Rc<S>,
    connections: &mut JoinSet<()>,
) where
    S: Service<(Link, Protocol, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
{
    loop {
        tokio::select! {
            _ = stage.wait_for(|stage| *stage > Stage::Open) => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn_local(serve(service.clone(), stream)); }
                Err(error) => {
                    log::warn!("no connection accepted: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// What stands in the queue of a listener when it closes. Only what the kernel adds in the instant between the last one and the
/// end is lost: reset, before anything of it was taken.
fn last_ones(listener: TcpListener) -> io::Result<Vec<TcpStream>> {
    let listener = listener.into_std()?;
    let mut last = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        last.push(stream);
    }
    drop(listener);
    let ready = last.into_iter().map(|stream| {
        stream.set_nonblocking(true)?;
        TcpStream::from_std(stream)
    });
    ready.collect()
}

async fn serve<S>(service: Rc<S>, stream: TcpStream)
where
    S: Service<(Link, Protocol, Option<SocketAddr>), Response = (), Error = DispatchError>,
{
    let peer = stream.peer_addr().ok();
    // A connection that is gone already says so when it is read.
    let _ = stream.set_nodelay(true);
    let wire = Rc::new(RefCell::new(Wire::new(stream)));
    let ended = dispatch(&*service, &wire, peer).await;
    if let (Err(error), Some(wire)) = (ended, Rc::into_inner(wire)) {
        log::debug!("connection ended: {error}");
        if matches!(error, DispatchError::Parse(_)) {
            let _ = tokio::time::timeout(HANG_UP_DEADLINE, wire.into_inner().hang_up()).await;
        }
    }
}

async fn dispatch<S>(
    service: &S,
    wire: &Rc<RefCell<Wire>>,
    peer: Option<SocketAddr>,
) -> Result<(), DispatchError>
where
    S: Service<(Link, Protocol, Option<SocketAddr>), Response = (), Error = DispatchError>,
{
    poll_fn(|context| service.poll_ready(context)).await?;
    let mut served = pin!(service.call((Link(wire.clone()), Protocol::Http1, peer)));
    poll_fn(|context| {
        wire.borrow_mut().begin_turn();
        let ended = served.as_mut().poll(context);
        if ended.is_pending() {
            let mut wire = wire.borrow_mut();
            wire.settle(false);
            // Were the connection gone, whoever reads it would hear.
            let _ = wire.poll_rest(context);
        }
        ended
    })
    .await
}
