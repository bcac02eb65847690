#!/usr/bin/env bash
# All tests. `make test`. Those that share a database and a broker run against a throw-away pair; those that start whole
# systems, and kill parts of them, run afterwards, one by one.
set -euo pipefail
cd "$(dirname "$0")/.."

stack=${CARGO_TARGET_DIR:-target}/debug/stack

cargo build --workspace --bins
cargo test --workspace --no-run
"$stack" run -- cargo test --workspace --exclude e2e
cargo test --package e2e -- --test-threads=1
