//! Clients that were written from the documentation alone, in another language, with other people's HTTP.

use std::path::Path;
use std::process::Command;

use crate::system::{PASSWORD, System};

#[tokio::test]
async fn a_generated_front_end_finds_every_route_as_documented() {
    let system = System::take().await;
    walk(&system, "e2e/client/ten-routes.js", []).await;
}

#[tokio::test]
async fn the_walk_through_of_threads_goes_as_documented() {
    let system = System::take().await;
    let email = system.moderator().await;
    let staff = [("STAFF_EMAIL", email.as_str()), ("STAFF_PASSWORD", PASSWORD)];
    walk(&system, "docs/walk-through/threads.js", staff).await;
}

#[tokio::test]
async fn the_walk_through_of_chats_goes_as_documented() {
    let system = System::take().await;
    walk(&system, "docs/walk-through/chats.js", []).await;
}

/// Runs a script that walks through an API.
async fn walk<const N: usize>(system: &System, script: &str, env: [(&str, &str); N]) {
    let compared = run(system, script, env).await;
    assert!(compared >= 10, "{script} compares {compared} answers only");
}

/// Runs a script that compares answers with what is documented, and prints a line for each; how many it was.
pub(crate) async fn run<const N: usize>(system: &System, script: &str, env: [(&str, &str); N]) -> usize {
    // Its own statement, so that a failed installation ends the script.
    let script = format!("NODE_PATH=$(scripts/npm.sh e2e/client); export NODE_PATH; node {script}");
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &script]).envs(env).env("BASE_URL", system.stack.base_url());
    bash.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let output = tokio::task::spawn_blocking(move || bash.output().unwrap()).await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out.lines().filter(|line| line.starts_with("ok")).count()
}
