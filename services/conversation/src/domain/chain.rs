//! The moderation log's hash chain.
