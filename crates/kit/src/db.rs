//! The way to Postgres: a permit, then a connection, then one hop to a blocking thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::Connection as _;
use diesel::pg::PgConnection;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{QueryResult, RunQueryDsl as _, sql_query};
use tokio::sync::{Notify, Semaphore};

use crate::error::OVERLOADED;
use crate::settings::DatabaseSettings;
use crate::{Error, Result, logs};

/// A transaction that lost against another is tried this often.
const TRIES: usize = 5;

/// A service's own schema.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Links>,
    permits: Arc<Semaphore>,
    wait: Duration,
    told: Arc<Notify>,
}

/// A transaction. Only [`Db::write`] makes one, so whoever takes `&mut Tx` can rely on being inside it.
pub struct Tx<'a> {
    conn: &'a mut PgConnection,
    tells: bool,
}

impl Tx<'_> {
    /// The connection that the transaction runs on.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.conn
    }

    /// Notes that there is something in the outbox to tell, once this is committed: wakes who waits for
    /// [`Db::told`].
    pub fn tells(&mut self) {
        self.tells = true;
    }
}

/// A statement that checks, saves and announces in one round trip, and so needs no transaction around it.
pub trait OneStatement: Send + 'static {
    /// What it returns when it did something.
    type Row: Send + 'static;
    /// Whether it writes to the outbox.
    const TELLS: bool;

    /// Runs it: exactly one statement. No row means that it changed nothing.
    ///
    /// # Errors
    /// What Postgres says; then it changed nothing either.
    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<Self::Row>>;
}

impl Db {
    /// A pool that connects when it is first asked: a database that is away stops no start.
    #[must_use]
    pub fn new(settings: &DatabaseSettings) -> Self {
        let wait = Duration::from_millis(settings.wait_ms);
        let links = Links { url: with_deadlines(settings.url.expose()), epoch: Arc::default() };
        let builder =
            Pool::builder().max_size(settings.pool).connection_timeout(wait).error_handler(Box::new(LogIt));
        let permits = usize::try_from(settings.pool).unwrap_or(1);
        Self {
            pool: builder.min_idle(Some(1)).build_unchecked(links),
            permits: Arc::new(Semaphore::new(permits)),
            wait,
            told: Arc::default(),
        }
    }

    /// Runs a query outside a transaction.
    ///
    /// # Errors
    /// 503 when no connection is to be had, and whatever `query` says.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        self.hop(query).await
    }

    /// Runs a transaction. It is tried again when it lost against another (40001, 40P01), so that ids and the time
    /// must be drawn outside of it.
    ///
    /// # Errors
    /// 503 when no connection is to be had, and whatever `change` says; then nothing is changed.
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (done, tells) = self.hop(move |conn| persist(conn, &change)).await?;
        if tells {
            self.told.notify_one();
        }
        Ok(done)
    }

    /// Runs a statement that is a transaction by itself.
    ///
    /// # Errors
    /// What Postgres says, still to be told apart by constraint; 503 when no connection is to be had.
    pub async fn once<S: OneStatement>(&self, statement: S) -> Result<QueryResult<Option<S::Row>>> {
        let done = self.hop(move |conn| settle(conn, |conn| statement.run(conn))).await?;
        if S::TELLS {
            self.told.notify_one();
        }
        Ok(done)
    }

    /// Resolves when something to tell was committed here since the last time: a hint for the relay.
    pub async fn told(&self) {
        self.told.notified().await;
    }

    /// The permit moves into the closure: a request that is cancelled keeps its connection until the query ends.
    async fn hop<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let permit = tokio::time::timeout(self.wait, self.permits.clone().acquire_owned()).await;
        let permit =
            permit.map_err(|_| Error::new(&OVERLOADED).retry_after(1))?.map_err(Error::unavailable)?;
        let (pool, scope) = (self.pool.clone(), logs::current());
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            logs::within(scope, || {
                let mut link = pool.get().map_err(Error::unavailable)?;
                let done = work(&mut link.conn);
                link.suspect = done.as_ref().is_err_and(|error| error.code().status >= 500);
                done
            })
        });
        task.await.map_err(Error::internal)?
    }
}

