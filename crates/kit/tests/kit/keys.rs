//! Whose tokens are good for what.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::clock::{random_bytes, uuid_v7};
use kit::settings::TrustSettings;
use kit::{AccessClaims, Claims, Clock as _, Grant, Role, SigningKeys, SystemClock, Trust, Use, hex};
use testing::eventually;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::stage::client;

/// A directory of keys, gone with this value.
pub(crate) struct Keys {
    pub(crate) dir: PathBuf,
    pub(crate) keys: SigningKeys,
}

impl Keys {
    pub(crate) fn made(kid: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("banter-test-rotation-{}", hex(&random_bytes::<8>())));
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join(format!("{kid}.pem")), kit::keys::generate_pem().unwrap()).unwrap();
        let keys = SigningKeys::load(&dir).unwrap();
        Self { dir, keys }
    }

    pub(crate) fn add(&self, kid: &str) {
        let path = self.dir.join(format!("{kid}.pem"));
        std::fs::write(path, kit::keys::generate_pem().unwrap()).unwrap();
        self.keys.reload();
    }

    fn published(&self) -> String {
        serde_json::to_string(&self.keys.jwks().unwrap()).unwrap()
    }

    fn token(&self, issuer: &str, typ: Use, from: DateTime<Utc>, life: TimeDelta) -> String {
        self.keys.sign(&claims(issuer, typ, from, life), SystemClock.now()).unwrap()
    }

    fn good(&self, issuer: &str) -> String {
        self.token(issuer, Use::Access, SystemClock.now(), TimeDelta::hours(1))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn claims(issuer: &str, typ: Use, from: DateTime<Utc>, life: TimeDelta) -> Claims<AccessClaims> {
    let extra = AccessClaims { sid: uuid_v7(from).into(), role: Role::User };
    let subject = uuid_v7(from).to_string();
    Claims::new(Grant { issuer, environment: "test", typ, subject, extra }, from, life)
}

/// A JWKS endpoint that counts how often it is asked, and answers with what the test likes, or 500.
struct Endpoint {
    url: String,
    body: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    async fn serving(body: Option<String>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (body, asked) = (Arc::new(Mutex::new(body)), Arc::new(AtomicUsize::new(0)));
        let endpoint = Self { url, body: body.clone(), asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::Relaxed);
                let answer = body.lock().unwrap().clone();
                let (status, text) = answer.map_or((500, String::new()), |text| (200, text));
                let _ = stream.read(&mut [0; 4096]).await;
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    text.len()
                );
                let _ = stream.write_all([head, text].concat().as_bytes()).await;
            }
        });
        endpoint
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn trust(issuers: &[(&str, &Endpoint, &str)]) -> Trust {
    let issuers = issuers.iter().map(|(name, endpoint, uses)| {
        let uses = uses.split(',').map(str::to_owned).collect();
        ((*name).to_owned(), TrustSettings { jwks_url: endpoint.url.clone(), uses })
    });
    Trust::new("test", &issuers.collect::<BTreeMap<_, _>>(), client())
}

async fn status(trust: &Trust, token: &str, typ: Use) -> u16 {
    trust.verify::<AccessClaims>(token, typ).await.map_or_else(|error| error.code().status, |_| 200)
}

#[tokio::test]
async fn an_issuer_that_is_away_at_first_is_waited_for() {
    let (keys, endpoint) = (Keys::made("20260101T000000Z"), Endpoint::serving(None).await);
    let (trust, token) = (trust(&[("auth", &endpoint, "access")]), keys.good("auth"));
    assert_eq!(status(&trust, &token, Use::Access).await, 503, "not the token's fault");
    let asks = (0..50).map(|_| status(&trust, &token, Use::Access));
    assert!(join_all(asks).await.iter().all(|status| *status == 503));
    assert!(endpoint.asked() <= 2, "asked {} times", endpoint.asked());
    *endpoint.body.lock().unwrap() = Some(keys.published());
    eventually(Duration::from_secs(5), "it heals", async || status(&trust, &token, Use::Access).await == 200)
        .await;
}

#[tokio::test]
async fn junk_is_no_load_for_the_issuer() {
    let keys = Keys::made("20260101T000000Z");
    let endpoint = Endpoint::serving(Some(keys.published())).await;
    let trust = trust(&[("auth", &endpoint, "access")]);
    assert_eq!(status(&trust, &keys.good("auth"), Use::Access).await, 200);
    let junk: Vec<_> = (1..=20).map(|n| Keys::made(&format!("202501{n:02}T000000Z")).good("auth")).collect();
    let asks = junk.iter().cycle().take(400).map(|token| status(&trust, token, Use::Access));
    assert!(join_all(asks).await.iter().all(|status| *status == 401));
    assert_eq!(endpoint.asked(), 1, "30 s have not passed");
    assert_eq!(status(&trust, &keys.good("auth"), Use::Access).await, 200);
}

