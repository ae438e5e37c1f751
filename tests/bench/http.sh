# http: GET /election/leader of a node that leads, against nginx and aiohttp with the same body. Sourced by run.sh.
# shellcheck shell=sh disable=SC2154  # here, build, folder, seconds and server are run.sh's

# on_core CORE COMMAND...: becomes COMMAND; with two cores or more the server has one and wrk another.
on_core() {
    core=$1
    shift
    [ "$(nproc)" -lt 2 ] || exec taskset -c "$core" "$@"
    exec "$@"
}

# http_load NAME PID PORT: requests/s and CPU time a request; sets rate and cpu_us.
http_load() {
    url=http://127.0.0.1:$3/election/leader
    (on_core 1 wrk -t1 -c64 -d1s "$url" >/dev/null)
    before=$(cpu_ticks "$2")
    (on_core 1 wrk -t1 -c64 -d"${seconds}s" "$url" >"$folder/wrk")
    after=$(cpu_ticks "$2")
    if grep -q -E 'Non-2xx|Socket errors' "$folder/wrk"; then
        cat "$folder/wrk" >&2
        fail "http: $1 refused requests"
    fi
    rate=$(awk '$1 == "Requests/sec:" { print $2 }' "$folder/wrk")
    requests=$(awk '$2 == "requests" { print $1 }' "$folder/wrk")
    cpu_us=$(awk "BEGIN { print ($after - $before) * 1000000 / $(getconf CLK_TCK) / $requests }")
    figure "http.c64.$1.requests_per_s" "$rate"
    figure "http.c64.$1.cpu_us_per_request" "$cpu_us" 2
}

# http_against PEER PID PORT: the peer's figures, and ours as a multiple.
http_against() {
    http_load "$1" "$2" "$3"
    figure "http.c64.vs_$1" "$our_rate / $rate" 2
    figure "http.c64.vs_$1_cpu" "$cpu_us / $our_cpu_us" 2
}

http_nginx() {
    skip_without nginx nginx || return 0
    port=$(free_port)
    nginx_conf "$folder/nginx" "$port" "$(cat "$folder/answer")"
    serve "$folder/nginx.log" on_core 0 nginx -p "$folder/nginx" -c "$folder/nginx/nginx.conf"
    await "$folder/nginx.log" "$tool" get "$port" /election/leader
    http_against nginx "$server" "$port"
    end_servers
}

# The first Python that has aiohttp: the one in the path may not be the system's.
http_aiohttp() {
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import aiohttp' 2>/dev/null; then break; fi
        python=""
    done
    if [ -z "$python" ]; then
        say "skipped aiohttp: no python3 with the module aiohttp"
        return 0
    fi
    port=$(free_port)
    serve "$folder/aiohttp.log" on_core 0 "$python" "$here/aio_server.py" "$port" "$folder/answer"
    await "$folder/aiohttp.log" "$tool" get "$port" /election/leader
    http_against aiohttp "$server" "$port"
    end_servers
}

bench_http() {
    if ! skip_without http wrk; then return 0; fi
    port=$(free_port)
    one_node "$folder/http" "$port" 10-admin.yaml 30-election.yaml
    serve "$folder/http.log" on_core 0 "$build/bin/ringhost" --conf "$folder/http/conf.d" --node n1
    await "$folder/http.log" has "$port" /election/leader '"leader":"n1"'
    "$tool" get "$port" /election/leader >"$folder/answer"
    http_load ringhost "$server" "$port"
    our_rate=$rate
    our_cpu_us=$cpu_us
    end_servers
    http_nginx
    http_aiohttp
}
