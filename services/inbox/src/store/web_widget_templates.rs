//! Templates of the widget: the same for all, so that no chatbot is asked for.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;

use crate::domain::channel::WebWidgetTemplate;
use crate::domain::ids::WebWidgetTemplateId;
use crate::store::schema::web_widget_template;

#[derive(Queryable, Selectable)]
#[diesel(table_name = web_widget_template)]
struct Row {
    id: WebWidgetTemplateId,
    name: String,
    created_at: DateTime<Utc>,
}

/// All templates, by name; the first is what a widget gets by default.
///
/// # Errors
/// What Postgres says.
pub fn all(conn: &mut PgConnection) -> QueryResult<Vec<WebWidgetTemplate>> {
    let in_order = web_widget_template::table.order((web_widget_template::name, web_widget_template::id));
    let rows: Vec<Row> = in_order.select(Row::as_select()).load(conn)?;
    let template = |Row { id, name, created_at }| WebWidgetTemplate { id, name, created_at };
    Ok(rows.into_iter().map(template).collect())
}
