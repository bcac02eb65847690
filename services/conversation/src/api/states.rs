//! `/v1/conversationthreadstates`: for other services, which keep what all events come to.

use actix_web::{get, web};
use diesel::pg::PgConnection;
use events::conversation::ThreadState;
use kit::error::{NOT_AN_ID, NOT_VALID};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Error, Peer, Query, Result, answer_schema};
use serde_json::{Value, json};
use timeline::Seq;

use crate::domain::thread::{Thread, ThreadId};
use crate::store::states;
use crate::{Conversation, announce};

/// How many threads one answer tells of, at most.
const MOST: i64 = 500;
/// How many threads may be asked for by their ids.
const MAX_IDS: usize = 100;

answer_schema!(StatesAnswer { conversation_thread_states: Vec<Value>, next: Option<ThreadId> });

/// Which part is asked for.
struct Stretch {
    ids: Option<Vec<ThreadId>>,
    after: Option<ThreadId>,
    limit: i64,
}

/// Tell other services of all threads.
///
/// What all events of threads come to, in parts along their ids: `next` is the `after` of the following part, null at the
/// end. Only for services, by a token of their own. The payloads are those of the events; see docs/events.md.
#[utoipa::path(
    operation_id = "listConversationThreadStates", tag = "services", security(("serviceToken" = [])),
    params(
        ("after" = Option<uuid::Uuid>, Query, description = "Where the last part ended."),
        ("limit" = Option<i64>, Query, description = "How many threads; 500 by default.", minimum = 1,
            maximum = 500),
        ("id" = Option<Vec<uuid::Uuid>>, Query, description = "Only these threads, at most 100."),
    ),
    responses(
        (status = 200, description = "A part.", body = StatesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversationthreadstates")]
pub(crate) async fn list(service: web::Data<Conversation>, peer: Peer, query: Query) -> Result<Answer> {
    let stretch = Stretch::parse(&query)?;
    let (states, next) = service.app.read(move |conn| stretch.load(conn)).await?;
    peer.frame(Action::List, "conversationThreadStates").with("next", json!(next)).rows(&states)
}

impl Stretch {
    fn parse(query: &Query) -> Result<Self> {
        let limit = query.integer("limit")?.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::field(&NOT_VALID, "limit").detail(format!("Must be 1 to {MOST}.")));
        }
        let ids = query.all("id").map(|text| text.parse().map_err(|_| Error::field(&NOT_AN_ID, "id")));
        let ids: Vec<ThreadId> = ids.collect::<Result<_>>()?;
        if ids.len() > MAX_IDS {
            return Err(Error::field(&NOT_VALID, "id").detail(format!("At most {MAX_IDS} ids.")));
        }
        Ok(Self { ids: Some(ids).filter(|ids| !ids.is_empty()), after: query.id("after")?, limit })
    }

    /// Whatever happens between these queries has numbers that go up, and an event of its own.
    fn load(&self, conn: &mut PgConnection) -> Result<(Vec<ThreadState>, Option<ThreadId>)> {
        let threads = states::threads(conn, self.ids.as_deref(), self.after, self.limit)?;
        let ids: Vec<ThreadId> = threads.iter().map(|thread| thread.id).collect();
        let newest = |of: &Thread| of.last_message.as_ref().map(|last| (of.id, last.seq));
        let last: Vec<(ThreadId, Seq)> = threads.iter().filter_map(newest).collect();
        let (people, last) = (states::people(conn, &ids)?, states::last_messages(conn, &last)?);
        let is_full = i64::try_from(ids.len()).is_ok_and(|rows| rows == self.limit);
        let state = |of: Thread| ThreadState {
            thread: announce::thread(&of),
            last_seq: of.last_seq.get(),
            last_message: last.get(&of.id).map(announce::preview),
            members: people.get(&of.id).into_iter().flatten().map(announce::member).collect(),
        };
        let next = ids.last().copied().filter(|_| is_full);
        Ok((threads.into_iter().map(state).collect(), next))
    }
}
