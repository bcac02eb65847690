//! Deliveries: messages on their way to a company's own system.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{ChannelId, ChatbotId, ConversationId, MessageId};

/// How long to wait after each failed try, in seconds: from the first to the last it is nearly four hours.
const PAUSES: [i64; 7] = [5, 30, 120, 600, 1_800, 3_600, 7_200];

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// It waits for its turn, or for the next try.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryStatus {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|it| it.name() == name)
    }
}

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// The message, and so the `webhook-id` of every try.
    pub id: MessageId,
    /// By which channel.
    pub channel_id: ChannelId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// The message's number there: they are delivered in its order.
    pub seq: i64,
    /// What is sent, byte for byte.
    pub body: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub tries: i32,
    /// How often it was claimed, ever.
    pub claim: i64,
    /// When it is next due, while it is pending.
    pub next_try_at: DateTime<Utc>,
    /// What the receiver last answered.
    pub http_status: Option<i32>,
    /// What was wrong last, in words.
    pub problem: Option<String>,
    /// When the message was said.
    pub created_at: DateTime<Utc>,
    /// When something last became of it.
    pub updated_at: DateTime<Utc>,
}

/// What a try came to: an HTTP status, or what prevented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered so.
    Answered(u16),
    /// It did not.
    Problem(String),
    /// It cannot be tried again: there is nowhere to send it to.
    Nowhere(&'static str),
}

impl Delivery {
    /// The delivery after a try.
    #[must_use]
    pub fn tried(self, outcome: Outcome, now: DateTime<Utc>) -> Self {
        let (http_status, problem) = match outcome {
            Outcome::Answered(status @ 200..300) => {
                let (status, http_status) = (DeliveryStatus::Delivered, Some(i32::from(status)));
                return Self { status, http_status, problem: None, updated_at: now, ..self };
            }
            Outcome::Answered(status) => (Some(i32::from(status)), refused(status)),
            Outcome::Problem(problem) => (None, problem),
            Outcome::Nowhere(problem) => {
                let (status, problem) = (DeliveryStatus::Failed, Some(problem.to_owned()));
                return Self { status, http_status: None, problem, updated_at: now, ..self };
            }
        };
        let tried = Self { http_status, problem: Some(problem), updated_at: now, ..self };
        match pause(tried.tries) {
            Some(pause) => Self { next_try_at: now + pause, ..tried },
            None => Self { status: DeliveryStatus::Failed, ..tried },
        }
    }
}

fn refused(status: u16) -> String {
    match status {
        300..400 => format!("The receiver answered {status}: redirects are not followed."),
        _ => format!("The receiver answered {status}."),
    }
}

/// How long to wait after so many tries; none when it is given up.
fn pause(tries: i32) -> Option<TimeDelta> {
    let before = usize::try_from(tries.max(1) - 1).ok()?;
    PAUSES.get(before).copied().map(TimeDelta::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(tries: i32) -> Delivery {
        Delivery {
            chatbot_id: ChatbotId::draw(),
            id: MessageId::draw(),
            channel_id: ChannelId::draw(),
            conversation_id: ConversationId::draw(),
            seq: 1,
            body: "{}".to_owned(),
            status: DeliveryStatus::Pending,
            tries,
            claim: 1,
            next_try_at: DateTime::UNIX_EPOCH,
            http_status: None,
            problem: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_try_delivers_waits_or_is_the_last() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let after = |tries, outcome| {
            let it = delivery(tries).tried(outcome, now);
            (it.status, (it.next_try_at - now).num_seconds(), it.http_status)
        };
        let (pending, failed) = (DeliveryStatus::Pending, DeliveryStatus::Failed);
        assert_eq!(delivery(1).tried(Outcome::Answered(204), now).status, DeliveryStatus::Delivered);
        assert_eq!(after(1, Outcome::Answered(500)), (pending, 5, Some(500)));
        assert_eq!(after(7, Outcome::Problem("x".into())), (pending, 7_200, None));
        assert_eq!(after(8, Outcome::Answered(302)).0, failed);
        assert_eq!(after(9, Outcome::Answered(302)).0, failed);
        assert_eq!(after(1, Outcome::Nowhere("x")).0, failed);
        assert!(delivery(1).tried(Outcome::Answered(302), now).problem.unwrap().contains("not followed"));
        let all: i64 = PAUSES.iter().sum();
        assert!(all > 3 * 3_600 && all < 4 * 3_600);
    }
}
