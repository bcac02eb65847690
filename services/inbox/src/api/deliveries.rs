//! `/v1/channelapis/{channelApiId}/deliveries`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Page, Query, Result, Tx, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::channel_apis::seen;
use crate::api::id_in_path;
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::ids::{ChannelId, ChatbotId, ConversationId, MessageId};
use crate::store::webhook_deliveries;
use crate::{Inbox, Refusal};

/// A message on its way to a company's own system.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryView {
    /// The `webhook-id` of every try: the message's id.
    id: MessageId,
    chatbot_id: ChatbotId,
    channel_id: ChannelId,
    conversation_id: ConversationId,
    /// The message's number there.
    seq: i64,
    status: DeliveryStatus,
    /// How often it was tried since it was last asked for.
    tries: i32,
    /// What the receiver last answered.
    http_status: Option<i32>,
    /// What was wrong last.
    problem: Option<String>,
    /// When it is tried next, at the earliest; null when it is over.
    #[serde(with = "kit::date::option")]
    next_try_at: Option<DateTime<Utc>>,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
}

answer_schema!(DeliveryAnswer { delivery: DeliveryView });
answer_schema!(DeliveriesAnswer { deliveries: [DeliveryView] });

impl From<&Delivery> for DeliveryView {
    fn from(of: &Delivery) -> Self {
        Self {
            id: of.id,
            chatbot_id: of.chatbot_id,
            channel_id: of.channel_id,
            conversation_id: of.conversation_id,
            seq: of.seq,
            status: of.status,
            tries: of.tries,
            http_status: of.http_status,
            problem: of.problem.clone(),
            next_try_at: (of.status == DeliveryStatus::Pending).then_some(of.next_try_at),
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// List the deliveries of a channel: what is under way, and what became of the rest. Those that were made are kept for 7 days,
/// those that failed for 30.
#[utoipa::path(
    operation_id = "listDeliveries", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        ("status" = Option<Vec<DeliveryStatus>>, Query, description = "Of one of these."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, the newest first.", body = DeliveriesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelapis/{channelApiId}/deliveries")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, page): (ChannelId, _) = (id_in_path(&path, "channelApiId")?, Page::parse(&query)?);
    let mut filters = Filters::undated(&query);
    let statuses = filters.words("status", |text| DeliveryStatus::parse(text).map(DeliveryStatus::name))?;
    let applied = filters.applied();
    let work = move |conn: &mut PgConnection| {
        let (channel, _) = seen(conn, &call, id)?;
        let (found, total) = webhook_deliveries::page(conn, channel.chatbot_id, id, &statuses, page)?;
        let rows: Vec<_> = found.iter().map(DeliveryView::from).collect();
        call.frame(Action::List, "deliveries").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// Make a delivery anew, at once, that waits or was given up: by the owner or an admin.
#[utoipa::path(
    operation_id = "retryDelivery", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        ("deliveryId" = MessageId, Path, description = "The delivery."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    responses(
        (status = 200, description = "The delivery, which is due.", body = DeliveryAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/channelapis/{channelApiId}/deliveries/{deliveryId}/retry")]
pub(crate) async fn retry(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<(String, String)>,
    body: Body,
) -> Result<Answer> {
    let (channel, delivery) = path.into_inner();
    let channel: ChannelId = id_in_path(&channel, "channelApiId")?;
    let delivery: MessageId = id_in_path(&delivery, "deliveryId")?;
    let (now, by) = (service.app.now(), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        let (found, role) = seen(tx.conn(), &by, channel)?;
        role.may_manage()?;
        let due = webhook_deliveries::retry(tx, found.chatbot_id, channel, delivery, now)?;
        let due = due.ok_or(Refusal::DeliveryNotFound)?;
        by.frame(Action::Update, "delivery").row(&DeliveryView::from(&due))
    };
    let route = "POST /v1/channelapis/{channelApiId}/deliveries/{deliveryId}/retry";
    service.app.post(&call, &body, route, work).await
}
