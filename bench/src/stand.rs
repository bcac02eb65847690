//! The stand: a stack of its own, started from the release's binaries, with data and people in it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::json;
use stack::{Options, Stack};

use crate::cast::Cast;
use crate::load::once;
use crate::report::say;
use crate::wire::request;
use crate::{Result, wrong};

/// How much data there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// What it is called.
    pub(crate) name: &'static str,
    users: usize,
    conversations: usize,
    messages: usize,
    longest: usize,
    busiest: usize,
}

/// Two million messages.
pub(crate) const SMALL: Scale = Scale {
    name: "2M",
    users: 10_000,
    conversations: 50_000,
    messages: 2_000_000,
    longest: 100_000,
    busiest: 2_000,
};
/// Ten million messages of the same people in as many conversations.
pub(crate) const LARGE: Scale = Scale { name: "10M", messages: 10_000_000, ..SMALL };
/// Somebody with ten thousand conversations, for the unified inbox.
pub(crate) const INBOX: Scale = Scale {
    name: "inbox",
    users: 10_000,
    conversations: 30_000,
    messages: 300_000,
    longest: 2_000,
    busiest: 10_000,
};
/// To try the bench itself.
pub(crate) const TINY: Scale = Scale {
    name: "tiny",
    users: 1_100,
    conversations: 12_000,
    messages: 100_000,
    longest: 2_000,
    busiest: 200,
};

/// The password of all: it is hashed once.
const PASSWORD: &str = "correct horse battery staple";
/// What the gateway must be told, since all come from one address.
const LIMITS: [&str; 3] = ["ADDRESS", "SIGN_IN", "USER"];

/// A stack that runs, filled.
pub(crate) struct Stand {
    pub(crate) stack: Stack,
    pub(crate) scale: Scale,
    pub(crate) cast: Cast,
    /// Where scripts and logs go.
    pub(crate) dir: PathBuf,
    /// Memory of each of our processes before anybody asked anything of it, in MB.
    pub(crate) idle: Vec<(String, f64)>,
}

impl Stand {
    /// Starts it; makes what is not there yet.
    ///
    /// # Errors
    /// When the stack does not start, or the data cannot be made.
    pub(crate) fn up(dir: &Path, scale: Scale) -> Result<Self> {
        check_limits()?;
        let dir = dir.join(scale.name);
        std::fs::create_dir_all(&dir)?;
        let dir = dir.canonicalize()?;
        say(&format!("Starting a stack in {}", dir.join("home").display()));
        let options = Options { home: Some(dir.join("home")), bound: true, ..Options::default() };
        let stack = Stack::up(&options)?;
        let idle = memory(&stack)?;
        fill(&stack, scale)?;
        let mut database = connect(&stack)?;
        let cast = Cast::gather(&mut database, &stack)?;
        sql_query("VACUUM (ANALYZE)").execute(&mut database)?;
        Ok(Self { stack, scale, cast, dir, idle })
    }

    /// The gateway's address.
    pub(crate) fn gateway(&self) -> Result<SocketAddr> {
        address(&self.stack.base_url())
    }

    /// A service's own address.
    pub(crate) fn service(&self, name: &str) -> Result<SocketAddr> {
        address(&self.stack.url(name)?)
    }

    /// The database, as pgbench is told.
    pub(crate) fn database_url(&self) -> String {
        self.stack.database_url("banter")
    }

    /// Counts with a query of one number.
    ///
    /// # Errors
    /// What Postgres says.
    pub(crate) fn count(&self, query: &str) -> Result<i64> {
        count(&mut connect(&self.stack)?, query)
    }

    /// Changes something behind the services' backs.
    ///
    /// # Errors
    /// What Postgres says.
    pub(crate) fn change(&self, statement: &str) -> Result<()> {
        Ok(connect(&self.stack)?.batch_execute(statement)?)
    }

    /// Counts in a database that is not ours.
    ///
    /// # Errors
    /// What Postgres says.
    pub(crate) fn count_in(&self, name: &str, query: &str) -> Result<i64> {
        count(&mut PgConnection::establish(&self.stack.database_url(name))?, query)
    }

    /// Waits until the relay has told everything; how many events that were, and how long it took.
    ///
    /// # Errors
    /// When it gets nowhere.
    pub(crate) fn drained(&self) -> Result<(i64, Duration)> {
        let mut database = connect(&self.stack)?;
        let begun = Instant::now();
        let first = count(&mut database, OUTBOX)?;
        let mut left = first;
        while left > 0 {
            if begun.elapsed() > Duration::from_mins(5) {
                return Err(wrong(format!("the relay leaves {left} events")));
            }
            std::thread::sleep(Duration::from_millis(20));
            left = count(&mut database, OUTBOX)?;
        }
        Ok((first, begun.elapsed()))
    }

    /// Postgres writes out what is due, so that it falls into nobody's time.
    ///
    /// # Errors
    /// What Postgres says.
    pub(crate) fn settle(&self) -> Result<()> {
        self.change("CHECKPOINT")
    }

