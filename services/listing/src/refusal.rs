//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::error::{FORBIDDEN, NOT_VALID};
use kit::{Error, codes};

codes! {
    EXPIRES_IN_THE_PAST = 400 "errMsg_expiresAtIsInThePast" "What is on offer ends in the future, or not at all.";
    USER_IS_NOT_THE_CALLER = 403 "errMsg_userIdIsNotTheCaller" "A listing is made in the caller's own name.";
    LISTING_NOT_FOUND = 404 "errMsg_listingIsNotFound" "There is no such listing.";
}

/// Why a rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An end that has passed.
    ExpiresInThePast,
    /// A status that only time sets.
    ExpiresByItself,
    /// A listing in another's name.
    UserIsNotTheCaller,
    /// A listing that is not there, not any more, or not for the caller.
    ListingNotFound,
    /// Another's listing, or a status that is not the caller's to set.
    NotAllowed,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ExpiresInThePast => Self::new(&EXPIRES_IN_THE_PAST),
            Refusal::ExpiresByItself => {
                Self::field(&NOT_VALID, "status").detail("A listing expires by itself, at expiresAt.")
            }
            Refusal::UserIsNotTheCaller => Self::new(&USER_IS_NOT_THE_CALLER),
            Refusal::ListingNotFound => Self::new(&LISTING_NOT_FOUND),
            Refusal::NotAllowed => Self::new(&FORBIDDEN),
        }
    }
}
