# queue1m: claims beside a million other items against claims of an empty queue, and a start with the million. Sourced by
# run.sh.
# shellcheck shell=sh disable=SC2154  # build, tool, folder, seconds, rounds, million and server are run.sh's

# million_serve NAME PORT: starts the node NAME and waits until its queue answers.
million_serve() {
    serve "$dir/$1.log" "$build/bin/ringhost" --conf "$dir/$1/conf.d" --node n1
    await_patiently 2400 "$dir/$1.log" "$tool" get "$2" /work/stats
}

# million_round NAME PORT COUNT: a turn of COUNT connections; its claims are added to the file of NAME.
million_round() {
    seed=$((seed + 1))
    "$tool" load ringhost "$2" "$3" $((seconds * 1000 / rounds)) "$seed" >"$dir/load" ||
        fail "queue1m: $1 failed with $3 connections"
    awk '{ print $5 / 1000, $6 / 1000 }' "$dir/load" >>"$dir/$1.$3"
}

# million_figures COUNT: claims of both in milliseconds, and how many times longer they take with the items there.
million_figures() {
    for name in empty full; do
        figure "queue1m.c$1.$name.claim.p50_ms" "$(awk '{ print $1 }' "$dir/$name.$1" | median)" 3
        figure "queue1m.c$1.$name.claim.p99_ms" "$(awk '{ print $2 }' "$dir/$name.$1" | median)" 3
    done
    for column in 1 2; do
        empty=$(awk "{ print \$$column }" "$dir/empty.$1" | median)
        full=$(awk "{ print \$$column }" "$dir/full.$1" | median)
        [ "$column" -eq 1 ] && quantile=p50 || quantile=p99
        figure "queue1m.c$1.claim.${quantile}_ratio" "$full / $empty" 2
    done
}

# now_ms: since 1970.
now_ms() { date +%s%3N; }

bench_queue1m() {
    dir=$folder/queue1m
    mkdir "$dir"
    seed=500
    for name in empty full; do
        port=$(free_port)
        eval "port_$name=\$port"
        one_node "$dir/$name" "$port" 10-admin.yaml 30-election.yaml 40-work_queue.yaml
        printf '  queue_max: %d\n' $((million + 1000)) >>"$dir/$name/conf.d/40-work_queue.yaml"
        million_serve "$name" "$port"
        await "$dir/$name.log" has "$port" /election/leader '"leader":"n1"'
        eval "pid_$name=\$server"
    done
    begun=$(now_ms)
    "$tool" fill ringhost "$port_full" "$million"
    figure queue1m.fill.items_per_s "$million * 1000 / ($(now_ms) - $begun)"
    for count in 1 16; do
        round=0
        while [ "$round" -lt "$rounds" ]; do
            million_round empty "$port_empty" "$count"
            million_round full "$port_full" "$count"
            round=$((round + 1))
        done
        million_figures "$count"
    done
    figure queue1m.memory_mb "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid_full/status") / 1024"
    kill "$pid_full"
    wait "$pid_full" 2>/dev/null || true
    servers=${servers% *}
    begun=$(now_ms)
    million_serve full "$port_full"
    figure queue1m.restart_s "($(now_ms) - $begun) / 1000" 1
    end_servers
    rm -rf "$dir"
}
