//! Homes that live no longer than the process that asked for them.

use std::fs;
use std::path::PathBuf;

use crate::error::Result;
use crate::home::{Home, PLAN};
use crate::layout::Plan;
use crate::{secrets, teardown};

const PREFIX: &str = "banter-throwaway-";

/// Makes a home under the temporary directory.
pub(crate) fn create() -> Result<Home> {
    sweep();
    let user = rustix::process::geteuid().as_raw();
    Home::create(&std::env::temp_dir().join(format!("{PREFIX}{user}-{}", secrets::password::<12>())))
}

/// Stops and deletes throw-away stacks whose owner and supervisor have both been killed.
pub(crate) fn sweep() {
    for home in homes().filter(is_abandoned) {
        teardown::down(&home, |_| ());
        let _best_effort = crate::home::wipe(&home);
    }
}

fn homes() -> impl Iterator<Item = Home> {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    ours.map(|entry| entry.path()).filter(is_mine).filter_map(|path| Home::existing(&path))
}

/// The temporary directory is everybody's.
fn is_mine(path: &PathBuf) -> bool {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == me)
}

fn is_abandoned(home: &Home) -> bool {
    let plan: Option<Plan> = home.read(PLAN);
    let owner = plan.and_then(|plan| plan.owner);
    owner.is_none_or(|owner| !owner.is_alive()) && !home.is_supervised()
}
