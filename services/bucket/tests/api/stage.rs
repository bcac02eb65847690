//! A running service with a storage of its own, people with bucket tokens, and forms.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bucket::Bucket;
use bucket::audit::{Report, audit};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use files::{BucketClaims, BucketGrant, Mode};
use kit::clock::uuid_v7;
use kit::{Claims, Clock, Grant, ManualClock, SystemClock, Use};
use reqwest::header::HeaderMap;
use serde_json::Value;
use testing::{ENVIRONMENT, Issuer, Reply, Running, eventually};

/// Where links and download addresses begin.
pub(crate) const BASE: &str = "https://banter.example.com";

/// A running service.
pub(crate) struct Stage {
    pub(crate) app: Running<Bucket>,
    pub(crate) ada: Owner,
    pub(crate) ben: Owner,
    /// Whether objects are files of a directory, which can be looked at.
    pub(crate) is_local: bool,
    clock: Arc<ManualClock>,
    dir: PathBuf,
}

/// Somebody with two buckets, and a token for both.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) id: String,
    pub(crate) public: String,
    pub(crate) private: String,
    pub(crate) token: String,
}

/// A part of a form: name of the field, name of the file, bytes.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(&[]).await
    }

    /// With settings of one's own. Objects are in S3 where `BANTER_TEST_S3_ENDPOINT` says where that is.
    pub(crate) async fn with(own: &[(&str, &str)]) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let dir = std::env::temp_dir().join(format!("banter-test-files-{}", uuid_v7(SystemClock.now())));
        let dir_text = dir.display().to_string();
        let issuer = Issuer::shared();
        let s3 = s3_settings().await;
        let mut settings = vec![
            ("storage.dir", dir_text.as_str()),
            ("links.base_url", BASE),
            ("links.secret", "a secret of at least 32 characters"),
            ("trust.auth.uses", "access,service,bucket"),
            ("trust.messaging.jwks_url", issuer.jwks_url.as_str()),
            ("trust.messaging.uses", "bucket,service"),
            ("trust.conversation.jwks_url", issuer.jwks_url.as_str()),
            ("trust.conversation.uses", "bucket,service"),
            ("trust.listing.jwks_url", issuer.jwks_url.as_str()),
            ("trust.listing.uses", "service"),
        ];
        settings.extend(s3.iter().map(|(path, value)| (*path, value.as_str())));
        settings.extend(own);
        let app = testing::boot_at(&settings, Box::new(Shared(clock.clone()))).await;
        Self { app, ada: Owner::new(), ben: Owner::new(), is_local: s3.is_empty(), clock, dir }
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Everything that lies in the directory, half-written files included.
    pub(crate) fn on_disk(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut dirs = if self.is_local { vec![self.dir.clone()] } else { Vec::new() };
        while let Some(dir) = dirs.pop() {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { dirs.push(path) } else { found.push(path.display().to_string()) }
            }
        }
        found
    }

    /// What is being written, or was when it ended.
    pub(crate) fn half_written(&self) -> Vec<String> {
        self.on_disk().into_iter().filter(|path| path.contains('#')).collect()
    }

    /// What lies on the disk once that what was given up has been removed.
    pub(crate) async fn left_on_disk(&self) -> Vec<String> {
        eventually(Duration::from_secs(5), "nothing is half-written", async || {
            self.half_written().is_empty()
        })
        .await;
        self.on_disk()
    }

    /// How many objects are noted to be without a row.
    pub(crate) fn loose(&self) -> i64 {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let query = sql_query("SELECT count(*) AS count FROM loose_object");
        query.get_result::<Counted>(&mut self.app.database.connect()).unwrap().count
    }

    /// Runs a statement that no client could.
    pub(crate) fn sql(&self, statement: &str) {
        sql_query(statement).execute(&mut self.app.database.connect()).unwrap();
    }

    pub(crate) async fn upload(&self, token: &str, parts: &[Part<'_>]) -> Reply {
        let (kind, body) = form(parts);
        self.send(token, &kind, body).await
    }

    /// Any body at all.
    pub(crate) async fn send(&self, token: &str, content_type: &str, body: Vec<u8>) -> Reply {
        let mut ask = self.app.post("/bucket/upload").header("Content-Type", content_type);
        ask.0 = ask.0.body(body);
        if token.is_empty() { ask.await } else { ask.token(token).await }
    }

    /// A new file in a bucket of ada's.
    pub(crate) async fn file(&self, bucket: &str, name: &str, bytes: &[u8]) -> Value {
        let parts = [("bucketId", None, bucket.as_bytes()), ("files", Some(name), bytes)];
        self.upload(&self.ada.token, &parts).await.expect(200)["data"][0].clone()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        let ask = self.app.get(path);
        if token.is_empty() { ask.await } else { ask.token(token).await }
    }

    /// A download as it is: status, headers, bytes.
    pub(crate) async fn download(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        self.fetch(reqwest::Method::GET, path, headers).await
    }

    pub(crate) async fn fetch(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (u16, HeaderMap, Vec<u8>) {
        let ask =
            headers.iter().fold(self.app.ask(method, path), |ask, (name, value)| ask.header(name, value));
        let response = ask.0.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn audit(&self) -> Report {
        audit(&self.app.app, &self.app.service.blobs).await.unwrap()
    }

    pub(crate) async fn sweep(&self) -> usize {
        bucket::sweep::once(&self.app.app, &self.app.service.blobs).await.unwrap()
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self) -> Vec<Value> {
        events::outbox::pending(&mut self.app.database.connect(), "bucket").unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Owner {
    pub(crate) fn new() -> Self {
        let id = uuid_v7(SystemClock.now()).to_string();
        let (public, private) = (format!("{id}-public-user-bucket"), format!("{id}-private-user-bucket"));
        let token = token("auth", &id, &both(&[&public, &private]));
        Self { id, public, private, token }
    }
}

/// Read and write.
pub(crate) fn both<'a>(buckets: &[&'a String]) -> Vec<(&'a str, Mode)> {
    buckets
        .iter()
        .flat_map(|bucket| [(bucket.as_str(), Mode::Read), (bucket.as_str(), Mode::Write)])
        .collect()
}

/// A token that is good for an hour.
pub(crate) fn token(issuer: &str, subject: &str, grants: &[(&str, Mode)]) -> String {
    token_at(issuer, subject, grants, SystemClock.now())
}

/// A token that was signed then, for an hour.
pub(crate) fn token_at(issuer: &str, subject: &str, grants: &[(&str, Mode)], now: DateTime<Utc>) -> String {
    let grants =
        grants.iter().map(|(bucket, mode)| BucketGrant { bucket: (*bucket).to_owned(), mode: *mode });
    let extra = BucketClaims { grants: grants.collect() };
    let (environment, typ, subject) = (ENVIRONMENT, Use::Bucket, subject.to_owned());
    let grant = Grant { issuer, environment, typ, subject, extra };
    Issuer::shared().sign(&Claims::new(grant, now, TimeDelta::hours(1)))
}

/// `multipart/form-data`: its content type and its body.
pub(crate) fn form(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "------------------------d74496d66958873e";
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file) = file {
            let head = format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream");
            body.extend_from_slice(head.as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Bytes that are no text and do not repeat soon.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(byte).take(length).collect()
}

/// A bucket of its own in the S3 server that the environment names.
async fn s3_settings() -> Vec<(&'static str, String)> {
    let Ok(endpoint) = std::env::var("BANTER_TEST_S3_ENDPOINT") else { return Vec::new() };
    let name = format!("files-{}", uuid_v7(SystemClock.now()));
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with no deadline but their own")]
    let made = reqwest::Client::new().put(format!("{endpoint}/{name}")).send().await.unwrap();
    assert!(made.status().is_success(), "no bucket: {}", made.status());
    let set = |name, value: &str| (name, value.to_owned());
    vec![
        set("storage.s3.endpoint", &endpoint),
        set("storage.s3.bucket", &name),
        set("storage.s3.access_key_id", "test"),
        set("storage.s3.secret_access_key", "test"),
    ]
}
