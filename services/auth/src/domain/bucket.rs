//! Which buckets a user may use, as a bucket token says it.

use kit::{Role, UserId};
use serde::Serialize;

/// The bucket that admins write and all read.
const COMMON: &str = "banter-public-common-bucket";

/// What may be done with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Download and list.
    Read,
    /// Upload and delete.
    Write,
}

/// One thing that a bucket token allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketGrant {
    /// The bucket's name.
    pub bucket: String,
    /// What may be done with it.
    pub mode: Mode,
}

/// What a bucket token adds to the usual claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketClaims {
    /// All that it allows.
    pub grants: Vec<BucketGrant>,
}

/// Read and write on both buckets of a user.
#[must_use]
pub fn of_user(user: UserId) -> BucketClaims {
    both(&[format!("{user}-public-user-bucket"), format!("{user}-private-user-bucket")])
}

/// Read and write on the deployment's common bucket: for admins.
#[must_use]
pub fn of_application(role: Role) -> Option<BucketClaims> {
    role.is_admin().then(|| both(&[COMMON.to_owned()]))
}

fn both(buckets: &[String]) -> BucketClaims {
    let modes = [Mode::Read, Mode::Write];
    let grants = buckets
        .iter()
        .flat_map(|bucket| modes.into_iter().map(move |mode| BucketGrant { bucket: bucket.clone(), mode }));
    BucketClaims { grants: grants.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_two_buckets_and_only_admins_the_common_one() {
        let user = UserId::from(uuid::Uuid::from_u128(1));
        let buckets: Vec<_> =
            of_user(user).grants.into_iter().map(|grant| (grant.bucket, grant.mode)).collect();
        let (public, private) = (format!("{user}-public-user-bucket"), format!("{user}-private-user-bucket"));
        let all =
            [(&public, Mode::Read), (&public, Mode::Write), (&private, Mode::Read), (&private, Mode::Write)];
        assert_eq!(buckets, all.map(|(bucket, mode)| (bucket.clone(), mode)));
        for role in Role::ALL {
            assert_eq!(of_application(role).is_some(), role >= Role::Admin, "{role:?}");
        }
    }
}
