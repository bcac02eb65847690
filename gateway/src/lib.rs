#![doc = include_str!("../README.md")]

mod body;
pub mod codes;
mod cors;
mod docs;
mod environments;
mod forwarded;
mod gateway;
mod handler;
mod headers;
mod health;
mod openapi;
mod own;
mod pattern;
mod proxy;
mod pump;
mod rates;
mod response;
mod routes;
pub mod settings;
mod upgrade;
mod upstream;

pub use gateway::start;
pub use settings::GatewaySettings;
