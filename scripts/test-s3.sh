#!/usr/bin/env bash
# Runs the bucket service's tests with its files in S3: moto's server, from the Python registry, as a process of its own.
# It keeps objects in memory, so that it shows that everything works and fails cleanly, and nothing about durability.
# Usage: scripts/test-s3.sh [NAME-OF-A-TEST]
set -euo pipefail
cd "$(dirname "$0")/.."

moto=5.2.5
venv=${XDG_CACHE_HOME:-$HOME/.cache}/banter/moto-$moto
if [ ! -x "$venv/bin/moto_server" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$moto"
fi

log=$(mktemp)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$venv/bin/moto_server" --host 127.0.0.1 --port "$port" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 100); do
    python3 - "$port" 2>/dev/null <<'PY' && break
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 0.2).close()
PY
    kill -0 "$server" || { cat "$log" >&2; exit 1; }
    sleep 0.1
done

cargo build --quiet --package stack
export BANTER_TEST_S3_ENDPOINT="http://127.0.0.1:$port" BANTER_TEST_S3_SERVER="$venv/bin/moto_server"
target/debug/stack run -- cargo test --package bucket --test api -- "$@"
