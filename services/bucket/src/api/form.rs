//! `multipart/form-data`, part by part and piece by piece.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use kit::error::{BODY_TIMED_OUT, NOT_TEXT, TOO_LONG};
use kit::{Error, Result};
use tokio::time::timeout;

use crate::Refusal;
use crate::api::body::UploadBody;
use crate::refusal::{MULTIPART_BROKEN, NOT_MULTIPART};

/// A form that is being read. Its parts come in the client's order.
pub(crate) struct Form {
    multipart: Multipart,
    reading: Reading,
}

/// How its pieces come, and what it is when none does.
#[derive(Clone)]
struct Reading {
    body: UploadBody,
    most: u64,
    pause: Duration,
}

impl Form {
    /// Begins to read a form of at most `most` bytes, with no longer a pause in it than this.
    pub(crate) fn open(headers: &HeaderMap, body: UploadBody, most: u64, pause: Duration) -> Self {
        Self { multipart: Multipart::new(headers, body.clone()), reading: Reading { body, most, pause } }
    }

    /// The next part. What was not read of the last one is passed over.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>> {
        let field = self.reading.next(&mut self.multipart).await?;
        Ok(field.map(|field| Part { field, is_read: false, reading: self.reading.clone() }))
    }
}

/// A part of a form.
pub(crate) struct Part {
    field: Field,
    /// Whoever asks a field for more than there is makes it panic.
    is_read: bool,
    reading: Reading,
}

impl Part {
    /// The name of its field.
    pub(crate) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// What its file is called, as the client says.
    pub(crate) fn file_name(&self) -> String {
        let Some(disposition) = self.field.content_disposition() else { return String::new() };
        let extended =
            || disposition.get_filename_ext().map(|name| String::from_utf8_lossy(&name.value).into());
        disposition.get_filename().map(str::to_owned).or_else(extended).unwrap_or_default()
    }

    /// The next piece of its content.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>> {
        if self.is_read {
            return Ok(None);
        }
        let piece = self.reading.next(&mut self.field).await?;
        self.is_read = piece.is_none();
        Ok(piece)
    }

    /// Its content, as a short text.
    pub(crate) async fn text(&mut self, field: &'static str, most: usize) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > most {
                return Err(Error::field(&TOO_LONG, field).detail(format!("At most {most} bytes.")));
            }
        }
        String::from_utf8(bytes).map_err(|_| Error::field(&NOT_TEXT, field))
    }
}

impl Reading {
    async fn next<T>(
        &self,
        stream: &mut (impl Stream<Item = std::result::Result<T, MultipartError>> + Unpin),
    ) -> Result<Option<T>> {
        let next = timeout(self.pause, stream.next()).await.map_err(|_| Error::new(&BODY_TIMED_OUT))?;
        next.transpose().map_err(|error| self.complaint(&error))
    }

    fn complaint(&self, error: &MultipartError) -> Error {
        use MultipartError::{ContentTypeIncompatible, ContentTypeMissing, ContentTypeParse};
        match error {
            _ if self.body.is_too_large() => Refusal::Beyond("request_bytes", self.most).into(),
            ContentTypeIncompatible | ContentTypeMissing | ContentTypeParse => Error::new(&NOT_MULTIPART),
            error => Error::new(&MULTIPART_BROKEN).because(error),
        }
    }
}
