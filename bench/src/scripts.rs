//! The statements of the service as pgbench runs them. They come from the service's own code, so they cannot drift.

use chrono::DateTime;
use kit::{Page, Query, SeqQuery};
use messaging::domain::message::{Draft, Kind};
use messaging::store::overview::Overview;
use messaging::store::send::Send;
use messaging::store::stretch::Stretch;
use uuid::Uuid;

use crate::pgbench::{Script, statement};
use crate::{Result, wrong};

/// What is said, here and through the gateway.
pub(crate) const CONTENT: &str = "Thank you, that helps a lot. See you on Thursday then.";

/// Ids are ordered by time, as the service makes them; `n > 0` makes them anew for every row.
const SEND: &str = "
    SELECT conversation, member, now, id, event, 'text' AS kind, '{}' AS files, content, event AS request, json_build_object('id', id,
        'conversationId', conversation, 'senderUserId', member, 'content', content, 'type', 'text',
        'clientMessageId', null, 'replyTo', null, 'fileIds', '[]'::json, 'isActive', true, 'recordVersion', 1)::text AS data
    FROM bench.pair, LATERAL (
        SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') AS millis,
            clock_timestamp()::text AS now, 'Thank you, that helps a lot. See you on Thursday then.' AS content
        WHERE n > 0
    ) AS clock, LATERAL (
        SELECT millis || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15) AS id,
            millis || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15) AS event
        WHERE n > 0
    ) AS made
    WHERE";

/// Sending a message.
pub(crate) fn send(rows: usize) -> Script {
    let draft = Draft {
        id: Uuid::nil().into(),
        conversation_id: Uuid::nil().into(),
        sender_id: Uuid::nil().into(),
        kind: Kind::Text,
        content: CONTENT.into(),
        client_message_id: None,
        reply_to: None,
        file_ids: Vec::new(),
        now: DateTime::UNIX_EPOCH,
    };
    Script {
        name: "send",
        statement: statement(&Send::new(draft, Uuid::nil(), "")),
        binds: &[
            "conversation",
            "member",
            "now",
            "now",
            "id",
            "kind",
            "content",
            "id",
            "kind",
            "content",
            "NULL",
            "NULL",
            "files",
            "event",
            "request",
            "data",
        ],
        draw: SEND,
        rows,
    }
}

/// Listing the newest 25 messages of a conversation.
///
/// # Errors
/// None in a sound build.
pub(crate) fn messages(rows: usize) -> Result<Script> {
    let newest = Some(SeqQuery::Newest { limit: 25 });
    let stretch = Stretch::of(Uuid::nil().into(), Uuid::nil().into(), page()?, newest);
    let stretch = stretch.ok_or_else(|| wrong("the newest messages take more than one statement"))?;
    Ok(Script {
        name: "messages",
        statement: statement(&stretch),
        binds: &["zero", "zero", "newest", "size", "conversation", "member"],
        draw: "SELECT conversation, member, '0' AS zero, '9223372036854775807' AS newest, '25' AS size
            FROM bench.pair WHERE",
        rows,
    })
}

/// Listing somebody's latest 25 conversations.
pub(crate) fn conversations(rows: usize) -> Script {
    Script {
        name: "conversations",
        statement: statement(&Overview::of(Uuid::nil().into(), 25, 0)),
        binds: &["member", "size", "zero", "named"],
        draw: "SELECT member, '0' AS zero, '20' AS named, '25' AS size FROM bench.lister WHERE",
        rows,
    }
}

fn page() -> Result<Page> {
    Page::parse(&Query::parse("")).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_binds_what_its_statement_asks_for() {
        for script in [send(100), messages(100).unwrap(), conversations(100)] {
            let text = script.text().unwrap();
            assert!(!text.contains('$'), "{}", script.name);
            // pgbench would take it for a cast, and bind nothing.
            assert!(!text.contains(":::"), "{}", script.name);
        }
    }

    #[test]
    fn nothing_in_a_statement_is_taken_for_a_variable() {
        for script in [send(100), messages(100).unwrap(), conversations(100)] {
            let bytes = script.statement.as_bytes();
            for window in bytes.windows(3) {
                let looks_like_one =
                    window[1] == b':' && (window[2].is_ascii_alphabetic() || window[2] == b'$');
                assert!(
                    !looks_like_one || window[0] == b':',
                    "{}: {:?}",
                    script.name,
                    std::str::from_utf8(window)
                );
            }
        }
    }
}
