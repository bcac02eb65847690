//! ejabberd as a peer: its HTTP API stores messages in the same Postgres, in the archive of both sides.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::json;

use super::Peer;
use crate::load::{Traffic, once};
use crate::process::{Process, free_address};
use crate::scripts::CONTENT;
use crate::stand::{Stand, connect};
use crate::wait::until;
use crate::wire::request;
use crate::{Result, wrong};

/// Its tables, as Debian's package has them.
const TABLES: &str = "/usr/share/ejabberd/sql/pg.sql";
const DATABASE: &str = "ejabberd";
/// How many people write to one another.
const PEOPLE: usize = 100;

/// Whether it is installed.
pub(crate) fn is_installed() -> bool {
    Path::new(TABLES).is_file()
}

/// Starts it with a database of its own in the stand's Postgres, and registers people.
///
/// # Errors
/// When it does not start.
pub(crate) fn start(stand: &Stand) -> Result<Peer> {
    make_tables(stand)?;
    let (dir, address) = (stand.dir.join("ejabberd"), free_address()?);
    let _absent = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("spool"))?;
    let file = dir.join("ejabberd.yml");
    std::fs::write(&file, configuration(address, &stand.stack.database_url(DATABASE))?)?;
    let process = Process::start("erl", &dir.join("out.log"), |command| run(command, &dir, &file))?;
    let often = (Duration::from_mins(1), Duration::from_millis(100));
    let status = request("POST", "/api/status", None, "{}");
    let problem = format!("ejabberd does not start: see {}", dir.display());
    until(often, &problem, || Ok(once(address, &status, 200).is_ok()))?;
    for number in 0..PEOPLE {
        let person = json!({ "user": name(number), "host": "localhost", "password": "secret" });
        once(address, &request("POST", "/api/register", None, &person.to_string()), 200)?;
    }
    Ok(Peer { address, _process: process })
}

/// Everybody says the same as they do with us.
pub(crate) fn traffic() -> Traffic {
    let said = |number: usize| {
        let (from, to) = (name(number), name((number + 1) % PEOPLE));
        let said = json!({
            "type": "chat", "from": format!("{from}@localhost"), "to": format!("{to}@localhost"),
            "subject": "", "body": CONTENT,
        });
        request("POST", "/api/send_message", None, &said.to_string())
    };
    let requests = Arc::new((0..PEOPLE).map(said).collect());
    Traffic { requests, is_right: |answer| answer.status == 200 && answer.body == b"0" }
}

/// How many messages it has in its archives.
///
/// # Errors
/// What Postgres says.
pub(crate) fn archived(stand: &Stand) -> Result<i64> {
    stand.count_in(DATABASE, "SELECT count(*) AS number FROM archive")
}

fn name(number: usize) -> String {
    format!("person{number}")
}

fn make_tables(stand: &Stand) -> Result<()> {
    let mut database = connect(&stand.stack)?;
    database.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}"))?;
    database.batch_execute(&format!("CREATE DATABASE {DATABASE}"))?;
    let mut database = PgConnection::establish(&stand.stack.database_url(DATABASE))?;
    Ok(database.batch_execute(&std::fs::read_to_string(TABLES)?)?)
}

/// Its start script insists on a user and folders of the system's.
fn run(command: &mut Command, dir: &Path, file: &PathBuf) {
    command.args(["-noinput", "+sbwt", "none", "-mnesia", "dir"]);
    command.arg(format!("\"{}\"", dir.join("spool").display())).args(["-s", "ejabberd"]).current_dir(dir);
    command.env("EJABBERD_CONFIG_PATH", file).env("EJABBERD_LOG_PATH", dir.join("log")).env("HOME", dir);
    command.env("ERL_LIBS", format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH));
}

fn configuration(address: SocketAddr, database: &str) -> Result<String> {
    let (user, server) = database
        .strip_prefix("postgres://")
        .and_then(|rest| rest.split_once('@'))
        .ok_or_else(|| wrong("an odd database URL"))?;
    let ((user, password), (host, rest)) =
        user.split_once(':').zip(server.split_once(':')).ok_or_else(|| wrong("an odd database URL"))?;
    let port = rest.split('/').next().unwrap_or(rest);
    Ok(format!(
        "hosts: [localhost]\nloglevel: warning\nauth_method: sql\ndefault_db: sql\n\
         sql_type: pgsql\nsql_server: {host}\nsql_port: {port}\nsql_database: {DATABASE}\n\
         sql_username: {user}\nsql_password: \"{password}\"\nsql_pool_size: 8\n\
         listen:\n  - port: {}\n    ip: 127.0.0.1\n    module: ejabberd_http\n    \
         request_handlers:\n      /api: mod_http_api\n\
         api_permissions:\n  bench:\n    from: [mod_http_api]\n    who: all\n    what: \"*\"\n\
         modules:\n  mod_admin_extra: {{}}\n  mod_mam: {{ default: always, db_type: sql }}\n",
        address.port()
    ))
}
