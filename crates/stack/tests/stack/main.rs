//! The stack on real servers: each test starts a private PostgreSQL and RabbitMQ of its own.

#![expect(clippy::expect_used, reason = "helpers of tests are tests too")]

mod dead_letters;
mod lifecycle;
mod run;

use std::process::{Command, Output};

use stack::{Options, Stack};

/// A throw-away stack without services.
fn servers() -> Stack {
    Stack::up(&Options { servers_only: true, ..Options::default() }).expect("the servers start")
}

/// The command line.
fn stack_command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_stack"))
}

/// Runs the command line on the home of a stack that runs.
fn obey(stack: &Stack, arguments: &[&str]) -> Output {
    stack_command().arg("--home").arg(stack.home().root()).args(arguments).output().expect("it runs")
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}
