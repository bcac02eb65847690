//! Every code has its line in `docs/errors.md`.

#[test]
fn codes_are_documented() {
    testing::documented(kit::CODES);
}

#[test]
#[should_panic(expected = "| `errMsg_nobodyKnows` | 418 | Made up. |")]
fn a_code_without_a_line_is_found() {
    testing::documented(&[&kit::Code { name: "errMsg_nobodyKnows", status: 418, meaning: "Made up." }]);
}
