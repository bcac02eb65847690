//! Commands for whoever runs the deployment.

use kit::service::Command;
use kit::settings::Source;
use kit::{App, Error};

use crate::audit::{audit, remove_strays};
use crate::blob::Blobs;
use crate::settings::Settings;

const USAGE: &str = "bucket [migrate | keys [rotate] | health | fsck [repair]]";

/// `fsck` says whether rows and objects agree, and fails when they do not; `fsck repair` also removes objects without a
/// row that are older than a day.
pub(crate) fn command(app: &App, words: &[String]) -> Result<Command, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let repair = match *words.as_slice() {
        ["fsck"] => false,
        ["fsck", "repair"] => true,
        _ => return Err(USAGE.into()),
    };
    let settings: Settings =
        Source::read().and_then(|source| source.load()).map_err(|error| error.to_string())?;
    let blobs = Blobs::new(&settings.storage).map_err(|error| error.to_string())?;
    let app = app.clone();
    Ok(Box::pin(async move { fsck(&app, &blobs, repair).await }))
}

async fn fsck(app: &App, blobs: &Blobs, repair: bool) -> kit::Result<String> {
    let mut report = audit(app, blobs).await?;
    if repair && !report.stray.is_empty() {
        remove_strays(app, blobs, &report).await?;
        report = audit(app, blobs).await?;
    }
    if report.is_clean() { Ok(report.to_string()) } else { Err(Error::internal(report)) }
}