/// What it came to, and whether it tells something.
fn persist<T>(conn: &mut PgConnection, change: &impl Fn(&mut Tx<'_>) -> Result<T>) -> Result<(T, bool)> {
    let mut tries = TRIES;
    loop {
        let done = conn.transaction(|conn| {
            let mut tx = Tx { conn, tells: false };
            change(&mut tx).map(|done| (done, tx.tells))
        });
        tries -= 1;
        match done {
            Err(error) if error.is_worth_retrying() && tries > 0 => {
                log::debug!("transaction tried again: {error}");
            }
            done => return done,
        }
    }
}

/// Lets a violated constraint through to the caller and turns all other failures into errors.
fn settle<T>(
    conn: &mut PgConnection,
    mut run: impl FnMut(&mut PgConnection) -> QueryResult<T>,
) -> Result<QueryResult<T>> {
    let mut tries = TRIES;
    loop {
        let done = run(conn);
        tries -= 1;
        match done {
            Err(DieselError::DatabaseError(_, ref info)) if info.constraint_name().is_some() => {
                return Ok(done);
            }
            Err(error) => match Error::from(error) {
                error if error.is_worth_retrying() && tries > 0 => {}
                error => return Err(error),
            },
            done => return Ok(done),
        }
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                Self::internal(error).worth_retrying()
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::unavailable(error),
            DieselError::DatabaseError(_, info) => classify(info.message()).because(&error),
            _ => Self::internal(error),
        }
    }
}

/// diesel hands on the SQLSTATE of few errors only; these are told by Postgres' own English (`lc_messages` is `C`).
fn classify(message: &str) -> Error {
    const GONE: [&str; 6] = [
        "terminating connection",
        "the database system is",
        "server closed the connection",
        "no connection to the server",
        "could not receive data",
        "SSL SYSCALL error",
    ];
    if message.contains("deadlock detected") {
        Error::internal("deadlock").worth_retrying()
    } else if GONE.iter().any(|gone| message.contains(gone)) {
        Error::unavailable(message)
    } else {
        Error::internal(message)
    }
}

/// Names a constraint and says what its violation means.
pub trait OnConstraint<T> {
    /// Replaces the violation of the constraint by `refusal`.
    ///
    /// # Errors
    /// The refusal, or the failure that it was.
    fn on_constraint<R: Into<Error>>(self, name: &str, refusal: R) -> Result<T>;
}

impl<T> OnConstraint<T> for QueryResult<T> {
    fn on_constraint<R: Into<Error>>(self, name: &str, refusal: R) -> Result<T> {
        self.map_err(|error| if violates(&error, name) { refusal.into() } else { error.into() })
    }
}

/// Whether the failure is the violation of that constraint.
#[must_use]
pub fn violates(error: &DieselError, constraint: &str) -> bool {
    matches!(error, DieselError::DatabaseError(_, info) if info.constraint_name() == Some(constraint))
}

/// How connections are made, and told alive from dead without asking Postgres each time.
struct Links {
    url: String,
    /// Counts the connections that were found dead: whatever is older is asked before it is used again.
    epoch: Arc<AtomicU64>,
}

struct Link {
    conn: PgConnection,
    epoch: u64,
    suspect: bool,
}

impl ManageConnection for Links {
    type Connection = Link;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> std::result::Result<Link, Self::Error> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let mut conn = PgConnection::establish(&self.url).map_err(diesel::r2d2::Error::ConnectionError)?;
        let setup = sql_query("SET lc_messages TO 'C'").execute(&mut conn);
        // Only superusers may set it; elsewhere the server's own default holds.
        if let Err(error) = setup {
            log::trace!("lc_messages: {error}");
        }
        Ok(Link { conn, epoch, suspect: false })
    }

    fn is_valid(&self, link: &mut Link) -> std::result::Result<(), Self::Error> {
        let epoch = self.epoch.load(Ordering::Acquire);
        if link.epoch < epoch {
            sql_query("SELECT 1").execute(&mut link.conn).map_err(diesel::r2d2::Error::QueryError)?;
            link.epoch = epoch;
        }
        Ok(())
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        // A panic leaves its transaction open: nobody may go on in it.
        if std::thread::panicking() {
            return true;
        }
        let broken =
            std::mem::take(&mut link.suspect) && sql_query("SELECT 1").execute(&mut link.conn).is_err();
        if broken {
            self.epoch.fetch_add(1, Ordering::AcqRel);
        }
        broken
    }
}

/// A database that is away is told in the log once a try, without the URL.
#[derive(Debug)]
struct LogIt;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for LogIt {
    fn handle_error(&self, error: E) {
        log::warn!("no connection to Postgres: {error}");
    }
}

/// Adds what libpq needs to notice a dead link in seconds, unless the URL sets it.
fn with_deadlines(url: &str) -> String {
    const DEADLINES: &str =
        "connect_timeout=3&keepalives_idle=10&keepalives_interval=3&keepalives_count=3&tcp_user_timeout=5000";
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{DEADLINES}")
}
