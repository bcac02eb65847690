//! `/v1/widget/{channelWebWidgetId}/…`: what visitors call, from the pages that a widget stands on.

pub mod config;
pub mod conversations;
pub(crate) mod door;
pub mod messages;
pub mod seen;
pub mod session;
mod view;
