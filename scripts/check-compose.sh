#!/usr/bin/env bash
# Whether every service has an image and runs in docker-compose.yml, and whether that is understood by whichever
# docker-compose is here. It needs no Docker.
set -euo pipefail
cd "$(dirname "$0")/.."

secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
deploy/compose-env.sh "$secrets/env"

for service in $(basename --multiple services/*/); do
    grep -q " AS $service\$" deploy/Dockerfile || { echo "deploy/Dockerfile has no target $service" >&2; exit 1; }
    for container in "$service" "$service-migrate" "$service-keys"; do
        grep -q "^  $container:\$" docker-compose.yml || { echo "docker-compose.yml lacks $container" >&2; exit 1; }
    done
    grep -q "^${service^^}_DATABASE_PASSWORD=" "$secrets/env" || { echo "compose-env.sh forgets $service" >&2; exit 1; }
done

if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
else
    echo 'docker-compose is not installed: its view is not asked'
    exit
fi
"${compose[@]}" --env-file "$secrets/env" --profile demo config --quiet
