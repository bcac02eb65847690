//! Processes die, are held, are stopped, and leave nothing behind.

use std::fs;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};
use stack::{Condition, Ident, Stack};

use super::{obey, servers, text};

const PATIENCE: Duration = Duration::from_secs(40);

fn ident(stack: &Stack, process: &str) -> Option<Ident> {
    let entries = stack.entries();
    entries.iter().find(|(name, _)| *name == process).and_then(|(_, entry)| entry.running())
}

fn condition(stack: &Stack, process: &str) -> Option<Condition> {
    stack.entries().iter().find(|(name, _)| *name == process).map(|(_, entry)| entry.condition)
}

fn soon(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Every process that carries the mark of this home.
fn marked(root: &std::path::Path) -> Vec<String> {
    let mark = format!("BANTER_STACK_HOME={}", root.display());
    let pids = fs::read_dir("/proc").expect("proc").flatten().map(|entry| entry.path());
    let carries = |path: &std::path::PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    pids.filter(carries).map(|path| path.display().to_string()).collect()
}

#[test]
fn the_servers_take_clients_and_a_throw_away_stack_leaves_nothing() {
    let stack = servers();
    let root = stack.home().root().to_owned();
    PgConnection::establish(&stack.database_url("banter")).expect("Postgres takes the superuser");
    let wrong = stack.database_url("banter").replace("postgres:", "postgres:x");
    assert!(PgConnection::establish(&wrong).is_err(), "and nobody with another password");
    let pids: Vec<_> = ["epmd", "rabbitmq", "postgres"].iter().map(|name| ident(&stack, name)).collect();
    assert!(pids.iter().all(|ident| ident.is_some_and(Ident::is_alive)));
    assert!(!marked(&root).is_empty());
    drop(stack);
    assert!(pids.iter().all(|ident| ident.is_some_and(|ident| !ident.is_alive())));
    assert_eq!(marked(&root), Vec::<String>::new());
    assert!(!root.exists(), "its home is gone too");
}

#[test]
fn what_dies_is_started_again_and_what_is_held_stays_down() {
    let stack = servers();
    for process in ["postgres", "rabbitmq"] {
        let before = ident(&stack, process);
        stack.kill(process).expect("it dies");
        stack.wait_ready(process, PATIENCE).expect("it comes back");
        assert_ne!(ident(&stack, process), before);
    }
    let log = fs::read_to_string(stack.home().log_file("supervisor")).expect("a log");
    assert!(log.contains("postgres") && log.contains("starting it again in 200 ms"), "{log}");
    stack.stop("postgres").expect("it stops");
    assert!(soon(|| condition(&stack, "postgres") == Some(Condition::Held)));
    assert!(PgConnection::establish(&stack.database_url("banter")).is_err());
    stack.start("postgres").expect("it starts");
    PgConnection::establish(&stack.database_url("banter")).expect("and takes clients");
}

#[test]
fn without_its_supervisor_a_stack_goes_on_and_can_be_stopped() {
    let stack = servers();
    let root = stack.home().root().to_owned();
    let pid = fs::read_to_string(stack.home().pid_file("supervisor")).expect("a pid file");
    let supervisor = Ident::of(pid.trim().parse().expect("a pid")).expect("it runs");
    std::process::Command::new("kill").args(["-9", pid.trim()]).status().expect("kill runs");
    assert!(supervisor.wait_gone(PATIENCE));
    stack.wait_all_ready(PATIENCE).expect("the servers go on");
    let status = obey(&stack, &["status"]);
    assert!(!status.status.success(), "status fails when something is not well");
    assert!(text(&status.stdout).contains("dead"), "{}", text(&status.stdout));
    stack.down();
    assert!(soon(|| marked(&root).is_empty()), "{:?}", marked(&root));
}

#[test]
fn a_stack_ends_when_its_home_is_deleted() {
    let stack = servers();
    let root = stack.home().root().to_owned();
    let elsewhere = root.with_extension("moved");
    fs::rename(&root, &elsewhere).expect("moved away");
    assert!(soon(|| marked(&root).is_empty()), "{:?}", marked(&root));
    fs::remove_dir_all(&elsewhere).expect("deleted");
}
