//! A private Postgres: its own cluster, loopback only, log-in by password.
//!
//! No Unix socket: a path below a home can be longer than the 107 bytes that a socket's may have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Integer};

use crate::environment::Environment;
use crate::error::{Context, Error, Result};
use crate::home::replace;
use crate::layout::Layout;
use crate::place::Place;
use crate::table::SERVICES;

/// The command that runs the server in the foreground; makes its cluster first if there is none yet.
pub(crate) fn command(layout: &Layout) -> Result<Command> {
    let place = layout.place()?;
    let dir = place.dir("postgres")?;
    let cluster = dir.join("cluster");
    if !cluster.join("PG_VERSION").is_file() {
        create_cluster(layout, &place, &dir, &cluster)?;
    }
    let mut command = place.command(&program("postgres")?);
    command.arg("-D").arg(&cluster).arg("-p").arg(layout.port("postgres").to_string()).current_dir(&dir);
    command.args(settings(layout.plan.throwaway).iter().flat_map(|setting| ["-c", *setting]));
    Ok(command)
}

fn settings(throwaway: bool) -> Vec<&'static str> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_line_prefix=%m [%p] %q%u ",
    ];
    if throwaway {
        // What is committed survives the death of a process, though not of the machine, whose stack is thrown away anyway.
        settings.extend(["fsync=off", "full_page_writes=off"]);
    }
    settings
}

/// Makes the cluster under another name first, so that one whose making was cut short is never started.
fn create_cluster(layout: &Layout, place: &Place, dir: &Path, cluster: &Path) -> Result<()> {
    let draft = dir.join("draft");
    let _absent = fs::remove_dir_all(&draft);
    let password = dir.join("password");
    replace(&password, layout.secrets.get("postgres").as_bytes())?;
    place.give(&password)?;
    let mut initdb = place.command(&program("initdb")?);
    initdb.args([
        "--username=postgres",
        "--auth=scram-sha-256",
        "--locale=C.UTF-8",
        "--encoding=UTF8",
        "--no-sync",
    ]);
    initdb.arg("--pwfile").arg(&password).arg("--pgdata").arg(&draft).current_dir(dir);
    let made = run(initdb.stdin(Stdio::null()));
    let _gone = fs::remove_file(&password);
    made?;
    fs::rename(&draft, cluster).context(|| "cannot move the new cluster to its place")
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context(|| format!("cannot run {}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("{} failed: {}", command.get_program().display(), said.trim())))
}

/// A program of the newest Postgres that is installed. Debian keeps them out of `PATH`.
fn program(name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |dir: &PathBuf| dir.file_name()?.to_str()?.parse::<u32>().ok();
    let found = versions.map(|entry| entry.path()).filter(|dir| dir.join("bin").join(name).is_file());
    let debian = found.max_by_key(version).map(|dir| dir.join("bin").join(name));
    let elsewhere = || in_path(name);
    debian
        .or_else(elsewhere)
        .ok_or_else(|| Error::new(format!("no {name}: is PostgreSQL's server installed?")))
}

/// A program in `PATH`.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.is_file())
}

/// Makes every environment's database and in it, for every service, a role and a schema; what is there already stays.
pub(crate) fn provision(layout: &Layout) -> Result<()> {
    let mut server = connect(&layout.admin_url("postgres"))?;
    let mut environments = layout.plan.environments.iter();
    environments.try_for_each(|environment| provision_environment(&mut server, layout, *environment))
}

/// Names come from our own tables and passwords from our own alphabet: neither needs quoting.
fn provision_environment(server: &mut PgConnection, layout: &Layout, environment: Environment) -> Result<()> {
    let name = environment.database();
    if !exists(server, &format!("SELECT 1 AS found FROM pg_database WHERE datname = '{name}'"))? {
        execute(server, &format!("CREATE DATABASE {name}"))?;
    }
    execute(server, &format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"))?;
    let mut database = connect(&layout.admin_url(&name))?;
    SERVICES
        .iter()
        .try_for_each(|service| provision_service(&mut database, layout, environment, service.name))
}

fn provision_service(
    connection: &mut PgConnection,
    layout: &Layout,
    environment: Environment,
    service: &str,
) -> Result<()> {
    let (role, database) = (environment.role(service), environment.database());
    let password = layout.role_password(environment, service);
    if !exists(connection, &format!("SELECT 1 AS found FROM pg_roles WHERE rolname = '{role}'"))? {
        execute(connection, &format!("CREATE ROLE {role} LOGIN"))?;
    }
    execute(
        connection,
        &format!(
            "ALTER ROLE {role} WITH LOGIN PASSWORD '{password}';
             ALTER ROLE {role} SET search_path = {service};
             GRANT CONNECT ON DATABASE {database} TO {role};
             CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {role}"
        ),
    )
}

/// Opens a connection.
pub(crate) fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::establish(url).context(|| "cannot connect to Postgres")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Integer)]
    found: i32,
}

fn exists(connection: &mut PgConnection, query: &str) -> Result<bool> {
    let rows: Vec<Found> = sql_query(query).load(connection).context(|| "cannot ask Postgres")?;
    Ok(rows.iter().any(|row| row.found == 1))
}

fn execute(connection: &mut PgConnection, statements: &str) -> Result<()> {
    connection.batch_execute(statements).context(|| "cannot prepare the database")
}
