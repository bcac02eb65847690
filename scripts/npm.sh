#!/usr/bin/env bash
# Prints the path of the node_modules that a folder's package-lock.json asks for, installing them first if they are not
# there. They live outside the clone, so that all clones share them and `git clean` spares them.
#
#     NODE_PATH=$(scripts/npm.sh e2e/client) node e2e/client/ten-routes.js
set -euo pipefail

folder=$1
digest=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
root=${XDG_CACHE_HOME:-$HOME/.cache}/banter/npm-${digest:0:16}

if [ ! -d "$root/node_modules" ]; then
    echo "Installing the packages of $folder into $root (once)" >&2
    mkdir -p "${root%/*}"
    # Made beside and moved when whole: an interrupted installation, or another one at the same time, does no harm.
    half=$(mktemp -d "$root.XXXXXX")
    trap 'rm -rf "$half"' EXIT
    cp "$folder/package.json" "$folder/package-lock.json" "$half"
    npm ci --prefix "$half" --ignore-scripts --no-audit --no-fund >&2 </dev/null
    mv -T "$half" "$root" 2>/dev/null || [ -d "$root/node_modules" ]
fi
echo "$root/node_modules"
