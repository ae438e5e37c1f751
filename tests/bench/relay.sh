# relay: a call through a hub to a node that only polls, beside the same call made directly; all on loopback. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, tool, folder and seconds are run.sh's

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
    serve "$folder/relay_node.log" "$build/bin/ringhost" --conf "$dir/behind.d" --node n2
    await_patiently 600 "$folder/relay_node.log" has "$port" /relay/status '"is_waiting":true'
    python3 -B "$here/relay.py" "$port" "$behind" "$seconds"
    end_servers
}
