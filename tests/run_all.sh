#!/bin/sh
# Everything that must hold, in steps; goes on after a failing one. Each step prints PASS or FAIL lines, which are counted.
# usage: tests/run_all.sh [STEP...]     The last line is "N passed, N failed"; exit status 1 when any failed.
set -u
cd "$(dirname "$0")/.." || exit 2

STEPS='lint selftest dev dev-clang asan out_of_tree fuzz sim docs'
logs=$PWD/build-test
jobs=$(nproc)

# ctest_step PRESET: builds it and runs its tests; one PASS or FAIL line for each test.
ctest_step() {
    junit=$logs/$1.xml
    rm -f "$junit"
    if ! { cmake --preset "$1" && cmake --build --preset "$1" -- -k 0; } >"$logs/$1.build.log" 2>&1; then
        grep -E 'error|Error|FAILED' "$logs/$1.build.log" | head -n 20
        echo "FAIL $1.build: see build-test/$1.build.log"
        return 1
    fi
    ctest --preset "$1" --parallel "$jobs" --output-junit "$junit" >"$logs/$1.ctest.log" 2>&1
    rc=$?
    if [ ! -s "$junit" ]; then
        tail -n 5 "$logs/$1.ctest.log"
        echo "FAIL $1.ctest: it ended with $rc and wrote no results"
        return 1
    fi
    # Indented, so that nothing a test prints is taken for a verdict.
    grep -Ev '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test .* Passed |\[ RUN  |\[  +OK \])' "$logs/$1.ctest.log" | sed 's/^/  /'
    # A test that did not run (skipped, disabled, not built) has not passed.
    awk -v step="$1" '/<testcase / {
        name = $0; sub(/.* ?name="/, "", name); sub(/".*/, "", name)
        state = $0; sub(/.* status="/, "", state); sub(/".*/, "", state)
        if (state == "run") print "PASS " step "." name
        else print "FAIL " step "." name ": " state
    }' "$junit"
    return "$rc"
}

# Tests of the tests: each rule of the lint can fail, and the runner of mutants tells survivors.
selftest_step() {
    rc=0
    sh tests/lint/selftest.sh || rc=1
    python3 -B tests/mutants/selftest.py || rc=1
    return "$rc"
}

run_step() {
    case $1 in
    lint) sh tests/lint/run.sh ;;
    selftest) selftest_step ;;
    dev | dev-clang | asan | tsan) ctest_step "$1" ;;
    out_of_tree) sh tests/out_of_tree.sh ;;
    fuzz) sh tests/fuzz/run.sh --seconds "${FUZZ_SECONDS:-3}" ;;
    sim) sim_step ;;
    docs) docs_step ;;
    esac
}

# Simulated clusters: one PASS or FAIL line for each suite; what failed, and how to replay it, is shown.
sim_step() {
    if ! { cmake --preset release && cmake --build --preset release; } >"$logs/sim.build.log" 2>&1; then
        grep -E 'error|Error|FAILED' "$logs/sim.build.log" | head -n 20
        echo "FAIL sim.build: see build-test/sim.build.log"
        return 1
    fi
    build/bin/ringhost-sim >"$logs/sim.out.log" 2>&1
    rc=$?
    # Failures of single seeds are indented: the verdict is the suite's.
    awk '/^[a-z0-9_-]+ seeds=[0-9]+ violations=/ {
        verdict = / violations=0 unconverged=0 / ? "PASS" : "FAIL"
        suite = $1
        sub(/^[^ ]+ /, "")
        print verdict " sim." suite ": " $0
        next
    }
    { print "  " $0 }' "$logs/sim.out.log"
    if ! build/bin/ringhost-sim --seeds 1..5 --check-determinism >"$logs/sim.twice.log" 2>&1; then
        sed 's/^/  /' "$logs/sim.twice.log"
        echo "FAIL sim.determinism: a seed gave two runs, see above"
        return 1
    fi
    echo "PASS sim.determinism: each seed gives the same run in two processes"
    return "$rc"
}

# The reference pages in docs/ are printed from the programs; a page that no longer agrees is a failure.
docs_step() {
    if ! { cmake --preset release && cmake --build --preset release; } >"$logs/docs.build.log" 2>&1; then
        echo "FAIL docs.build: see build-test/docs.build.log"
        return 1
    fi
    if sh tests/docs/gen.sh --check; then
        echo "PASS docs.check: the reference pages agree with the programs"
    else
        echo "FAIL docs.check: run ./dev docs and commit what it writes"
    fi
}

for step in "$@"; do
    case " $STEPS tsan " in
    *" $step "*) ;;
    *)
        echo "no step \"$step\"; there are: $STEPS tsan" >&2
        exit 2
        ;;
    esac
done

mkdir -p "$logs"
passed=0
failed=0
summary=
# shellcheck disable=SC2086  # a list of steps
[ $# -gt 0 ] || set -- $STEPS
for step in "$@"; do
    echo "== $step"
    start=$(date +%s)
    run_step "$step" >"$logs/$step.log" 2>&1
    rc=$?
    seconds=$(($(date +%s) - start))
    grep -v '^PASS ' "$logs/$step.log"
    ok=$(grep -c '^PASS ' "$logs/$step.log")
    bad=$(grep -c '^FAIL ' "$logs/$step.log")
    if [ "$bad" -eq 0 ] && { [ "$rc" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
        echo "FAIL $step: ended with $rc after $ok passed"
        bad=1
    fi
    echo "   $ok passed, $bad failed, $seconds s"
    passed=$((passed + ok))
    failed=$((failed + bad))
    summary="$summary$(printf '%-12s %6d passed %4d failed %5d s' "$step" "$ok" "$bad" "$seconds")
"
done

echo
printf '%s' "$summary"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
