//! Rules, without database, storage, clock or HTTP.

pub mod bucket;
pub mod conditions;
pub mod file;
pub mod kind;
pub mod limits;
pub mod link;
pub mod name;
pub mod range;
