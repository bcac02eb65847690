//! Whose signature is good for what: the trust list, with the public keys of each issuer fetched and cached.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::error::{TOKEN_EXPIRED, UNAUTHENTICATED};
use crate::settings::TrustSettings;
use crate::{Claims, Clock as _, Error, Result, SystemClock, Use};

mod verified;

use verified::Verified;

/// Clocks may differ by this much, in seconds.
const LEEWAY: u32 = 30;
/// An unknown `kid` asks the issuers again, but not more often than this: junk must not become load.
const REFETCH_PAUSE: Duration = Duration::from_secs(30);
/// While an issuer has never answered it is asked this often.
const FIRST_FETCH_PAUSE: Duration = Duration::from_secs(1);

/// The trust list of a service in one environment.
pub struct Trust {
    environment: String,
    http: reqwest::Client,
    issuers: Vec<Issuer>,
    verified: Verified,
}

#[derive(Clone, Deserialize)]
struct Iss {
    iss: String,
}

struct Issuer {
    name: String,
    jwks_url: String,
    uses: HashSet<Use>,
    keys: RwLock<Keys>,
    fetched: Mutex<Option<Instant>>,
}

/// What an issuer published, and its keys by `kid`.
#[derive(Default)]
struct Keys {
    published: JwkSet,
    by_kid: HashMap<String, DecodingKey>,
}

impl Trust {
    /// The trust list as settings have it. No key is fetched yet.
    #[must_use]
    pub fn new(environment: &str, issuers: &BTreeMap<String, TrustSettings>, http: reqwest::Client) -> Self {
        let issuers = issuers.iter().map(|(name, settings)| Issuer::new(name, settings)).collect();
        Self { environment: environment.to_owned(), http, issuers, verified: Verified::default() }
    }

    /// What a token says, if it was signed by somebody trusted with this use, for this environment, and is valid now.
    ///
    /// # Errors
    /// 401 whatever is wrong with the token; 503 when no key of its issuer could be fetched yet.
    pub async fn verify<T: DeserializeOwned + Clone>(&self, token: &str, typ: Use) -> Result<Claims<T>> {
        let fingerprint = Verified::fingerprint(token, typ);
        match self.verified.look_up(&fingerprint) {
            Ok(()) => read_again(token),
            Err(epoch) => {
                let claims = self.verify_anew(token, typ).await?;
                self.verified.keep(fingerprint, epoch);
                Ok(claims)
            }
        }
    }

    async fn verify_anew<T: DeserializeOwned + Clone>(&self, token: &str, typ: Use) -> Result<Claims<T>> {
        let header = decode_header(token).map_err(|_| Error::new(&UNAUTHENTICATED))?;
        let kid =
            header.kid.filter(|_| header.alg == Algorithm::EdDSA).ok_or(Error::new(&UNAUTHENTICATED))?;
        let issuer = self.issuer(token, typ).ok_or(Error::new(&UNAUTHENTICATED))?;
        let key = self.key(issuer, &kid).await?;
        let claims = decode(token, &key, &self.validation(issuer, typ)).map_err(|error| refuse(&error))?;
        Some(claims)
            .filter(|token: &TokenData<Claims<T>>| token.claims.typ == typ)
            .map(|token| token.claims)
            .ok_or(Error::new(&UNAUTHENTICATED))
    }

    /// Who says to have signed it, if trusted with the use. Nothing is believed yet: it only picks the keys to try,
    /// since a `kid` is a time, and two issuers may well have made a key in the same second.
    fn issuer(&self, token: &str, typ: Use) -> Option<&Issuer> {
        let iss = insecure_decode_claims::<Iss>(token).ok()?.iss;
        self.issuers.iter().find(|issuer| issuer.name == iss && issuer.uses.contains(&typ))
    }

    fn validation(&self, issuer: &Issuer, typ: Use) -> Validation {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY.into();
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_audience(&[typ.audience(&self.environment)]);
        validation.set_issuer(&[&issuer.name]);
        validation
    }

    /// The issuer's key of that `kid`.
    async fn key(&self, issuer: &Issuer, kid: &str) -> Result<DecodingKey> {
        if let Some(known) = issuer.key(kid) {
            return Ok(known);
        }
        if !issuer.fetch_if_due(&self.http, &self.verified).await {
            return Err(Error::unavailable(format!("no keys of {} yet", issuer.name)));
        }
        issuer.key(kid).ok_or(Error::new(&UNAUTHENTICATED))
    }

    /// Fetches every issuer's keys, so that a new one is known before it signs.
    pub async fn refresh(&self) {
        for issuer in &self.issuers {
            issuer.fetch(&self.http, &self.verified).await;
        }
    }
}

/// What a token says that was verified before: of all that makes it good, only its end can have come since.
fn read_again<T: DeserializeOwned>(token: &str) -> Result<Claims<T>> {
    let claims: Claims<T> = insecure_decode_claims(token).map_err(|_| Error::new(&UNAUTHENTICATED))?;
    let ended = claims.exp.saturating_add(LEEWAY.into()) < SystemClock.now().timestamp();
    if ended { Err(Error::new(&TOKEN_EXPIRED)) } else { Ok(claims) }
}

fn refuse(error: &jsonwebtoken::errors::Error) -> Error {
    match error.kind() {
        ErrorKind::ExpiredSignature => Error::new(&TOKEN_EXPIRED),
        _ => Error::new(&UNAUTHENTICATED),
    }
}

impl Issuer {
    fn new(name: &str, settings: &TrustSettings) -> Self {
        Self {
            name: name.to_owned(),
            jwks_url: settings.jwks_url.clone(),
            uses: settings.uses.iter().filter_map(|name| Use::parse(name)).collect(),
            keys: RwLock::default(),
            fetched: Mutex::default(),
        }
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).by_kid.get(kid).cloned()
    }

    fn has_answered(&self) -> bool {
        !self.keys.read().unwrap_or_else(PoisonError::into_inner).by_kid.is_empty()
    }

    /// Fetches unless that was done just now; whether the issuer has ever answered. Twins wait for the first.
    async fn fetch_if_due(&self, http: &reqwest::Client, verified: &Verified) -> bool {
        let mut fetched = self.fetched.lock().await;
        let pause = if self.has_answered() { REFETCH_PAUSE } else { FIRST_FETCH_PAUSE };
        if fetched.is_none_or(|at| at.elapsed() >= pause) {
            self.fetch(http, verified).await;
            *fetched = Some(Instant::now());
        }
        self.has_answered()
    }

    /// What was verified by keys that are no longer the same is verified again.
    async fn fetch(&self, http: &reqwest::Client, verified: &Verified) {
        match self.ask(http).await {
            Ok(published) => {
                let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                if keys.published != published {
                    *keys = Keys::of(published);
                    verified.forget();
                }
            }
            Err(error) => log::warn!("keys of {} not fetched: {error}", self.name),
        }
    }

    async fn ask(&self, http: &reqwest::Client) -> std::result::Result<JwkSet, reqwest::Error> {
        http.get(&self.jwks_url).send().await?.error_for_status()?.json().await
    }
}

impl Keys {
    fn of(published: JwkSet) -> Self {
        let keyed = published
            .keys
            .iter()
            .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)));
        Self { by_kid: keyed.collect(), published }
    }
}
