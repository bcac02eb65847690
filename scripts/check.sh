#!/usr/bin/env bash
# Everything that can be said about the code without running it. `make check`.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step 'format'
cargo fmt --all --check

step 'lints'
cargo clippy --workspace --all-targets -- -D warnings

step 'documentation'
RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --workspace

step 'generated files'
scripts/check-generated.sh

step 'dependencies: licences, sources, bans'
deny=$(scripts/tools.sh cargo-deny 0.20.2)
PATH="$(dirname "$deny"):$PATH" cargo deny --offline check bans licenses sources

step 'docker-compose.yml'
scripts/check-compose.sh

step 'shell scripts'
scripts=(scripts/*.sh deploy/*.sh .ci/run)
if command -v shellcheck >/dev/null; then
    shellcheck "${scripts[@]}"
else
    for script in "${scripts[@]}"; do bash -n "$script"; done
    echo 'shellcheck is not installed: syntax only'
fi
