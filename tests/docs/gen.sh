#!/bin/sh
# Writes the reference pages in docs/ from what the built program says about itself, or tells whether they are stale.
# usage: tests/docs/gen.sh [--check]     Prints PASS or FAIL for each page; exit status 1 when any failed.
# RINGHOST names another program than build/bin/ringhost.
set -u
cd "$(dirname "$0")/../.." || exit 2

case ${1:-} in
'' | --check) ;;
*)
    echo "usage: tests/docs/gen.sh [--check]" >&2
    exit 2
    ;;
esac
program=${RINGHOST:-build/bin/ringhost}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

if [ ! -x "$program" ]; then
    echo "FAIL docs.program: there is no $program; ./dev build makes it"
    exit 1
fi

# The pages must not depend on where they are made.
RINGHOST_DATA=/var/lib/ringhost
LC_ALL=C
export RINGHOST_DATA LC_ALL
unset RINGHOST_NODE RINGRIFT_ELECTION_TIMEOUT RINGRIFT_GOSSIP_INTERVAL RINGRIFT_WORK_CLAIM_TIMEOUT \
    RINGRIFT_EXTRACTED_LOOPS

# page WHAT FILE MODE: one reference page, written or compared.
page() {
    new=$scratch/$1.md
    if ! "$program" --docs "$1" --conf conf.d >"$new" 2>"$scratch/$1.err"; then
        sed 's/^/  /' "$scratch/$1.err"
        echo "FAIL docs.$1: $program --docs $1 does not print it"
        return 1
    fi
    if [ ! -s "$new" ]; then
        echo "FAIL docs.$1: $program --docs $1 prints nothing"
        return 1
    fi
    if [ "$3" = --check ]; then
        if [ ! -f "$2" ]; then
            echo "FAIL docs.$1: there is no $2; run ./dev docs and commit it"
            return 1
        fi
        if ! diff -u "$2" "$new" >"$scratch/$1.diff"; then
            head -n 40 "$scratch/$1.diff" | sed 's/^/  /'
            echo "FAIL docs.$1: $2 is stale; run ./dev docs and commit it"
            return 1
        fi
        echo "PASS docs.$1"
        return 0
    fi
    if cmp -s "$2" "$new"; then
        echo "PASS docs.$1: $2 is as it was"
    elif cp "$new" "$2"; then
        echo "PASS docs.$1: wrote $2"
    else
        echo "FAIL docs.$1: cannot write $2"
        return 1
    fi
}

rc=0
page routes docs/routes.md "${1:-}" || rc=1
page events docs/EVENT_CATALOG.md "${1:-}" || rc=1
page configuration docs/configuration.md "${1:-}" || rc=1
exit "$rc"