    /// Memory of each of our processes, in MB: the most that it has held since it started.
    ///
    /// # Errors
    /// When one does not run.
    pub(crate) fn memory(&self) -> Result<Vec<(String, f64)>> {
        memory(&self.stack)
    }

    /// In every conversation the messages are numbered from 1 without a gap: whatever was sent, however much at once.
    ///
    /// # Errors
    /// When they are not.
    pub(crate) fn check_numbers(&self) -> Result<()> {
        match self.count(GAPS)? {
            0 => Ok(()),
            gaps => Err(wrong(format!("{gaps} conversations have gaps in their numbers"))),
        }
    }
}

const OUTBOX: &str = "SELECT count(*) AS number FROM messaging.outbox";
const GAPS: &str = "
    SELECT count(*) AS number FROM messaging.conversation c
    LEFT JOIN (SELECT conversation_id, count(*) AS messages, max(seq) AS last FROM messaging.message GROUP BY 1) m
        ON m.conversation_id = c.id
    WHERE c.last_seq <> coalesce(m.messages, 0) OR c.last_seq <> coalesce(m.last, 0)";

/// The limits are settings of the gateway, which the stack hands on from our own environment.
fn check_limits() -> Result<()> {
    let off =
        |limit: &&str| std::env::var(format!("BANTER__LIMITS__{limit}_ENABLED")).as_deref() == Ok("false");
    match LIMITS.iter().find(|limit| !off(limit)) {
        None => Ok(()),
        Some(limit) => Err(wrong(format!("set BANTER__LIMITS__{limit}_ENABLED=false, as `make bench` does"))),
    }
}

fn address(url: &str) -> Result<SocketAddr> {
    Ok(url.trim_start_matches("http://").parse()?)
}

/// A superuser's connection.
pub(crate) fn connect(stack: &Stack) -> Result<PgConnection> {
    Ok(PgConnection::establish(&stack.database_url("banter"))?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Counts with a query of one number, on a connection that stays.
pub(crate) fn count(database: &mut PgConnection, query: &str) -> Result<i64> {
    Ok(sql_query(query).get_result::<Number>(database)?.number)
}

/// Of the servers that we only run there is nothing to tell.
fn memory(stack: &Stack) -> Result<Vec<(String, f64)>> {
    let ours = stack
        .entries()
        .into_iter()
        .filter(|(name, _)| !["epmd", "postgres", "rabbitmq"].contains(&name.as_str()));
    let running = ours.filter_map(|(name, entry)| Some((name, entry.running()?.pid)));
    running.map(|(name, pid)| Ok((name, crate::process::memory(pid)?))).collect()
}

/// Makes the data, unless it is there.
fn fill(stack: &Stack, scale: Scale) -> Result<()> {
    let mut database = connect(stack)?;
    let there = count(&mut database, "SELECT count(*) AS number FROM messaging.conversation")?;
    if there > 0 {
        return Ok(());
    }
    say(&format!("Making {} messages; that takes a while the first time.", scale.messages));
    generate(stack, scale)?;
    enrol(stack, &mut database)
}

fn generate(stack: &Stack, scale: Scale) -> Result<()> {
    let program = std::env::current_exe()?.with_file_name("stack");
    let mut command = Command::new(program);
    command.arg("--home").arg(stack.home().root()).args(["generate", "conversations"]);
    let sizes = [
        ("--users", scale.users),
        ("--conversations", scale.conversations),
        ("--messages", scale.messages),
        ("--longest", scale.longest),
        ("--busiest", scale.busiest),
    ];
    for (name, size) in sizes {
        command.arg(name).arg(size.to_string());
    }
    if command.status()?.success() { Ok(()) } else { Err(wrong("`stack generate` failed")) }
}

/// Gives everybody an account: with the password that somebody real has chosen, so that it is hashed once.
const ENROL: &str = "
    INSERT INTO auth.users
        (id, email, password_hash, fullname, role, is_active, record_version, created_at, updated_at, folded_name, grams)
    SELECT k.id, k.id || '@example.com', real.password_hash, k.fullname, 'user', true, 1, now(), now(),
        lower(k.fullname), '{}'
    FROM messaging.known_user k, auth.users real
    WHERE real.email = 'real@example.com' AND k.id <> real.id
    ON CONFLICT DO NOTHING";

fn enrol(stack: &Stack, database: &mut PgConnection) -> Result<()> {
    let gateway = address(&stack.base_url())?;
    let real = json!({ "email": "real@example.com", "password": PASSWORD, "fullname": "Somebody Real" });
    once(gateway, &request("POST", "/auth-api/v1/users", None, &real.to_string()), 201)?;
    sql_query(ENROL).execute(database)?;
    // The one proof that the accounts are good: somebody signs in.
    let email = "(SELECT email FROM auth.users WHERE fullname = 'User 7' LIMIT 1)";
    let Email { email } = sql_query(format!("SELECT {email} AS email")).get_result(database)?;
    let login = json!({ "email": email, "password": PASSWORD });
    once(gateway, &request("POST", "/auth-api/login", None, &login.to_string()), 200).map(drop)
}

#[derive(QueryableByName)]
struct Email {
    #[diesel(sql_type = diesel::sql_types::Text)]
    email: String,
}
