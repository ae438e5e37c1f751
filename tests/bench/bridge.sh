# bridge: events a second from the store to a receiver on this machine, beside a plain loop that posts the same bodies.
# Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, tool, folder and seconds are run.sh's

# One sink after the other: events one by one, and up to 64 together. Fails, after the figures are printed, when 500 events a
# second were published and a sink did not keep up.
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
    one: {url: "http://127.0.0.1:$receiver/one", secret_file: $dir/secret, types: [ONE], from: oldest, recheck: 200ms}
    batch: {url: "http://127.0.0.1:$receiver/batch", secret_file: $dir/secret, types: [BATCH], from: oldest, recheck: 200ms,
      batch: 64}
YAML
    serve "$dir/log" "$build/bin/ringhost" --conf "$dir/conf.d"
    await "$dir/log" has "$port" /events/sinks '"available"'
    kept_up=yes
    for kind in one batch; do
        python3 -B "$here/bridge.py" "$port" "$receiver" "$seconds" "$kind" "$server" >"$dir/figures" || {
            [ -s "$dir/figures" ] || {
                tail -n 20 "$dir/log" >&2
                fail "bridge: no figures"
            }
            kept_up=no
        }
        while read -r name number; do figure "bridge.$name" "$number" 2; done <"$dir/figures"
    done
    end_servers
    figure bridge.load_average "$(cut -d ' ' -f 1 /proc/loadavg)" 2
    [ $kept_up = yes ] || fail "bridge: it did not keep up with 500 events a second"
}
