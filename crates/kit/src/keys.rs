//! A service's own signing keys: a directory of Ed25519 keys, of which one signs and all are published.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use chrono::{DateTime, NaiveDateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

use crate::settings::SettingsError;
use crate::{Error, Result};

mod directory;

pub use directory::{Rotation, ensure, rotate};

/// How a key's id tells the time from which it signs.
const FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// The keys in `BANTER__KEYS__DIR`, each a PKCS#8 PEM file named `<kid>.pem` with kid = the UTC time (`20260131T120000Z`)
/// from which it signs. The newest whose time has come signs. A key is published before its time, so that every verifier
/// has it when the first token signed with it arrives: put it there a minute ahead or more. One that no longer signs stays
/// until the last token that it signed has expired.
pub struct SigningKeys {
    dir: PathBuf,
    keys: RwLock<Vec<SigningKey>>,
}

struct SigningKey {
    signs_from: DateTime<Utc>,
    kid: String,
    key: EncodingKey,
}

impl SigningKeys {
    /// Reads the directory.
    ///
    /// # Errors
    /// When it holds no key or one that is not Ed25519.
    pub fn load(dir: &Path) -> std::result::Result<Self, SettingsError> {
        let keys = read_dir(dir).map_err(|problem| SettingsError::at("keys.dir", problem))?;
        Ok(Self { dir: dir.to_owned(), keys: RwLock::new(keys) })
    }

    /// Reads the directory again; what was read before stays when that fails.
    pub fn reload(&self) {
        match read_dir(&self.dir) {
            Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys,
            Err(problem) => log::warn!("signing keys not read again: {problem}"),
        }
    }

    /// Signs claims with the key of the hour.
    ///
    /// # Errors
    /// Internal, when the claims cannot be written as JSON.
    pub fn sign<T: Serialize>(&self, claims: &T, now: DateTime<Utc>) -> Result<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let due = keys.iter().rfind(|key| key.signs_from <= now).or_else(|| keys.first());
        let key = due.ok_or_else(|| Error::internal("there is no signing key"))?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &key.key).map_err(Error::internal)
    }

    /// The public halves, as `/.well-known/jwks.json` shows them.
    ///
    /// # Errors
    /// Internal, when a public key cannot be derived.
    pub fn jwks(&self) -> Result<JwkSet> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let public = keys.iter().map(public_half).collect::<std::result::Result<_, _>>();
        public.map(|keys| JwkSet { keys }).map_err(Error::internal)
    }
}

fn public_half(key: &SigningKey) -> jsonwebtoken::errors::Result<Jwk> {
    let mut jwk = Jwk::from_encoding_key(&key.key, Algorithm::EdDSA)?;
    jwk.common.key_id = Some(key.kid.clone());
    Ok(jwk)
}

/// The keys of a directory, oldest first.
fn read_dir(dir: &Path) -> std::result::Result<Vec<SigningKey>, String> {
    let entries = fs::read_dir(dir).map_err(|error| format!("cannot be read: {error}"))?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let pem_files = files.filter(|path| path.extension().is_some_and(|extension| extension == "pem"));
    let mut keys = pem_files.map(|path| read_key(&path)).collect::<std::result::Result<Vec<_>, _>>()?;
    keys.sort_by(|a, b| a.kid.cmp(&b.kid));
    if keys.is_empty() { Err("holds no <kid>.pem".into()) } else { Ok(keys) }
}

fn read_key(path: &Path) -> std::result::Result<SigningKey, String> {
    let kid = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    let time = NaiveDateTime::parse_from_str(&kid, FORMAT);
    let signs_from =
        time.map_err(|_| format!("{kid}.pem: the name is no time such as 20260131T120000Z"))?.and_utc();
    let pem = fs::read(path).map_err(|error| format!("{kid}.pem: {error}"))?;
    let key = EncodingKey::from_ed_pem(&pem).map_err(|error| format!("{kid}.pem: {error}"))?;
    Ok(SigningKey { signs_from, kid, key })
}

/// A new Ed25519 key as PKCS#8 PEM: the content of a `<kid>.pem`.
///
/// # Errors
/// Internal, when the machine has no randomness.
pub fn generate_pem() -> Result<String> {
    let key = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let der = key.to_pkcs8v1().map_err(Error::internal)?;
    let text = BASE64.encode(der.as_ref());
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}
