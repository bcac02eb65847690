#![doc = include_str!("../README.md")]

mod announce;
pub mod api;
mod documents;
pub mod domain;
mod notices;
mod reactions;
mod refusal;
pub mod store;

use std::sync::Arc;

use chrono::TimeDelta;
use diesel_migrations::embed_migrations;
use directory::Directory;
use files::{BucketTokenSettings, Files};
use kit::settings::{Secret, SettingsError, Validate};
use kit::{App, Background, EmbeddedMigrations, KeyedIds, Migrations, Routes, Service};
use serde::Deserialize;
use serde_json::{Value, json};

pub use crate::reactions::REACTIONS;
pub use crate::refusal::{CODES, Refusal};

/// The service: 1:1 and group messaging.
pub struct Messaging {
    /// Its handle.
    pub app: App,
    /// Who is who.
    pub directory: Directory,
    /// The files that messages and groups show.
    pub files: Files,
    /// The ids of 1:1 conversations follow from their pair.
    pub pairs: KeyedIds,
    /// How long a bucket token lives.
    pub bucket_token_life: TimeDelta,
}

/// What messaging needs besides what every service needs.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Where users are looked up that no event told us of.
    pub directory: directory::Settings,
    /// Where files are.
    #[serde(default)]
    pub files: files::Settings,
    /// How long the right to a conversation's files lasts once it is given.
    #[serde(default)]
    pub bucket_tokens: BucketTokenSettings,
    /// How the ids of 1:1 conversations are made.
    pub pairs: PairSettings,
}

/// How the ids of 1:1 conversations are made.
#[derive(Debug, Deserialize)]
pub struct PairSettings {
    /// The deployment's secret. It must never change: with another one, a pair would get a second conversation.
    pub secret: Secret,
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        self.directory.validate()?;
        self.files.validate()?;
        KeyedIds::new(&self.pairs.secret, "pairs.secret").map(|_| ())
    }
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

impl Service for Messaging {
    const NAME: &'static str = "messaging";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, directory::MIGRATIONS, files::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, settings: Settings) -> Result<Self, SettingsError> {
        let pairs = KeyedIds::new(&settings.pairs.secret, "pairs.secret")?;
        let directory = Directory::new(app.clone(), &settings.directory);
        let files = Files::new(app.clone(), &settings.files);
        Ok(Self { app, directory, files, pairs, bucket_token_life: settings.bucket_tokens.life() })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::conversations::create)
            .service(api::conversations::list)
            .service(api::conversations::get)
            .service(api::membership::update)
            .service(api::membership::delete)
            .service(api::participants::read)
            .service(api::messages::create)
            .service(api::messages::list)
            .service(api::messages::get)
            .service(api::changes::update)
            .service(api::changes::delete)
            .service(api::chats_send::send)
            .service(api::chats_history::list)
            .service(api::chats_reactions::add)
            .service(api::chats_reactions::remove)
            .service(api::chats_groups::create)
            .service(api::chats_groups::get)
            .service(api::chats_groups::update)
            .service(api::chats_members::add)
            .service(api::chats_members::remove)
            .service(api::chats::list)
            .service(api::states::list);
    }

    /// The chats dialect tells the HTTP status as `code` in every answer.
    fn error_also_says(path: &str, status: u16) -> Option<(&'static str, Value)> {
        let is_chats = path == "/chats" || path.starts_with("/chats/");
        is_chats.then(|| ("code", json!(status)))
    }

    fn background(self: &Arc<Self>) -> Vec<Background> {
        events::attach(&self.app, REACTIONS)
    }
}
