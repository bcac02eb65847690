#!/usr/bin/env bash
# Whether docker-compose.yml is understood, by whichever docker-compose is here; it needs no Docker.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
else
    echo 'docker-compose is not installed: not checked'
    exit
fi

secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
deploy/compose-env.sh "$secrets/env"
"${compose[@]}" --env-file "$secrets/env" --profile demo config --quiet
