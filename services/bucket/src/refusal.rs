//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::error::{FORBIDDEN, NOT_VALID, UNAUTHENTICATED};
use kit::{Error, codes};

codes! {
    NOT_MULTIPART = 415 "errMsg_contentTypeIsNotMultipart" "The body must be multipart/form-data.";
    MULTIPART_BROKEN = 400 "errMsg_bodyIsNotValidMultipart" "The body is not well-formed multipart/form-data, or ends too early.";
    FILE_NOT_FOUND = 404 "errMsg_fileIsNotFound" "There is no such file.";
    LIMIT_EXCEEDED = 413 "errMsg_{field}LimitIsExceeded" "There is more than the limit of that name allows.";
    UPLOAD_TOOK_TOO_LONG = 408 "errMsg_uploadTookTooLong" "The upload was not complete in time.";
    RANGE_NOT_SATISFIABLE = 416 "errMsg_rangeIsNotSatisfiable" "The file has no such bytes; Content-Range tells its size.";
    STORAGE_UNAVAILABLE = 503 "errMsg_storageIsUnavailable" "Files cannot be stored or read now; try again.";
}

/// Why a rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No bucket can have that name.
    NotABucket,
    /// The token is for another bucket, or does not allow this.
    OtherBucket,
    /// A link that is not ours, for another file, or no longer good.
    BadLink,
    /// A file that is not there, or not any more.
    FileNotFound,
    /// More than a limit allows: its name, and how much it is.
    Beyond(&'static str, u64),
    /// An upload whose time is over.
    TookTooLong,
    /// Bytes that the file does not have.
    NoSuchRange,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotABucket => Self::field(&NOT_VALID, "bucketId").detail("No bucket has such a name."),
            Refusal::OtherBucket => {
                Self::new(&FORBIDDEN).detail("The bucket token does not allow this with this bucket.")
            }
            Refusal::BadLink => Self::new(&UNAUTHENTICATED).detail("The link has expired, or is not valid."),
            Refusal::FileNotFound => Self::new(&FILE_NOT_FOUND),
            Refusal::Beyond(limit, most) => {
                let detail = format!("The limit \"{limit}\" is {most}.");
                Self::field(&LIMIT_EXCEEDED, camel(limit)).detail(detail)
            }
            Refusal::TookTooLong => Self::new(&UPLOAD_TOOK_TOO_LONG),
            Refusal::NoSuchRange => Self::new(&RANGE_NOT_SATISFIABLE),
        }
    }
}

/// `file_bytes` is `fileBytes` in a code.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        text + &head.to_ascii_uppercase() + tail
    })
}
