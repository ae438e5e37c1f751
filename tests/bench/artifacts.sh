# artifacts: a file of 1 GiB put on one node with ringctl and read through another; time, and the memory of both. Then one
# that a node behind NAT has, through its hub, the way to which is cut twice: tests/cluster/test_artifacts_relayed.py. Sourced
# by run.sh. BENCH_ARTIFACT_MIB (1024): its size.
# shellcheck shell=sh disable=SC2154  # build, folder and cluster_* are set elsewhere

peak_mib() { awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$1/status"; }

# seconds_of COMMAND...: how long it takes.
seconds_of() {
    begun=$(date +%s.%N)
    "$@" >&2 || fail "$* failed"
    awk "BEGIN { print $(date +%s.%N) - $begun }" </dev/null
}

# What that test measures, as lines of ours.
bench_artifacts_relayed() {
    log=$folder/artifacts_relayed.log
    if ! TMPDIR=$folder RINGHOST_BIN=$build/bin RINGHOST_SOURCE=$PWD RINGHOST_BUILD=$build RINGHOST_ARTIFACT_MIB=$mib \
        python3 -B tests/cluster/test_artifacts_relayed.py >"$log" 2>&1; then
        cat "$log" >&2
        fail "the file behind NAT, see above"
    fi
    grep skipped "$log" >&2 || sed -n 's/^FIGURE //p' "$log"
}

bench_artifacts() {
    mib=${BENCH_ARTIFACT_MIB:-1024}
    mkdir -p "$folder/artifacts"
    cluster "$folder/artifacts" 2 conf.d/10-admin.yaml conf.d/25-swim.yaml conf.d/30-election.yaml conf.d/55-artifacts.yaml
    head -c "$((mib * 1048576))" /dev/urandom >"$folder/artifact"
    sum=$(sha256sum "$folder/artifact" | cut -d' ' -f1)
    # shellcheck disable=SC2086  # two words
    set -- $cluster_ports
    put=$(seconds_of "$build/bin/ringctl" --addr "127.0.0.1:$1" artifact put "$folder/artifact")
    get=$(seconds_of "$build/bin/ringctl" --addr "127.0.0.1:$2" --timeout 60 artifact get "$sum" -o "$folder/artifact.back")
    cmp -s "$folder/artifact" "$folder/artifact.back" || fail "what came back is another file"
    figure artifacts.put.mib_per_s "$(awk "BEGIN { print $mib / $put }" </dev/null)" 1
    figure artifacts.get_through_another.mib_per_s "$(awk "BEGIN { print $mib / $get }" </dev/null)" 1
    number=1
    for pid in $cluster_pids; do
        figure "artifacts.peak_n$number.mib" "$(peak_mib "$pid")" 1
        number=$((number + 1))
    done
    end_servers
    rm -f "$folder/artifact" "$folder/artifact.back"
    rm -rf "$folder/artifacts"
    bench_artifacts_relayed
}
