#![doc = include_str!("../README.md")]

mod body;
pub mod codes;
mod cors;
mod environments;
mod forwarded;
mod gateway;
mod handler;
mod headers;
mod health;
mod pattern;
mod proxy;
mod pump;
mod response;
mod routes;
pub mod settings;
mod upgrade;
mod upstream;

pub use gateway::start;
pub use settings::GatewaySettings;
