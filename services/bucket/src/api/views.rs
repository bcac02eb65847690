//! Files as clients see them, and the frame around them: not that of the other APIs.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use kit::Paging;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::file::{File, FileId};

/// A file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = File)]
pub(crate) struct FileView {
    file_id: FileId,
    /// What it was called where it came from.
    #[schema(example = "test (10).png")]
    original_name: String,
    /// What it is, as its bytes say.
    #[schema(example = "image/png")]
    mime_type: String,
    /// In bytes.
    #[schema(example = 604_063)]
    size: u64,
    /// Always `uploaded`: what is not complete is not there.
    #[schema(example = "uploaded")]
    status: &'static str,
    #[schema(example = "0193517c-4a00-7c41-9d58-4f1f6c6d2a01-public-user-bucket")]
    bucket_name: String,
    /// Whether everybody may download it.
    is_public: bool,
    #[schema(example = "https://banter.example.com/bucket/download/0193517c-5b00-7d52-8e69-5a2f7d7e3b01")]
    download_url: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    sha256: String,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
}

impl FileView {
    /// The file, to be downloaded from the environment at that address.
    pub(crate) fn of(file: &File, base_url: &str) -> Self {
        Self {
            file_id: file.id,
            original_name: file.original_name.clone(),
            mime_type: file.mime_type.clone(),
            size: file.size,
            status: "uploaded",
            bucket_name: file.bucket.to_string(),
            is_public: file.bucket.is_public(),
            download_url: download_url(file.id, base_url),
            sha256: kit::hex(&file.sha256),
            created_at: file.created_at,
        }
    }
}

/// Where a file is downloaded from.
pub(crate) fn download_url(id: FileId, base_url: &str) -> String {
    format!("{}/bucket/download/{id}", base_url.trim_end_matches('/'))
}

/// An address that is good for a while.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileLink)]
pub(crate) struct LinkView {
    pub(crate) file_id: FileId,
    /// Whoever has it may download the file, without a token.
    pub(crate) url: String,
    #[serde(with = "kit::date")]
    pub(crate) expires_at: DateTime<Utc>,
}

/// The frame of every success.
#[derive(Serialize)]
struct Framed<T> {
    success: bool,
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    paging: Option<Paging>,
}

/// An answer.
pub(crate) fn answer<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Ok().json(Framed { success: true, data, paging: None })
}

/// A page of an answer.
pub(crate) fn page<T: Serialize>(data: Vec<T>, paging: Paging) -> HttpResponse {
    HttpResponse::Ok().json(Framed { success: true, data, paging: Some(paging) })
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { data: $data:ty $(, $more:ident: $type:ty)? })+) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
        pub(crate) struct $name {
            #[schema(example = true)]
            success: bool,
            data: $data,
            $($more: $type,)?
        }
    )+};
}

answers! {
    /// Files.
    FilesAnswer { data: Vec<FileView> }
    /// A page of files.
    FilePageAnswer { data: Vec<FileView>, paging: Paging }
    /// A file.
    FileAnswer { data: FileView }
    /// A link.
    LinkAnswer { data: LinkView }
}
