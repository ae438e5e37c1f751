# queue: durable cycles of add, claim, complete, against Redis and beanstalkd on the same file system. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # build, tool, folder, seconds, rounds and server are run.sh's

# queue_answers PROTOCOL PORT: by a cycle or a few.
queue_answers() { "$tool" load "$1" "$2" 1 1 1; }

queue_ringhost() {
    one_node "$dir/ringhost" "$1" 10-admin.yaml 30-election.yaml 40-work_queue.yaml
    serve "$dir/ringhost.log" "$build/bin/ringhost" --conf "$dir/ringhost/conf.d" --node n1
    await "$dir/ringhost.log" has "$1" /election/leader '"leader":"n1"'
    await "$dir/ringhost.log" "$tool" get "$1" /work/stats
    [ "$2" -eq 0 ] || "$tool" fill ringhost "$1" "$2"
}

queue_redis() {
    mkdir "$dir/redis"
    serve "$dir/redis.log" redis-server --bind 127.0.0.1 --port "$1" --dir "$dir/redis" --save '' --appendonly yes \
        --appendfsync always --auto-aof-rewrite-percentage 0
    await "$dir/redis.log" queue_answers redis "$1"
    [ "$2" -eq 0 ] || "$tool" fill redis "$1" "$2"
}

# Filled without fsync, then started again on the same log with -f0.
queue_beanstalkd() {
    mkdir "$dir/beanstalkd"
    serve "$dir/beanstalkd.log" beanstalkd -l 127.0.0.1 -p "$1" -b "$dir/beanstalkd" -F
    await "$dir/beanstalkd.log" queue_answers beanstalkd "$1"
    [ "$2" -eq 0 ] || "$tool" fill beanstalkd "$1" "$2"
    kill "$server"
    wait "$server" 2>/dev/null || true
    servers=${servers% *}
    serve "$dir/beanstalkd.log" beanstalkd -l 127.0.0.1 -p "$1" -b "$dir/beanstalkd" -f 0
    await "$dir/beanstalkd.log" queue_answers beanstalkd "$1"
}

# queue_syncs: flushes of our databases so far.
queue_syncs() { "$tool" get "$port_ringhost" /metrics | awk '$1 == "ringhost_state_syncs" { print $2 }'; }

# per_cycle NUMBER: NUMBER divided by the cycles of the last load.
per_cycle() { awk "{ print ($1) / \$1 }" "$dir/load"; }

# queue_round COUNT: a turn for each server; its figures are added to its files.
queue_round() {
    for peer in $peers; do
        eval "port=\$port_$peer pid=\$pid_$peer"
        seed=$((seed + 1))
        [ "$peer" != ringhost ] || syncs=$(queue_syncs)
        ticks=$(cpu_ticks "$pid")
        "$tool" load "$peer" "$port" "$1" $((seconds * 1000 / rounds)) "$seed" >"$dir/load" ||
            fail "queue: $peer failed with $1 connections"
        ticks=$(($(cpu_ticks "$pid") - ticks))
        awk '{ print $1 * 1000000 / $2 }' "$dir/load" >>"$dir/$peer.$1"
        per_cycle "$ticks * 1000000 / $(getconf CLK_TCK)" >>"$dir/$peer.$1.cpu"
        [ "$peer" != ringhost ] || awk '{ print $5 / 1000, $6 / 1000 }' "$dir/load" >>"$dir/claim.$1"
        [ "$peer" != ringhost ] || per_cycle "($(queue_syncs) - $syncs) * 1000" >>"$dir/syncs.$1"
    done
}

queue_case() {
    round=0
    while [ "$round" -lt "$rounds" ]; do
        queue_round "$2"
        round=$((round + 1))
    done
    ours=$(median <"$dir/ringhost.$2")
    for peer in $peers; do
        theirs=$(median <"$dir/$peer.$2")
        figure "$1.c$2.$peer.cycles_per_s" "$theirs"
        figure "$1.c$2.$peer.cpu_us_per_cycle" "$(median <"$dir/$peer.$2.cpu")" 1
        [ "$peer" = ringhost ] || figure "$1.c$2.vs_$peer" "$ours / $theirs" 2
    done
    figure "$1.c$2.ringhost.syncs_per_1000_cycles" "$(median <"$dir/syncs.$2")"
    claim_figures "$1.c$2.ringhost.claim" "$2"
    [ "$2" -ne 64 ] || claim_figures "$1.claim" "$2"
}

# claim_figures NAME COUNT: from a claim to its answer, while all other connections add, claim and complete.
claim_figures() {
    figure "$1.p50_ms" "$(awk '{ print $1 }' "$dir/claim.$2" | median)" 2
    figure "$1.p99_ms" "$(awk '{ print $2 }' "$dir/claim.$2" | median)" 2
}

# The queue of three nodes with the plugin raft, each item on a majority of them; asked at its leader. No peer does that.
bench_queue3() {
    dir=$folder/queue3
    mkdir "$dir"
    set -- conf.d/*-raft.yaml
    if [ ! -e "$1" ]; then
        say "skipped queue3: there is no conf.d/*-raft.yaml"
        return 0
    fi
    seed=300
    peers=ringhost
    cluster "$dir/ringhost" 3 conf.d/*-admin.yaml conf.d/*-gossip.yaml conf.d/*-swim.yaml conf.d/*-election.yaml "$1" conf.d/*-work_queue.yaml
    port_ringhost=$leader_port
    pid_ringhost=$leader_pid
    await_patiently 600 "$dir/ringhost/n1.log" "$tool" get "$port_ringhost" /work/stats
    for count in $connections; do queue_case queue3 "$count"; done
    end_servers
    rm -rf "$dir"
}

# bench_queue NAME ITEMS: with ITEMS other items waiting, of a kind that nobody claims and that goes last.
bench_queue() {
    dir=$folder/$1
    mkdir "$dir"
    seed=100
    peers=ringhost
    ! skip_without redis redis-server || peers="$peers redis"
    ! skip_without beanstalkd beanstalkd || peers="$peers beanstalkd"
    for peer in $peers; do
        port=$(free_port)
        eval "port_$peer=\$port"
        "queue_$peer" "$port" "$2"
        eval "pid_$peer=\$server"
    done
    for count in $connections; do queue_case "$1" "$count"; done
    end_servers
    rm -rf "$dir"
}
