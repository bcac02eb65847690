//! `/chats/groups/{groupId}/users`: who comes, who goes.

use actix_web::{delete, post, web};
use kit::error::{NOT_AN_ID, REQUIRED};
use kit::{Answer, Body, Call, Error, IfMatch, Result, Tx, UserId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::Occasion;
use crate::api::chats::ChatsError;
use crate::api::chats_groups::{GroupAnswer, answer, id_in_path};
use crate::api::conversations::see;
use crate::api::membership::{Roster, end_for_all, move_members};
use crate::domain::conversation::Ending;
use crate::domain::group;
use crate::domain::notice::News;
use crate::notices::{self, Notice};
use crate::{Messaging, Refusal};

/// What a client sends to add people to a group.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct AddToGroup {
    /// Who comes. They see what is said from then on; who is in it already stays as they are.
    users: Vec<Uuid>,
}

/// 添加群成员 · Add people to a group
///
/// Any member may; all are told by a system message.
#[utoipa::path(
    operation_id = "addToGroup", tag = "chats", security(("accessToken" = [])),
    params(
        ("groupId" = Uuid, Path, description = "The group."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = AddToGroup,
    responses(
        (status = 200, description = "The group.", body = GroupAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[post("/chats/groups/{groupId}/users")]
pub(crate) async fn add(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let (id, by) = (id_in_path(&path)?, call.caller.user_id);
    let users: Vec<UserId> = body.ids("users")?.ok_or_else(|| Error::field(&REQUIRED, "users"))?;
    let app = &messaging.app;
    let of = app.read(move |conn| see(conn, id, by)).await?.conversation;
    messaging.must_know(&group::with(&of, by, &users)?.joining, Refusal::UnknownUser("users")).await?;
    let ([occasion], notice) = (Occasion::draw(app, &call), Notice::draw(app, &call));
    let work = move |tx: &mut Tx<'_>| {
        let roster = Roster::lock(tx, id, by)?;
        let membership = group::with(&roster.conversation, by, &users)?;
        let after = move_members(tx, &roster, &membership, &occasion)?;
        if !membership.joining.is_empty() {
            let news = notices::added(tx, &membership.joining)?;
            notice.give(tx, &after, by, &[news])?;
        }
        answer(after, None)
    };
    app.post(&call, &body, "POST /chats/groups/{groupId}/users", work).await
}

/// 移除群成员或退出群聊 · Remove a member, or leave
///
/// Any member may remove another but the owner, as long as three stay. Who removes themselves leaves, also the owner: the
/// longest-standing member follows. All who stay are told by a system message.
#[utoipa::path(
    operation_id = "removeFromGroup", tag = "chats", security(("accessToken" = [])),
    params(
        ("groupId" = Uuid, Path, description = "The group."),
        ("userId" = Uuid, Path, description = "Who goes."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion (`ETag`) that the change is meant for."),
    ),
    responses(
        (status = 200, description = "The group, and the `effect`.", body = GroupAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[delete("/chats/groups/{groupId}/users/{userId}")]
pub(crate) async fn remove(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<(String, String)>,
    if_match: IfMatch,
) -> Result<Answer> {
    let (id, by) = (id_in_path(&path.0)?, call.caller.user_id);
    let user: UserId = path.1.parse().map_err(|_| Error::field(&NOT_AN_ID, "userId"))?;
    let ([occasion], notice) = (Occasion::draw(&messaging.app, &call), Notice::draw(&messaging.app, &call));
    let work = move |tx: &mut Tx<'_>| {
        let roster = Roster::lock(tx, id, by)?;
        if_match.admit(roster.conversation.record_version)?;
        if user == by {
            return leave(tx, &roster, by, &occasion, &notice);
        }
        let membership = group::without(&roster.conversation, by, user)?;
        let after = move_members(tx, &roster, &membership, &occasion)?;
        let news = notices::removed(tx, user)?;
        notice.give(tx, &after, by, &[news])?;
        answer(after, Some("removed"))
    };
    messaging.app.write(work).await
}

fn leave(
    tx: &mut Tx<'_>,
    roster: &Roster,
    by: UserId,
    occasion: &Occasion,
    notice: &Notice,
) -> Result<Answer> {
    let after = match group::leave(&roster.conversation, by)? {
        Ending::Deleted => end_for_all(tx, roster, occasion)?,
        Ending::Left(membership) => {
            let after = move_members(tx, roster, &membership, occasion)?;
            notice.give(tx, &after, by, &[News::Left])?;
            after
        }
    };
    answer(after, Some("left"))
}
