#!/usr/bin/env bash
# Holds every operation of the merged OpenAPI against what it promises, with generated requests, good and bad, on a
# throw-away stack. `make schemathesis`; what is checked and what is not stands in docs/testing.md.
#
#     scripts/schemathesis.sh [OPTION OF schemathesis run]…    e.g. --include-operation-id createMessage --seed 1
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
# The stack of a debug build answers some hundred requests a second.
examples=${EXAMPLES:-100}
seconds=${SECONDS_AT_MOST:-900}

stack=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/debug/stack
tool=${XDG_CACHE_HOME:-$HOME/.cache}/banter/tools/schemathesis-$version

if [ ! -x "$tool/bin/schemathesis" ]; then
    echo "Installing schemathesis $version into $tool (once)" >&2
    python3 -m venv --clear "$tool" # Debian has it in python3-venv.
    "$tool/bin/pip" install --quiet "schemathesis==$version" >&2
fi

cargo build --quiet --workspace --bins

home=$(mktemp -d)
stop() { "$stack" --home "$home/stack" down --wipe >/dev/null; rm -rf "$home"; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
gateway=http://127.0.0.1:$port
# Thousands of requests of one user from one address are the point.
export BANTER__LIMITS__ADDRESS_ENABLED=false BANTER__LIMITS__USER_ENABLED=false BANTER__LIMITS__SIGN_IN_ENABLED=false
for limit in SESSIONS MESSAGES READS; do
    export "BANTER__WIDGET__${limit}__ENABLED=false" "BANTER__WIDGET__${limit}__PER_MINUTE=1" "BANTER__WIDGET__${limit}__BURST=1"
done
"$stack" --home "$home/stack" up --no-demo --gateway-port "$port" >"$home/up.log" || { cat "$home/up.log"; exit 1; }

python3 scripts/schemathesis/prepare.py "$gateway" "$home" "$stack" --home "$home/stack"
cd "$home" # It keeps notes where it stands.
export PYTHONDONTWRITEBYTECODE=1
timeout --kill-after=10 "$seconds" "$tool/bin/schemathesis" --config-file schemathesis.toml \
    run "$gateway/openapi.json" --url "$gateway" --phases examples,coverage,fuzzing,stateful --max-examples "$examples" --workers 2 \
    --exclude-tag-regex ': services$' --checks all --exclude-checks positive_data_acceptance --generation-database none --continue-on-failure \
    --request-timeout 20 "$@"
