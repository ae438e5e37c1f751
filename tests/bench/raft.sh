# raft: durable puts of a replicated register on three nodes, against three members of etcd. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # build, tool, folder, seconds, rounds, connections and leader_port are set elsewhere

# raft_answers PROTOCOL PORT: by a few puts.
raft_answers() { "$tool" load "$1" "$2" 1 1 1; }

# Without the plugin raft nothing is replicated: then the figures carry another name and are compared with nobody.
raft_ringhost() {
    raft_name=unreplicated
    set -- conf.d/*-raft.yaml
    if [ -e "$1" ]; then
        raft_name=ringhost
    else
        set --
        say "note: there is no conf.d/*-raft.yaml; the register is durable on one node only"
    fi
    mkdir -p "$dir/ringhost"
    printf 'kind: plugin\nplugin: test.register\nfile: %s\n' "$build/tests/plugins/register.so" >"$dir/90-register.yaml"
    cluster "$dir/ringhost" 3 conf.d/*-admin.yaml conf.d/*-gossip.yaml conf.d/*-swim.yaml conf.d/*-election.yaml "$@" "$dir/90-register.yaml"
    await_patiently 600 "$dir/ringhost/n1.log" raft_answers register "$leader_port"
    port_register=$leader_port
}

# etcd_status PORT: what a member says of itself.
etcd_status() { curl -s -X POST -d '{}' "http://127.0.0.1:$1/v3/maintenance/status"; }

# etcd_leads PORT: whether that member leads.
etcd_leads() {
    etcd_status "$1" | sed -n 's/.*"member_id":"\([0-9]*\)".*"leader":"\([0-9]*\)".*/\1 \2/p' | awk '{ found = $1 == $2 } END { exit !found }'
}

etcd_find_leader() {
    for port in $etcd_ports; do
        if etcd_leads "$port"; then
            port_etcd=$port
            return 0
        fi
    done
    return 1
}

raft_etcd() {
    etcd_ports=""
    etcd_members=""
    for number in 1 2 3; do
        port=$(free_port)
        eval "etcd_peer_$number=\$(free_port)"
        eval "peer=\$etcd_peer_$number"
        etcd_ports="$etcd_ports $port"
        etcd_members="$etcd_members${etcd_members:+,}e$number=http://127.0.0.1:$peer"
    done
    number=1
    for port in $etcd_ports; do
        eval "peer=\$etcd_peer_$number"
        serve "$dir/etcd$number.log" etcd --name "e$number" --data-dir "$dir/etcd$number" --logger zap --log-level error \
            --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
            --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
            --initial-cluster "$etcd_members" --initial-cluster-state new
        number=$((number + 1))
    done
    await_patiently 600 "$dir/etcd1.log" etcd_find_leader
    await "$dir/etcd1.log" raft_answers etcd "$port_etcd"
}

# raft_round COUNT: a turn for each; commits/s, p50 and p99 (us) are added to its files.
raft_round() {
    for peer in $peers; do
        eval "port=\$port_$peer"
        seed=$((seed + 1))
        "$tool" load "$peer" "$port" "$1" $((seconds * 1000 / rounds)) "$seed" >"$dir/load" ||
            fail "raft: $peer failed with $1 connections"
        awk '{ print $1 * 1000000 / $2 }' "$dir/load" >>"$dir/$peer.$1"
        awk '{ print $3 / 1000 }' "$dir/load" >>"$dir/$peer.$1.p50"
        awk '{ print $4 / 1000 }' "$dir/load" >>"$dir/$peer.$1.p99"
    done
}

raft_case() {
    round=0
    while [ "$round" -lt "$rounds" ]; do
        raft_round "$1"
        round=$((round + 1))
    done
    for peer in $peers; do
        name=$peer
        [ "$peer" != register ] || name=$raft_name
        figure "raft.c$1.$name.commits_per_s" "$(median <"$dir/$peer.$1")"
        figure "raft.c$1.$name.p50_ms" "$(median <"$dir/$peer.$1.p50")" 2
        figure "raft.c$1.$name.p99_ms" "$(median <"$dir/$peer.$1.p99")" 2
    done
    if [ "$raft_name" = ringhost ] && [ -s "$dir/etcd.$1" ]; then
        figure "raft.c$1.vs_etcd" "$(median <"$dir/register.$1") / $(median <"$dir/etcd.$1")" 2
        figure "raft.c$1.vs_etcd_p99" "$(median <"$dir/etcd.$1.p99") / $(median <"$dir/register.$1.p99")" 2
    fi
}

bench_raft() {
    dir=$folder/raft
    mkdir "$dir"
    seed=500
    peers=register
    raft_ringhost
    if skip_without etcd etcd && skip_without etcd curl; then
        raft_etcd
        peers="$peers etcd"
    fi
    for count in $connections; do raft_case "$count"; done
    end_servers
    rm -rf "$dir"
}
