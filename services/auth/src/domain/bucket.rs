//! Which buckets a user may use, as a bucket token says it.

use files::{BucketClaims, private_bucket_of, public_bucket_of};
use kit::{Role, UserId};

/// The bucket that admins write and all read.
const COMMON: &str = "banter-public-common-bucket";

/// Read and write on both buckets of a user.
#[must_use]
pub fn of_user(user: UserId) -> BucketClaims {
    BucketClaims::both(&[public_bucket_of(user), private_bucket_of(user)])
}

/// Read and write on the deployment's common bucket: for admins.
#[must_use]
pub fn of_application(role: Role) -> Option<BucketClaims> {
    role.is_admin().then(|| BucketClaims::both(&[COMMON.to_owned()]))
}

#[cfg(test)]
mod tests {
    use files::Mode;

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
