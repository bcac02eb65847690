//! Commands for whoever runs the deployment.

use kit::service::Command;
use kit::{App, Result, Role, Tx};

use crate::Refusal;
use crate::announce::Occasion;
use crate::domain::profile::normal_email;
use crate::store::users;

const USAGE: &str = "auth [migrate | keys [rotate] | health | user-role EMAIL ROLE]; roles: user, moderator, admin, superAdmin, saasAdmin";

/// `user-role EMAIL ROLE` gives a user any rank: the only way to the first admin, and to the highest rank.
pub(crate) fn command(app: &App, words: &[String]) -> std::result::Result<Command, String> {
    let [word, email, role] = words else { return Err(USAGE.into()) };
    let role = Role::parse(role).filter(|_| word == "user-role").ok_or(USAGE)?;
    let occasion = Occasion { now: app.now(), request_id: "auth user-role".into() };
    let (app, email) = (app.clone(), normal_email(email));
    Ok(Box::pin(async move { app.write(move |tx| set_role(tx, &email, role, &occasion)).await }))
}

fn set_role(tx: &mut Tx<'_>, email: &str, role: Role, occasion: &Occasion) -> Result<String> {
    let id = users::id_of(tx.conn(), email)?.ok_or(Refusal::UserNotFound)?;
    let user = users::lock(tx, &[id])?.pop().ok_or(Refusal::UserNotFound)?;
    let Some(after) = user.ranked(role, occasion.now) else {
        return Ok(format!("{email} has the role {} already", role.name()));
    };
    users::save(tx, &after)?;
    occasion.user_updated(tx, &after)?;
    Ok(format!("{email} has the role {} now; tokens tell it from their next refresh on", role.name()))
}
