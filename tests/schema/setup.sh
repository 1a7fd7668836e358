#!/bin/sh
# Installs what the test of the JSON Schema needs: Node with npm, and the pinned packages of package-lock.json. What is
# there already is left alone. Needs apt (Debian, Ubuntu) and, unless run by root, sudo.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nodejs npm
fi

npm ci
echo "the test of the schema can run: cargo test -p fsm-codegen --test schema"
