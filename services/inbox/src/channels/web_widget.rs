//! The widget that companies put on their sites: visitors fetch what is said by themselves.

use diesel::QueryResult;
use diesel::pg::PgConnection;
use kit::{Result, Tx};

use super::{Channel, Said, WEB_WIDGET};
use crate::domain::ids::{ChannelId, ChatbotId};
use crate::store::channel_web_widgets;

/// The widget.
pub(super) struct ChannelWebWidget;

impl Channel for ChannelWebWidget {
    fn channel_type(&self) -> &'static str {
        WEB_WIDGET
    }

    fn exists(&self, conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<bool> {
        channel_web_widgets::exists(conn, chatbot, id)
    }

    fn said(&self, _: &mut Tx<'_>, _: &Said<'_>) -> Result<()> {
        Ok(())
    }
}
