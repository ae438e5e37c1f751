# relay: a call through a hub to a node that only polls, beside the same call made directly, on loopback; then fifty nodes
# behind one hub, which nobody else can call. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, tool, folder and seconds are run.sh's

# relay_load CASE PROTOCOL PORT CALLERS: calls/s, p50, p99, and processor time of hub and node for each call.
relay_load() {
    case_name=$1
    callers=$4
    ticks=$(($(cpu_ticks "$hub_pid") + $(cpu_ticks "$node_pid")))
    # shellcheck disable=SC2046  # four words
    set -- $("$tool" load "$2" "$3" "$4" "$((seconds * 1000))" 1)
    [ $# -eq 4 ] || fail "relay: no calls of $case_name"
    figure "relay.$case_name.c$callers.calls_per_s" "$1 * 1000000 / $2"
    figure "relay.$case_name.c$callers.p50_us" "$3"
    figure "relay.$case_name.c$callers.p99_us" "$4"
    ticks=$(($(cpu_ticks "$hub_pid") + $(cpu_ticks "$node_pid") - ticks))
    figure "relay.$case_name.c$callers.cpu_us_per_call" "$ticks * 1000000 / $(getconf CLK_TCK) / $1"
}

bench_relay() {
    port=$(free_port)
    behind=$(free_port)
    dir=$folder/relay
    one_node "$dir" "$port" 10-admin.yaml 20-gossip.yaml 25-swim.yaml 30-election.yaml
    cat >>"$dir/conf.d/00-cluster.yaml" <<YAML
---
kind: node
id: n2
bind: 127.0.0.1:$behind
role: worker
data_dir: $dir/data2
YAML
    cat >"$dir/conf.d/28-relay.yaml" <<YAML
kind: plugin
plugin: relay
enable: {roles: [coordinator, worker]}
config: {rate: 100000, burst: 100000}
YAML
    cp -r "$dir/conf.d" "$dir/behind.d"
    sed -i 's/config: {/config: {mode: relayed, /' "$dir/behind.d/28-relay.yaml"
    serve "$folder/relay_hub.log" "$build/bin/ringhost" --conf "$dir/conf.d" --node n1
    hub_pid=$server
    serve "$folder/relay_node.log" "$build/bin/ringhost" --conf "$dir/behind.d" --node n2
    node_pid=$server
    await_patiently 600 "$folder/relay_node.log" has "$port" /relay/status '"is_waiting":true'
    for number in 1 16 64; do
        relay_load direct direct "$behind" "$number"
        relay_load relayed relayed "$port" "$number"
    done
    end_servers
    RINGHOST_BIN=$build/bin RINGHOST_SOURCE=$PWD RINGHOST_BUILD=$build BENCH_TOOL=$tool BENCH_SECONDS=$seconds \
        python3 -B "$here/relay_fifty.py" || fail "fifty nodes behind one hub"
}
