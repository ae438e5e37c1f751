#!/bin/sh
# Proves that each lint rule can fail. Prints PASS or FAIL for each case.
set -u
cd "$(dirname "$0")" || exit 2
exec python3 -B selftest.py
