//! Where a tag ends: at its first `>` that is not between the quotes of an attribute's value.

/// What a character in a tag belongs to; the states of the tokenizer, those that go on alike taken together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    TagName,
    /// Between attributes, where a `=` begins a name.
    Between,
    AttributeName,
    AfterName,
    BeforeValue,
    Quoted(char),
    Unquoted,
    /// Behind the `>`.
    Text,
}

/// What follows the tag that begins here with its name; nothing when it does not end.
pub(super) fn after_tag(tag: &str) -> &str {
    let mut place = In::TagName;
    let mut ahead = tag.chars();
    while let Some(c) = ahead.next() {
        place = place.after(c);
        if place == In::Text {
            return ahead.as_str();
        }
    }
    ""
}

/// Whether a tag's name is over where `c` comes.
pub(super) fn ends_name(c: char) -> bool {
    is_space(c) || matches!(c, '/' | '>')
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0C' | '\r' | ' ')
}

impl In {
    fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Quoted(quote), _) => {
                if c == quote {
                    Self::Between
                } else {
                    self
                }
            }
            (_, '>') => Self::Text,
            (Self::BeforeValue, '"' | '\'') => Self::Quoted(c),
            (Self::AttributeName | Self::AfterName, '=') => Self::BeforeValue,
            (Self::TagName | Self::Between | Self::AttributeName | Self::AfterName, '/') => Self::Between,
            (Self::TagName | Self::Unquoted, _) if is_space(c) => Self::Between,
            (Self::AttributeName, _) if is_space(c) => Self::AfterName,
            (Self::Between | Self::AfterName | Self::BeforeValue, _) if is_space(c) => self,
            (Self::Between | Self::AfterName, _) => Self::AttributeName,
            (Self::BeforeValue, _) => Self::Unquoted,
            (Self::TagName | Self::AttributeName | Self::Unquoted | Self::Text, _) => self,
        }
    }
}
