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
await() {
    log=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 200 ]; then
            tail -n 20 "$log" >&2
            fail "no good answer in 10 s to: $*"
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
