//! The directory that holds everything one stack is: settings, secrets, keys, data, pid files and logs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Context, Error, Result};

/// The file that says "this directory is a stack's home"; nothing without it is ever wiped.
pub(crate) const PLAN: &str = "plan.json";

/// A stack's home directory, by its canonical path.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Opens the home at `root`, making its folders when they are not there.
    ///
    /// # Errors
    /// When the folders cannot be made, or belong to another user.
    pub fn create(root: &Path) -> Result<Self> {
        // Others may pass through (a dropped-privilege server must reach its data) but see nothing.
        private_dir(root, 0o711)?;
        let root = root.canonicalize().context(|| format!("cannot open {}", root.display()))?;
        let home = Self { root };
        private_dir(&home.path("run"), 0o700)?;
        private_dir(&home.path("log"), 0o700)?;
        private_dir(&home.path("keys"), 0o700)?;
        Ok(home)
    }

    /// Opens the home at `root` if a stack was ever started there.
    #[must_use]
    pub fn existing(root: &Path) -> Option<Self> {
        let root = root.canonicalize().ok()?;
        root.join(PLAN).is_file().then_some(Self { root })
    }

    /// The canonical path of the home.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The pid file of a process: its pid, nothing else.
    #[must_use]
    pub fn pid_file(&self, process: &str) -> PathBuf {
        self.path("run").join(format!("{process}.pid"))
    }

    /// The log file of a process.
    #[must_use]
    pub fn log_file(&self, process: &str) -> PathBuf {
        self.path("log").join(format!("{process}.log"))
    }

    /// The file whose presence tells the supervisor to leave a process down.
    pub(crate) fn hold_file(&self, process: &str) -> PathBuf {
        self.path("run").join(format!("{process}.hold"))
    }

    /// The directory of a service's signing keys.
    pub(crate) fn keys(&self, service: &str) -> PathBuf {
        self.path("keys").join(service)
    }

    /// Opens a log for appending, moving one that has grown beyond 20 MB aside.
    pub(crate) fn open_log(&self, process: &str) -> Result<File> {
        const FULL: u64 = 20 * 1024 * 1024;
        let path = self.log_file(process);
        if fs::metadata(&path).is_ok_and(|log| log.len() > FULL) {
            let _best_effort = fs::rename(&path, path.with_extension("log.1"));
        }
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        opened.context(|| format!("cannot open {}", path.display()))
    }

    /// Takes the lock that a running supervisor holds for its whole life; `None` while another holds it. The
    /// kernel lets go of it however that process ends.
    pub(crate) fn lock(&self) -> Result<Option<File>> {
        let path = self.path("run").join("supervisor.lock");
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let file = file.context(|| format!("cannot open {}", path.display()))?;
        Ok(file.try_lock().is_ok().then_some(file))
    }

    /// Whether a supervisor runs for this home.
    pub(crate) fn is_supervised(&self) -> bool {
        matches!(self.lock(), Ok(None))
    }

    /// Reads a JSON file of the home; `None` when it is not there or is not what it should be.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.path(name)).ok()?).ok()
    }

    /// Writes a JSON file of the home whole or not at all, for its owner's eyes only.
    pub(crate) fn write(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_vec_pretty(value).context(|| format!("cannot render {name}"))?;
        replace(&self.path(name), &text)
    }
}

/// What every process of the stack with this home carries in its environment, so that none can get lost.
pub(crate) fn mark(root: &Path) -> (&'static str, String) {
    ("BANTER_STACK_HOME", root.display().to_string())
}

/// Writes a file (mode 0600) whole or not at all: readers see the old one or the new one.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let draft = path.with_extension("draft");
    let written = (|| {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        fs::rename(&draft, path)
    })();
    written.context(|| format!("cannot write {}", path.display()))
}

/// Makes a directory with these permissions, or sets them on the one that is there.
pub(crate) fn private_dir(path: &Path, mode: u32) -> Result<()> {
    let created = DirBuilder::new().recursive(true).mode(mode).create(path);
    created
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .context(|| format!("cannot make {}", path.display()))
}

/// The last lines of a log, of its last 64 KiB at most.
pub(crate) fn last_lines(log: &Path, count: usize) -> String {
    let text = tail_of(log, 64 * 1024).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

fn tail_of(path: &Path, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
    let mut tail = Vec::new();
    file.take(bytes).read_to_end(&mut tail)?;
    Ok(tail)
}

/// Where a stack lives unless told otherwise: `.banter` beside the workspace's `Cargo.lock`, looked for from the
/// current directory upwards.
///
/// # Errors
/// When the current directory is gone.
pub fn default_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context(|| "cannot tell the current directory")?;
    let workspace = here.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    Ok(workspace.unwrap_or(&here).join(".banter"))
}

/// Refuses a home of somebody else, which we could neither read nor stop. Root may, to stop and to look.
pub(crate) fn check_owner(root: &Path) -> Result<()> {
    let me = rustix::process::geteuid();
    match fs::metadata(root) {
        Ok(found) if !me.is_root() && found.uid() != me.as_raw() => {
            let whose = format!("{} belongs to user {}: run this as that user", root.display(), found.uid());
            Err(Error::new(whose))
        }
        _ => Ok(()),
    }
}

/// Removes a home and its data; refuses a directory that is none.
pub(crate) fn wipe(home: &Home) -> Result<()> {
    if !home.path(PLAN).is_file() {
        return Err(Error::new(format!("{} is not a stack's home", home.root.display())));
    }
    crate::place::forget(home)?;
    fs::remove_dir_all(&home.root).context(|| format!("cannot remove {}", home.root.display()))
}
