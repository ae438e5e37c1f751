# bridge: events a second from the store to a receiver on this machine, beside a plain loop that posts the same bodies.
# Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, tool, folder and seconds are run.sh's

bench_bridge() {
    port=$(free_port)
    receiver=$(free_port)
    dir=$folder/bridge
    mkdir -p "$dir"
    printf 'bench secret of some length\n' >"$dir/secret"
    chmod 600 "$dir/secret"
    one_node "$dir" "$port" 10-admin.yaml 20-gossip.yaml 25-swim.yaml 30-election.yaml 35-raft.yaml
    cat >"$dir/conf.d/88-event_bridge.yaml" <<YAML
kind: plugin
plugin: event_bridge
config:
  publish_rate: 100000
  sinks:
    bench: {url: "http://127.0.0.1:$receiver/", secret_file: $dir/secret, from: oldest, recheck: 200ms}
YAML
    serve "$dir/log" "$build/bin/ringhost" --conf "$dir/conf.d"
    await "$dir/log" has "$port" /events/sinks '"available"'
    python3 -B "$here/bridge.py" "$port" "$receiver" "$seconds" >"$dir/figures" || {
        tail -n 20 "$dir/log" >&2
        fail "bridge: no figures"
    }
    end_servers
    drain=$(sed -n 's/^drain //p' "$dir/figures")
    loop=$(sed -n 's/^loop //p' "$dir/figures")
    figure bridge.drain.ringhost.events_per_s "$drain"
    figure bridge.drain.loop.events_per_s "$loop"
    figure bridge.drain.vs_loop "$drain / $loop" 2
    figure bridge.at500.ringhost.events_per_s "$(sed -n 's/^sustained //p' "$dir/figures")" 1
    figure bridge.at500.ringhost.behind_ms "$(sed -n 's/^behind_ms //p' "$dir/figures")" 1
}
