#!/usr/bin/env bash
# Measures the release's binaries on a stack of their own. `make bench`; what may follow is in bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v pgbench >/dev/null; then
    echo 'pgbench is missing: it comes with the package postgresql.' >&2
    exit 1
fi

echo 'Building for release; that takes minutes the first time.'
cargo build --release --workspace --bins

# All clients share one address: what is measured is not the gateway's limits.
export BANTER__LIMITS__ADDRESS_ENABLED=false BANTER__LIMITS__SIGN_IN_ENABLED=false BANTER__LIMITS__USER_ENABLED=false
dir=${CARGO_TARGET_DIR:-target}
exec "$dir/release/bench" --dir "$dir/bench" "$@"
