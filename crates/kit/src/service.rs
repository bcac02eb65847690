//! What a service is, and the one way in which all of them run.

use std::cmp::Reverse;
use std::error::Error as StdError;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use diesel::Connection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::pg::{Pg, PgConnection};
use diesel::{RunQueryDsl as _, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::middleware::Addition;
use crate::openapi::{RouteTable, document, unmatched};
use crate::server::{self, Lifecycle, Server};
use crate::settings::{ProcessSettings, ServiceSettings, SettingsError, Source, Validate};
use crate::{App, Background, Clock, Probe, Result, SystemClock, background};

mod commands;

/// A service's route table: routes and their OpenAPI in one.
pub type Routes<'a> = utoipa_actix_web::service_config::ServiceConfig<'a>;

/// The migrations of a service's schema, in order.
pub type Migrations = Vec<EmbeddedMigrations>;

/// What a command does; what it comes to is printed.
pub type Command = Pin<Box<dyn Future<Output = Result<String>>>>;

type BootResult<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

/// A service: everything that boot needs to know of it.
pub trait Service: Sized + Send + Sync + 'static {
    /// Its name: schema, queue, issuer.
    const NAME: &'static str;

    /// What it needs besides what every service needs.
    type Settings: DeserializeOwned + Validate;

    /// The tables it needs besides kit's.
    fn migrations() -> Migrations;

    /// Puts it together; nothing is connected yet.
    ///
    /// # Errors
    /// A setting that makes no sense.
    fn new(app: App, settings: Self::Settings) -> std::result::Result<Self, SettingsError>;

    /// Its routes; handlers find the service as `web::Data<Self>`.
    fn routes(routes: &mut Routes<'_>);

    /// Its work beside the requests.
    fn background(self: &Arc<Self>) -> Vec<Background> {
        Vec::new()
    }

    /// What the errors of a path say besides the envelope, by their HTTP status: a field and its value.
    #[must_use]
    fn error_also_says(_path: &str, _status: u16) -> Option<(&'static str, Value)> {
        None
    }

    /// A command of its own (`auth user-role ada@example.com admin`), run on the migrated schema instead of serving.
    ///
    /// # Errors
    /// What the operator should read.
    fn command(_app: &App, words: &[String]) -> std::result::Result<Command, String> {
        Err(format!("{} knows no command {words:?}; it knows {}", Self::NAME, commands::KNOWN))
    }
}

/// Runs a service until SIGTERM: settings, logs, migrations, listener, background work, drain.
///
/// With words it obeys and ends: `<service> migrate` migrates the schema, `<service> keys` makes the first signing key,
/// `<service> keys rotate` the next one, `<service> health` tells whether the one that runs is ready.
#[must_use]
pub fn serve<S: Service>() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run::<S>(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{}: {error}", S::NAME));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "there may be no logger yet, and the operator must see it")]
fn complain(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
fn tell(text: &str) {
    println!("{text}");
}

fn run<S: Service>(words: &[String]) -> BootResult<()> {
    let source = Source::read()?;
    if let Some(said) = commands::obey::<S>(&source, words) {
        tell(&said?);
        return Ok(());
    }
    let process: ProcessSettings = source.load()?;
    let mut settings: ServiceSettings = source.load()?;
    if !words.is_empty() {
        // A command needs one connection. Of several, one may just be being made when the command is done, and libpq
        // does not survive that its process ends meanwhile.
        settings.database.pool = 1;
    }
    let app = App::new(S::NAME, &process, settings, Box::new(SystemClock))?;
    let service = Arc::new(S::new(app.clone(), source.load()?)?);
    if words.is_empty() {
        return server::runtime()?.block_on(until_stopped(&process, &app, &service));
    }
    let command = S::command(&app, words)?;
    tell(&server::runtime()?.block_on(command)?);
    Ok(())
}

async fn until_stopped<S: Service>(process: &ProcessSettings, app: &App, service: &Arc<S>) -> BootResult<()> {
    let metrics = server::introduce(S::NAME, process)?;
    let lifecycle = Lifecycle::default();
    let server = start(process, app, service, lifecycle.clone())?;
    let stopped = server::asked_to_stop();
    tokio::pin!(stopped);
    let mut work = Vec::new();
    tokio::select! {
        stopped = &mut stopped => stopped?,
        () = migrated::<S>(app) => {
            work = spawn_all(service.background().into_iter().chain(background::housekeeping(app)));
            lifecycle.ready();
            log::info!("{} listens on {}", S::NAME, server.address);
            stopped.await?;
        }
    }
    server.drain().await;
    app.stop().signal();
    for task in work {
        let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
    }
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    Ok(())
}

fn spawn_all(tasks: impl Iterator<Item = Background>) -> Vec<tokio::task::JoinHandle<()>> {
    tasks.map(tokio::spawn).collect()
}

/// Starts the listener of a service: the same for `main` and for tests.
///
/// # Errors
/// When the address is taken.
pub fn start<S: Service>(
    process: &ProcessSettings,
    app: &App,
    service: &Arc<S>,
    lifecycle: Lifecycle,
) -> std::io::Result<Server> {
    app.add_probe(Probe::database(app));
    let (service, app) = (web::Data::from(service.clone()), app.clone());
    let probing = app.clone();
    let probes: Arc<dyn Fn() -> Vec<Probe> + Send + Sync> = Arc::new(move || probing.probes());
    let document = document::<S>();
    let table = web::Data::new(RouteTable::of(&document));
    let (document, app) = (web::Data::new(document), web::Data::new(app));
    Server::start(&process.http, lifecycle, web::Data::from(probes), move |config| {
        config
            .app_data(service.clone())
            .app_data(app.clone())
            .app_data(document.clone())
            .app_data(table.clone())
            .app_data(web::Data::new(Addition(S::error_also_says)));
        S::routes(&mut Routes::new(config));
        config.route("/openapi.json", web::get().to(openapi));
        config.route("/.well-known/jwks.json", web::get().to(jwks));
        config.default_service(web::to(unmatched));
    })
}

/// `GET /openapi.json`.
async fn openapi(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document)
}

/// `GET /.well-known/jwks.json`: the public halves of the service's own keys.
async fn jwks(app: web::Data<App>) -> Result<HttpResponse> {
    let keys = app.keys().jwks()?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=15")).json(keys))
}

/// Migrates, however long the database takes to come up.
pub async fn migrated<S: Service>(app: &App) {
    let url = app.settings().database.url.clone();
    loop {
        let url = url.clone();
        match tokio::task::spawn_blocking(move || migrate::<S>(url.expose())).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => log::warn!("schema not migrated yet: {error}"),
            Err(error) => log::error!("migration ended badly: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Brings the schema up to date. Replicas that start together wait for one another: diesel itself takes no lock, so
/// it is an advisory lock derived from the schema's name.
///
/// # Errors
/// When the database is away, or a migration fails.
pub fn migrate<S: Service>(url: &str) -> BootResult<()> {
    const LOCK: &str =
        "SELECT pg_advisory_lock(hashtextextended('banter migrations ' || current_schema(), 0))";
    let mut conn = PgConnection::establish(url)?;
    sql_query(LOCK).execute(&mut conn)?;
    conn.run_pending_migrations(crate::MIGRATIONS)?;
    for migrations in S::migrations() {
        conn.run_pending_migrations(migrations)?;
    }
    // The lock goes with the connection.
    Ok(())
}

/// Undoes all migrations, newest first: for tests, which try both directions.
///
/// # Errors
/// When the database is away, or a migration fails.
pub fn revert<S: Service>(conn: &mut PgConnection) -> BootResult<()> {
    for migrations in S::migrations().iter().rev() {
        revert_source(conn, migrations)?;
    }
    revert_source(conn, &crate::MIGRATIONS)
}

fn revert_source(conn: &mut PgConnection, source: &EmbeddedMigrations) -> BootResult<()> {
    let mut migrations: Vec<Box<dyn Migration<Pg>>> = source.migrations()?;
    migrations.sort_by_cached_key(|migration| Reverse(migration.name().to_string()));
    migrations.iter().try_for_each(|migration| conn.revert_migration(migration.as_ref()).map(|_| ()))
}

/// A handle for tests: the same as in `main`, with a clock of one's own.
///
/// # Errors
/// A setting that makes no sense.
pub fn assemble<S: Service>(
    source: &Source,
    clock: Box<dyn Clock>,
) -> BootResult<(ProcessSettings, App, Arc<S>)> {
    let process: ProcessSettings = source.load()?;
    let app = App::new(S::NAME, &process, source.load()?, clock)?;
    let service = Arc::new(S::new(app.clone(), source.load()?)?);
    Ok((process, app, service))
}
