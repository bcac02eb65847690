//! Who visitors are, as a company vouches for it: a JWT that its server signs with the inbox's secret.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use kit::is_web_address;
use serde::Deserialize;

use crate::domain::ids::InboxId;

/// How far ahead the end of an identity may be, in seconds, so that one that leaks is not good for ever.
const LONGEST: i64 = 24 * 3_600;
/// Clocks may differ by this much, in seconds.
const LEEWAY: i64 = 30;
/// The longest text in it, in characters.
const MAX_TEXT: usize = 320;
const MAX_URL: usize = 2_000;

/// A visitor as the company knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The company's own name for them.
    pub identifier: String,
    /// What to call them.
    pub name: Option<String>,
    /// Where they get e-mail.
    pub email: Option<String>,
    /// The URL of their picture.
    pub avatar: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    aud: Option<Audience>,
    name: Option<String>,
    email: Option<String>,
    avatar: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, inbox: InboxId) -> bool {
        match self {
            Self::One(one) => one == inbox.as_str(),
            Self::Several(several) => several.iter().any(|one| one == inbox.as_str()),
        }
    }
}

/// Reads an identity that is shown to an inbox.
///
/// # Errors
/// What is wrong with it, for the company's developer.
pub fn read(token: &str, secret: &str, inbox: InboxId, now: DateTime<Utc>) -> Result<Identity, &'static str> {
    let mut validation = Validation::new(Algorithm::HS256);
    // The times are checked below, by a clock that tests can set.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.set_required_spec_claims(&["sub", "exp"]);
    let key = DecodingKey::from_secret(secret.as_bytes());
    let claims: Claims = decode(token, &key, &validation)
        .map_err(|_| "It is no JWT with sub and exp, signed with the inbox's identitySecret by HS256.")?
        .claims;
    // Whole seconds, which saturate: a claim may be any number.
    let now = now.timestamp();
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err("It has expired.");
    }
    if claims.exp.saturating_sub(LEEWAY) > now + LONGEST {
        return Err("exp is more than 24 hours ahead.");
    }
    if claims.nbf.is_some_and(|begin| begin.saturating_sub(LEEWAY) > now) {
        return Err("It is not valid yet.");
    }
    if claims.aud.is_some_and(|audience| !audience.has(inbox)) {
        return Err("aud is another inbox.");
    }
    Ok(Identity {
        identifier: text(Some(claims.sub), MAX_TEXT)?.ok_or("sub is blank.")?,
        name: text(claims.name, 100)?,
        email: text(claims.email, MAX_TEXT)?,
        avatar: avatar(claims.avatar)?,
    })
}

fn text(given: Option<String>, max: usize) -> Result<Option<String>, &'static str> {
    let given = given.filter(|text| !text.trim().is_empty());
    match &given {
        Some(text) if text.contains('\0') || text.chars().nth(max).is_some() => {
            Err("A text in it is too long.")
        }
        _ => Ok(given),
    }
}

fn avatar(given: Option<String>) -> Result<Option<String>, &'static str> {
    let given = text(given, MAX_URL)?;
    let is_good = given.as_deref().is_none_or(is_web_address);
    if is_good { Ok(given) } else { Err("avatar is no http or https address.") }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;

    fn token(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    #[test]
    fn who_is_vouched_for_is_known() {
        let (now, inbox) = (DateTime::from_timestamp(1_800_000_000, 0).unwrap(), InboxId::draw());
        let exp = now.timestamp() + 3_600;
        let full =
            json!({ "sub": "u-7", "exp": exp, "aud": inbox, "name": "Mia", "email": "mia@example.com" });
        let found = read(&token(Algorithm::HS256, "s", &full), "s", inbox, now).unwrap();
        assert_eq!((found.identifier.as_str(), found.name.as_deref()), ("u-7", Some("Mia")));
        for claims in
            [json!({ "sub": "u", "exp": exp }), json!({ "sub": "u", "exp": exp, "aud": ["x", inbox] })]
        {
            assert!(read(&token(Algorithm::HS256, "s", &claims), "s", inbox, now).is_ok(), "{claims}");
        }
    }

    #[test]
    fn whatever_else_comes_is_refused() {
        let (now, inbox) = (DateTime::from_timestamp(1_800_000_000, 0).unwrap(), InboxId::draw());
        let seconds = now.timestamp();
        for claims in [
            json!({ "sub": "u" }),
            json!({ "exp": seconds + 60 }),
            json!({ "sub": "", "exp": seconds + 60 }),
            json!({ "sub": 7, "exp": seconds + 60 }),
            json!({ "sub": "u\u{0}", "exp": seconds + 60 }),
            json!({ "sub": "u".repeat(400), "exp": seconds + 60 }),
            json!({ "sub": "u", "exp": seconds - 60 }),
            json!({ "sub": "u", "exp": seconds + 25 * 3_600 }),
            json!({ "sub": "u", "exp": i64::MAX }),
            // The last second that a date can have.
            json!({ "sub": "u", "exp": 8_210_266_876_799_i64 }),
            json!({ "sub": "u", "exp": seconds + 60, "nbf": i64::MAX }),
            json!({ "sub": "u", "exp": "soon" }),
            json!({ "sub": "u", "exp": seconds + 60, "nbf": seconds + 600 }),
            json!({ "sub": "u", "exp": seconds + 60, "aud": InboxId::draw() }),
            json!({ "sub": "u", "exp": seconds + 60, "aud": [] }),
            json!({ "sub": "u", "exp": seconds + 60, "avatar": "javascript:alert(1)" }),
        ] {
            assert!(read(&token(Algorithm::HS256, "s", &claims), "s", inbox, now).is_err(), "{claims}");
        }
        let good = json!({ "sub": "u", "exp": seconds + 60 });
        assert!(read(&token(Algorithm::HS256, "other", &good), "s", inbox, now).is_err());
        assert!(read(&token(Algorithm::HS512, "s", &good), "s", inbox, now).is_err());
        for junk in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1IiwiZXhwIjoxODAwMDAwMDYwfQ."] {
            assert!(read(junk, "s", inbox, now).is_err(), "{junk}");
        }
    }
}
