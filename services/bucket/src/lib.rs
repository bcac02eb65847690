#![doc = include_str!("../README.md")]

mod announce;
mod api;
pub mod audit;
pub mod blob;
pub mod domain;
mod operator;
mod reactions;
mod refusal;
pub mod settings;
pub mod store;
pub mod sweep;

use std::sync::Arc;

use kit::service::Command;
use kit::settings::SettingsError;
use kit::{
    App, Background, EmbeddedMigrations, Health, Migrations, Probe, Routes, Service, embed_migrations,
};
use serde_json::Value;

use crate::blob::Blobs;
use crate::domain::limits::Limits;
use crate::domain::link::LinkKey;
pub use crate::reactions::REACTIONS;
pub use crate::refusal::{CODES, Refusal};
pub use crate::settings::Settings;
use crate::settings::{LinkSettings, UploadSettings};

/// The service's own tables.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service: files, and who may have them.
pub struct Bucket {
    /// Its handle.
    pub app: App,
    /// The bytes.
    pub blobs: Blobs,
    /// How much there may be.
    pub limits: Limits,
    /// How long an upload may take.
    pub upload: UploadSettings,
    /// The addresses that answers give.
    pub links: LinkSettings,
    /// Who signs links.
    pub link_key: LinkKey,
}

impl Service for Bucket {
    const NAME: &'static str = "bucket";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, settings: Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            link_key: LinkKey::new(&settings.links.secret, app.environment())?,
            app,
            blobs: Blobs::new(&settings.storage)?,
            limits: settings.limits.limits(),
            upload: settings.upload,
            links: settings.links,
        })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::upload::upload)
            .service(api::download::download)
            .service(api::files::list)
            .service(api::files::meta)
            .service(api::files::link)
            .service(api::files::delete);
    }

    fn background(self: &Arc<Self>) -> Vec<Background> {
        self.app.add_probe(storage_probe(&self.blobs));
        let mut tasks = events::attach(&self.app, REACTIONS);
        let grace = self.upload.grace();
        tasks.push(Box::pin(sweep::run(self.app.clone(), self.blobs.clone(), grace)));
        tasks
    }

    /// All that is under `/bucket` says whether it succeeded.
    fn error_also_says(path: &str, _: u16) -> Option<(&'static str, Value)> {
        path.starts_with("/bucket").then_some(("success", Value::Bool(false)))
    }

    fn command(app: &App, words: &[String]) -> Result<Command, String> {
        operator::command(app, words)
    }
}

/// Whether the storage answers. Without it, what is known of files is still told.
fn storage_probe(blobs: &Blobs) -> Probe {
    let blobs = blobs.clone();
    Probe::new("storage", move || {
        let blobs = blobs.clone();
        Box::pin(async move {
            let answer = blobs.size(uuid::Uuid::nil().into()).await;
            answer.map_or_else(|_| Health::Degraded("the storage does not answer".into()), |_| Health::Good)
        })
    })
}
