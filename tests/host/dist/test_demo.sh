#!/bin/sh
# The demonstration leaves a folder alone on which a node runs: the data of that node must not be removed under it.
# usage: test_demo.sh SOURCE_DIR
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/host/dist" "$tree/build/run/n2"
cp "$1/host/dist/demo.sh" "$tree/host/dist/"
echo precious >"$tree/build/run/n2/local.db"
exec 9>"$tree/build/run/n2/lock"
flock --nonblock 9

rc=0
said=$(sh "$tree/host/dist/demo.sh" --exit 2>&1) || rc=$?

[ "$rc" -eq 1 ] || {
    echo "it ended with $rc, not with 1: $said"
    exit 1
}
case $said in
*"a node still runs on build/run/n2; nothing was changed"*) ;;
*)
    echo "it does not say which node runs: $said"
    exit 1
    ;;
esac
grep -q precious "$tree/build/run/n2/local.db"
