//! Where the servers keep their data, and as whom they run.
//!
//! Postgres refuses to run as root, so for root both servers run as `postgres` (or `nobody`). That user must be
//! able to reach its data: when the home lies under a closed directory, the data goes elsewhere and the home links
//! to it.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::error::{Context, Error, Result};
use crate::home::{Home, private_dir};

/// A user that the servers run as instead of root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerUser {
    uid: u32,
    gid: u32,
}

/// Where the servers' data lies and who they run as.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    data: PathBuf,
    user: Option<ServerUser>,
}

impl Place {
    /// Finds, or makes, the place for a home's data.
    pub(crate) fn prepare(home: &Home) -> Result<Self> {
        let user = server_user()?;
        let data = match user {
            Some(user) if !may_enter(home.root(), user) => elsewhere(home, user)?,
            _ => inside(home)?,
        };
        Ok(Self { data, user })
    }

    /// A directory of one server, owned by the user it runs as.
    pub(crate) fn dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.data.join(name);
        private_dir(&dir, 0o700)?;
        self.give(&dir)?;
        Ok(dir)
    }

    /// Hands a file or directory to the user that the servers run as.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        let Some(ServerUser { uid, gid }) = self.user else { return Ok(()) };
        chown(path, Some(uid), Some(gid)).context(|| format!("cannot hand over {}", path.display()))
    }

    /// A command that runs as that user.
    pub(crate) fn command(&self, program: &Path) -> Command {
        as_user(program, self.user)
    }
}

/// Removes the data of a home, wherever it lies.
pub(crate) fn forget(home: &Home) -> Result<()> {
    let link = home.path("data");
    if link.is_symlink()
        && let Ok(target) = link.canonicalize()
        && target.file_name() == Some(outside_name(home).as_ref())
    {
        fs::remove_dir_all(&target).context(|| format!("cannot remove {}", target.display()))?;
    }
    Ok(())
}

/// Setting a user on a command as root also drops the supplementary groups.
fn as_user(program: &Path, user: Option<ServerUser>) -> Command {
    let mut command = Command::new(program);
    if let Some(ServerUser { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn server_user() -> Result<Option<ServerUser>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context(|| "cannot read /etc/passwd")?;
    let user = find_user(&users, "postgres").or_else(|| find_user(&users, "nobody"));
    user.map(Some).ok_or_else(|| Error::new("neither the user postgres nor nobody exists"))
}

fn find_user(passwd: &str, name: &str) -> Option<ServerUser> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(ServerUser { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

/// Asks the system itself, so that permissions, groups and access lists all count.
fn may_enter(dir: &Path, user: ServerUser) -> bool {
    let mut test = as_user(Path::new("test"), Some(user));
    test.arg("-x").arg(dir).current_dir("/").stdin(Stdio::null());
    test.status().is_ok_and(|status| status.success())
}

fn inside(home: &Home) -> Result<PathBuf> {
    let dir = home.path("data");
    if dir.is_symlink() {
        fs::remove_file(&dir).context(|| format!("cannot remove {}", dir.display()))?;
    }
    private_dir(&dir, 0o711)?;
    Ok(dir)
}

fn elsewhere(home: &Home, user: ServerUser) -> Result<PathBuf> {
    let dir = candidates().map(|base| base.join(outside_name(home))).find(|dir| try_own(dir, user));
    let dir =
        dir.ok_or_else(|| Error::new("found no directory for the data that the server's user can reach"))?;
    let link = home.path("data");
    if fs::read_link(&link).ok().as_ref() != Some(&dir) {
        // Data that no home links to is what a deleted home left behind; its passwords are gone with it.
        fs::remove_dir_all(&dir).context(|| format!("cannot remove {}", dir.display()))?;
        private_dir(&dir, 0o711)?;
        let _absent = fs::remove_file(&link);
        symlink(&dir, &link).context(|| format!("cannot link {}", link.display()))?;
    }
    Ok(dir)
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    named.into_iter().chain([PathBuf::from("/var/tmp")])
}

/// `/var/tmp` is everybody's: what somebody else put under our name is not used.
fn try_own(dir: &Path, user: ServerUser) -> bool {
    let made = private_dir_ours(dir);
    made && may_enter(dir, user)
}

fn private_dir_ours(dir: &Path) -> bool {
    if !dir.exists() && !dir.is_symlink() {
        return private_dir(dir, 0o711).is_ok();
    }
    let me = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(dir).is_ok_and(|found| found.is_dir() && found.uid() == me)
}

fn outside_name(home: &Home) -> String {
    let digest = Sha256::digest(home.root().as_os_str().as_encoded_bytes());
    let number = digest.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("banter-{number:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgresql:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(find_user(passwd, "postgres"), Some(ServerUser { uid: 101, gid: 104 }));
        assert_eq!(find_user(passwd, "post"), None);
    }
}
