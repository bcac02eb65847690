#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod background;
mod body;
mod call;
pub mod clock;
pub mod db;
mod digest;
pub mod error;
pub mod filters;
mod health;
mod idempotency;
mod ids;
mod if_match;
mod keyed;
pub mod keys;
mod link;
mod listener;
pub mod logs;
mod metrics;
mod middleware;
pub mod openapi;
mod pace;
mod paging;
mod planned;
pub mod queries;
mod query;
mod raw;
mod reader;
mod readiness;
pub mod search;
pub mod server;
pub mod service;
pub mod settings;
mod tokens;
mod trust;
mod web_address;

pub use answer::{Action, Answer, Frame, date};
pub use app::App;
pub use background::{Background, Stop};
pub use body::{Body, MAX_TEXT, leave_unread};
pub use call::{Call, Visit, access_token};
pub use clock::{Clock, ManualClock, SystemClock};
pub use db::{OnConstraint, OneStatement, Tx};
pub use digest::{hex, sha256};
pub use error::{CODES, Code, Error, Result};
pub use health::{Health, Probe};
pub use ids::{Id, ParseIdError, SessionId, UserId};
pub use if_match::IfMatch;
pub use keyed::KeyedIds;
pub use keys::SigningKeys;
pub use metrics::Metrics;
pub use paging::{Page, Paging, SeqQuery};
pub use planned::{Planned, planned};
pub use query::Query;
pub use raw::Raw;
pub use reader::{Peer, Reader};
pub use service::{Migrations, Routes, Service, serve};
pub use tokens::{AccessClaims, Caller, Claims, Grant, Role, ServiceClaims, Use};
pub use trust::Trust;
pub use web_address::is_web_address;

pub use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The tables that kit itself keeps in every service's schema.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
