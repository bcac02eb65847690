#![doc = include_str!("../README.md")]

#[cfg(feature = "conformance")]
pub mod conformance;
mod range;
mod seq;
mod transitions;
mod visible;
mod watermark;

pub use range::SeqRange;
pub use seq::{NegativeSeq, Seq};
pub use transitions::{Exception, Hide, ReadOne};
pub use visible::{Visible, Window, nearest, skipping};
pub use watermark::Watermark;
