//! The error-code tables of `docs/errors.md`, held against the code.

use kit::Code;

/// Checks that each code has its line in `docs/errors.md`: name, status and meaning.
///
/// # Panics
/// When one has not; it prints the lines to add.
pub fn documented(codes: &[&Code]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let text = std::fs::read_to_string(path).expect(path);
    let line = |code: &&Code| format!("| `{}` | {} | {} |", code.name, code.status, code.meaning);
    let missing: Vec<String> =
        codes.iter().map(line).filter(|line| !text.lines().any(|known| known == line)).collect();
    assert!(missing.is_empty(), "docs/errors.md lacks:\n{}", missing.join("\n"));
}
