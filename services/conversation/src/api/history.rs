//! `/v1/listconversationmessages/{conversationThreadId}`

use actix_web::{get, web};
use diesel::pg::PgConnection;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Call, Page, Query, Result, SeqQuery};
use timeline::{Seq, SeqRange, Visible, Window};

use crate::api::filters::with_deleted;
use crate::api::message_view::{MessagesAnswer, views};
use crate::api::threads::{id_in_path, see};
use crate::domain::message::Message;
use crate::domain::thread::{Seen, ThreadId};
use crate::store::history::History;
use crate::store::messages;
use crate::{Conversation, Refusal};

/// Which part of a history is asked for: a page, or what lies around a place.
#[derive(Clone, Copy)]
struct Part {
    page: Page,
    place: Option<SeqQuery>,
}

/// List the messages of a thread.
///
/// Ascending by `seq`, the oldest first: by page, or the nearest to a place by `beforeSeq`, `afterSeq`, `aroundSeq` or the
/// newest by `limit` alone.
#[utoipa::path(
    operation_id = "listConversationMessages", tag = "conversationMessages", security(("accessToken" = [])),
    params(
        ("conversationThreadId" = Uuid, Path, description = "The thread. If it stands in the query too, the same."),
        ("pageNumber" = Option<i64>, Query, description = "From 1, the oldest; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("beforeSeq" = Option<i64>, Query, description = "The newest before this one.", minimum = 0),
        ("afterSeq" = Option<i64>, Query, description = "The oldest after this one.", minimum = 0),
        ("aroundSeq" = Option<i64>, Query, description = "The nearest to this one.", minimum = 0),
        ("limit" = Option<i64>, Query, description = "25 by default. Alone: the newest.", minimum = 1, maximum = 200),
        ("includeInactive" = Option<bool>, Query, description = "For the staff: with those that are deleted."),
    ),
    responses(
        (status = 200, description = "Messages, ascending.", body = MessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/listconversationmessages/{conversationThreadId}")]
pub(crate) async fn list(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    if query.id::<ThreadId>("conversationThreadId")?.is_some_and(|other| other != id) {
        return Err(Refusal::IdsDiffer.into());
    }
    let part = Part { page: Page::parse(&query)?, place: SeqQuery::parse(&query)? };
    let history = History { thread: id, with_deleted: with_deleted(&call, &query)? };
    service.app.read(move |conn| answer(conn, &call, history, part)).await
}

fn answer(conn: &mut PgConnection, call: &Call, history: History, part: Part) -> Result<Answer> {
    let seen = see(conn, history.thread, call)?;
    let paging =
        part.place.map_or(part.page, SeqQuery::page).of_total(seen.visible_count(history.with_deleted))?;
    let rows = find(conn, &seen, history, part)?;
    let rows = views(conn, rows)?;
    call.frame(Action::List, "conversationMessages").list(&rows, paging, &[])
}

/// Where no message is missing, the part is a range of numbers; else the index is walked.
fn find(conn: &mut PgConnection, seen: &Seen, history: History, part: Part) -> Result<Vec<Message>> {
    let rows = if seen.thread.deleted == 0 || history.with_deleted {
        let all = Visible::new(Seq::FIRST, seen.thread.last_seq);
        part.cut(all).map_or(Ok(Vec::new()), |range| messages::range(conn, history.thread, range))?
    } else {
        part.walk(conn, history)?
    };
    Ok(rows)
}

impl Part {
    fn cut(self, all: Visible) -> Option<SeqRange> {
        match self.place {
            None if self.page.number() == 0 => all.all(),
            None => all.page(self.page.number(), self.page.rows()),
            Some(place) => all.window(window(place), place.page().rows()),
        }
    }

    fn walk(self, conn: &mut PgConnection, history: History) -> diesel::QueryResult<Vec<Message>> {
        match self.place {
            None => history.page(conn, self.page),
            Some(place) => history.window(conn, window(place), place.page().rows()),
        }
    }
}

fn window(place: SeqQuery) -> Window {
    match place {
        SeqQuery::Newest { .. } => Window::Newest,
        SeqQuery::Before { seq, .. } => Window::Before(Seq::saturating(seq)),
        SeqQuery::After { seq, .. } => Window::After(Seq::saturating(seq)),
        SeqQuery::Around { seq, .. } => Window::Around(Seq::saturating(seq)),
    }
}
