//! Widgets.

use diesel::pg::PgConnection;
use diesel::prelude::*;

use crate::domain::ids::{ChannelId, ChatbotId};
use crate::store::schema::channel_web_widget;

/// Whether a chatbot has that widget.
///
/// # Errors
/// What Postgres says.
pub fn exists(conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<bool> {
    let it = channel_web_widget::table.find((chatbot, id)).filter(channel_web_widget::is_active);
    diesel::select(diesel::dsl::exists(it)).get_result(conn)
}
