//! Writers that go on whatever happens, and remember what was acknowledged.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::system::{System, User};

/// Between two messages of a writer: all writers together stay below what the gateway lets one user send.
const PAUSE: Duration = Duration::from_millis(25);

/// What the writers know when they end.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The names (`clientMessageId`) of the messages whose 2xx arrived.
    pub(crate) acknowledged: Vec<String>,
    /// How many answers were no 2xx, or none at all.
    pub(crate) failures: usize,
    /// The statuses of those.
    pub(crate) statuses: HashSet<u16>,
}

/// Lets four writers write while `trouble` happens.
///
/// A writer that gets no 2xx repeats the message under the same name, as a client would: it must not double.
pub(crate) async fn write_during<T: Future>(
    system: &System,
    by: &User,
    conversation: &str,
    trouble: T,
) -> Written {
    let stop = AtomicBool::new(false);
    let writers = (0..4).map(|writer| write(system, by, conversation, writer, &stop));
    let troubled = async {
        trouble.await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.store(true, Ordering::SeqCst);
    };
    let (written, ()) = futures_util::join!(join_all(writers), troubled);
    written.into_iter().fold(Written::default(), |mut all, one| {
        all.acknowledged.extend(one.acknowledged);
        all.failures += one.failures;
        all.statuses.extend(one.statuses);
        all
    })
}

async fn write(system: &System, by: &User, conversation: &str, writer: usize, stop: &AtomicBool) -> Written {
    let mut written = Written::default();
    for n in 0.. {
        let name = format!("{conversation}-{writer}-{n}");
        let body = json!({ "conversationId": conversation, "content": name, "clientMessageId": name });
        while !stop.load(Ordering::SeqCst) {
            let sent =
                system.post("/messaging-api/v1/messages").token(&by.token).json(body.clone()).0.send().await;
            match sent.map(|response| response.status().as_u16()) {
                Ok(200 | 201) => {
                    written.acknowledged.push(name.clone());
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
                failed => {
                    written.failures += 1;
                    written.statuses.extend(failed.ok());
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        if stop.load(Ordering::SeqCst) {
            break;
        }
    }
    written
}

/// Everything that was acknowledged is there once, and the numbers have no gap.
pub(crate) async fn check(system: &System, by: &User, conversation: &str, written: &[Written]) {
    let history = system.history(by, conversation).await;
    let seqs: Vec<i64> = history.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    let count = i64::try_from(history.len()).unwrap();
    assert_eq!(seqs, (1..=count).collect::<Vec<i64>>(), "no gap, no double");
    let names: Vec<&str> =
        history.iter().map(|message| message["clientMessageId"].as_str().unwrap()).collect();
    let there: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), there.len(), "nothing twice");
    for name in written.iter().flat_map(|written| &written.acknowledged) {
        assert!(there.contains(name.as_str()), "{name} was acknowledged and is missing");
    }
}
