//! Commands for whoever runs the deployment.

use kit::service::Command;
use kit::{App, Error, Result};

use crate::domain::chain::{Hash, Link, verify};
use crate::store::moderation;

const USAGE: &str = "conversation [migrate | keys [rotate] | health | moderation verify]";
/// How many entries are read at a time.
const BATCH: i64 = 1_000;

/// `moderation verify` walks the moderation log and tells whether it is as it was written.
pub(crate) fn command(app: &App, words: &[String]) -> std::result::Result<Command, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words != ["moderation", "verify"] {
        return Err(USAGE.into());
    }
    let app = app.clone();
    Ok(Box::pin(async move { verified(&app).await }))
}

async fn verified(app: &App) -> Result<String> {
    let (head, rows) = app.read(|conn| Ok((moderation::head(conn)?, all(conn)?))).await?;
    match verify(rows.into_iter(), head) {
        Ok(count) => Ok(format!("the moderation log is whole: {count} entries")),
        Err(broken) => Err(Error::internal(format!("the moderation log was changed: {broken}"))),
    }
}

fn all(conn: &mut diesel::PgConnection) -> diesel::QueryResult<Vec<(Link, Hash)>> {
    let mut all = Vec::new();
    loop {
        let last = all.last().map_or(0, |(link, _): &(Link, Hash)| link.seq);
        let next = moderation::after(conn, last, BATCH)?;
        if next.is_empty() {
            return Ok(all);
        }
        all.extend(next);
    }
}
