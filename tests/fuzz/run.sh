#!/bin/sh
# Builds the fuzzers and runs each for a while, several at once. Prints PASS or FAIL for each.
# usage: tests/fuzz/run.sh [--seconds N] [NAME...]     (a name is fuzz_x or x; default: all, 30 s each)
set -u
cd "$(dirname "$0")/../.." || exit 2

seconds=30
names=
while [ $# -gt 0 ]; do
    case $1 in
    --seconds)
        seconds=${2:-}
        [ $# -gt 1 ] && shift
        ;;
    -*)
        echo "usage: ./dev fuzz [--seconds N] [NAME...]" >&2
        exit 2
        ;;
    *) names="$names fuzz_${1#fuzz_}" ;;
    esac
    shift
done
case $seconds in
'' | *[!0-9]* | 0*)
    echo "fuzz: --seconds needs a whole number from 1" >&2
    exit 2
    ;;
esac

bin=$PWD/build-fuzz/fuzz
logs=$PWD/build-fuzz/logs
crashes=$PWD/build-fuzz/crashes
mkdir -p "$logs" "$crashes"
if ! { cmake --preset fuzz && cmake --build --preset fuzz --target fuzzers; } >"$logs/build.log" 2>&1; then
    grep -E 'error|Error|FAILED' "$logs/build.log" | head -n 20
    echo "FAIL fuzz.build: see build-fuzz/logs/build.log"
    exit 1
fi

# fuzz_one NAME: the seeds first (each input that once broke it), then new inputs until the time is over.
fuzz_one() {
    source=$(find tests/fuzz -name "$1.c" | head -n 1)
    if [ -z "$source" ] || [ ! -x "$bin/$1" ]; then
        echo "FAIL fuzz.$1: there is no such fuzzer"
        return 1
    fi
    seeds=$(dirname "$source")/seeds/${1#fuzz_}
    corpus=build-fuzz/corpus/$1
    mkdir -p "$corpus"
    [ -d "$seeds" ] || seeds=
    # shellcheck disable=SC2086  # an empty $seeds must vanish
    if "$bin/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$crashes/$1-" "$corpus" $seeds >"$logs/$1.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$logs/$1.log")
        echo "PASS fuzz.$1: ${runs:-?} inputs in $seconds s"
        return 0
    fi
    grep -E 'ERROR|SUMMARY|runtime error|Test unit written|^ +#[0-9] ' "$logs/$1.log" | head -n 16
    echo "FAIL fuzz.$1: see ${logs#"$PWD"/}/$1.log; the input is in ${crashes#"$PWD"/}"
    return 1
}

[ -n "$names" ] || names=$(find tests/fuzz -name 'fuzz_*.c' -exec basename {} .c \; | sort)
if [ -z "$names" ]; then
    echo "FAIL fuzz: there are no fuzzers under tests/fuzz"
    exit 1
fi
jobs=$(nproc)
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
count=0
for name in $names; do
    fuzz_one "$name" >"$results/$name" 2>&1 &
    count=$((count + 1))
    [ $((count % jobs)) -ne 0 ] || wait
done
wait
cat "$results"/*
if grep -q '^FAIL ' "$results"/*; then
    exit 1
fi
exit 0
