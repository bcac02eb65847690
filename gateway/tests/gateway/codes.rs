//! The codes of the gateway's own refusals.

#[test]
fn codes_are_documented() {
    testing::documented(gateway::codes::CODES);
}
