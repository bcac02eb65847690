#![doc = include_str!("../README.md")]

mod backoff;
mod child;
pub mod cli;
mod demo;
mod environment;
mod error;
mod generate;
mod home;
mod ident;
mod keys;
mod launch;
mod layout;
mod place;
mod ports;
mod postgres;
mod probe;
mod rabbitmq;
mod secrets;
mod settings;
mod stack;
mod state;
mod supervisor;
mod table;
mod teardown;
mod throwaway;

pub use environment::Environment;
pub use error::{Error, Result};
pub use home::{Home, default_root};
pub use ident::Ident;
pub use stack::{Options, Stack};
pub use state::{Condition, Entry};
pub use supervisor::supervise;
