#!/bin/sh
# Runs the lint rules over this tree: builds preset dev-clang first, because some rules read objects and commands.
# usage: tests/lint/run.sh [RULE...]     Prints "file:line: rule: message" lines, then PASS or FAIL for each rule.
set -u
cd "$(dirname "$0")/../.." || exit 2

rc=0
log=$(mktemp)
if ! { cmake --preset dev-clang && cmake --build --preset dev-clang -- -k 0; } >"$log" 2>&1; then
    grep -E 'error|Error|FAILED' "$log" | head -n 20
    echo "FAIL lint.build: preset dev-clang does not build"
    rc=1
fi
rm -f "$log"
python3 -B tests/lint/lint.py --build build-dev-clang "$@" || rc=1
exit "$rc"
