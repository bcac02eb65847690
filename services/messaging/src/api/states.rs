//! `/v1/conversationstates`: for other services, which keep what all events come to.

use std::collections::{HashMap, HashSet};

use actix_web::{get, web};
use diesel::pg::PgConnection;
use events::messaging::ConversationState;
use kit::error::{NOT_AN_ID, NOT_VALID};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Error, Peer, Query, Result, answer_schema};
use serde_json::{Value, json};
use timeline::Seq;

use crate::Messaging;
use crate::announce;
use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::message::Message;
use crate::domain::participant::Participant;
use crate::store::newest_seen::Viewer;
use crate::store::states;

/// How many people one answer tells of, at most.
const MOST: i64 = 1_000;
/// How many conversations may be asked for by their ids.
const MAX_IDS: usize = 100;

answer_schema!(StatesAnswer { conversation_states: Vec<Value>, next: Option<String> });

/// Which part is asked for.
struct Stretch {
    ids: Option<Vec<ConversationId>>,
    after: Option<Viewer>,
    limit: i64,
}

/// Tell other services of all conversations.
///
/// What all events of conversations come to, in parts along the people who are or were in them: `next` is the `after` of
/// the following part, null at the end. A large group goes on in the next part. Only for services, by a token of their
/// own. The payloads are those of the events; see docs/events.md.
#[utoipa::path(
    operation_id = "listConversationStates", tag = "services", security(("serviceToken" = [])),
    params(
        ("after" = Option<String>, Query, description = "Where the last part ended."),
        ("limit" = Option<i64>, Query, description = "How many people; 1,000 by default.", minimum = 1,
            maximum = 1_000),
        ("id" = Option<Vec<uuid::Uuid>>, Query, description = "Only these conversations, at most 100."),
    ),
    responses(
        (status = 200, description = "A part.", body = StatesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversationstates")]
pub(crate) async fn list(messaging: web::Data<Messaging>, peer: Peer, query: Query) -> Result<Answer> {
    let stretch = Stretch::parse(&query)?;
    let (states, next) = messaging.app.read(move |conn| stretch.load(conn)).await?;
    peer.frame(Action::List, "conversationStates").with("next", json!(next)).rows(&states)
}

impl Stretch {
    fn parse(query: &Query) -> Result<Self> {
        let limit = query.integer("limit")?.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::field(&NOT_VALID, "limit").detail(format!("Must be 1 to {MOST}.")));
        }
        let ids = query.all("id").map(|text| text.parse().map_err(|_| Error::field(&NOT_AN_ID, "id")));
        let ids: Vec<ConversationId> = ids.collect::<Result<_>>()?;
        if ids.len() > MAX_IDS {
            return Err(Error::field(&NOT_VALID, "id").detail(format!("At most {MAX_IDS} ids.")));
        }
        let after = query.one("after")?.map(place).transpose()?;
        Ok(Self { ids: Some(ids).filter(|ids| !ids.is_empty()), after, limit })
    }

    fn load(&self, conn: &mut PgConnection) -> Result<(Vec<ConversationState>, Option<String>)> {
        let people = states::people(conn, self.ids.as_deref(), self.after, self.limit)?;
        let is_full = i64::try_from(people.len()).is_ok_and(|rows| rows == self.limit);
        let next = people.last().filter(|_| is_full).map(|last| cursor(states::viewer(last)));
        let known = Known::load(conn, &people)?;
        let one_by_one = people.chunk_by(|(one, _), (other, _)| one == other);
        Ok((one_by_one.filter_map(|people| known.state(people)).collect(), next))
    }
}

fn cursor((id, user): Viewer) -> String {
    format!("{id},{user}")
}

fn place(text: &str) -> Result<Viewer> {
    let refuse = || Error::field(&NOT_VALID, "after").detail("Not where a part ended.");
    let (id, user) = text.split_once(',').ok_or_else(refuse)?;
    id.parse().ok().zip(user.parse().ok()).ok_or_else(refuse)
}

/// What is known of the conversations in a part.
struct Known {
    conversations: HashMap<ConversationId, Conversation>,
    last: HashMap<ConversationId, Message>,
    seen: HashMap<Viewer, Option<Message>>,
}

impl Known {
    /// The people were read before: whatever happens in between has numbers that go up, and an event of its own.
    fn load(conn: &mut PgConnection, people: &[(ConversationId, Participant)]) -> Result<Self> {
        let mut ids: Vec<ConversationId> = people.iter().map(|(id, _)| *id).collect();
        ids.dedup();
        let conversations = states::conversations(conn, &ids)?;
        let newest = |of: &Conversation| of.last_message.as_ref().map(|last| (of.id, last.seq));
        let last: Vec<(ConversationId, Seq)> = conversations.values().filter_map(newest).collect();
        let asked: HashSet<Viewer> = people.iter().map(states::viewer).collect();
        let seen = states::seen_by_hiders(conn, &last, |viewer| asked.contains(viewer))?;
        Ok(Self { last: states::last_messages(conn, &last)?, conversations, seen })
    }

    /// The state of the conversation that these people are or were in.
    fn state(&self, people: &[(ConversationId, Participant)]) -> Option<ConversationState> {
        let (id, _) = people.first()?;
        let of = self.conversations.get(id)?;
        let sight = |(id, person): &(ConversationId, Participant)| {
            let newest = self.seen.get(&(*id, person.user_id))?;
            Some(announce::sight(person, of.last_seq, newest.as_ref()))
        };
        Some(ConversationState {
            conversation: announce::conversation(of),
            last_seq: of.last_seq.get(),
            last_message: self.last.get(id).map(announce::preview),
            members: announce::members(people.iter().map(|(_, person)| person)),
            sights: people.iter().filter_map(sight).collect(),
        })
    }
}
