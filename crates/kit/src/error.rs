//! What goes wrong, told twice: a code (and field) for the client, a cause for the log.

use std::borrow::Cow;
use std::fmt;

/// One line of the error-code table: the name that clients see, its HTTP status and what it means.
///
/// A `{field}` in the name is replaced by the name of the field at fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// What stands in `message`, for example `errMsg_{field}IsRequired`.
    pub name: &'static str,
    /// The HTTP status, which is also `status` and `errCode`.
    pub status: u16,
    /// One sentence for the reader of `docs/errors.md`; the default `detail`.
    pub meaning: &'static str,
}

/// Declares error codes as statics and lists them, so that a test can compare them with `docs/errors.md`.
#[macro_export]
macro_rules! codes {
    ($($ident:ident = $status:literal $name:literal $meaning:literal;)+) => {
        $(#[doc = $meaning] pub static $ident: $crate::Code =
            $crate::Code { name: $name, status: $status, meaning: $meaning };)+
        /// Every code declared here, in the order of the table.
        pub static CODES: &[&$crate::Code] = &[$(&$ident),+];
    };
}
codes! {
    REQUIRED = 400 "errMsg_{field}IsRequired" "The field is missing, null, empty or blank.";
    NOT_AN_ID = 400 "errMsg_{field}IsNotAValidID" "The field must be an id: a UUID, or a cuid2 where inbox makes them.";
    NOT_TEXT = 400 "errMsg_{field}IsNotAValidText" "The field must be a string without NUL characters.";
    TOO_LONG = 400 "errMsg_{field}IsTooLong" "The text has more characters than the field takes.";
    NOT_A_BOOLEAN = 400 "errMsg_{field}IsNotAValidBoolean" "The field must be true or false.";
    NOT_A_DATE = 400 "errMsg_{field}IsNotAValidDate" "The field must be an RFC 3339 date and time that exists.";
    NOT_VALID = 400 "errMsg_{field}IsNotValid" "The value is not among those that the field takes.";
    BODY_NOT_JSON = 400 "errMsg_bodyIsNotValidJson" "The body is not well-formed JSON in UTF-8.";
    BODY_NOT_AN_OBJECT = 400 "errMsg_bodyIsNotAnObject" "The body must be a JSON object.";
    BAD_REQUEST = 400 "errMsg_requestIsNotValid" "The request could not be understood.";
    TOO_MANY_ROWS = 400 "errMsg_tooManyRows" "pageNumber=0 asks for all rows, and there are more than 1,000.";
    UNAUTHENTICATED = 401 "errMsg_userNotAuthenticated" "There is no access token, or it is not valid here.";
    TOKEN_EXPIRED = 401 "errMsg_tokenIsExpired" "The access token has expired; refresh it.";
    FORBIDDEN = 403 "errMsg_notAllowed" "The caller may not do this.";
    NOT_FOUND = 404 "errMsg_notFound" "There is no such route or object.";
    METHOD_NOT_ALLOWED = 405 "errMsg_methodNotAllowed" "The route exists, but not with this method.";
    BODY_TIMED_OUT = 408 "errMsg_bodyTimedOut" "The body did not arrive in time.";
    REQUEST_TIMED_OUT = 408 "errMsg_requestTimedOut" "The head of the request did not arrive in time.";
    KEY_REUSED = 409 "errMsg_idempotencyKeyIsReused" "The Idempotency-Key was used with another request.";
    RECORD_VERSION_STALE = 409 "errMsg_recordVersionIsStale" "If-Match names another recordVersion than the current one.";
    BODY_TOO_LARGE = 413 "errMsg_bodyIsTooLarge" "The body is larger than this route takes.";
    NOT_JSON = 415 "errMsg_contentTypeIsNotJson" "The body must be application/json.";
    HEAD_TOO_LARGE = 431 "errMsg_headersAreTooLarge" "The head of the request is larger than 128 KiB.";
    INTERNAL = 500 "errMsg_internalServerError" "Something is wrong on our side; the request id finds it in the log.";
    UNAVAILABLE = 503 "errMsg_serviceIsUnavailable" "The service cannot answer now; try again.";
    OVERLOADED = 503 "errMsg_serviceIsOverloaded" "Too many requests wait already; try again.";
}

/// What a request comes to when it does not succeed.
#[derive(Debug)]
pub struct Error {
    code: &'static Code,
    field: Option<Cow<'static, str>>,
    detail: Cow<'static, str>,
    retry_after: Option<u64>,
    cause: Option<String>,
    retry: bool,
}

/// The result of everything that can become an HTTP answer.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The error of a code, with the code's meaning as its detail.
    #[must_use]
    pub fn new(code: &'static Code) -> Self {
        let detail = Cow::Borrowed(code.meaning);
        Self { code, field: None, detail, retry_after: None, cause: None, retry: false }
    }

    /// The error of a code whose name holds `{field}`.
    #[must_use]
    pub fn field(code: &'static Code, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code) }
    }

    /// A fault of ours: 500 for the client, `cause` for the log.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(&INTERNAL).because(cause)
    }

    /// A dependency is away: 503 for the client, `cause` for the log.
    #[must_use]
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::new(&UNAVAILABLE).because(cause)
    }

    /// Replaces the text for the client's developer.
    #[must_use]
    pub fn detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Adds what only the log may say.
    #[must_use]
    pub fn because(self, cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    /// Adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Marks a failure of the transaction that another try may not have (40001, 40P01).
    pub(crate) fn worth_retrying(self) -> Self {
        Self { retry: true, ..self }
    }

    pub(crate) fn is_worth_retrying(&self) -> bool {
        self.retry
    }

    /// The line of the error-code table.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.code
    }

    /// The code as the client sees it, its field filled in.
    #[must_use]
    pub fn message(&self) -> String {
        self.code.name.replace("{field}", self.field.as_deref().unwrap_or("request"))
    }

    /// The text for the client's developer.
    #[must_use]
    pub fn detail_text(&self) -> &str {
        &self.detail
    }

    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.status, self.message())?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_names_the_field() {
        assert_eq!(
            Error::field(&NOT_AN_ID, "conversationId").message(),
            "errMsg_conversationIdIsNotAValidID"
        );
    }

    #[test]
    fn the_cause_is_for_the_log_only() {
        let error = Error::internal("password=hunter2");
        assert!(error.to_string().contains("hunter2"));
        assert!(!error.message().contains("hunter2") && !error.detail_text().contains("hunter2"));
    }
}
