#![doc = include_str!("../README.md")]

mod announce;
pub mod api;
mod catalogue;
pub mod domain;
pub mod notices;
mod operator;
mod reactions;
mod refusal;
pub mod store;

use std::sync::Arc;

use chrono::TimeDelta;
use diesel_migrations::embed_migrations;
use directory::Directory;
use files::{BucketTokenSettings, Files};
use kit::service::Command;
use kit::settings::{Secret, SettingsError, Validate};
use kit::{App, Background, EmbeddedMigrations, KeyedIds, Migrations, Routes, Service};
use serde::Deserialize;

pub use crate::catalogue::Catalogue;
pub use crate::reactions::REACTIONS;
pub use crate::refusal::{CODES, Refusal};

/// The service: threads between two people about a listing.
pub struct Conversation {
    /// Its handle.
    pub app: App,
    /// Who is who.
    pub directory: Directory,
    /// The files that messages carry.
    pub files: Files,
    /// What the threads are about.
    pub catalogue: Catalogue,
    /// The ids of threads follow from their listing and pair.
    pub pairs: KeyedIds,
    /// How long a bucket token lives.
    pub bucket_token_life: TimeDelta,
}

/// What conversation needs besides what every service needs.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Where users are looked up that no event told us of.
    pub directory: directory::Settings,
    /// Where files are.
    #[serde(default)]
    pub files: files::Settings,
    /// How long the right to a thread's files lasts once it is given.
    #[serde(default)]
    pub bucket_tokens: BucketTokenSettings,
    /// Where listings are.
    pub catalogue: catalogue::Settings,
    /// How the ids of threads are made.
    pub pairs: PairSettings,
}

/// How the ids of threads are made.
#[derive(Debug, Deserialize)]
pub struct PairSettings {
    /// The deployment's secret. It must never change: with another one, there would be second threads.
    pub secret: Secret,
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        self.directory.validate()?;
        self.catalogue.validate()?;
        self.files.validate()?;
        KeyedIds::new(&self.pairs.secret, "pairs.secret").map(|_| ())
    }
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

impl Service for Conversation {
    const NAME: &'static str = "conversation";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, directory::MIGRATIONS, files::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, settings: Settings) -> Result<Self, SettingsError> {
        let pairs = KeyedIds::new(&settings.pairs.secret, "pairs.secret")?;
        let directory = Directory::new(app.clone(), &settings.directory);
        let catalogue = Catalogue::new(app.clone(), &settings.catalogue);
        let files = Files::new(app.clone(), &settings.files);
        Ok(Self { app, directory, files, catalogue, pairs, bucket_token_life: settings.bucket_tokens.life() })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::threads::create)
            .service(api::threads::list)
            .service(api::threads::get)
            .service(api::reading::read_thread)
            .service(api::messages::create)
            .service(api::messages::get)
            .service(api::history::list)
            .service(api::reading::read_message)
            .service(api::moderation::delete)
            .service(api::moderation::restore)
            .service(api::moderation::log)
            .service(api::fetch::messages)
            .service(api::fetch::threads)
            .service(api::states::list);
    }

    fn background(self: &Arc<Self>) -> Vec<Background> {
        let mut tasks = events::attach(&self.app, REACTIONS);
        tasks.push(Box::pin(notices::run(self.app.clone())));
        tasks
    }

    fn command(app: &App, words: &[String]) -> Result<Command, String> {
        operator::command(app, words)
    }
}
