#!/bin/sh
# The demonstration behind `./dev run`: three nodes of conf.d on this machine play a quick gauntlet of real Go games.
# usage: host/dist/demo.sh [--exit]    --exit: stop the cluster after the result; exit 0 only if every game is there
# and none is an error. Data and logs are in build/run, which is emptied at the start.
set -u
cd "$(dirname "$0")/../.." || exit 2

stay=yes
case ${1:-} in
'') ;;
--exit) stay=no ;;
*)
    echo "usage: ./dev run [--exit]" >&2
    exit 2
    ;;
esac

bin=build/bin
data=build/run
addresses=127.0.0.1:8770,127.0.0.1:8771,127.0.0.1:8772
model=gnugo-8
baseline=gnugo-1
pids=''
watcher=''

say() { printf '%s\n' "$*" >&2; }

# Ends what this script started, and waits for it. The watcher too: it would go on asking for a minute.
stop_nodes() {
    trap - INT TERM EXIT
    # shellcheck disable=SC2086  # a list of numbers
    [ -z "$pids$watcher" ] || kill $watcher $pids 2>/dev/null
    wait
}

die() {
    say "./dev run: $*"
    stop_nodes
    exit 1
}

# Until a command succeeds, at most N times a fifth of a second.
within() {
    tries=$1
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.2
    done
}

has_leader() { "$bin/ringctl" --addr "$addresses" --timeout 2 --json leader | grep -q '"leader":"'; }

# A node holds the lock of its folder while it runs.
for lock in "$data"/n?/lock; do
    [ ! -e "$lock" ] || flock --nonblock "$lock" true ||
        die "a node still runs on ${lock%/lock}; nothing was changed. Ctrl-C ends the ./dev run that started it"
done
rm -rf "$data"
mkdir -p "$data" || exit 2
chmod 700 "$data"
RINGHOST_DATA=$PWD/$data
export RINGHOST_DATA
trap stop_nodes EXIT
trap 'exit 130' INT TERM

for node in n1 n2 n3; do
    "$bin/ringhost" --conf conf.d --node "$node" 2>"$data/$node.log" &
    pids="$pids $!"
done
say "three nodes are starting; their logs are $data/n1.log, n2.log and n3.log"
port=8770
for pid in $pids; do
    # A node that could not start (a port in use, say) must not be taken for the stranger who answers in its place.
    within 50 "$bin/ringctl" --addr "127.0.0.1:$port" --timeout 2 status && kill -0 "$pid" 2>/dev/null || {
        tail -qn 3 "$data"/n?.log >&2
        die "the node for port $port does not run"
    }
    port=$((port + 1))
done
within 100 has_leader || die "no leader was elected within 20 s; see $data/n1.log"
"$bin/ringctl" --addr "$addresses" peers
echo

id=$("$bin/ringctl" --addr "$addresses" --json gauntlet run --model "$model" --baseline "$baseline" --type quick \
    --board-size 9 | sed -n 's/.*"gauntlet_id":"\([^"]*\)".*/\1/p')
[ -n "$id" ] || die "the gauntlet was refused"
say "gauntlet $id: 20 games of $model against $baseline on 9x9"
final=$data/final.txt
"$bin/ringctl" --addr "$addresses" gauntlet watch "$id" >"$data/watch.txt" &
watcher=$!
shown=0
while kill -0 "$watcher" 2>/dev/null; do
    lines=$(wc -l <"$data/watch.txt")
    [ "$lines" -le "$shown" ] || sed -n "$((shown + 1)),${lines}p" "$data/watch.txt" >&2
    shown=$lines
    sleep 0.5
done
wait "$watcher"
verdict=$?
watcher=''
tail -n 1 "$data/watch.txt" >"$final"
echo
"$bin/ringctl" --addr "$addresses" gauntlet results "$id"
echo

if [ "$stay" = yes ]; then
    cat "$final"
    say "the cluster stays up: http://127.0.0.1:8770 http://127.0.0.1:8771 http://127.0.0.1:8772 (Ctrl-C ends it)"
    say "try: $bin/ringctl status; $bin/ringctl events -f; curl http://127.0.0.1:8770/openapi.json"
    wait
    exit "$verdict"
fi
stop_nodes
cat "$final"
exit "$verdict"
