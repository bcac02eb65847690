//! Buckets: their names say whose they are, who may speak for them, and whether everybody may read them.

use std::fmt;

use files::{BucketGrant, Mode};
use uuid::Uuid;

use crate::Refusal;

/// The bucket that admins write and all read.
const COMMON: &str = "banter-public-common-bucket";
/// Private buckets by the prefix of their names, and the service whose word is good for them.
const OWNED: [(&str, &str); 3] =
    [("conversation-", "messaging"), ("thread-", "conversation"), ("inbox-", "inbox")];
/// The service that speaks for users' buckets and the common one.
const AUTH: &str = "auth";
/// What stands behind a prefix is an id: a UUID or a cuid2.
const ID_LENGTH: std::ops::RangeInclusive<usize> = 20..=36;

/// The name of a bucket, which no two buckets share and which is all that there is to a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketName {
    name: String,
    issuer: &'static str,
    is_public: bool,
}

impl BucketName {
    /// Reads a name. Only names of a known kind are names.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (issuer, is_public) = kind(text).ok_or(Refusal::NotABucket)?;
        Ok(Self { name: text.to_owned(), issuer, is_public })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether it belongs to a thread or a conversation, whose messages carry its files.
    #[must_use]
    pub fn is_of_a_place(&self) -> bool {
        self.issuer != AUTH
    }

    /// Whether everybody may read what is in it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_public
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Who speaks for a bucket of that name, and whether it is public.
fn kind(text: &str) -> Option<(&'static str, bool)> {
    if text == COMMON {
        return Some((AUTH, true));
    }
    for (suffix, is_public) in [("-public-user-bucket", true), ("-private-user-bucket", false)] {
        if let Some(user) = text.strip_suffix(suffix) {
            return is_canonical_uuid(user).then_some((AUTH, is_public));
        }
    }
    let (prefix, issuer) = OWNED.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let id = text.strip_prefix(prefix)?;
    let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (plain && ID_LENGTH.contains(&id.len())).then_some((*issuer, false))
}

/// Two spellings of one id would be two buckets.
fn is_canonical_uuid(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|uuid| uuid.to_string() == text)
}

/// Whoever showed a bucket token: what it allows, and in whose name.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The service that signed the token.
    pub issuer: String,
    /// Whom it speaks for.
    pub subject: String,
    /// All that it allows, if its issuer may allow it.
    pub grants: Vec<BucketGrant>,
}

impl Bearer {
    /// Whether this may be done. A service's word is good for buckets of its own kind only.
    ///
    /// # Errors
    /// When it may not.
    pub fn may(&self, mode: Mode, bucket: &BucketName) -> Result<(), Refusal> {
        let granted = |grant: &BucketGrant| grant.mode == mode && grant.bucket == bucket.name;
        let good = self.issuer == bucket.issuer && self.grants.iter().any(granted);
        if good { Ok(()) } else { Err(Refusal::OtherBucket) }
    }

    /// Whether there is any bucket that it may write, as far as can be told before one is named.
    ///
    /// # Errors
    /// When there is none.
    pub fn may_write_any(&self) -> Result<(), Refusal> {
        let written = self.grants.iter().filter(|grant| grant.mode == Mode::Write);
        let mut buckets = written.filter_map(|grant| BucketName::parse(&grant.bucket).ok());
        if buckets.any(|bucket| bucket.issuer == self.issuer) { Ok(()) } else { Err(Refusal::OtherBucket) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f2f6e-7c1a-7abc-8def-0123456789ab";

    fn bearer(issuer: &str, grants: &[(&str, Mode)]) -> Bearer {
        let grant = |(bucket, mode): &(&str, Mode)| BucketGrant { bucket: (*bucket).to_owned(), mode: *mode };
        Bearer { issuer: issuer.into(), subject: ID.into(), grants: grants.iter().map(grant).collect() }
    }

    #[test]
    fn names_of_a_known_kind_are_names() {
        for (name, public) in [
            (COMMON.to_owned(), true),
            (format!("{ID}-public-user-bucket"), true),
            (format!("{ID}-private-user-bucket"), false),
            (format!("conversation-{ID}"), false),
            ("inbox-tz4a98xxat96iws9zmbrgj3a".to_owned(), false),
        ] {
            assert_eq!(BucketName::parse(&name).unwrap().is_public(), public, "{name}");
        }
        for bad in [
            String::new(),
            "x".into(),
            "-public-user-bucket".into(),
            format!("{}-public-user-bucket", ID.to_uppercase()),
            format!("{}-public-user-bucket", ID.replace('-', "")),
            "conversation-".into(),
            format!("conversation-../{ID}"),
            format!("thread-{ID}{ID}"),
            format!("other-{ID}"),
        ] {
            assert_eq!(BucketName::parse(&bad), Err(Refusal::NotABucket), "{bad}");
        }
    }

    #[test]
    fn a_token_is_good_for_its_buckets_and_rights() {
        let (own, other) = (format!("{ID}-public-user-bucket"), format!("{ID}-private-user-bucket"));
        let [own, other] = [own, other].map(|name| BucketName::parse(&name).unwrap());
        let reader = bearer("auth", &[(own.as_str(), Mode::Read)]);
        assert_eq!(reader.may(Mode::Read, &own), Ok(()));
        assert_eq!(reader.may(Mode::Write, &own), Err(Refusal::OtherBucket));
        assert_eq!(reader.may(Mode::Read, &other), Err(Refusal::OtherBucket));
        assert_eq!(reader.may_write_any(), Err(Refusal::OtherBucket));
    }

    #[test]
    fn a_service_speaks_for_its_own_buckets_only() {
        let (thread, conversation) = (format!("thread-{ID}"), format!("conversation-{ID}"));
        let grants = [(thread.as_str(), Mode::Write), (conversation.as_str(), Mode::Write)];
        let [thread, conversation] = [&thread, &conversation].map(|name| BucketName::parse(name).unwrap());
        for (issuer, for_thread, for_conversation) in
            [("conversation", true, false), ("messaging", false, true), ("auth", false, false)]
        {
            let bearer = bearer(issuer, &grants);
            assert_eq!(bearer.may(Mode::Write, &thread).is_ok(), for_thread, "{issuer}");
            assert_eq!(bearer.may(Mode::Write, &conversation).is_ok(), for_conversation, "{issuer}");
            assert_eq!(bearer.may_write_any().is_ok(), issuer != "auth", "{issuer}");
        }
    }
}
