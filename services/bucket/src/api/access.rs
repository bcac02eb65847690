//! Who asks: by a bucket token, by a link, or, for what is public, nobody in particular.

use actix_web::HttpRequest;
use files::{BucketClaims, Mode};
use kit::error::{NOT_AN_ID, UNAUTHENTICATED};
use kit::{App, Error, Query, Result, ServiceClaims, Use, access_token};

use crate::domain::bucket::{Bearer, BucketName};
use crate::domain::file::{File, FileId};
use crate::{Bucket, Refusal};

/// Whoever showed a bucket token.
///
/// # Errors
/// 401 without one, or when it is not good here: an access token is not.
pub(crate) async fn bearer(app: &App, request: &HttpRequest) -> Result<Bearer> {
    let token = access_token(request.headers()).ok_or_else(no_token)?;
    let claims = app.trust().verify::<BucketClaims>(token, Use::Bucket).await.map_err(tell)?;
    Ok(Bearer { issuer: claims.iss, subject: claims.sub, grants: claims.extra.grants })
}

fn no_token() -> Error {
    Error::new(&UNAUTHENTICATED).detail("There is no bucket token, or it is not valid here.")
}

/// Which token is missing, in place of the access token that other services want.
fn tell(error: Error) -> Error {
    if error.code() == &UNAUTHENTICATED { no_token().because("not a good bucket token") } else { error }
}

/// Lets those go on who may read a bucket. What is public needs no token, so that none is looked at.
///
/// # Errors
/// 401 and 403.
pub(crate) async fn read(app: &App, request: &HttpRequest, bucket: &BucketName) -> Result<()> {
    if bucket.is_public() {
        return Ok(());
    }
    Ok(bearer(app, request).await?.may(Mode::Read, bucket)?)
}

/// Lets those go on who may read a file: also by a link. How long an answer may be kept, in seconds, if it is by a link.
///
/// # Errors
/// 401 and 403.
pub(crate) async fn read_file(service: &Bucket, request: &HttpRequest, file: &File) -> Result<Option<i64>> {
    let query = Query::parse(request.query_string());
    let (Some(until), Some(signature)) = (query.integer("expires")?, query.one("signature")?) else {
        return read(&service.app, request, &file.bucket).await.map(|()| None);
    };
    let now = service.app.now();
    service.link_key.check(file.id, until, signature, now)?;
    Ok(Some(until - now.timestamp()))
}

/// Lets those go on who may know what is known of a file: who may read it, and other services.
///
/// # Errors
/// 401 and 403.
pub(crate) async fn know(app: &App, request: &HttpRequest, file: &File) -> Result<()> {
    let refused = match read(app, request, &file.bucket).await {
        Err(error) if error.code() == &UNAUTHENTICATED => error,
        done => return done,
    };
    let token = access_token(request.headers()).ok_or_else(no_token)?;
    let service = app.trust().verify::<ServiceClaims>(token, Use::Service).await;
    service.map(|_| ()).map_err(|_| refused)
}

/// The file that a path names.
///
/// # Errors
/// 400 when it names none, 404 when there is no such file.
pub(crate) async fn file_in_path(app: &App, path: &str) -> Result<File> {
    let id: FileId = path.parse().map_err(|_| Error::field(&NOT_AN_ID, "fileId"))?;
    let found = app.read(move |conn| crate::store::files::find(conn, id)).await?;
    Ok(found.ok_or(Refusal::FileNotFound)?)
}
