//! Somebody who signs access tokens: a stand-in for auth with a key of its own and a real JWKS endpoint.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, TimeDelta, Utc};
use kit::clock::{random_bytes, uuid_v7};
use kit::{
    AccessClaims, Claims, Clock as _, Grant, Role, ServiceClaims, SessionId, SigningKeys, SystemClock, Use,
    UserId, hex,
};
use serde_json::Value;

/// The environment of all tests.
pub const ENVIRONMENT: &str = "test";

/// A user with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub id: UserId,
    /// The login.
    pub session: SessionId,
    /// A valid access token.
    pub token: String,
}

/// Signs tokens, and serves the key that verifies them.
pub struct Issuer {
    /// Where the key lies.
    pub dir: PathBuf,
    /// Where the public key is served.
    pub jwks_url: String,
    keys: SigningKeys,
}

impl Issuer {
    /// The issuer that all tests of a process share.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Issuer>> = OnceLock::new();
        SHARED.get_or_init(|| Arc::new(Self::start())).clone()
    }

    /// An issuer of one's own, with another key.
    ///
    /// # Panics
    /// When there is no port or no temporary directory.
    #[must_use]
    pub fn start() -> Self {
        let dir = key_dir();
        fs::write(dir.join("20260101T000000Z.pem"), kit::keys::generate_pem().unwrap()).unwrap();
        let keys = SigningKeys::load(&dir).unwrap();
        Self { jwks_url: serve(published(&keys).to_string()), dir, keys }
    }

    /// The document at [`Issuer::jwks_url`].
    pub(crate) fn jwks(&self) -> Value {
        published(&self.keys)
    }

    /// A new user.
    #[must_use]
    pub fn person(&self, role: Role) -> Person {
        let now = SystemClock.now();
        self.login(uuid_v7(now).into(), role)
    }

    /// A user with a token that is good for an hour.
    #[must_use]
    pub fn login(&self, id: UserId, role: Role) -> Person {
        let now = SystemClock.now();
        let session: SessionId = uuid_v7(now).into();
        let token = self.access(id, session, role, now);
        Person { id, session, token }
    }

    /// An access token signed at `now`, good for an hour.
    #[must_use]
    pub fn access(&self, id: UserId, session: SessionId, role: Role, now: DateTime<Utc>) -> String {
        let extra = AccessClaims { sid: session, role };
        let grant = Grant {
            issuer: "auth",
            environment: ENVIRONMENT,
            typ: Use::Access,
            subject: id.to_string(),
            extra,
        };
        self.sign(&Claims::new(grant, now, TimeDelta::hours(1)))
    }

    /// A call's token, of a service that verifies by this key.
    #[must_use]
    pub fn service(&self, name: &str) -> String {
        let (environment, typ, subject) = (ENVIRONMENT, Use::Service, name.to_owned());
        let grant = Grant { issuer: "auth", environment, typ, subject, extra: ServiceClaims {} };
        self.sign(&Claims::new(grant, SystemClock.now(), TimeDelta::minutes(1)))
    }

    /// Any claims at all.
    ///
    /// # Panics
    /// When they cannot be written as JSON.
    #[must_use]
    pub fn sign<T: serde::Serialize>(&self, claims: &T) -> String {
        self.keys.sign(claims, SystemClock.now()).unwrap()
    }
}

fn published(keys: &SigningKeys) -> Value {
    serde_json::to_value(keys.jwks().unwrap()).unwrap()
}

/// A directory named after this process. What processes left that are gone is taken away: the shared issuer is a
/// static, which nobody drops.
fn key_dir() -> PathBuf {
    let root = std::env::temp_dir().join("banter-test-keys");
    for entry in fs::read_dir(&root).into_iter().flatten().flatten() {
        let owner = entry.file_name().to_string_lossy().split('-').next().unwrap_or_default().to_owned();
        if !Path::new("/proc").join(owner).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let dir = root.join(format!("{}-{}", std::process::id(), hex(&random_bytes::<8>())));
    fs::create_dir_all(&dir).unwrap();
    dir
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Serves a document on a thread of its own, since tests' runtimes end with them.
fn serve(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/.well-known/jwks.json", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let server = HttpServer::new(move || {
            let body = body.clone();
            let handler = move || {
                std::future::ready(HttpResponse::Ok().content_type("application/json").body(body.clone()))
            };
            App::new().route("/.well-known/jwks.json", web::get().to(handler))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        actix_web::rt::System::new().block_on(server).unwrap();
    });
    url
}
