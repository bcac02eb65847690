//! A Postgres that the test may kill.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::{Connection as _, PgConnection};
use kit::clock::random_bytes;
use kit::hex;
use testing::eventually;

pub(crate) struct OwnPostgres {
    dir: PathBuf,
    port: u16,
    pub(crate) url: String,
}

/// Where Debian keeps the server's programs; elsewhere they are in the path.
fn program(name: &str) -> PathBuf {
    let dirs = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = dirs.map(|dir| dir.path().join("bin").join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| name.into())
}

/// Postgres refuses to run as root.
fn as_nobody_special(program: &Path) -> Command {
    if std::fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) != 0) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl OwnPostgres {
    /// Prepared, but not running.
    pub(crate) fn prepare() -> Self {
        let dir = std::env::temp_dir().join(format!("banter-test-pg-{}", hex(&random_bytes::<6>())));
        std::fs::create_dir(&dir).unwrap();
        if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&dir).unwrap()) == 0 {
            run(Command::new("chown").arg("postgres:").arg(&dir));
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut initdb = as_nobody_special(&program("initdb"));
        run(initdb.arg("-D").arg(dir.join("data")).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "--locale=C.UTF-8",
        ]));
        Self { dir, port, url: format!("postgres://postgres@127.0.0.1:{port}/postgres") }
    }

    pub(crate) async fn start(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB",
            self.port
        );
        let mut start = as_nobody_special(&program("pg_ctl"));
        start.arg("-D").arg(self.dir.join("data")).arg("-l").arg(self.dir.join("data/log"));
        run(start.args(["-W", "-o", &options, "start"]).stdout(Stdio::null()));
        eventually(Duration::from_secs(20), "Postgres is up", async || {
            PgConnection::establish(&self.url).is_ok()
        })
        .await;
    }

    /// Kills it, and its children with it, without a word.
    pub(crate) fn kill(&self) {
        let file = self.dir.join("data/postmaster.pid");
        let Ok(text) = std::fs::read_to_string(&file) else { return };
        let parent = text.lines().next().unwrap().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        for pid in std::iter::once(parent.as_str()).chain(children.unwrap_or_default().split_whitespace()) {
            let _ = Command::new("kill").args(["-9", pid]).status();
        }
        let _ = std::fs::remove_file(file);
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
        // What was killed may take a moment to let go of its files.
        let gone = || std::fs::remove_dir_all(&self.dir).is_ok() || !self.dir.exists();
        let begun = Instant::now();
        while !gone() && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
