#!/bin/sh
# Measures ringhost beside other programs on this machine. Needs a release build with -DRINGHOST_BENCH=ON (./dev bench).
# usage: tests/bench/run.sh [NAME...]     names: see BENCHES below
#        none: all but swim, which takes minutes; queue means all four of its kind
# stdout: lines "<bench>.<case>.<metric> <number>"; stderr: everything else, "skipped PEER: reason" for a missing one.
# environment: BENCH_BUILD (build), BENCH_SECONDS (3) a case, BENCH_ROUNDS (3) they are cut into, BENCH_CONNECTIONS
# ("1 16 64 256"), BENCH_ITEMS (100000) of queue100k, BENCH_MILLION (1000000) of queue1m, BENCH_IDLE_SECONDS (10),
# BENCH_TMP (TMPDIR): a folder on the disk to be measured.
# shellcheck disable=SC1091,SC2034  # the parts are sourced, and use what is set here
set -eu
cd "$(dirname "$0")/../.."
here=$PWD/tests/bench
BENCHES='http queue queue100k queue1m queue3 raft idle node bridge relay artifacts swim'
build=$PWD/${BENCH_BUILD:-build}
tool=$build/bench/ringhost-bench
seconds=${BENCH_SECONDS:-3}
rounds=${BENCH_ROUNDS:-3}
connections=${BENCH_CONNECTIONS:-1 16 64 256}
items=${BENCH_ITEMS:-100000}
million=${BENCH_MILLION:-1000000}
idle_seconds=${BENCH_IDLE_SECONDS:-10}

. "$here/lib.sh"
. "$here/http.sh"
. "$here/queue.sh"
. "$here/million.sh"
. "$here/raft.sh"
. "$here/idle.sh"
. "$here/node.sh"
. "$here/swim.sh"
. "$here/bridge.sh"
. "$here/relay.sh"
. "$here/artifacts.sh"

for program in "$build/bin/ringhost" "$tool"; do
    [ -x "$program" ] || fail "$program is not built; ./dev bench builds it"
done
[ $# -gt 0 ] || set -- http queue raft idle node bridge relay artifacts
for name in "$@"; do
    case " $BENCHES " in
    *" $name "*) ;;
    *) fail "unknown bench \"$name\"; there are $BENCHES" ;;
    esac
done

folder=$(mktemp -d "${BENCH_TMP:-${TMPDIR:-/tmp}}/ringhost-bench.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for name in "$@"; do
    case $name in
    http) bench_http ;;
    queue)
        bench_queue queue 0
        bench_queue queue100k "$items"
        bench_queue1m
        bench_queue3
        ;;
    queue100k) bench_queue queue100k "$items" ;;
    queue1m) bench_queue1m ;;
    queue3) bench_queue3 ;;
    raft) bench_raft ;;
    idle) bench_idle ;;
    node) bench_node ;;
    swim) bench_swim ;;
    bridge) bench_bridge ;;
    relay) bench_relay ;;
    artifacts) bench_artifacts ;;
    esac
done
