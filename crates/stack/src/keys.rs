//! Signing keys of the services: Ed25519, PKCS#8 PEM, one file per key named by the time from which it signs.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use kit::keys::generate_pem;

use crate::error::{Context, Result};
use crate::home::{Home, private_dir, replace};

const FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// A new key is published this long before it signs, so that verifiers know it by then.
const LEAD: TimeDelta = TimeDelta::seconds(60);
/// A superseded key is kept this long: tokens live an hour, and clocks and caches differ a little.
const KEEP: TimeDelta = TimeDelta::hours(2);

/// Gives a service its first key, which signs at once; does nothing when it has one.
pub(crate) fn ensure(home: &Home, service: &str, now: DateTime<Utc>) -> Result<()> {
    let dir = home.keys(service);
    private_dir(&dir, 0o700)?;
    if key_times(&dir)?.is_empty() { create(&dir, now).map(drop) } else { Ok(()) }
}

/// What a rotation did.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// The id of the new key.
    pub(crate) created: String,
    /// The ids of the keys that were deleted.
    pub(crate) deleted: Vec<String>,
}

/// Writes a key that will sign in a minute, and deletes keys that were superseded more than two hours ago.
pub(crate) fn rotate(home: &Home, service: &str, now: DateTime<Utc>) -> Result<Rotation> {
    let dir = home.keys(service);
    let created = create(&dir, now + LEAD)?;
    let deleted = outdated(&key_times(&dir)?, now);
    for id in &deleted {
        fs::remove_file(key_file(&dir, id)).context(|| format!("cannot delete the key {id}"))?;
    }
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

fn key_times(dir: &Path) -> Result<Vec<DateTime<Utc>>> {
    let entries = fs::read_dir(dir).context(|| format!("cannot list {}", dir.display()))?;
    let time = |path: PathBuf| {
        let id = path.extension().filter(|kind| *kind == "pem").and(path.file_stem())?.to_str()?;
        NaiveDateTime::parse_from_str(id, FORMAT).ok().map(|time| time.and_utc())
    };
    let mut times: Vec<_> = entries.flatten().filter_map(|entry| time(entry.path())).collect();
    times.sort_unstable();
    Ok(times)
}

fn create(dir: &Path, from: DateTime<Utc>) -> Result<String> {
    let id = key_id(from);
    let pem = generate_pem().context(|| "cannot make a key")?;
    replace(&key_file(dir, &id), pem.as_bytes())?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

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
