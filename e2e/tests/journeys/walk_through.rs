//! The README's walk-through, run as it is written there.

use std::process::Command;

use crate::system::System;

/// The shell block below the README's heading of that name.
fn block() -> String {
    let readme = include_str!("../../../README.md");
    let section = readme.split("## Walk through").nth(1).expect("the README has a walk-through");
    let block = section.split("```sh\n").nth(1).expect("with a shell block");
    block.split("```").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_walk_through_of_the_readme_works_as_written() {
    let system = System::take().await;
    let script = block().replace("http://localhost:8080", &system.stack.base_url());
    assert!(script.contains(&system.stack.base_url()), "it talks to the gateway");
    let output = tokio::task::spawn_blocking(move || {
        Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap()
    });
    let output = output.await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let said: Vec<&str> = out.lines().filter(|line| line.starts_with("unread")).collect();
    assert_eq!(said, ["unread: 1", "unread after reading: 0"], "{out}\n{err}");
}
