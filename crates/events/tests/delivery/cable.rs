//! A cable to a server that can be pulled: a TCP proxy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything passes.
    Whole,
    /// Connections break, and new ones are closed at once.
    Cut,
    /// Nothing passes, and nobody is told.
    Silent,
}

/// A cable between the test and the server of a URL.
#[derive(Clone)]
pub(crate) struct Cable {
    /// The URL of the server, through the cable.
    pub(crate) url: String,
    state: Arc<watch::Sender<State>>,
    /// Bytes to the server until the cable cuts itself.
    budget: Arc<AtomicI64>,
    refused: Arc<AtomicUsize>,
}

impl Cable {
    /// Lays one.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (before, server, after) = split(url);
        let near = listener.local_addr().unwrap();
        let cable = Self {
            url: format!("{before}{near}{after}"),
            state: Arc::new(watch::Sender::new(State::Whole)),
            budget: Arc::new(AtomicI64::new(i64::MAX)),
            refused: Arc::default(),
        };
        tokio::spawn(cable.clone().serve(listener, server));
        cable
    }

    /// Breaks all connections and takes no new ones.
    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Cuts itself when so many more bytes went to the server.
    pub(crate) fn cut_after(&self, bytes: i64) {
        self.budget.store(bytes, Ordering::SeqCst);
    }

    /// Lets nothing pass, without telling anybody.
    pub(crate) fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Makes it whole again.
    pub(crate) fn mend(&self) {
        self.budget.store(i64::MAX, Ordering::SeqCst);
        self.state.send_replace(State::Whole);
    }

    /// How many connections were refused so far.
    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    async fn serve(self, listener: TcpListener, server: SocketAddr) {
        while let Ok((near, _)) = listener.accept().await {
            if *self.state.borrow() == State::Cut {
                self.refused.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            tokio::spawn(self.clone().connect(near, server));
        }
    }

    async fn connect(self, near: TcpStream, server: SocketAddr) {
        let Ok(far) = TcpStream::connect(server).await else { return };
        let ((mut from_near, mut to_near), (mut from_far, mut to_far)) =
            (near.into_split(), far.into_split());
        let mut state = self.state.subscribe();
        tokio::select! {
            _ = state.wait_for(|state| *state == State::Cut) => {}
            () = self.pump(&mut from_near, &mut to_far, true) => {}
            () = self.pump(&mut from_far, &mut to_near, false) => {}
        }
    }

    async fn pump(
        &self,
        from: &mut tokio::net::tcp::OwnedReadHalf,
        to: &mut tokio::net::tcp::OwnedWriteHalf,
        counted: bool,
    ) {
        let (mut buffer, mut state) = (vec![0; 16 << 10], self.state.subscribe());
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            state.wait_for(|state| *state != State::Silent).await.unwrap();
            if to.write_all(&buffer[..read]).await.is_err() {
                return;
            }
            let bytes = i64::try_from(read).unwrap();
            if counted && self.budget.fetch_sub(bytes, Ordering::SeqCst) <= bytes {
                self.cut();
            }
        }
    }
}

/// What stands before the server's address, the address, and what stands after it.
fn split(url: &str) -> (String, SocketAddr, String) {
    let start = url.find('@').map_or_else(|| url.find("//").unwrap() + 2, |at| at + 1);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |end| start + end);
    let address = std::net::ToSocketAddrs::to_socket_addrs(&url[start..end]).unwrap().next().unwrap();
    (url[..start].to_owned(), address, url[end..].to_owned())
}
