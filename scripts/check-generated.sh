#!/usr/bin/env bash
# Files that are generated must be what their generator makes now. The tables of each service (`store/schema.rs`) and
# the OpenAPI documents are compared by tests, since that takes a database; what needs none belongs here.
set -euo pipefail
cd "$(dirname "$0")/.."

# The lock file says what the manifests ask for.
cargo metadata --locked --format-version 1 >/dev/null
