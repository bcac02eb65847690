//! The statements of the service as pgbench runs them. They come from the service's own code, so they cannot drift.

use chrono::DateTime;
use inbox::store::unified::list::{self, EntryFilter};
use kit::{Page, Query, SeqQuery};
use messaging::domain::message::{Draft, Kind};
use messaging::store::overview::Overview;
use messaging::store::send::Send;
use messaging::store::stretch::Stretch;
use uuid::Uuid;

use crate::pgbench::{Script, Statement, statement};
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

const SEND_BINDS: &[&str] = &[
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
];

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
    let text = statement(&Send::new(draft, Uuid::nil(), ""));
    let binds = SEND_BINDS;
    Script {
        name: "send",
        service: "messaging",
        statements: vec![Statement { text, binds }],
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
    let binds = &["zero", "zero", "newest", "size", "conversation", "member"];
    Ok(Script {
        name: "messages",
        service: "messaging",
        statements: vec![Statement { text: statement(&stretch), binds }],
        draw: "SELECT conversation, member, '0' AS zero, '9223372036854775807' AS newest, '25' AS size
            FROM bench.pair WHERE",
        rows,
    })
}

/// Listing somebody's latest 25 conversations.
pub(crate) fn conversations(rows: usize) -> Script {
    let text = statement(&Overview::of(Uuid::nil().into(), 25, 0));
    Script {
        name: "conversations",
        service: "messaging",
        statements: vec![Statement { text, binds: &["member", "size", "zero", "named"] }],
        draw: "SELECT member, '0' AS zero, '20' AS named, '25' AS size FROM bench.lister WHERE",
        rows,
    }
}

/// The first 25 entries of somebody's unified inbox: the page alone.
pub(crate) fn entries(rows: usize) -> Script {
    let text = list::page_statement(&EntryFilter::default());
    Script {
        name: "entries",
        service: "inbox",
        statements: vec![Statement { text, binds: &["member", "sources", "size", "zero"] }],
        draw: "SELECT member, '{}' AS sources, '0' AS zero, '25' AS size FROM bench.busy WHERE",
        rows,
    }
}

/// The page, and how many entries there are and are unread, as each answer tells.
pub(crate) fn entries_and_totals(rows: usize) -> Script {
    let mut script = entries(rows);
    let text = list::totals_statement(&EntryFilter::default());
    script.name = "entries-totals";
    script.statements.push(Statement { text, binds: &["member", "sources"] });
    script
}

fn page() -> Result<Page> {
    Page::parse(&Query::parse("")).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Script; 5] {
        let (send, messages, conversations) = (send(100), messages(100).unwrap(), conversations(100));
        [send, messages, conversations, entries(100), entries_and_totals(100)]
    }

    #[test]
    fn every_script_binds_what_its_statement_asks_for() {
        for script in all() {
            let text = script.text().unwrap();
            assert!(!text.contains('$'), "{}", script.name);
            // pgbench would take it for a cast, and bind nothing.
            assert!(!text.contains(":::"), "{}", script.name);
        }
    }

    #[test]
    fn nothing_in_a_statement_is_taken_for_a_variable() {
        for script in all() {
            for window in script.statements.iter().flat_map(|statement| statement.text.as_bytes().windows(3))
            {
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
