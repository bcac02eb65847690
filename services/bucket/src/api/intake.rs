//! What comes of an upload while it is read: objects without rows, until all of it is there.

use std::time::Instant;

use ::files::Mode;
use actix_web::web::Bytes;
use chrono::TimeDelta;
use events::Occasion;
use kit::error::{NOT_VALID, REQUIRED};
use kit::{Error, Result, Tx};
use sha2::{Digest as _, Sha256};

use crate::api::form::{Form, Part};
use crate::blob::Writer;
use crate::domain::bucket::{Bearer, BucketName};
use crate::domain::file::{File, FileId};
use crate::domain::limits::{Limits, Usage};
use crate::domain::{kind, name};
use crate::store::{buckets, files, loose_objects};
use crate::{Bucket, Refusal, announce};

/// For so long an object waits for its row before the sweeper takes it.
const HOLD: TimeDelta = TimeDelta::minutes(3);
/// While bytes come, the wait begins anew after so many seconds. Pauses between bytes are shorter than the rest.
const RENEW_AFTER: u64 = 30;
/// No bucket's name is longer, in bytes.
const LONGEST_NAME: usize = 100;

/// An upload on its way in.
pub(crate) struct Intake<'a> {
    service: &'a Bucket,
    bearer: Bearer,
    bucket: Option<BucketName>,
    /// What the bucket holds with all that came, as far as the bucket is known.
    usage: Usage,
    parts: usize,
    noted: Vec<FileId>,
    received: Vec<Received>,
    renewed: Instant,
}

/// A file that is complete, without a row.
struct Received {
    id: FileId,
    original_name: String,
    mime_type: &'static str,
    size: u64,
    sha256: [u8; 32],
}

impl<'a> Intake<'a> {
    pub(crate) fn new(service: &'a Bucket, bearer: Bearer) -> Self {
        let (noted, received) = (Vec::new(), Vec::new());
        let (usage, renewed) = (Usage::default(), Instant::now());
        Self { service, bearer, bucket: None, usage, parts: 0, noted, received, renewed }
    }

    /// The objects that were begun.
    pub(crate) fn into_noted(self) -> Vec<FileId> {
        self.noted
    }

    /// Reads a form to its end.
    pub(crate) async fn receive(&mut self, form: &mut Form) -> Result<()> {
        while let Some(mut part) = form.next().await? {
            self.parts += 1;
            within("parts", self.parts, self.limits().parts)?;
            match part.name() {
                "bucketId" => self.name_bucket(&part.text("bucketId", LONGEST_NAME).await?).await?,
                "files" | "files[]" => self.take_file(part).await?,
                _ => while part.piece().await?.is_some() {},
            }
        }
        Ok(())
    }

