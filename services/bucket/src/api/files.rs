//! What is known of files: `GET /bucket/files`, `GET /bucket/meta/{fileId}`, `POST /bucket/files/{fileId}/link`, and
//! `DELETE /bucket/files/{fileId}`

use ::files::Mode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use events::Occasion;
use kit::error::REQUIRED;
use kit::openapi::ErrorEnvelope;
use kit::{Error, Page, Query, Result, Visit};

use crate::api::access::{self, file_in_path};
use crate::api::views::{
    FileAnswer, FilePageAnswer, FileView, LinkAnswer, LinkView, answer, download_url, page,
};
use crate::domain::bucket::BucketName;
use crate::store::files;
use crate::{Bucket, sweep};

/// List a bucket's files.
///
/// The newest first. What is public needs no token.
#[utoipa::path(
    operation_id = "listFiles", tag = "files", security(("bucketToken" = []), ()),
    params(
        ("bucketId" = String, Query, description = "The bucket's name."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000."),
        ("pageRowCount" = Option<i64>, Query, description = "1 to 200, by default 25."),
    ),
    responses(
        (status = 200, description = "The files.", body = FilePageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/bucket/files")]
pub(crate) async fn list(
    service: web::Data<Bucket>,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let name = query.one("bucketId")?.filter(|name| !name.is_empty());
    let bucket = BucketName::parse(name.ok_or_else(|| Error::field(&REQUIRED, "bucketId"))?)?;
    let wanted = Page::parse(&query)?;
    access::read(&service.app, &request, &bucket).await?;
    let (files, total) = service.app.read(move |conn| files::page(conn, &bucket, wanted)).await?;
    let views = files.iter().map(|file| FileView::of(file, &service.links.base_url)).collect();
    Ok(page(views, wanted.of_total(total)?))
}

/// Tell what is known of a file.
///
/// To whoever may download it, and to other services.
#[utoipa::path(
    operation_id = "getFileMeta", tag = "files", security(("bucketToken" = []), ()),
    params(("fileId" = Uuid, Path, description = "The file.")),
    responses(
        (status = 200, description = "The file.", body = FileAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/bucket/meta/{fileId}")]
pub(crate) async fn meta(
    service: web::Data<Bucket>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let file = file_in_path(&service.app, &path).await?;
    access::know(&service.app, &request, &file).await?;
    Ok(answer(FileView::of(&file, &service.links.base_url)))
}

/// Make a link to a file.
///
/// Whoever has it may download the file for some minutes, without a token: for `<img src>` of what is private.
#[utoipa::path(
    operation_id = "linkFile", tag = "files", security(("bucketToken" = []), ()),
    params(("fileId" = Uuid, Path, description = "The file.")),
    responses(
        (status = 200, description = "The link.", body = LinkAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/bucket/files/{fileId}/link")]
pub(crate) async fn link(
    service: web::Data<Bucket>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let file = file_in_path(&service.app, &path).await?;
    access::read(&service.app, &request, &file.bucket).await?;
    let expires_at = service.app.now() + service.links.life();
    let (address, signature) =
        (download_url(file.id, &service.links.base_url), service.link_key.sign(file.id, expires_at));
    let url = format!("{address}?expires={}&signature={signature}", expires_at.timestamp());
    Ok(answer(LinkView { file_id: file.id, url, expires_at }))
}

/// Delete a file.
///
/// With a bucket token that may write its bucket.
#[utoipa::path(
    operation_id = "deleteFile", tag = "files", security(("bucketToken" = [])),
    params(("fileId" = Uuid, Path, description = "The file.")),
    responses(
        (status = 200, description = "The file that was there.", body = FileAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/bucket/files/{fileId}")]
pub(crate) async fn delete(
    service: web::Data<Bucket>,
    visit: Visit,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let bearer = access::bearer(&service.app, &request).await?;
    let file = file_in_path(&service.app, &path).await?;
    bearer.may(Mode::Write, &file.bucket)?;
    let (id, occasion) = (file.id, Occasion::at(service.app.now(), &visit.request_id));
    service.app.write(move |tx| sweep::take_out(tx, id, &occasion)).await?;
    sweep::discard(&service.app, &service.blobs, vec![id]).await;
    Ok(answer(FileView::of(&file, &service.links.base_url)))
}
