//! A private RabbitMQ from the system's package: its own node name, ports, cookie and folders, loopback only.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::home::{private_dir, replace};
use crate::layout::Layout;
use crate::place::Place;
use crate::postgres::in_path;

/// The package's own start script; the one in `PATH` insists on the system's user and folders.
const SCRIPT: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// The command that runs Erlang's port mapper in the foreground. Started by us, because the one that a broker
/// starts for itself outlives it.
pub(crate) fn epmd_command(layout: &Layout) -> Result<Command> {
    let program = in_path("epmd").ok_or_else(|| Error::new("no epmd: is RabbitMQ's server installed?"))?;
    let mut command = layout.place()?.command(&program);
    command.args(["-address", "127.0.0.1", "-port"]).arg(layout.port("epmd").to_string()).current_dir("/");
    Ok(command)
}

/// The command that runs the broker in the foreground.
pub(crate) fn command(layout: &Layout) -> Result<Command> {
    if !Path::new(SCRIPT).is_file() {
        return Err(Error::new(format!("no {SCRIPT}: is RabbitMQ's server installed?")));
    }
    let place = layout.place()?;
    let dir = place.dir("rabbitmq")?;
    configure(layout, &place, &dir)?;
    let mut command = place.command(Path::new(SCRIPT));
    command.envs(environment(layout, &dir)).current_dir(&dir);
    Ok(command)
}

fn configure(layout: &Layout, place: &Place, dir: &Path) -> Result<()> {
    for folder in ["mnesia", "log"] {
        private_dir(&dir.join(folder), 0o700)?;
        place.give(&dir.join(folder))?;
    }
    let password = layout.secrets.get("broker");
    let settings = format!(
        "default_user = banter\ndefault_pass = {password}\ndefault_vhost = banter\n\
         log.file = false\nlog.console = true\nlog.console.level = info\nlog.console.use_colors = off\n\
         disk_free_limit.absolute = 50MB\n"
    );
    for (file, content) in [("enabled_plugins", "[].\n"), ("rabbitmq.conf", settings.as_str())] {
        replace(&dir.join(file), content.as_bytes())?;
        place.give(&dir.join(file))?;
    }
    Ok(())
}

fn environment(layout: &Layout, dir: &Path) -> Vec<(&'static str, PathBuf)> {
    let port = |name: &str| PathBuf::from(layout.port(name).to_string());
    let text = PathBuf::from;
    vec![
        ("HOME", dir.to_owned()),
        ("RABBITMQ_CONF_ENV_FILE", text("/dev/null")),
        ("RABBITMQ_NODENAME", text("banter@localhost")),
        ("RABBITMQ_NODE_IP_ADDRESS", text("127.0.0.1")),
        ("RABBITMQ_NODE_PORT", port("rabbitmq")),
        ("RABBITMQ_DIST_PORT", port("rabbitmq/distribution")),
        ("ERL_EPMD_ADDRESS", text("127.0.0.1")),
        ("ERL_EPMD_PORT", port("epmd")),
        ("RABBITMQ_MNESIA_BASE", dir.join("mnesia")),
        ("RABBITMQ_LOG_BASE", dir.join("log")),
        ("RABBITMQ_PID_FILE", dir.join("pid")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("enabled_plugins")),
        ("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq")),
        ("RABBITMQ_FEATURE_FLAGS_FILE", dir.join("feature_flags")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", dir.join("config")),
        ("RABBITMQ_SCHEMA_DIR", dir.join("schema")),
        // The script then becomes the broker instead of waiting for it, so that its pid is the broker's.
        ("RABBITMQ_ALLOW_INPUT", text("1")),
        ("RABBITMQ_SERVER_START_ARGS", text("-noinput")),
        // No busy waiting: on a small machine it takes the services' time.
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            text("-kernel inet_dist_use_interface {127,0,0,1} +sbwt none"),
        ),
    ]
}
