//! The kinds of channels, and what each of them is set to.

use chrono::{DateTime, Utc};

use crate::domain::ids::{ChannelId, ChatbotId, WebWidgetTemplateId};

/// The colour that a widget has until it gets another.
pub const BRAND_COLOR: &str = "#007bff";

/// A widget as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelWebWidget {
    /// Its id.
    pub id: ChannelId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// What can be set.
    pub look: Look,
    /// False once it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a widget looks, and where it may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The sites.
    pub authorized_domains: Vec<String>,
    /// The template.
    pub web_widget_template_id: WebWidgetTemplateId,
    /// The colour.
    pub brand_color: String,
    /// Whether there is a header.
    pub show_header: bool,
    /// Whether there is the company's logo.
    pub show_personal_logo: bool,
    /// Whether there is something to write into.
    pub show_message_input: bool,
    /// A style sheet of the company's.
    pub customize_css: Option<String>,
}

impl Look {
    /// What a widget is set to until somebody sets it.
    #[must_use]
    pub fn plain(web_widget_template_id: WebWidgetTemplateId) -> Self {
        Self {
            authorized_domains: Vec::new(),
            web_widget_template_id,
            brand_color: BRAND_COLOR.to_owned(),
            show_header: true,
            show_personal_logo: false,
            show_message_input: true,
            customize_css: None,
        }
    }
}

/// A template as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebWidgetTemplate {
    /// Its id.
    pub id: WebWidgetTemplateId,
    /// What it is called.
    pub name: String,
    /// Since when there is it.
    pub created_at: DateTime<Utc>,
}

/// A channel to a company's own system, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelApi {
    /// Its id.
    pub id: ChannelId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// Where messages to contacts go.
    pub webhook_url: Option<String>,
    /// What both sides sign with.
    pub secret: String,
    /// False once it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A colour as `#rgb` or `#rrggbb`, in lower case.
#[must_use]
pub fn color(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let good = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_hexadecimal() {
        assert_eq!(color("#00AAff").as_deref(), Some("#00aaff"));
        assert_eq!(color("#abc").as_deref(), Some("#abc"));
        for wrong in ["", "#", "red", "007bff", "#00", "#0000", "#00ggff", "#007bff;", "#007bff7f", "#é0a"] {
            assert_eq!(color(wrong), None, "{wrong}");
        }
    }
}
