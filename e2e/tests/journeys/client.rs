//! A client that was written from the documentation of messaging alone, in another language, with other people's HTTP.

use std::path::Path;
use std::process::Command;

use crate::system::System;

#[tokio::test]
async fn a_generated_front_end_finds_every_route_as_documented() {
    let system = System::take().await;
    let base_url = system.stack.base_url();
    let run = tokio::task::spawn_blocking(move || {
        // Its own statement, so that a failed installation ends the script.
        let script =
            "NODE_PATH=$(scripts/npm.sh e2e/client); export NODE_PATH; node e2e/client/ten-routes.js";
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", script]).current_dir(root).env("BASE_URL", base_url);
        bash.output().unwrap()
    });
    let output = run.await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.lines().filter(|line| line.starts_with("ok")).count() >= 10, "{out}");
}
