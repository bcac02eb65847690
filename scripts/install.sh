#!/usr/bin/env bash
# Installs what Banter needs on Debian, if it is missing: compiler, libpq, Node (for tests and examples), the servers of
# PostgreSQL and RabbitMQ.
# As root, or with `sudo -n`; otherwise it prints the one line to run and exits 1. Servers that it installs are not
# started: the stack runs private ones, and ports 5432 and 5672 stay as they are.
set -euo pipefail

missing=()

# needs PACKAGE TEST…: the package is wanted when the test fails.
needs() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

has_file() { compgen -G "$1" >/dev/null; }
has_program() { command -v "$1"; }

needs gcc has_program cc
needs libc6-dev has_file /usr/include/stdlib.h
needs make has_program make
needs libpq-dev has_file /usr/include/postgresql/libpq-fe.h
needs postgresql has_file '/usr/lib/postgresql/*/bin/initdb'
needs rabbitmq-server test -x /usr/lib/rabbitmq/bin/rabbitmq-server
needs nodejs has_program node
needs npm has_program npm
needs ca-certificates has_file '/etc/ssl/certs/*'

check_rust() {
    command -v cargo >/dev/null && return
    echo "Rust is missing. Install it with https://rustup.rs and come back." >&2
    exit 1
}

# What dpkg asks before it starts a service; saying 101 ("forbidden") keeps the ports free.
policy=/usr/sbin/policy-rc.d
kept=
cluster_settings=/etc/postgresql-common/createcluster.d/banter-none.conf
settings_dir_was_there=true

forbid_autostart() {
    if [ -e "$policy" ] || [ -L "$policy" ]; then
        kept=$(mktemp "$policy.XXXXXX")
        mv "$policy" "$kept"
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    # The package would make a cluster for the whole machine, which nobody here needs.
    [ -d "${cluster_settings%/*}" ] || settings_dir_was_there=false
    mkdir -p "${cluster_settings%/*}"
    echo 'create_main_cluster = false' >"$cluster_settings"
}

restore() {
    rm -f "$policy" "$cluster_settings"
    [ -z "$kept" ] || mv "$kept" "$policy"
    $settings_dir_was_there || rmdir -p --ignore-fail-on-non-empty "${cluster_settings%/*}" 2>/dev/null || true
}

install_as_root() {
    trap restore EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    forbid_autostart
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q </dev/null
    apt-get install -y -q --no-install-recommends "$@" </dev/null
}

if [ "${1:-}" = --as-root ]; then
    shift
    install_as_root "$@"
    exit
fi

if [ ${#missing[@]} -gt 0 ]; then
    me=$(readlink -f "$0")
    if ! command -v apt-get >/dev/null; then
        echo "Missing: ${missing[*]} (by their Debian names). Install them and come back." >&2
        exit 1
    elif [ "$(id -u)" = 0 ]; then
        echo "Installing ${missing[*]}"
        bash "$me" --as-root "${missing[@]}"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "Installing ${missing[*]} (with sudo)"
        sudo -n bash "$me" --as-root "${missing[@]}"
    else
        echo "Missing: ${missing[*]}. Run this as root, then come back:" >&2
        echo "    bash $me --as-root ${missing[*]}" >&2
        exit 1
    fi
fi
check_rust
