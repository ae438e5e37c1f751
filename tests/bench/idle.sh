# idle: CPU time of five nodes that have nothing to do, with all plugins of conf.d. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # build, folder, idle_seconds and cluster_pids are set elsewhere

# idle_share: percent of a core of each node over idle_seconds, one a line.
idle_share() {
    before=""
    for pid in $cluster_pids; do before="$before $(cpu_ticks "$pid")"; done
    sleep "$idle_seconds"
    for pid in $cluster_pids; do
        ticks=${before# }
        ticks=${ticks%% *}
        before=${before# }
        before=${before#"$ticks"}
        awk "BEGIN { print ($(cpu_ticks "$pid") - $ticks) * 100 / $(getconf CLK_TCK) / $idle_seconds }" </dev/null
    done
}

# idle_case BEAT NAME
idle_case() {
    beat=$1
    cluster "$folder/idle" 5 conf.d/[1-9]*.yaml
    beat=""
    sleep 5 # what a start brings with it is over
    idle_share >"$folder/idle.shares"
    end_servers
    figure "idle.$2.cpu_percent" "$(awk '{ s += $1 } END { print s / NR }' "$folder/idle.shares")" 2
    figure "idle.$2.max_cpu_percent" "$(sort -n "$folder/idle.shares" | tail -n 1)" 2
    rm -rf "$folder/idle"
}

bench_idle() {
    idle_case 1500ms n5
    idle_case 15s n5_beat15s
}
