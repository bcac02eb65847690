//! `/v1/simulator/messages`

use actix_web::{post, web};
use events::Occasion;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Result, Tx};

use crate::api::message_view::{MessageAnswer, view_one};
use crate::api::scope;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::Sender;
use crate::saying::{Spoken, say, text};
use crate::store::conversations;
use crate::{Inbox, Refusal};

/// What a contact at random might say.
const LINES: [&str; 8] = [
    "Hello? Is anybody there?",
    "Is the blue one still available?",
    "My parcel has not come yet.",
    "Thank you, that helps! 🙏",
    "Can I change my order?",
    "How much is shipping to Graz?",
    "It works now. Have a nice day!",
    "Could you send me the invoice once more?",
];

/// Let a contact write, at random, in a conversation at random of the caller's chatbots: to try a console with.
///
/// It may be one beyond the loaded page: the list reorders, and a conversation that it lacks is fetched. It is there only
/// where the operator allows it, which should not be in production.
#[utoipa::path(
    operation_id = "simulateMessage", tag = "simulator", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    responses(
        (status = 201, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/simulator/messages")]
pub(crate) async fn simulate(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    if !service.simulator {
        return Err(Refusal::NotInProduction.into());
    }
    let (id, occasions, by) = (MessageId::draw(), Occasion::draw(&service.app, &call), call.clone());
    let (luck, [line]) = (ConversationId::draw(), kit::clock::random_bytes());
    let work = move |tx: &mut Tx<'_>| {
        let scope = scope(tx.conn(), &by)?;
        let place = conversations::at_random(tx.conn(), &scope, luck)?.ok_or(Refusal::NothingToSimulate)?;
        let content = LINES.get(usize::from(line) % LINES.len()).copied().unwrap_or_default().to_owned();
        let [occasion, _] = &occasions;
        let whence = (place.chatbot_id, place.id);
        let draft = text(id, whence, Sender::Contact(place.contact_id), content, occasion.now);
        let (Spoken::New(message) | Spoken::Before(message)) = say(tx, draft, &occasions)?;
        by.frame(Action::Create, "message").row(&view_one(tx.conn(), message)?)
    };
    service.app.post(&call, &body, "POST /v1/simulator/messages", work).await
}
