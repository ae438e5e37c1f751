# swim: a thousand whole nodes in the simulator, on virtual time; the figures beside the published ones are in
# docs/simulator-figures.md. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # build and folder are set elsewhere

# swim_case SCENARIO: what its checks print as "FIGURE name number".
swim_case() {
    if ! "$build/bin/ringhost-sim" --scenario "tests/sim/swim_thousand/$1.sim" --jobs 1 --limit 3000 >"$folder/$1.log" 2>&1; then
        cat "$folder/$1.log" >&2
        fail "the simulated nodes broke a rule, see above"
    fi
    sed -n "s/^FIGURE /swim.$1./p" "$folder/$1.log"
}

bench_swim() {
    swim_case thousand
    swim_case stalled
}
