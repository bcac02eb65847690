//! `POST /bucket/upload`

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, HttpResponse, post, web};
use kit::openapi::ErrorEnvelope;
use kit::{Error, Result, Visit};
use utoipa::ToSchema;

use crate::api::access;
use crate::api::body::UploadBody;
use crate::api::form::Form;
use crate::api::intake::Intake;
use crate::api::views::{FileView, FilesAnswer, answer};
use crate::domain::file::File;
use crate::{Bucket, Refusal, sweep};

/// What a client sends.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct Upload {
    /// The bucket's name; before or after the files.
    #[schema(example = "0193517c-4a00-7c41-9d58-4f1f6c6d2a01-public-user-bucket")]
    bucket_id: String,
    /// The files. All of them are stored, or none.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    files: Vec<String>,
}

/// Upload files.
///
/// With a bucket token that may write the bucket. What a file is, is told by its bytes. Either all files of a request
/// are stored or none.
#[utoipa::path(
    operation_id = "uploadFiles", tag = "files", security(("bucketToken" = [])),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The files.", body = FilesAnswer),
        (status = 413, description = "More than a limit allows; `detail` names it.", body = ErrorEnvelope),
        (status = 415, description = "The body is not multipart/form-data.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/bucket/upload")]
pub(crate) async fn upload(
    service: web::Data<Bucket>,
    visit: Visit,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let body = UploadBody::new(payload.into_inner(), service.limits.request_bytes);
    let stored = receive(&service, &visit, &request, &body).await;
    let files = stored.inspect_err(|_| body.leave(&request))?;
    Ok(answer(files.iter().map(|file| FileView::of(file, &service.links.base_url)).collect::<Vec<_>>()))
}

async fn receive(
    service: &Bucket,
    visit: &Visit,
    request: &HttpRequest,
    body: &UploadBody,
) -> Result<Vec<File>> {
    let bearer = access::bearer(&service.app, request).await?;
    bearer.may_write_any()?;
    check_length(request, service.limits.request_bytes)?;
    let (most, pause) = (service.limits.request_bytes, service.upload.pause());
    let mut form = Form::open(request.headers(), body.clone(), most, pause);
    let mut intake = Intake::new(service, bearer);
    let received = tokio::time::timeout(service.upload.most(), intake.receive(&mut form)).await;
    let stored = match received {
        Ok(Ok(())) => intake.settle(&visit.request_id).await,
        Ok(Err(error)) => Err(error),
        // Something may still be being written: that is left to the sweeper.
        Err(_) => return Err(Refusal::TookTooLong.into()),
    };
    if stored.is_err() {
        sweep::discard(&service.app, &service.blobs, intake.into_noted()).await;
    }
    stored
}

fn check_length(request: &HttpRequest, most: u64) -> Result<()> {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let refusal = || Error::from(Refusal::Beyond("request_bytes", most));
    if announced.is_some_and(|length: u64| length > most) { Err(refusal()) } else { Ok(()) }
}
