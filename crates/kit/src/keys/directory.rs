//! The files of a key directory: the first key, the next one, and those that nobody needs any more.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{FORMAT, generate_pem};

/// A new key is published this long before it signs, so that verifiers know it by then.
const LEAD: TimeDelta = TimeDelta::seconds(60);
/// A superseded key is kept this long: tokens live an hour, and clocks and caches differ a little.
const KEEP: TimeDelta = TimeDelta::hours(2);

/// What a rotation did.
#[derive(Debug)]
pub struct Rotation {
    /// The id of the new key.
    pub created: String,
    /// The ids of the keys that were deleted.
    pub deleted: Vec<String>,
}

/// Writes the first key, which signs at once, and tells its id; nothing when the directory holds one.
///
/// # Errors
/// When the directory cannot be read or written.
pub fn ensure(dir: &Path, now: DateTime<Utc>) -> io::Result<Option<String>> {
    if key_times(dir)?.is_empty() { create(dir, now).map(Some) } else { Ok(None) }
}

/// Writes a key that will sign in a minute, and deletes keys that were superseded more than two hours ago.
///
/// # Errors
/// When the directory cannot be read or written.
pub fn rotate(dir: &Path, now: DateTime<Utc>) -> io::Result<Rotation> {
    let created = create(dir, now + LEAD)?;
    let deleted = outdated(&key_times(dir)?, now);
    deleted.iter().try_for_each(|id| fs::remove_file(key_file(dir, id)))?;
    Ok(Rotation { created, deleted })
}

/// Keys whose successor began to sign more than [`KEEP`] ago; `times` in ascending order.
fn outdated(times: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<String> {
    let pairs = times.iter().zip(times.iter().skip(1));
    pairs.filter(|(_, successor)| **successor + KEEP < now).map(|(key, _)| key_id(*key)).collect()
}

fn key_id(time: DateTime<Utc>) -> String {
    time.format(FORMAT).to_string()
}

fn key_file(dir: &Path, id: &str) -> PathBuf {
    dir.join(format!("{id}.pem"))
}

fn key_times(dir: &Path) -> io::Result<Vec<DateTime<Utc>>> {
    let time = |path: PathBuf| {
        let id = path.extension().filter(|kind| *kind == "pem").and(path.file_stem())?.to_str()?;
        NaiveDateTime::parse_from_str(id, FORMAT).ok().map(|time| time.and_utc())
    };
    let mut times: Vec<_> = fs::read_dir(dir)?.flatten().filter_map(|entry| time(entry.path())).collect();
    times.sort_unstable();
    Ok(times)
}

fn create(dir: &Path, from: DateTime<Utc>) -> io::Result<String> {
    let id = key_id(from);
    let pem = generate_pem().map_err(io::Error::other)?;
    write_whole(&key_file(dir, &id), pem.as_bytes())?;
    Ok(id)
}

/// Writes a file (mode 0600) whole or not at all: the service may read the directory at any moment.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct Dir(PathBuf);

    impl Dir {
        fn made() -> Self {
            let name = crate::hex(&crate::clock::random_bytes::<8>());
            let dir = std::env::temp_dir().join(format!("banter-test-keys-{name}"));
            fs::create_dir(&dir).unwrap();
            Self(dir)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_first_key_is_made_once_and_for_its_owner_only() {
        let dir = Dir::made();
        let made = ensure(&dir.0, at(1)).unwrap();
        assert_eq!(made, Some(key_id(at(1))));
        assert_eq!(ensure(&dir.0, at(2)).unwrap(), None);
        assert_eq!(key_times(&dir.0).unwrap(), [at(1)]);
        let permissions = fs::metadata(key_file(&dir.0, &key_id(at(1)))).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        assert!(crate::SigningKeys::load(&dir.0).is_ok());
    }

    #[test]
    fn the_next_key_is_published_before_it_signs() {
        let dir = Dir::made();
        ensure(&dir.0, at(1)).unwrap();
        let done = rotate(&dir.0, at(2)).unwrap();
        assert_eq!((done.created, done.deleted), (key_id(at(2) + LEAD), vec![]));
        let done = rotate(&dir.0, at(5)).unwrap();
        assert_eq!(done.deleted, [key_id(at(1))]);
        assert_eq!(key_times(&dir.0).unwrap(), [at(2) + LEAD, at(5) + LEAD]);
    }

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    #[test]
    fn a_key_goes_two_hours_after_its_successor_began_to_sign() {
        let times = [at(0), at(10), at(20)];
        assert_eq!(outdated(&times, at(12)), Vec::<String>::new());
        assert_eq!(outdated(&times, at(13)), vec![key_id(at(0))]);
        assert_eq!(outdated(&times, at(23)), vec![key_id(at(0)), key_id(at(10))]);
        assert_eq!(outdated(&times, at(999)).len(), 2, "the newest stays however old it is");
    }
}
