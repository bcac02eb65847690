#![doc = include_str!("../README.md")]

mod announce;
mod api;
pub mod domain;
mod operator;
mod passwords;
mod refusal;
pub mod settings;
pub mod store;
pub mod sweep;

use std::sync::Arc;

use kit::service::Command;
use kit::settings::SettingsError;
use kit::{App, Background, EmbeddedMigrations, Migrations, Routes, Service, embed_migrations};

pub use crate::announce::Occasion;
use crate::domain::limit::Limits;
pub use crate::passwords::Passwords;
pub use crate::refusal::{CODES, Refusal};
pub use crate::settings::Settings;

/// Auth's own tables.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service: users, logins and tokens.
pub struct Auth {
    /// Its handle.
    pub app: App,
    /// Who hashes.
    pub passwords: Passwords,
    /// How many logins may fail.
    pub limits: Limits,
    /// Whether the gateway stands before us and says where a request comes from.
    pub trust_real_ip: bool,
}

impl Service for Auth {
    const NAME: &'static str = "auth";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, settings: Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            app,
            passwords: Passwords::new(&settings.password)?,
            limits: settings.login.limits(),
            trust_real_ip: settings.login.trust_real_ip,
        })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::sessions::login)
            .service(api::sessions::refresh)
            .service(api::sessions::logout)
            .service(api::sessions::current_user)
            .service(api::users::register)
            .service(api::users::list)
            .service(api::users::get)
            .service(api::changes::update)
            .service(api::changes::delete);
    }

    /// Auth reacts to nobody's events: whatever it tells is its own.
    fn background(self: &Arc<Self>) -> Vec<Background> {
        let mut tasks = events::attach(&self.app, &[]);
        tasks.push(Box::pin(sweep::run(self.app.clone())));
        tasks
    }

    fn command(app: &App, words: &[String]) -> Result<Command, String> {
        operator::command(app, words)
    }
}
