//! `/chats/messages/{messageId}/reactions/{emoji}`

use actix_web::{delete, put, web};
use events::messaging::MessageReacted;
use kit::{Answer, Call, Result, Tx, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::announce::{self, Occasion};
use crate::api::chats::{ChatsError, OK};
use crate::api::conversations::see;
use crate::api::message_view::{ReactionView, reactions_to};
use crate::api::messages::{id_in_path, look};
use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::message::{Message, MessageId};
use crate::domain::reaction::{self, Emoji, Reaction};
use crate::store::{messages, participants, reactions};
use crate::{Messaging, Refusal};

/// All reactions to a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReactionsAnswer {
    #[schema(example = 200)]
    code: u16,
    /// The message.
    id: MessageId,
    chat_id: ConversationId,
    /// The emoji that was there first comes first.
    reactions: Vec<ReactionView>,
}

/// 添加表情回应 · React to a message
///
/// By one emoji of the Unicode list, percent-encoded in the path: with a skin tone, a flag, a joined sequence. Each of at
/// most 20 different ones counts once for a user.
#[utoipa::path(
    operation_id = "addReaction", tag = "chats", security(("accessToken" = [])),
    params(
        ("messageId" = uuid::Uuid, Path, description = "The message."),
        ("emoji" = String, Path, description = "The emoji.", example = "👍🏽"),
    ),
    responses(
        (status = 200, description = "All reactions to the message.", body = ReactionsAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[put("/chats/messages/{messageId}/reactions/{emoji}")]
pub(crate) async fn add(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<(String, String)>,
) -> Result<Answer> {
    messaging
        .react(call, &path, |tx, to, emoji, by, occasion| {
            let there = there(tx, to)?;
            let is_new = reaction::add(&there, by, emoji)?;
            Ok(is_new && reactions::add(tx, to, by, emoji, occasion.now)? > 0)
        })
        .await
}

/// 取消表情回应 · Take a reaction back
#[utoipa::path(
    operation_id = "removeReaction", tag = "chats", security(("accessToken" = [])),
    params(
        ("messageId" = uuid::Uuid, Path, description = "The message."),
        ("emoji" = String, Path, description = "The emoji.", example = "👍🏽"),
    ),
    responses(
        (status = 200, description = "All reactions to the message.", body = ReactionsAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[delete("/chats/messages/{messageId}/reactions/{emoji}")]
pub(crate) async fn remove(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<(String, String)>,
) -> Result<Answer> {
    messaging.react(call, &path, |tx, to, emoji, by, _| Ok(reactions::remove(tx, to, by, emoji)? > 0)).await
}

/// What is done about an emoji; true when it changed something.
type Change = fn(&mut Tx<'_>, &Message, Emoji, UserId, &Occasion) -> Result<bool>;

impl Messaging {
    async fn react(&self, call: Call, path: &(String, String), change: Change) -> Result<Answer> {
        let (id, emoji) = (id_in_path(&path.0)?, Emoji::parse(&path.1)?);
        let [occasion] = Occasion::draw(&self.app, &call);
        let by = call.caller.user_id;
        let work = move |tx: &mut Tx<'_>| {
            let (conversation, message) = hold(tx, id, by)?;
            let changed = change(tx, &message, emoji, by, &occasion)?;
            let message = if changed { tell(tx, &conversation, message, &occasion)? } else { message };
            answer(tx, &message, by)
        };
        self.app.write(work).await
    }
}

/// The message that a member can see, locked after their own row: who is removed meanwhile does not react.
fn hold(tx: &mut Tx<'_>, id: MessageId, by: UserId) -> Result<(Conversation, Message)> {
    let found = messages::find(tx.conn(), id)?.ok_or(Refusal::MessageNotFound)?;
    participants::lock(tx, found.conversation_id, by)?;
    messages::lock(tx, found.conversation_id, found.seq)?;
    let (message, _) = look(tx.conn(), id, by)?;
    Ok((see(tx.conn(), message.conversation_id, by)?.conversation, message))
}

fn there(tx: &mut Tx<'_>, to: &Message) -> Result<Vec<Reaction>> {
    let placed = reactions::of(tx.conn(), [to])?;
    Ok(placed.into_iter().map(|(.., reaction)| reaction).collect())
}

fn tell(tx: &mut Tx<'_>, of: &Conversation, to: Message, occasion: &Occasion) -> Result<Message> {
    let message = Message { reaction_rev: to.reaction_rev + 1, ..to };
    messages::reacted(tx, &message)?;
    let tallies = reaction::tally(&there(tx, &message)?);
    let data = MessageReacted {
        conversation_id: of.id.uuid(),
        message_id: message.id.uuid(),
        seq: message.seq.get(),
        reaction_rev: message.reaction_rev,
        reactions: announce::reactions(tallies),
    };
    occasion.tell(tx, of.id, &of.member_ids, data)?;
    Ok(message)
}

fn answer(tx: &mut Tx<'_>, to: &Message, by: UserId) -> Result<Answer> {
    let placed = reactions::of(tx.conn(), [to])?;
    let reactions = reactions_to(to, by, &placed);
    Answer::bare(OK, &ReactionsAnswer { code: OK, id: to.id, chat_id: to.conversation_id, reactions })
}
