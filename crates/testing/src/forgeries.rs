//! Tokens that no service takes.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::{AccessClaims, Claims, Clock as _, Grant, Role, SystemClock, Use};
use serde_json::Value;

use crate::{ENVIRONMENT, Issuer, Person};

/// `{"alg":"none","typ":"JWT"}`
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

/// What is wrong with a token, and the token.
type Forgery = (&'static str, String);

impl Issuer {
    /// Tokens that are no access tokens of this person, though each is nearly one: every service answers 401
    /// `errMsg_userNotAuthenticated`.
    ///
    /// # Panics
    /// When they cannot be written.
    #[must_use]
    pub fn forgeries(&self, person: &Person) -> Vec<Forgery> {
        [self.badly_signed(person), self.meant_otherwise(person)].concat()
    }

    fn badly_signed(&self, person: &Person) -> Vec<Forgery> {
        let good = claims(person, "auth", ENVIRONMENT, Use::Access);
        let (head, rest) = person.token.split_once('.').unwrap();
        let (body, _) = rest.split_once('.').unwrap();
        vec![
            ("nothing", String::new()),
            ("garbage", "x.y.z".into()),
            ("unsigned", format!("{UNSIGNED}.{body}.")),
            ("tampered", format!("{head}.{body}.{}", "A".repeat(86))),
            ("another key", Self::start().sign(&good)),
            ("the public key as a secret", self.sign_with_public_half(&good)),
        ]
    }

    /// Signed well, but for something else.
    fn meant_otherwise(&self, person: &Person) -> Vec<Forgery> {
        let mixed = Claims { typ: Use::Bucket, ..claims(person, "auth", ENVIRONMENT, Use::Access) };
        let nobody = Claims { sub: "ada".into(), ..claims(person, "auth", ENVIRONMENT, Use::Access) };
        let early = SystemClock.now() + TimeDelta::minutes(5);
        vec![
            ("another environment", self.sign(&claims(person, "auth", "staging", Use::Access))),
            ("another use", self.sign(&claims(person, "auth", ENVIRONMENT, Use::Bucket))),
            ("audience and type differ", self.sign(&mixed)),
            ("another issuer's name", self.sign(&claims(person, "messaging", ENVIRONMENT, Use::Access))),
            ("no user", self.sign(&nobody)),
            ("not yet valid", self.access(person.id, person.session, Role::User, early)),
        ]
    }

    /// Takes in whoever lets the token say how it is to be verified.
    fn sign_with_public_half(&self, claims: &Claims<AccessClaims>) -> String {
        let jwks = self.jwks();
        let field = |name| jwks.pointer(name).and_then(Value::as_str).unwrap();
        let header = Header { kid: Some(field("/keys/0/kid").into()), ..Header::new(Algorithm::HS256) };
        encode(&header, claims, &EncodingKey::from_secret(field("/keys/0/x").as_bytes())).unwrap()
    }
}

fn claims(person: &Person, issuer: &str, environment: &str, typ: Use) -> Claims<AccessClaims> {
    let extra = AccessClaims { sid: person.session, role: Role::SaasAdmin };
    let grant = Grant { issuer, environment, typ, subject: person.id.to_string(), extra };
    Claims::new(grant, SystemClock.now(), TimeDelta::hours(1))
}
