#![doc = include_str!("../README.md")]

mod announce;
mod api;
pub mod domain;
mod reactions;
mod refusal;
pub mod store;
pub mod sweep;

use std::sync::Arc;

use kit::settings::{SettingsError, Validate};
use kit::{App, Background, EmbeddedMigrations, Migrations, Routes, Service, embed_migrations};
use serde::Deserialize;

pub use crate::reactions::REACTIONS;
pub use crate::refusal::{CODES, Refusal};

/// The catalogue's own tables.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service: what people offer and look for.
pub struct Catalogue {
    /// Its handle.
    pub app: App,
}

/// The catalogue needs nothing besides what every service needs.
#[derive(Debug, Deserialize)]
pub struct Settings {}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        Ok(())
    }
}

impl Service for Catalogue {
    const NAME: &'static str = "listing";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, _: Settings) -> Result<Self, SettingsError> {
        Ok(Self { app })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::listings::create)
            .service(api::listings::list)
            .service(api::listings::get)
            .service(api::changes::update)
            .service(api::changes::delete)
            .service(api::favorites::add)
            .service(api::favorites::remove);
    }

    fn background(self: &Arc<Self>) -> Vec<Background> {
        let mut tasks = events::attach(&self.app, REACTIONS);
        tasks.push(Box::pin(sweep::run(self.app.clone())));
        tasks
    }
}
