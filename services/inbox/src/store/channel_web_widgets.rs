//! Widgets.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx};

use crate::domain::channel::{ChannelWebWidget, Look};
use crate::domain::chatbot::Scope;
use crate::domain::ids::{ChannelId, ChatbotId, WebWidgetTemplateId};
use crate::store::schema::{channel_web_widget, chatbot};

diesel::allow_tables_to_appear_in_same_query!(channel_web_widget, chatbot);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = channel_web_widget)]
#[expect(clippy::struct_excessive_bools, reason = "the source's fields")]
struct Row {
    chatbot_id: ChatbotId,
    id: ChannelId,
    authorized_domains: Vec<String>,
    web_widget_template_id: WebWidgetTemplateId,
    brand_color: String,
    show_header: bool,
    show_personal_logo: bool,
    show_message_input: bool,
    customize_css: Option<String>,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for ChannelWebWidget {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            look: Look {
                authorized_domains: row.authorized_domains,
                web_widget_template_id: row.web_widget_template_id,
                brand_color: row.brand_color,
                show_header: row.show_header,
                show_personal_logo: row.show_personal_logo,
                show_message_input: row.show_message_input,
                customize_css: row.customize_css,
            },
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&ChannelWebWidget> for Row {
    fn from(of: &ChannelWebWidget) -> Self {
        let look = of.look.clone();
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            authorized_domains: look.authorized_domains,
            web_widget_template_id: look.web_widget_template_id,
            brand_color: look.brand_color,
            show_header: look.show_header,
            show_personal_logo: look.show_personal_logo,
            show_message_input: look.show_message_input,
            customize_css: look.customize_css,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new widget.
///
/// # Errors
/// What Postgres says; `channel_web_widget_web_widget_template_id_fkey` when there is no such template.
pub fn insert(tx: &mut Tx<'_>, new: &ChannelWebWidget) -> QueryResult<usize> {
    diesel::insert_into(channel_web_widget::table).values(Row::from(new)).execute(tx.conn())
}

/// Whether a chatbot has that widget.
///
/// # Errors
/// What Postgres says.
pub fn exists(conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<bool> {
    let it = channel_web_widget::table.find((chatbot, id)).filter(channel_web_widget::is_active);
    diesel::select(diesel::dsl::exists(it)).get_result(conn)
}

/// A widget of the scope.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: ChannelId) -> QueryResult<Option<ChannelWebWidget>> {
    let mine = channel_web_widget::chatbot_id.eq_any(scope.chatbots());
    let it = mine.and(channel_web_widget::id.eq(id)).and(channel_web_widget::is_active);
    let row = channel_web_widget::table.filter(it).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(ChannelWebWidget::from))
}

/// The widget that visitors know by its bare id: of whichever chatbot, while that is there.
///
/// # Errors
/// What Postgres says.
pub fn public(conn: &mut PgConnection, id: ChannelId) -> QueryResult<Option<ChannelWebWidget>> {
    let row = channel_web_widget::table
        .inner_join(chatbot::table.on(chatbot::id.eq(channel_web_widget::chatbot_id)))
        .filter(channel_web_widget::id.eq(id).and(channel_web_widget::is_active).and(chatbot::is_active))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(ChannelWebWidget::from))
}

/// Locks a widget of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, id: ChannelId) -> QueryResult<Option<ChannelWebWidget>> {
    let it = channel_web_widget::table.find((chatbot, id)).filter(channel_web_widget::is_active);
    let row = it.for_no_key_update().select(Row::as_select()).first(tx.conn()).optional()?;
    Ok(row.map(ChannelWebWidget::from))
}

/// Stores what can change of a locked widget.
///
/// # Errors
/// What Postgres says; `channel_web_widget_web_widget_template_id_fkey` when there is no such template.
pub fn save(tx: &mut Tx<'_>, of: &ChannelWebWidget) -> QueryResult<usize> {
    let changes = (
        channel_web_widget::authorized_domains.eq(&of.look.authorized_domains),
        channel_web_widget::web_widget_template_id.eq(of.look.web_widget_template_id),
        channel_web_widget::brand_color.eq(&of.look.brand_color),
        channel_web_widget::show_header.eq(of.look.show_header),
        channel_web_widget::show_personal_logo.eq(of.look.show_personal_logo),
        channel_web_widget::show_message_input.eq(of.look.show_message_input),
        channel_web_widget::customize_css.eq(&of.look.customize_css),
        channel_web_widget::is_active.eq(of.is_active),
        channel_web_widget::record_version.eq(of.record_version),
        channel_web_widget::updated_at.eq(of.updated_at),
    );
    diesel::update(channel_web_widget::table.find((of.chatbot_id, of.id))).set(changes).execute(tx.conn())
}

/// A page of the widgets of the scope, the oldest first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, scope: &Scope, page: Page) -> QueryResult<(Vec<ChannelWebWidget>, i64)> {
    let all = || {
        let mine = channel_web_widget::chatbot_id.eq_any(scope.chatbots());
        channel_web_widget::table.filter(mine.and(channel_web_widget::is_active))
    };
    let total = all().count().get_result(conn)?;
    let in_order = all().order((channel_web_widget::created_at, channel_web_widget::id));
    let rows: Vec<Row> =
        in_order.limit(page.rows()).offset(page.offset()).select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(ChannelWebWidget::from).collect(), total))
}