#[tokio::test]
async fn a_key_is_good_for_what_its_issuer_is_trusted_with() {
    let (auth, inbox) = (Keys::made("20260101T000000Z"), Keys::made("20260102T000000Z"));
    let (auth_keys, inbox_keys) =
        (Endpoint::serving(Some(auth.published())).await, Endpoint::serving(Some(inbox.published())).await);
    let trust = trust(&[("auth", &auth_keys, "access,service"), ("inbox", &inbox_keys, "service,contact")]);
    let now = SystemClock.now();
    let token = |keys: &Keys, issuer, typ| keys.token(issuer, typ, now, TimeDelta::hours(1));
    for (what, token, typ, expected) in [
        ("auth's own", token(&auth, "auth", Use::Access), Use::Access, 200),
        ("inbox' own", token(&inbox, "inbox", Use::Service), Use::Service, 200),
        ("inbox is no auth", token(&inbox, "inbox", Use::Access), Use::Access, 401),
        ("not in auth's name", token(&inbox, "auth", Use::Access), Use::Access, 401),
        ("not in auth's name either", token(&inbox, "auth", Use::Service), Use::Service, 401),
        ("nobody's", token(&auth, "nobody", Use::Access), Use::Access, 401),
        ("another use", token(&auth, "auth", Use::Service), Use::Access, 401),
        ("a use nobody has", token(&auth, "auth", Use::Bucket), Use::Bucket, 401),
    ] {
        assert_eq!(status(&trust, &token, typ).await, expected, "{what}");
    }
}

/// A `kid` is a time, and one script may make all the keys.
#[tokio::test]
async fn two_issuers_may_have_keys_of_the_same_name() {
    let (auth, inbox) = (Keys::made("20260101T000000Z"), Keys::made("20260101T000000Z"));
    let (auth_keys, inbox_keys) =
        (Endpoint::serving(Some(auth.published())).await, Endpoint::serving(Some(inbox.published())).await);
    let trust = trust(&[("auth", &auth_keys, "access"), ("inbox", &inbox_keys, "access")]);
    for (keys, name) in [(&auth, "auth"), (&inbox, "inbox")] {
        assert_eq!(status(&trust, &keys.good(name), Use::Access).await, 200, "{name}");
    }
    assert_eq!(status(&trust, &inbox.good("auth"), Use::Access).await, 401);
}

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute() {
    let keys = Keys::made("20260101T000000Z");
    let endpoint = Endpoint::serving(Some(keys.published())).await;
    let trust = trust(&[("auth", &endpoint, "access")]);
    let now = SystemClock.now();
    for (from, until, expected) in [(-3600, -25, 200), (-3600, -35, 401), (25, 3600, 200), (40, 3600, 401)] {
        let (from, life) = (now + TimeDelta::seconds(from), TimeDelta::seconds(until - from));
        let token = keys.token("auth", Use::Access, from, life);
        assert_eq!(status(&trust, &token, Use::Access).await, expected, "{from} for {life}");
    }
    let expired = keys.token("auth", Use::Access, now - TimeDelta::hours(2), TimeDelta::hours(1));
    let error = trust.verify::<AccessClaims>(&expired, Use::Access).await.unwrap_err();
    assert_eq!(error.message(), "errMsg_tokenIsExpired");
}

#[tokio::test]
async fn a_token_that_was_verified_is_no_longer_good_when_its_key_is_withdrawn() {
    let keys = Keys::made("20260101T000000Z");
    let endpoint = Endpoint::serving(Some(keys.published())).await;
    let trust = trust(&[("auth", &endpoint, "access")]);
    let token = keys.good("auth");
    for _ in 0..3 {
        assert_eq!(status(&trust, &token, Use::Access).await, 200);
        assert_eq!(status(&trust, &token, Use::Service).await, 401, "verified for another use");
    }
    *endpoint.body.lock().unwrap() = Some(Keys::made("20260102T000000Z").published());
    trust.refresh().await;
    assert_eq!(status(&trust, &token, Use::Access).await, 401);
}

#[tokio::test]
async fn a_token_that_was_verified_ends_all_the_same() {
    let keys = Keys::made("20260101T000000Z");
    let endpoint = Endpoint::serving(Some(keys.published())).await;
    let trust = trust(&[("auth", &endpoint, "access")]);
    let from = SystemClock.now() - TimeDelta::hours(1);
    let token = keys.token("auth", Use::Access, from, TimeDelta::hours(1) - TimeDelta::seconds(28));
    for _ in 0..3 {
        assert_eq!(status(&trust, &token, Use::Access).await, 200, "within what clocks may differ by");
    }
    let ended = async || status(&trust, &token, Use::Access).await == 401;
    eventually(Duration::from_secs(10), "it ends", ended).await;
}

#[tokio::test]
async fn other_algorithms_are_not_taken() {
    let keys = Keys::made("20260101T000000Z");
    let endpoint = Endpoint::serving(Some(keys.published())).await;
    let trust = trust(&[("auth", &endpoint, "access")]);
    let good = keys.good("auth");
    assert_eq!(status(&trust, &good, Use::Access).await, 200);
    let public = serde_json::to_value(keys.keys.jwks().unwrap()).unwrap()["keys"][0]["x"].clone();
    let public = public.as_str().unwrap();
    let raw = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, public).unwrap();
    let claims = claims("auth", Use::Access, SystemClock.now(), TimeDelta::hours(1));
    for secret in [public.as_bytes(), &raw] {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let header = Header { kid: Some("20260101T000000Z".into()), ..Header::new(algorithm) };
            let forged = encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap();
            assert_eq!(status(&trust, &forged, Use::Access).await, 401, "{algorithm:?}");
        }
    }
    let (_, body) = good.split_once('.').unwrap();
    let none = base64::Engine::encode(
        &base64::prelude::BASE64_URL_SAFE_NO_PAD,
        br#"{"alg":"none","kid":"20260101T000000Z"}"#,
    );
    for forged in [format!("{none}.{body}"), format!("{none}.{}.", body.split('.').next().unwrap())] {
        assert_eq!(status(&trust, &forged, Use::Access).await, 401);
    }
}
