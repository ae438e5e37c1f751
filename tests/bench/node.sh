# node: time to the first good answer and resident memory, with all plugins of conf.d. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # build, tool, folder and rounds are run.sh's

# node_start NAME PORT PATH COMMAND...: medians over the rounds; sets ready_ms and rss_kb.
node_start() {
    name=$1
    port=$2
    path=$3
    shift 3
    : >"$folder/starts"
    round=0
    while [ "$round" -lt "$rounds" ]; do
        "$tool" start "$port" "$path" 1500 "$@" >>"$folder/starts" 2>>"$folder/node.log" || {
            tail -n 20 "$folder/node.log" >&2
            fail "node: $name does not start"
        }
        round=$((round + 1))
    done
    ready_ms=$(awk '{ print $1 / 1000 }' "$folder/starts" | median)
    rss_kb=$(awk '{ print $2 }' "$folder/starts" | median)
}

node_figures() {
    figure "node.$1.ready_ms" "$ready_ms" 1
    figure "node.$1.rss_kb" "$rss_kb"
}

node_against() {
    node_figures "$1"
    figure "node.vs_$1_ready" "$ready_ms / $our_ready_ms" 2
    figure "node.vs_$1_rss" "$rss_kb / $our_rss_kb" 2
}

node_ringhost() {
    port=$(free_port)
    one_node "$folder/node" "$port"
    cp conf.d/[1-9]*.yaml "$folder/node/conf.d/"
    kept=$rounds
    rounds=1
    node_start ringhost "$port" /readyz "$build/bin/ringhost" --conf "$folder/node/conf.d" --node n1
    rounds=$kept
    figure node.ringhost.first_ready_ms "$ready_ms" 1 # makes the databases
    node_start ringhost "$port" /readyz "$build/bin/ringhost" --conf "$folder/node/conf.d" --node n1
    node_figures ringhost
    our_ready_ms=$ready_ms
    our_rss_kb=$rss_kb
}

node_nginx() {
    skip_without nginx nginx || return 0
    port=$(free_port)
    nginx_conf "$folder/empty" "$port" ok
    node_start nginx "$port" / nginx -p "$folder/empty" -c "$folder/empty/nginx.conf"
    node_against nginx
}

node_redis() {
    skip_without redis redis-server || return 0
    port=$(free_port)
    node_start redis "$port" PING redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" --save ''
    node_against redis
}

bench_node() {
    node_ringhost
    node_nginx
    node_redis
}
