//! Commands for whoever runs the deployment.

use kit::service::Command;
use kit::settings::Source as Read;
use kit::{App, Error, Result, Service as _};

use super::verify::{Report, repair, verify};
use crate::{Inbox, Settings};

const USAGE: &str = "inbox [migrate | keys [rotate] | health | unified verify | unified rebuild]";
/// How many differences are told.
const TOLD: usize = 100;

/// `unified verify` compares the unified inbox with the owners of its conversations; `unified rebuild` also puts right what
/// differs.
pub(crate) fn command(app: &App, words: &[String]) -> std::result::Result<Command, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mends = match *words.as_slice() {
        ["unified", "verify"] => false,
        ["unified", "rebuild"] => true,
        _ => return Err(USAGE.into()),
    };
    let settings: Settings =
        Read::read().and_then(|source| source.load()).map_err(|error| error.to_string())?;
    let service = Inbox::new(app.clone(), settings).map_err(|error| error.to_string())?;
    Ok(Box::pin(async move { checked(&service, mends).await }))
}

/// What a comparison came to, in words; an error where something differs that is not put right.
///
/// # Errors
/// The differences; 503 when an owner or the database is away.
pub async fn checked(service: &Inbox, mends: bool) -> Result<String> {
    let found = verify(service).await?;
    if found.differences.is_empty() {
        return Ok(format!("the unified inbox is as its owners say: {}", summary(&found)));
    }
    let told = list(&found);
    if !mends {
        return Err(Error::internal(told));
    }
    repair(service, &found.differences).await?;
    let left = verify(service).await?;
    if left.differences.is_empty() {
        return Ok(format!("{told}\nput right; the unified inbox is as its owners say: {}", summary(&left)));
    }
    Err(Error::internal(format!("{told}\nnot all of it could be put right:\n{}", list(&left))))
}

fn summary(of: &Report) -> String {
    let unknown = of.unknown.iter().map(|source| format!("; {} was not asked", source.name()));
    format!("{} entries{}", of.entries, unknown.collect::<String>())
}

fn list(of: &Report) -> String {
    let lines = of.differences.iter().take(TOLD).map(|difference| {
        format!("{} {}: {}", difference.place.source.name(), difference.place.id, difference.what)
    });
    let count = of.differences.len();
    let head = format!("the unified inbox differs from its owners in {count} entries ({})", summary(of));
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}
