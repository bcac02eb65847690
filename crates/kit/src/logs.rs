//! Log lines, for people or as JSON, each with the request and user that it is about.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use env_logger::fmt::Formatter;
use log::kv::{Key, VisitSource};
use log::{Record, kv};
use serde_json::{Map, Value};

use crate::settings::{LogFormat, LogSettings};
use crate::{Clock as _, SystemClock, UserId};

tokio::task_local! {
    static CURRENT: Arc<Scope>;
}

/// The request that a line is about.
#[derive(Debug)]
pub struct Scope {
    /// Its id.
    pub request_id: Arc<str>,
    /// When it came.
    pub started: Instant,
    user: OnceLock<UserId>,
    route: OnceLock<&'static str>,
}

impl Default for Scope {
    fn default() -> Self {
        Self::new(Arc::from(""))
    }
}

impl Scope {
    /// The scope of a request that comes now.
    #[must_use]
    pub fn new(request_id: Arc<str>) -> Self {
        Self { request_id, started: Instant::now(), user: OnceLock::new(), route: OnceLock::new() }
    }

    /// Says who calls, once that is known.
    pub fn set_user(&self, user: UserId) {
        let _ = self.user.set(user);
    }

    /// Names the route for the log and the metrics, where it is not one of the listener's own.
    pub fn set_route(&self, route: &'static str) {
        let _ = self.route.set(route);
    }

    pub(crate) fn route(&self) -> Option<&'static str> {
        self.route.get().copied()
    }
}

/// The scope that we are in.
pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Carries a scope to a blocking thread.
pub(crate) fn within<T>(scope: Option<Arc<Scope>>, work: impl FnOnce() -> T) -> T {
    match scope {
        Some(scope) => CURRENT.sync_scope(scope, work),
        None => work(),
    }
}

/// Runs a task within a scope: its lines, and those of the queries it makes, carry the request's id.
pub async fn scoped<F: Future>(scope: Arc<Scope>, task: F) -> F::Output {
    CURRENT.scope(scope, task).await
}

/// Installs the logger; a second call (as in tests) changes nothing. Panics are told by it too, in one line.
pub fn init(process: &'static str, settings: &LogSettings) {
    if builder(process, settings).try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            log::error!("{}", panic.to_string().replace('\n', " "));
        }));
    }
}

/// The logger that [`init`] installs; to standard error, unless the caller says otherwise.
#[must_use]
pub fn builder(process: &'static str, settings: &LogSettings) -> env_logger::Builder {
    let mut builder = env_logger::Builder::new();
    // It logs whole messages when they are returned; what matters of it we log ourselves.
    builder.filter_module("lapin", log::LevelFilter::Off);
    // What clients send is no error of ours; it calls it one.
    builder.filter_module("actix_http::h1", log::LevelFilter::Off);
    builder.parse_filters(&settings.level);
    match settings.format {
        LogFormat::Human => builder.format(human),
        LogFormat::Json => builder.format(move |out, record| json(out, process, record)),
    };
    builder
}

fn human(out: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let style = out.default_level_style(record.level());
    write!(out, "{} {style}{:<5}{style:#} {}", timestamp(), record.level(), record.args())?;
    for (name, value) in fields(record) {
        write!(out, " {name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
    }
    writeln!(out)
}

fn json(out: &mut Formatter, process: &str, record: &Record<'_>) -> std::io::Result<()> {
    let mut line = Map::new();
    line.insert("time".into(), timestamp().into());
    line.insert("level".into(), record.level().as_str().into());
    line.insert("process".into(), process.into());
    line.insert("target".into(), record.target().into());
    line.insert("message".into(), record.args().to_string().into());
    line.extend(fields(record));
    writeln!(out, "{}", Value::Object(line))
}

fn timestamp() -> String {
    SystemClock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The line's own fields, then those of its request.
fn fields(record: &Record<'_>) -> Map<String, Value> {
    let mut fields = Fields(Map::new());
    // Collecting into a map cannot fail.
    let _ = record.key_values().visit(&mut fields);
    if let Some(scope) = current() {
        fields.0.insert("requestId".into(), scope.request_id.as_ref().into());
        fields.0.extend(scope.user.get().map(|user| ("userId".to_owned(), user.to_string().into())));
    }
    fields.0
}

struct Fields(Map<String, Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let number = value.to_i64().map(Value::from).or_else(|| value.to_f64().map(Value::from));
        self.0.insert(key.to_string(), number.unwrap_or_else(|| value.to_string().into()));
        Ok(())
    }
}
