//! What an HTML parser sees in a text.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Layers of encoding that are looked under.
const DEPTH: usize = 40;

/// Follows every text, to see whether it is still there.
const END: &str = " the end";

/// The text between the markup, decoded, and whether there is any markup.
#[derive(Default)]
struct Reading {
    text: RefCell<String>,
    markup: Cell<bool>,
}

impl TokenSink for Reading {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::NullCharacterToken => self.text.borrow_mut().push('\0'),
            Token::TagToken(_) | Token::CommentToken(_) | Token::DoctypeToken(_) => self.markup.set(true),
            Token::ParseError(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

/// `text` decoded once, or `None` when there is markup in it.
fn read(text: &str) -> Option<String> {
    let opts = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Reading::default(), opts);
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(text));
    queue.push_back(StrTendril::from(END));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    // Markup that is never closed is passed over in silence, with all that follows; and this is, too.
    let seen = tokenizer.sink.text.take().strip_suffix(END).map(str::to_owned)?;
    (!tokenizer.sink.markup.get() && !text.contains("</>")).then_some(seen)
}

/// Whether `text` is none but text, as it stands.
pub(crate) fn reads_as_text(text: &str) -> bool {
    read(text).is_some()
}

/// Whether there is markup in `text`, as it stands or however often decoded.
pub(crate) fn holds_markup(text: &str) -> bool {
    let mut text = text.to_owned();
    for _ in 0..DEPTH {
        match read(&text) {
            None => return true,
            Some(decoded) if decoded == text => return false,
            Some(decoded) => text = decoded,
        }
    }
    panic!("encoded too often to tell")
}
