#![doc = include_str!("../README.md")]

mod announce;
pub mod api;
mod arriving;
pub mod channels;
pub mod domain;
mod limits;
mod reactions;
mod refusal;
mod saying;
pub mod settings;
pub mod store;
pub mod unified;
mod visitor;
pub mod webhooks;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web;
use chrono::TimeDelta;
use diesel_migrations::embed_migrations;
use directory::Directory;
use files::Files;
use kit::service::Command;
use kit::settings::SettingsError;
use kit::{App, Background, EmbeddedMigrations, Migrations, Routes, Service};

use crate::api::widget::door::preflight;
use crate::limits::Limits;
pub use crate::reactions::REACTIONS;
pub use crate::refusal::{CODES, Refusal};
pub use crate::settings::{Settings, WidgetSettings};
use crate::store::unified::people;
pub use crate::unified::Owners;
use crate::webhooks::Webhooks;

/// The service: what companies and their contacts say to one another.
pub struct Inbox {
    /// Its handle.
    pub app: App,
    /// Who is who.
    pub directory: Directory,
    /// The files that messages carry.
    pub files: Files,
    /// How long a bucket token lives.
    pub bucket_token_life: TimeDelta,
    /// Whether there are messages at random.
    pub simulator: bool,
    /// What visitors meet.
    pub widget: WidgetSettings,
    /// Whether a widget that lists no site is for all of them.
    pub any_site: bool,
    /// The client for webhooks.
    pub webhooks: Webhooks,
    limits: Limits,
    /// Who owns the conversations of the unified inbox that are not ours.
    pub owners: Owners,
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

impl Service for Inbox {
    const NAME: &'static str = "inbox";

    type Settings = Settings;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS, directory::MIGRATIONS, files::MIGRATIONS, MIGRATIONS]
    }

    fn new(app: App, settings: Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            directory: Directory::new(app.clone(), &settings.directory).keeping(people::keep),
            files: Files::new(app.clone(), &settings.files),
            bucket_token_life: settings.bucket_tokens.life(),
            owners: Owners::new(app.clone(), settings.owners, settings.catalogue),
            simulator: settings.simulator.enabled.unwrap_or(app.environment() != "production"),
            any_site: settings.widget.any_site.unwrap_or(app.environment() != "production"),
            webhooks: Webhooks::new(settings.webhooks.networks()?, settings.webhooks.deadline()),
            limits: Limits::new(&settings.widget),
            widget: settings.widget,
            app,
        })
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(api::chatbots::create)
            .service(api::chatbots::list)
            .service(api::chatbots::get)
            .service(api::chatbots::update)
            .service(api::chatbots::delete)
            .service(api::members::add)
            .service(api::members::list)
            .service(api::members::update)
            .service(api::members::remove)
            .service(api::inboxes::create)
            .service(api::inboxes::list)
            .service(api::inboxes::get)
            .service(api::inboxes::update)
            .service(api::inboxes::delete)
            .service(api::contacts::create)
            .service(api::contacts::list)
            .service(api::contacts::get)
            .service(api::contacts::update)
            .service(api::contacts::delete)
            .service(api::conversations::create)
            .service(api::conversations::list)
            .service(api::conversations::get)
            .service(api::conversations::update)
            .service(api::seen::seen)
            .service(api::participants::add)
            .service(api::participants::list)
            .service(api::participants::remove)
            .service(api::messages::create)
            .service(api::messages::list)
            .service(api::messages::get)
            .service(api::messages::delete)
            .service(api::notes::create)
            .service(api::notes::list)
            .service(api::notes::delete)
            .service(api::simulator::simulate)
            .service(api::inbox_entries::list)
            .service(api::inbox_entries::get);
        channels(routes);
    }

    fn background(self: &Arc<Self>) -> Vec<Background> {
        let mut tasks = events::attach(&self.app, REACTIONS);
        tasks.extend(webhooks::background(self));
        tasks.push(Box::pin(unified::moves::run(self.app.clone())));
        tasks.push(Box::pin(unified::ahead::run(self.app.clone())));
        tasks.push(Box::pin(unified::backfill::run(self.clone())));
        tasks
    }

    fn command(app: &App, words: &[String]) -> Result<Command, String> {
        unified::command::command(app, words)
    }
}

/// The channels, and what those who are no agents call: companies' own systems and visitors.
fn channels(routes: &mut Routes<'_>) {
    routes
        .service(api::channel_web_widgets::create)
        .service(api::channel_web_widgets::list)
        .service(api::channel_web_widgets::get)
        .service(api::channel_web_widgets::update)
        .service(api::channel_web_widgets::delete)
        .service(api::channel_web_widgets::check)
        .service(api::web_widget_templates::list)
        .service(api::web_widget_templates::get)
        .service(api::channel_apis::create)
        .service(api::channel_apis::list)
        .service(api::channel_apis::get)
        .service(api::channel_apis::update)
        .service(api::channel_apis::delete)
        .service(api::deliveries::list)
        .service(api::deliveries::retry)
        .service(api::incoming::receive)
        .service(api::incoming_conversations::open)
        .service(api::widget::config::config)
        .service(api::widget::session::begin)
        .service(api::widget::conversations::list)
        .service(api::widget::conversations::open)
        .service(api::widget::conversations::get)
        .service(api::widget::messages::list)
        .service(api::widget::messages::create)
        .service(api::widget::seen::seen)
        .route("/v1/widget/{channelWebWidgetId}/{tail:.*}", web::method(Method::OPTIONS).to(preflight));
}
