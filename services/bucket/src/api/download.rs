//! `GET` and `HEAD /bucket/download/{fileId}`

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError as _, route, web};
use futures_util::{StreamExt as _, stream};
use kit::openapi::ErrorEnvelope;
use kit::{Error, Result};

use crate::api::access::{self, file_in_path};
use crate::blob::Bytes;
use crate::domain::conditions::{Conditions, http_date};
use crate::domain::file::File;
use crate::domain::kind;
use crate::domain::name::disposition;
use crate::domain::range::{self, Span};
use crate::{Bucket, Refusal};

/// What it is goes for good: nobody asks again within a day.
const PUBLIC: &str = "public, max-age=86400, immutable";
/// Who may read it is asked each time.
const PRIVATE: &str = "private, no-cache";

/// Download a file.
///
/// What is public needs no token; a link from `POST /bucket/files/{fileId}/link` needs none either. One range of bytes
/// may be asked for. What a browser could run comes as an attachment.
#[utoipa::path(
    method(get, head), path = "/bucket/download/{fileId}",
    operation_id = "downloadFile", tag = "files", security(("bucketToken" = []), ()),
    params(
        ("fileId" = Uuid, Path, description = "The file."),
        ("expires" = Option<i64>, Query, description = "Of a link."),
        ("signature" = Option<String>, Query, description = "Of a link."),
        ("Range" = Option<String>, Header, description = "Bytes of it, such as bytes=0-1023."),
        ("If-None-Match" = Option<String>, Header, description = "Its ETag, where it is known."),
    ),
    responses(
        (status = 200, description = "The file.", content_type = "*/*", body = String),
        (status = 206, description = "These bytes of it.", content_type = "*/*", body = String),
        (status = 304, description = "It is known already."),
        (status = 416, description = "It has no such bytes.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[route("/bucket/download/{fileId}", method = "GET", method = "HEAD")]
pub(crate) async fn download(
    service: web::Data<Bucket>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let file = file_in_path(&service.app, &path).await?;
    let seconds = access::read_file(&service, &request, &file).await?;
    let caching = match seconds {
        Some(seconds) => format!("private, max-age={seconds}"),
        None => (if file.bucket.is_public() { PUBLIC } else { PRIVATE }).to_owned(),
    };
    let etag = file.etag();
    let conditions = conditions(request.headers());
    if conditions.is_fresh(&etag, file.created_at) {
        return Ok(framed(StatusCode::NOT_MODIFIED, &file, &caching).finish());
    }
    let asked = text(request.headers(), &RANGE).filter(|_| conditions.allows_part(&etag, file.created_at));
    match asked.map_or(Span::Whole, |asked| range::parse(asked, file.size)) {
        Span::Unsatisfiable => Ok(unsatisfiable(&file)),
        Span::Whole => {
            send(&service, &request, &file, framed(StatusCode::OK, &file, &caching), 0..file.size).await
        }
        Span::Part(part) => {
            let mut response = framed(StatusCode::PARTIAL_CONTENT, &file, &caching);
            let place = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
            response.insert_header(("Content-Range", place));
            send(&service, &request, &file, response, part).await
        }
    }
}

fn conditions(headers: &HeaderMap) -> Conditions<'_> {
    Conditions {
        none_match: text(headers, &IF_NONE_MATCH),
        modified_since: text(headers, &IF_MODIFIED_SINCE),
        range: text(headers, &IF_RANGE),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What is said with the bytes and without them. Scripts in a file run nowhere: it is no page of ours, whatever it is.
fn framed(status: StatusCode, file: &File, caching: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(("ETag", file.etag()))
        .insert_header(("Last-Modified", http_date(file.created_at)))
        .insert_header(("Cache-Control", caching))
        .insert_header(("Accept-Ranges", "bytes"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    if !file.bucket.is_public() {
        response.insert_header(("Vary", "Authorization"));
    }
    if status != StatusCode::NOT_MODIFIED {
        let shown = kind::is_shown(&file.mime_type);
        response
            .insert_header(("Content-Type", kind::content_type(&file.mime_type)))
            .insert_header(("Content-Disposition", disposition(shown, &file.original_name)));
    }
    response
}

fn unsatisfiable(file: &File) -> HttpResponse {
    let mut response = Error::from(Refusal::NoSuchRange).error_response();
    if let Ok(size) = format!("bytes */{}", file.size).parse() {
        response.headers_mut().insert(HeaderName::from_static("content-range"), size);
    }
    response
}

async fn send(
    service: &Bucket,
    request: &HttpRequest,
    file: &File,
    mut response: HttpResponseBuilder,
    part: Range<u64>,
) -> Result<HttpResponse> {
    let length = part.end - part.start;
    let bytes: Bytes = if length == 0 || request.method() == Method::HEAD {
        stream::empty().boxed()
    } else {
        service.blobs.open(file.id, part).await?
    };
    Ok(response.body(SizedStream::new(length, bytes)))
}
