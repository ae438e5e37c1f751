# Helpers of the benches: servers started and ended by process id, configurations, numbers. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, tool and folder are run.sh's

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "bench: $*"
    exit 1
}

servers="" # process ids of what runs

# serve LOG COMMAND...: starts a server; its process id is in $server.
serve() {
    log=$1
    shift
    "$@" >"$log" 2>&1 &
    server=$!
    servers="$servers $server"
}

# end_servers: ends all that were started, and waits for them.
end_servers() {
    for pid in $servers; do
        kill "$pid" 2>/dev/null || say "server $pid had ended before"
        wait "$pid" 2>/dev/null || true
    done
    servers=""
}

clean_up() {
    end_servers
    rm -rf "$folder"
}

# await LOG COMMAND...: until COMMAND succeeds; gives up after 10 s and shows the log.
await() { await_patiently 200 "$@"; }

# await_patiently TRIES LOG COMMAND...: the same with so many tries, 50 ms apart.
await_patiently() {
    tries=$1
    log=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ]; then
            tail -n 20 "$log" >&2
            fail "no good answer in time to: $*"
        fi
        sleep 0.05
    done
}

free_port() { "$tool" port; }

# skip_without PEER PROGRAM: false, after saying so, when the peer's program is missing.
skip_without() {
    if command -v "$2" >/dev/null 2>&1; then return 0; fi
    say "skipped $1: no program $2"
    return 1
}

# one_node DIR PORT PLUGIN-FILE...: conf.d of a cluster with one voter and the named files of our conf.d.
one_node() {
    mkdir -p "$1/conf.d"
    cat >"$1/conf.d/00-cluster.yaml" <<YAML
kind: cluster
voters: [n1]
seeds: [127.0.0.1:$2]
beat: 1500ms
---
kind: node
id: n1
bind: 127.0.0.1:$2
role: coordinator
data_dir: $1/data
YAML
    node_dir=$1
    shift 2
    for file in "$@"; do cp "conf.d/$file" "$node_dir/conf.d/"; done
}

# cluster DIR COUNT FILE...: starts n1, n2, ... with the named files as conf.d beside a 00-cluster.yaml of our own; beat
# $beat (1500ms). Sets cluster_ports and cluster_pids, and leader_port and leader_pid once all name one leader.
cluster() {
    mkdir -p "$1/conf.d"
    cluster_dir=$1
    cluster_ports=""
    cluster_names=""
    cluster_seeds=""
    number=1
    while [ "$number" -le "$2" ]; do
        port=$(free_port)
        cluster_ports="$cluster_ports $port"
        cluster_names="$cluster_names${cluster_names:+, }n$number"
        cluster_seeds="$cluster_seeds${cluster_seeds:+, }127.0.0.1:$port"
        number=$((number + 1))
    done
    shift 2
    cp "$@" "$cluster_dir/conf.d/"
    printf 'kind: cluster\nvoters: [%s]\nseeds: [%s]\nbeat: %s\n' "$cluster_names" "$cluster_seeds" "${beat:-1500ms}" \
        >"$cluster_dir/conf.d/00-cluster.yaml"
    number=1
    for port in $cluster_ports; do
        printf -- '---\nkind: node\nid: n%d\nbind: 127.0.0.1:%d\nrole: coordinator\ndata_dir: %s\n' "$number" "$port" \
            "$cluster_dir/n$number" >>"$cluster_dir/conf.d/00-cluster.yaml"
        number=$((number + 1))
    done
    number=1
    cluster_pids=""
    for port in $cluster_ports; do
        serve "$cluster_dir/n$number.log" "$build/bin/ringhost" --conf "$cluster_dir/conf.d" --node "n$number"
        cluster_pids="$cluster_pids $server"
        number=$((number + 1))
    done
    await_patiently 600 "$cluster_dir/n1.log" cluster_agrees
}

# leader_of PORT: the id of the node that leads, as that node says.
leader_of() { "$tool" get "$1" /election/leader | sed -n 's/.*"leader":"\([^"]*\)".*/\1/p'; }

# cluster_agrees: whether all nodes name one leader; sets leader_port and leader_pid.
cluster_agrees() {
    cluster_leader=""
    for port in $cluster_ports; do
        said=$(leader_of "$port")
        [ -n "$said" ] && [ "$said" = "${cluster_leader:-$said}" ] || return 1
        cluster_leader=$said
    done
    leader_port=$(printf '%s\n' "$cluster_ports" | awk -v n="${cluster_leader#n}" '{ print $n }')
    leader_pid=$(printf '%s\n' "$cluster_pids" | awk -v n="${cluster_leader#n}" '{ print $n }')
}

# nginx_conf DIR PORT BODY: one process that returns BODY to every request, writing no log.
nginx_conf() {
    mkdir -p "$1"
    cat >"$1/nginx.conf" <<CONF
daemon off;
master_process off;
worker_processes 1;
pid $1/pid;
error_log stderr error;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    default_type application/json;
    client_body_temp_path $1/body;
    proxy_temp_path $1/proxy;
    fastcgi_temp_path $1/fastcgi;
    uwsgi_temp_path $1/uwsgi;
    scgi_temp_path $1/scgi;
    server {
        listen 127.0.0.1:$2;
        location / { return 200 '$3'; }
    }
}
CONF
}

# has PORT PATH TEXT: whether the body of a 200 holds TEXT.
has() { "$tool" get "$1" "$2" | grep -q -F "$3"; }

# cpu_ticks PID: user and system time of a process with its ended threads, in clock ticks.
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# median: of the numbers on stdin, one a line.
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

# figure NAME EXPRESSION [DIGITS]: one line of output.
figure() { awk "BEGIN { printf \"%s %.${3:-0}f\\n\", \"$1\", $2 }" </dev/null; }
