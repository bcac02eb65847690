#!/usr/bin/env bash
# Writes the secrets that docker-compose.yml needs into .env (or the file that is named), at random. What the file has
# already stays as it is, so that it can be run again when a release asks for one more.
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:-.env}
umask 077
touch "$file"

# Letters and digits: they stand in URLs as they are.
random() { head -c 24 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }

for name in POSTGRES_PASSWORD BROKER_PASSWORD AUTH_DATABASE_PASSWORD LISTING_DATABASE_PASSWORD CONVERSATION_DATABASE_PASSWORD MESSAGING_DATABASE_PASSWORD BUCKET_DATABASE_PASSWORD INBOX_DATABASE_PASSWORD PAIRS_SECRET LINKS_SECRET DEMO_PASSWORD; do
    grep -q "^$name=" "$file" || printf '%s=%s\n' "$name" "$(random)" >>"$file"
done
