#!/bin/sh
# Puts SCION's suite of SCXML tests (Apache-2.0, from npm) where the conformance tests look for it. The package alone is
# fetched, held against its hash and unpacked: nothing of it is run, and what it depends on is not needed.
set -eu
cd "$(dirname "$0")"

package=@scion-scxml/test-framework
version=2.0.16
hash=e6b45de427452d4ce63da3b8dcd49a9819a1abab96ff49149949de127a9149b023d0588554020d7750df69d524744093fb11cb011089654ee67900f89ea6322b
folder=node_modules/$package

if [ -f "$folder/.hash" ] && [ "$(cat "$folder/.hash")" = "$hash" ]; then
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
file=$(npm pack --silent "$package@$version" --pack-destination node_modules)
echo "$hash  node_modules/$file" | sha512sum --check --quiet
tar -xzf "node_modules/$file" -C "$folder" --strip-components=1
rm "node_modules/$file"
echo "$hash" >"$folder/.hash"
echo "the conformance tests can run: cargo test -p conformance"
