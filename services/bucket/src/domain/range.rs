//! Which bytes of a file are asked for (RFC 9110, 14).

use std::ops::Range;

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// All.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// There are no such bytes.
    Unsatisfiable,
}

/// Reads a `Range` header. Several ranges, and what is none at all, come to the whole.
#[must_use]
pub fn parse(header: &str, size: u64) -> Span {
    let unit = header.get(..6).filter(|unit| unit.eq_ignore_ascii_case("bytes="));
    let spec = unit.and(header.get(6..)).map(str::trim).filter(|spec| !spec.contains(','));
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else { return Span::Whole };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => part(first, last.saturating_add(1).min(size), size),
        (Some(first), None) if last.is_empty() => part(first, size, size),
        (None, Some(length)) if first.is_empty() => part(size.saturating_sub(length), size, size),
        _ => Span::Whole,
    }
}

/// A position; what is beyond 64 bits is beyond the end.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn part(start: u64, end: u64, size: u64) -> Span {
    if start >= size { Span::Unsatisfiable } else { Span::Part(start..end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_a_part() {
        for (header, expected) in [
            ("bytes=0-0", Span::Part(0..1)),
            ("bytes=2-5", Span::Part(2..6)),
            ("BYTES=2-", Span::Part(2..10)),
            ("bytes=2-99", Span::Part(2..10)),
            ("bytes=-3", Span::Part(7..10)),
            ("bytes=-99", Span::Part(0..10)),
            ("bytes=0-99999999999999999999999", Span::Part(0..10)),
            ("bytes=10-", Span::Unsatisfiable),
            ("bytes=-0", Span::Unsatisfiable),
            ("bytes=99999999999999999999999-", Span::Unsatisfiable),
            ("bytes=5-2", Span::Whole),
            ("bytes=0-1,3-4", Span::Whole),
            ("bytes=a-b", Span::Whole),
            ("bytes=-", Span::Whole),
            ("lines=0-1", Span::Whole),
            ("bytes", Span::Whole),
            ("bytés=0-", Span::Whole),
        ] {
            assert_eq!(parse(header, 10), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Span::Unsatisfiable);
    }
}
