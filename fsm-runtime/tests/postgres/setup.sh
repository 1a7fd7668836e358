#!/bin/sh
# Starts what the tests of the journal in PostgreSQL need: a server of their own on loopback, in a directory that `stop` removes.
# What is there already is left alone. Needs apt (Debian, Ubuntu) and, unless run by root, sudo.
set -eu

port="${FSM_POSTGRES_PORT:-54329}"
dir="${TMPDIR:-/tmp}/fsm-postgres-$port"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The server refuses to run as root.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi
}

bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1; }

if [ "${1:-}" = stop ]; then
    as_user "$(bin)/pg_ctl" -D "$dir/data" -m immediate -w stop
    rm -rf "$dir"
    exit
fi

if [ -z "$(bin)" ] || [ ! -x "$(bin)/initdb" ]; then
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql
fi

if ! "$(bin)/pg_isready" -q -h 127.0.0.1 -p "$port"; then
    rm -rf "$dir"
    mkdir -p "$dir"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$dir"
    as_user "$(bin)/initdb" -D "$dir/data" -U fsm -A trust --no-locale -E UTF8 >/dev/null
    options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir"
    as_user "$(bin)/pg_ctl" -D "$dir/data" -l "$dir/log" -o "$options" -w start >/dev/null
fi
echo "the tests of the journal in PostgreSQL can run: cargo test -p fsm-runtime --features journal-postgres --test postgres"
