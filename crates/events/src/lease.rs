//! The lease on the outbox: one replica relays at a time. Two for a moment only repeat themselves.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{QueryResult, RunQueryDsl as _, sql_query};
use kit::{App, OneStatement, Result};
use uuid::Uuid;

/// A lease of four seconds is taken for two only: time enough to finish what was begun.
const TRUSTED: Duration = Duration::from_secs(2);
/// By the database's clock, the one that all replicas share.
const TAKE: &str = "INSERT INTO relay_lease (name, holder, until) \
    VALUES ('outbox', $1, now() + interval '4 seconds') \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
    WHERE relay_lease.holder = excluded.holder OR relay_lease.until < now()";
const GIVE_BACK: &str = "DELETE FROM relay_lease WHERE name = 'outbox' AND holder = $1";

/// A replica's claim to the lease.
pub(crate) struct Lease {
    holder: Uuid,
    taken: Mutex<Option<Instant>>,
}

impl Lease {
    /// A claim under that name.
    pub(crate) fn new(holder: Uuid) -> Self {
        Self { holder, taken: Mutex::default() }
    }

    /// Whether it was taken just now, so that there is no need to ask.
    pub(crate) fn is_fresh(&self) -> bool {
        let taken = *self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.is_some_and(|at| at.elapsed() < TRUSTED)
    }

    /// Takes or renews it; false when another replica has it.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub(crate) async fn take(&self, app: &App) -> Result<bool> {
        let now = Instant::now();
        let held = app.once(Claim(TAKE, self.holder)).await??.is_some();
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = held.then_some(now);
        Ok(held)
    }

    /// Lets another replica have it at once.
    ///
    /// # Errors
    /// 503 when the database is away; then it lapses by itself.
    pub(crate) async fn give_back(&self, app: &App) -> Result<()> {
        app.once(Claim(GIVE_BACK, self.holder)).await??;
        Ok(())
    }
}

struct Claim(&'static str, Uuid);

impl OneStatement for Claim {
    type Row = ();
    const TELLS: bool = false;

    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<()>> {
        let rows = sql_query(self.0).bind::<SqlUuid, _>(self.1).execute(conn)?;
        Ok((rows > 0).then_some(()))
    }
}
