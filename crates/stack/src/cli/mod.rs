//! The command line: a thin layer over [`Stack`].

mod demo;
mod dlq;
mod generate;
mod logs;
mod operate;
mod run;
mod screen;
mod status;
mod up;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::environment::Environment;
use crate::error::{Context, Result};
use crate::home::{Home, check_owner, default_root};
use crate::stack::{Options, Stack};

/// Runs Banter on this machine: a private Postgres and RabbitMQ, every service, the gateway, demo data.
#[derive(Debug, Parser)]
#[command(name = "stack", disable_help_subcommand = true)]
struct Arguments {
    /// Where everything is kept; by default `.banter` in the workspace.
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything, wait until it is healthy, make demo data, and return.
    Up {
        /// Where the gateway listens.
        #[arg(long, value_name = "PORT", default_value_t = 8080)]
        gateway_port: u16,
        /// Which environments; others that run go on.
        #[arg(long, value_enum, num_args = 1.., value_name = "NAME", default_value = "production")]
        environments: Vec<Environment>,
        /// Make no demo data.
        #[arg(long)]
        no_demo: bool,
        /// Start only Postgres and RabbitMQ.
        #[arg(long)]
        servers_only: bool,
    },
    /// Stop everything.
    Down {
        /// Delete the data, keys and logs as well.
        #[arg(long)]
        wipe: bool,
    },
    /// Show every process and how it is.
    Status,
    /// Show the end of the logs.
    Logs {
        /// Of one process only.
        process: Option<String>,
        /// Go on showing what is added.
        #[arg(short, long)]
        follow: bool,
    },
    /// Run a command with a throw-away Postgres and RabbitMQ, as tests need them.
    Run {
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Act on a user.
    User {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        user: User,
    },
    /// Act on signing keys.
    Keys {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        keys: Keys,
    },
    /// Act on the moderation log.
    Moderation {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        moderation: Moderation,
    },
    /// Act on the unified inbox.
    Inbox {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        inbox: Unified,
    },
    /// Act on the files.
    Bucket {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        bucket: Files,
    },
    /// Look at dead letters, or deliver them again.
    Dlq {
        #[command(flatten)]
        scope: Scope,
        #[command(subcommand)]
        dlq: Dlq,
    },
    /// Make the demo data behind a gateway that runs elsewhere, such as one in containers; the password of the demo's
    /// people is that in `BANTER_DEMO_PASSWORD`.
    Demo {
        /// The gateway's address.
        #[arg(long, default_value = "http://localhost:8080")]
        url: String,
    },
    /// Make test data at scale, on top of what is there.
    Generate {
        #[command(subcommand)]
        wish: generate::Wish,
    },
    /// Keep the stack of this home running (what `up` starts in the background).
    #[command(hide = true)]
    Supervise,
}

#[derive(Debug, Args)]
struct Scope {
    /// In which environment.
    #[arg(long, value_enum, global = true, value_name = "NAME", default_value = "production")]
    environment: Environment,
}

impl Scope {
    /// The stack that runs, if this environment is part of it.
    fn stack(&self, root: &Path) -> Result<Stack> {
        let stack = Stack::running(root)?;
        stack.layout().check(self.environment)?;
        Ok(stack)
    }
}

#[derive(Debug, Subcommand)]
enum User {
    /// Give a user a role: user, moderator, admin, superAdmin or saasAdmin.
    Role {
        /// The user's e-mail address.
        email: String,
        /// The role.
        role: String,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Write a new key that signs in a minute, and delete keys superseded more than two hours ago.
    Rotate {
        /// Whose key.
        service: String,
    },
}

#[derive(Debug, Subcommand)]
enum Moderation {
    /// Tell whether the log is as it was written: fails when an entry was changed, added or taken out.
    Verify,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Unified {
    /// Tell where it differs from what its owners say.
    Verify,
    /// Put that right.
    Rebuild,
}

impl Unified {
    fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Rebuild => "rebuild",
        }
    }
}

#[derive(Debug, Subcommand)]
enum Files {
    /// Say whether files and what is known of them agree.
    Fsck {
        /// Remove what nobody knows of and is older than a day.
        #[arg(long)]
        repair: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Dlq {
    /// Count dead letters, and show the first ones.
    List {
        /// Of one service only.
        service: Option<String>,
        /// How many to show of each queue.
        #[arg(long, default_value_t = 10)]
        max: u32,
    },
    /// Put dead letters back into the queue they came from.
    Replay {
        /// Of one service only.
        service: Option<String>,
        /// How many of each queue at most.
        #[arg(long)]
        max: Option<u32>,
    },
}

/// Runs the command that the arguments ask for.
#[must_use]
pub fn main() -> ExitCode {
    match obey(Arguments::parse()) {
        Ok(code) => code,
        Err(failure) => {
            let _closed = writeln!(std::io::stderr(), "stack: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn obey(arguments: Arguments) -> Result<ExitCode> {
    let root = arguments.home.map_or_else(default_root, Ok)?;
    check_owner(&root)?;
    match arguments.command {
        Command::Up { gateway_port, environments, no_demo, servers_only } => {
            let (home, gateway_port) = (Some(root), Some(gateway_port));
            let options = Options { home, gateway_port, environments, servers_only, bound: false };
            up::up(&options, !no_demo && !servers_only)
        }
        Command::Down { wipe } => operate::down(&root, wipe),
        Command::Status => status::status(&Stack::running(&root)?),
        Command::Logs { process, follow } => logs::logs(&root, process.as_deref(), follow),
        Command::Run { command } => run::run(&command),
        Command::User { scope, user: User::Role { email, role } } => {
            let words = ["user-role", &email, &role];
            operate::ask(&scope.stack(&root)?, scope.environment, "auth", &words)
        }
        Command::Moderation { scope, moderation: Moderation::Verify } => {
            operate::ask(&scope.stack(&root)?, scope.environment, "conversation", &["moderation", "verify"])
        }
        Command::Inbox { scope, inbox } => {
            operate::ask(&scope.stack(&root)?, scope.environment, "inbox", &["unified", inbox.word()])
        }
        Command::Bucket { scope, bucket: Files::Fsck { repair } } => {
            let words = if repair { &["fsck", "repair"][..] } else { &["fsck"] };
            operate::ask(&scope.stack(&root)?, scope.environment, "bucket", words)
        }
        Command::Keys { scope, keys: Keys::Rotate { service } } => {
            operate::rotate(&scope.stack(&root)?, scope.environment, &service)
        }
        Command::Dlq { scope, dlq: Dlq::List { service, max } } => {
            dlq::list(&scope.stack(&root)?, scope.environment, service.as_deref(), max)
        }
        Command::Dlq { scope, dlq: Dlq::Replay { service, max } } => {
            dlq::replay(&scope.stack(&root)?, scope.environment, service.as_deref(), max)
        }
        Command::Demo { url } => demo::demo(url),
        Command::Generate { wish } => wish.grant(&Stack::running(&root)?),
        Command::Supervise => wait_for(crate::supervisor::supervise(Home::create(&root)?)),
    }
}

/// Runs something asynchronous to its end.
fn wait_for(work: impl Future<Output = Result<()>>) -> Result<ExitCode> {
    runtime()?.block_on(work)?;
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.context(|| "cannot start a runtime")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn several_environments_may_be_named_and_each_command_acts_in_one() {
        let arguments = Arguments::parse_from(["stack", "up", "--environments", "preview", "production"]);
        let named = [Environment::Preview, Environment::Production];
        assert!(matches!(arguments.command, Command::Up { environments, .. } if environments == named));
        let arguments = Arguments::parse_from(["stack", "dlq", "list", "--environment", "preview", "auth"]);
        assert!(
            matches!(arguments.command, Command::Dlq { scope, .. } if scope.environment == Environment::Preview)
        );
        assert!(Arguments::try_parse_from(["stack", "up", "--environments", "moon"]).is_err());
    }

    #[test]
    fn a_command_to_run_keeps_its_own_options() {
        let arguments = Arguments::parse_from(["stack", "run", "--", "cargo", "test", "--workspace"]);
        assert!(matches!(arguments.command, Command::Run { command } if command.len() == 3));
    }
}
