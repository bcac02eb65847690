//! Writers that go on whatever happens, and remember what was acknowledged.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::system::{System, User};

/// Between two messages of a writer: all writers together stay below what the gateway lets one user send.
const PAUSE: Duration = Duration::from_millis(25);

/// Where writers write.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The route that takes messages.
    route: &'static str,
    /// The field that names the place.
    field: &'static str,
    /// The list of its messages, and the name under which they stand in it.
    list: (String, &'static str),
    id: String,
}

impl Place {
    /// A conversation of messaging.
    pub(crate) fn conversation(id: &str) -> Self {
        let list = (format!("/messaging-api/v1/messages?conversationId={id}"), "messages");
        Self { route: "/messaging-api/v1/messages", field: "conversationId", list, id: id.to_owned() }
    }

    /// A thread about a listing.
    pub(crate) fn thread(id: &str) -> Self {
        let list = format!("/conversation-api/v1/listconversationmessages/{id}?");
        let (route, field) = ("/conversation-api/v1/conversationmessages", "conversationThreadId");
        Self { route, field, list: (list, "conversationMessages"), id: id.to_owned() }
    }

    /// All its messages, page by page.
    pub(crate) async fn history(&self, system: &System, by: &User) -> Vec<Value> {
        let (path, name) = &self.list;
        let mut all = Vec::new();
        loop {
            let after = all.last().map_or(0, |message: &Value| message["seq"].as_i64().unwrap());
            let path = format!("{path}&afterSeq={after}&limit=200");
            let json = system.get(&path).token(&by.token).await.expect(200);
            let page = json[*name].as_array().unwrap().clone();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

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
    place: &Place,
    trouble: T,
) -> Written {
    let stop = AtomicBool::new(false);
    let writers = (0..4).map(|writer| write(system, by, place, writer, &stop));
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

async fn write(system: &System, by: &User, place: &Place, writer: usize, stop: &AtomicBool) -> Written {
    let mut written = Written::default();
    for n in 0.. {
        let name = format!("{}-{writer}-{n}", place.id);
        let body = json!({ place.field: place.id, "content": name, "clientMessageId": name });
        while !stop.load(Ordering::SeqCst) {
            let sent = system.post(place.route).token(&by.token).json(body.clone()).0.send().await;
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
pub(crate) async fn check(system: &System, by: &User, place: &Place, written: &[Written]) {
    let history = place.history(system, by).await;
    let seqs: Vec<i64> = history.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    let count = i64::try_from(history.len()).unwrap();
    assert_eq!(seqs, (1..=count).collect::<Vec<i64>>(), "no gap, no double");
    let names: Vec<&str> = history.iter().filter_map(|message| message["clientMessageId"].as_str()).collect();
    let there: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), there.len(), "nothing twice");
    for name in written.iter().flat_map(|written| &written.acknowledged) {
        assert!(there.contains(name.as_str()), "{name} was acknowledged and is missing");
    }
}
