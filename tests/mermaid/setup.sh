#!/bin/sh
# Installs what the Mermaid tests need: Node with npm, the pinned packages of package-lock.json, and Chromium.
# What is there already is left alone. Needs apt (Debian, Ubuntu) and, unless run by root, sudo.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

has() { command -v "$1" >/dev/null; }

missing=""
has node || missing="$missing nodejs"
has npm || missing="$missing npm"
[ -n "${CHROMIUM:-}" ] || has chromium || has chromium-browser || has google-chrome || missing="$missing chromium"
if [ -n "$missing" ]; then
    as_root apt-get update
    # shellcheck disable=SC2086 -- one word for each package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing fonts-dejavu-core
fi

npm ci
echo "the Mermaid tests can run: cargo test -p fsm-codegen --test mermaid"
