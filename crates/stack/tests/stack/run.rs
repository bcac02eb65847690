//! `stack run`: a command with servers of its own.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use super::{stack_command, text};

#[test]
fn a_command_gets_both_servers_and_its_exit_code_is_passed_on() {
    let script = r#"echo "$BANTER_TEST_DATABASE_URL $BANTER_TEST_BROKER_URL"; exit 7"#;
    let output = stack_command().args(["run", "--", "sh", "-c", script]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    let urls = text(&output.stdout);
    assert!(urls.starts_with("postgres://postgres:") && urls.contains(" amqp://banter:"), "{urls}");
}

#[test]
fn an_interrupted_command_is_ended_and_the_servers_with_it() {
    let mut command = stack_command();
    command.args(["run", "--", "sh", "-c", "echo ready; exec sleep 600"]).process_group(0);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut line = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().expect("its output"));
    std::io::BufRead::read_line(&mut output, &mut line).expect("it says that it is ready");
    assert_eq!(line, "ready\n");
    std::process::Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(128 + 15));
}
