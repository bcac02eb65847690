//! The process: it starts from variables alone, says which of them is wrong, and ends when asked to.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::wire::ask;

fn process(more: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.env_clear();
    command.env("BANTER__HTTP__ADDRESS", "127.0.0.1:0").env("BANTER__HTTP__DRAIN_MS", "50");
    command.env("BANTER__ENVIRONMENTS__PREVIEW__HOSTS", "preview.localhost, *.prw.example.com");
    command.env("BANTER__ENVIRONMENTS__PREVIEW__BASE_URL", "http://preview.localhost:8080");
    command.envs(more.iter().copied()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn it_starts_and_ends() {
    let mut process =
        process(&[("BANTER__CORS__ORIGINS", "http://localhost:*"), ("BANTER__LIMITS__CHUNK_MS", "9")]);
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| {
        let (_, address) =
            line.unwrap().split_once("gateway listens on ").map(|(a, b)| (a.len(), b.to_owned()))?;
        Some(address)
    });
    let address: SocketAddr = address.unwrap().trim().parse().unwrap();
    let answer = ask(address, "GET /environments HTTP/1.1\r\nHost: a.prw.example.com\r\n\r\n").await;
    assert_eq!(answer.json()[0]["name"], "preview");
    assert!(is_healthy(address));
    let kill = Command::new("kill").arg(process.id().to_string()).status().unwrap();
    assert!(kill.success() && process.wait().unwrap().success());
    assert!(!is_healthy(address));
}

/// What a container's health check does.
fn is_healthy(address: SocketAddr) -> bool {
    let mut check = Command::new(env!("CARGO_BIN_EXE_gateway"));
    check.arg("health").env_clear().env("BANTER__HTTP__ADDRESS", address.to_string());
    check.output().unwrap().status.success()
}

#[test]
fn a_command_that_it_does_not_know_is_refused() {
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_gateway"));
    let output = gateway.arg("migrate").env_clear().output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("knows `health`"), "{told}");
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("BANTER__HTTP__ADDRESS", "here"),
        ("BANTER__ENVIRONMENTS__PREVIEW__HOSTS", ""),
        ("BANTER__ENVIRONMENTS__PREVIEW__HOSTS", "*.*.example.com"),
        ("BANTER__ENVIRONMENTS__PREVIEW__BASE_URL", "preview"),
        ("BANTER__ENVIRONMENTS__PREVIEW__SERVICES__AUTH", "127.0.0.1:80"),
        ("BANTER__ENVIRONMENTS__PREVIEW__SERVICES__MAIL", "http://127.0.0.1:80"),
        ("BANTER__ENVIRONMENTS__STAGING__BASE_URL", "http://x"),
        ("BANTER__PROXY__TRUSTED", "10.0.0.0/8,everyone"),
        ("BANTER__CORS__ORIGINS", "*"),
        ("BANTER__LIMITS__CHUNK_MS", "0"),
        ("BANTER__LIMITS__BODY_BYTES", "lots"),
        ("BANTER__LIMITS__USER_BURST", "0"),
        ("BANTER__LIMITS__ADDRESS_PER_SECOND", "1000001"),
        ("BANTER__LIMITS__SIGN_IN_ENABLED", "perhaps"),
        // Misspelt, and so part of no limit.
        ("BANTER__LIMITS__USER_BURTS", "10"),
    ];
    for (variable, value) in cases {
        let output = process(&[(variable, value)]).wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let named = variable.replace("STAGING__BASE_URL", "STAGING__HOSTS").replace("__USER_BURTS", "");
        assert!(
            !output.status.success() && told.contains(&format!("{named}: ")),
            "{variable}={value}: {told}"
        );
    }
}
