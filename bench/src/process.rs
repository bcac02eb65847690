//! Processes beside the stack: they end when their owner is dropped, and when this process ends however it does.

use std::ffi::OsStr;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::until;
use crate::{Result, wrong};

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process of ours.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program; what it says goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(
        program: impl AsRef<OsStr>,
        log: &Path,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let log = fs::File::create(log)?;
        // `setpriv` asks the kernel to end it with us. Gently: nginx killed would leave its workers behind.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program);
        prepare(&mut command);
        command.stdin(Stdio::null()).stderr(log.try_clone()?).stdout(log);
        Ok(Self(command.spawn()?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let _gone_already = pid.map(|pid| kill_process(pid, Signal::TERM));
        let deadline = Instant::now() + PATIENCE;
        while self.0.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

/// An address that nobody listens at.
///
/// # Errors
/// When there is none.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until somebody listens there.
///
/// # Errors
/// When nobody does within ten seconds.
pub(crate) fn wait_for(address: SocketAddr) -> Result<()> {
    let often = (Duration::from_secs(10), Duration::from_millis(5));
    until(often, &format!("nobody listens at {address}"), || Ok(TcpStream::connect(address).is_ok()))
}

/// The most memory that a process has held since it started, in MB.
///
/// # Errors
/// When it is gone.
pub(crate) fn memory(pid: i32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let line = most.ok_or_else(|| wrong("a process without memory"))?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory() {
        let held = memory(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!((0.5..1000.0).contains(&held), "{held}");
    }

    #[test]
    fn a_process_ends_with_its_owner() {
        let log = std::env::temp_dir().join(format!("bench-process-{}.log", std::process::id()));
        let process = Process::start("sleep", &log, |command| {
            command.arg("60");
        })
        .unwrap();
        let proc = format!("/proc/{}", process.0.id());
        assert!(Path::new(&proc).exists());
        drop(process);
        assert!(!Path::new(&proc).exists());
        fs::remove_file(log).unwrap();
    }
}
