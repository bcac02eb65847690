//! Sending a message, for every dialect: in one statement where that is enough, else in a transaction around it.

use diesel::pg::PgConnection;
use diesel::{Connection as _, QueryResult};
use files::Attachments;
use kit::db::violates;
use kit::{Answer, App, Body, Call, Error, OneStatement as _, Result, Tx, UserId};
use timeline::Seq;

use crate::announce::Occasion;
use crate::api::conversations::open;
use crate::api::messages::look;
use crate::domain::conversation::{Conversation, ConversationId, Seen};
use crate::domain::message::{self, Draft, Message, MessageId, Scene};
use crate::store::send::Send;
use crate::store::{conversations, messages};
use crate::{Messaging, Refusal};

/// Nobody can call two messages of theirs in a conversation the same.
const CLIENT_ID_KEY: &str = "message_client_message_id_key";

/// How a dialect answers a send.
#[derive(Clone, Copy)]
pub(crate) struct Answers {
    /// The route, for `Idempotency-Key`.
    pub(crate) route: &'static str,
    /// To a message that was sent.
    pub(crate) new: fn(&Call, Message, &Attachments) -> Result<Answer>,
    /// To the repetition of a `clientMessageId`: with the first message.
    pub(crate) first: fn(&mut PgConnection, &Call, Message) -> Result<Answer>,
}

/// A message on its way, and perhaps the conversation that is to begin with it.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    statement: Send,
    attachments: Attachments,
    opening: Option<Opening>,
}

#[derive(Debug, Clone)]
struct Opening {
    new: Conversation,
    occasion: Occasion,
    /// It was there a moment ago, so that most likely nothing is to be opened.
    is_there: bool,
}

impl Delivery {
    /// A message to a conversation that is there.
    pub(crate) fn of(app: &App, call: &Call, draft: Draft) -> Self {
        let statement = Send::new(draft, app.new_id::<MessageId>().uuid(), call.request_id());
        Self { statement, attachments: Attachments::default(), opening: None }
    }

    /// Opens the conversation before, unless it is there.
    pub(crate) fn opening(self, new: Conversation, occasion: Occasion, is_there: bool) -> Self {
        Self { opening: Some(Opening { new, occasion, is_there }), ..self }
    }

    /// What its files are called.
    pub(crate) fn carrying(self, attachments: Attachments) -> Self {
        Self { attachments, ..self }
    }

    /// Sends it.
    pub(crate) async fn run(
        self,
        messaging: &Messaging,
        call: Call,
        body: &Body,
        answers: Answers,
    ) -> Result<Answer> {
        let app = &messaging.app;
        if !call.has_key() && self.is_one_statement() {
            match app.once(self.statement.clone()).await? {
                Ok(Some(sent)) => return (answers.new)(&call, sent, &self.attachments),
                // The conversation that was there a moment ago is not: it begins anew.
                Ok(None) if self.opening.is_some() => {}
                undone => {
                    let settle = move |conn: &mut PgConnection| self.settle(conn, &call, answers, undone);
                    return app.read(settle).await;
                }
            }
        }
        let by = call.clone();
        app.post(&call, body, answers.route, move |tx| self.send(tx, &by, answers)).await
    }

    fn is_one_statement(&self) -> bool {
        let opened = self.opening.as_ref().is_none_or(|opening| opening.is_there);
        opened && self.statement.draft().reply_to.is_none()
    }

    fn send(&self, tx: &mut Tx<'_>, call: &Call, answers: Answers) -> Result<Answer> {
        if let Some(opening) = &self.opening {
            opening.ensure(tx, call.caller.user_id)?;
        }
        // A savepoint, so that a known clientMessageId does not end the transaction that keeps the key.
        let sent = tx.conn().transaction(|conn| self.statement.run(conn));
        if matches!(sent, Ok(Some(_))) {
            self.may_reply(tx.conn())?;
        }
        self.settle(tx.conn(), call, answers, sent)
    }

    /// What it answers is there for its sender. Asked after the send, which holds their rows.
    fn may_reply(&self, conn: &mut PgConnection) -> Result<()> {
        let draft = self.statement.draft();
        let Some(id) = draft.reply_to else { return Ok(()) };
        match look(conn, id, draft.sender_id) {
            Ok((answered, _)) if answered.conversation_id == draft.conversation_id => Ok(()),
            Err(error) if error.code().status >= 500 => Err(error),
            _ => Err(Refusal::ReplyToUnknown.into()),
        }
    }

    /// What became of it: the new message, the first one of its `clientMessageId`, or the refusal by its name.
    fn settle(
        &self,
        conn: &mut PgConnection,
        call: &Call,
        answers: Answers,
        sent: QueryResult<Option<Message>>,
    ) -> Result<Answer> {
        match sent {
            Ok(Some(sent)) => (answers.new)(call, sent, &self.attachments),
            Ok(None) => Err(refusal(conn, self.statement.draft())?),
            Err(error) if violates(&error, CLIENT_ID_KEY) => {
                let first = first(conn, self.statement.draft())?;
                (answers.first)(conn, call, first)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Opening {
    fn ensure(&self, tx: &mut Tx<'_>, caller: UserId) -> Result<()> {
        if conversations::find(tx.conn(), self.new.id, caller)?.is_none() {
            open(tx, caller, &self.new, &self.occasion)?;
        }
        Ok(())
    }
}

fn first(conn: &mut PgConnection, draft: &Draft) -> QueryResult<Message> {
    let name = draft.client_message_id.as_deref().unwrap_or_default();
    messages::by_client_id(conn, draft.conversation_id, draft.sender_id, name)
}

/// Why a send did nothing.
fn refusal(conn: &mut PgConnection, draft: &Draft) -> Result<Error> {
    let scene = scene(conn, draft.conversation_id, draft.sender_id)?;
    // A scene that allows it now changed after the send: the client may try again.
    Ok(message::may_send(scene)
        .map_or_else(Error::from, |_| Error::unavailable("membership changed meanwhile")))
}

/// What a send by this user depends on.
///
/// # Errors
/// What Postgres says.
pub fn scene(conn: &mut PgConnection, id: ConversationId, sender: UserId) -> Result<Scene> {
    let seen = conversations::find(conn, id, sender)?;
    let there = seen.is_some() || conversations::is_there(conn, id)?;
    let place = |seen: &Seen| (seen.conversation.last_seq, seen.conversation.last_message_at);
    let conversation = there.then(|| seen.as_ref().map_or((Seq::START, chrono::DateTime::UNIX_EPOCH), place));
    Ok(Scene { conversation, sender: seen.map(|seen| seen.member.watermark) })
}
