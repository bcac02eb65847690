#!/usr/bin/env bash
# Prints the path of a tool that the checks use, installing it first if it is not there. Tools live outside the clone,
# so that all clones share them and `git clean` spares them.
#
#     scripts/tools.sh cargo-deny 0.20.2
set -euo pipefail

name=$1
version=$2
root=${XDG_CACHE_HOME:-$HOME/.cache}/banter/tools/$name-$version

if [ ! -x "$root/bin/$name" ]; then
    echo "Installing $name $version into $root (once, some minutes)" >&2
    # A target directory of its own: the tool's dependencies have other features than ours.
    CARGO_TARGET_DIR=$root/target cargo install --locked --debug --version "$version" --root "$root" "$name" \
        >&2 </dev/null
    rm -rf "$root/target"
fi
echo "$root/bin/$name"