    fn limits(&self) -> &'a Limits {
        &self.service.limits
    }

    /// The bucket may be named before, between or after its files.
    async fn name_bucket(&mut self, text: &str) -> Result<()> {
        if self.bucket.is_some() {
            return Err(Error::field(&NOT_VALID, "bucketId").detail("It may stand only once."));
        }
        if text.is_empty() {
            return Err(Error::field(&REQUIRED, "bucketId"));
        }
        let bucket = BucketName::parse(text)?;
        self.bearer.may(Mode::Write, &bucket)?;
        let asked = bucket.clone();
        let held = self.service.app.read(move |conn| buckets::usage(conn, &asked)).await?;
        self.usage = self.usage.with(held);
        self.bucket = Some(bucket);
        Ok(self.usage.within(self.limits())?)
    }

    /// A form that was sent with no file chosen has a nameless, empty one.
    async fn take_file(&mut self, mut part: Part) -> Result<()> {
        let Some(first) = part.piece().await?.or_else(|| (!part.file_name().is_empty()).then(Bytes::new))
        else {
            return Ok(());
        };
        within("files", self.received.len() + 1, self.limits().files)?;
        self.usage.files += 1;
        self.usage.within(self.limits())?;
        let id = self.note().await?;
        let mut file = Incoming::new(self.service.blobs.writer(id));
        let mut next = Some(first);
        while let Some(piece) = next {
            self.count(&file, &piece)?;
            file.take(piece).await?;
            self.renew().await?;
            next = part.piece().await?;
        }
        self.received.push(file.finish(id, name::clean(&part.file_name())).await?);
        self.renew().await
    }

    fn count(&mut self, file: &Incoming, piece: &Bytes) -> Result<()> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if file.size.saturating_add(length) > self.limits().file_bytes {
            return Err(Refusal::Beyond("file_bytes", self.limits().file_bytes).into());
        }
        self.usage.bytes = self.usage.bytes.saturating_add(length);
        Ok(self.usage.within(self.limits())?)
    }

    /// Notes an object before it is begun.
    async fn note(&mut self) -> Result<FileId> {
        let (id, deadline) = (self.service.app.new_id(), self.service.app.now() + HOLD);
        self.noted.push(id);
        self.service.app.write(move |tx| Ok(loose_objects::insert(tx, id, deadline)?)).await?;
        Ok(id)
    }

    async fn renew(&mut self) -> Result<()> {
        if self.renewed.elapsed().as_secs() < RENEW_AFTER {
            return Ok(());
        }
        self.renewed = Instant::now();
        let (ids, deadline) = (self.noted.clone(), self.service.app.now() + HOLD);
        self.service.app.write(move |tx| Ok(loose_objects::renew(tx, &ids, deadline)?)).await
    }

    /// Makes files of all that came, or of nothing.
    pub(crate) async fn settle(&self, request_id: &str) -> Result<Vec<File>> {
        let files = self.files()?;
        let (now, limits) = (self.service.app.now(), *self.limits());
        let occasions: Vec<_> = files.iter().map(|_| Occasion::at(now, request_id)).collect();
        let settled = files.clone();
        let settle = move |tx: &mut Tx<'_>| settle(tx, &settled, &occasions, &limits);
        self.service.app.write(settle).await?;
        Ok(files)
    }

    fn files(&self) -> Result<Vec<File>> {
        let bucket = self.bucket.as_ref().ok_or_else(|| Error::field(&REQUIRED, "bucketId"))?;
        if self.received.is_empty() {
            return Err(Error::field(&REQUIRED, "files"));
        }
        let now = self.service.app.now();
        let files = self.received.iter().map(|received| File {
            id: received.id,
            bucket: bucket.clone(),
            original_name: received.original_name.clone(),
            mime_type: received.mime_type.to_owned(),
            size: received.size,
            sha256: received.sha256,
            uploaded_by: self.bearer.subject.clone(),
            created_at: now,
        });
        Ok(files.collect())
    }
}

/// Objects that the sweeper has taken meanwhile get no row: their upload took too long.
fn settle(tx: &mut Tx<'_>, files: &[File], occasions: &[Occasion], limits: &Limits) -> Result<()> {
    let ids: Vec<_> = files.iter().map(|file| file.id).collect();
    if loose_objects::settle(tx, &ids)? != ids.len() {
        return Err(Refusal::TookTooLong.into());
    }
    let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let more = Usage { bytes: files.iter().map(|file| file.size).sum(), files: count };
    if let Some(file) = files.first() {
        buckets::add(tx, &file.bucket, more)?.within(limits)?;
    }
    files::insert(tx, files)?;
    for (file, occasion) in files.iter().zip(occasions) {
        announce::uploaded(tx, occasion, file)?;
    }
    Ok(())
}

fn within(limit: &'static str, count: usize, most: usize) -> Result<()> {
    let most_shown = u64::try_from(most).unwrap_or(u64::MAX);
    if count > most { Err(Refusal::Beyond(limit, most_shown).into()) } else { Ok(()) }
}

/// A file that is being written, measured and looked at on the way.
struct Incoming {
    writer: Writer,
    digest: Sha256,
    head: Vec<u8>,
    size: u64,
}

impl Incoming {
    fn new(writer: Writer) -> Self {
        Self { writer, digest: Sha256::new(), head: Vec::new(), size: 0 }
    }

    async fn take(&mut self, piece: Bytes) -> Result<()> {
        self.size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.digest.update(&piece);
        let missing = kind::HEAD.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(missing));
        self.writer.write(piece).await
    }

    async fn finish(self, id: FileId, original_name: String) -> Result<Received> {
        self.writer.finish().await?;
        let (mime_type, sha256) = (kind::of(&self.head), self.digest.finalize().into());
        Ok(Received { id, original_name, mime_type, size: self.size, sha256 })
    }
}
