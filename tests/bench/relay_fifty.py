"""Fifty nodes behind one hub, real processes: how soon all are alive everywhere, what that costs the hub, and calls to all of them.

All are in one network namespace, where a rule drops what would connect to one of the fifty; only this program's marked connections pass."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cluster"))

import netlab
import nodes

COUNT = 50
FIRST = 20000  # n2 has the next port, and so on
MARK = 9
RULES = f"""table inet behind {{
    chain input {{ type filter hook input priority 0; tcp dport {FIRST + 1}-{FIRST + COUNT} ct state new meta mark != {MARK} drop; }}
}}
"""
PLUGINS = ("admin", "gossip", "swim", "relay", "election")
SECONDS = float(os.environ["BENCH_SECONDS"])
TOOL = os.environ["BENCH_TOOL"]
CONFIG = {"relay": "config: {mode: auto, rate: 100000, burst: 100000}\n"}
QUIET_S = 30
PATIENCE_S = 180


class Marked:
    """Connections that are made meanwhile have the mark."""

    def __enter__(self):
        self.make = socket.socket.connect

        def connect(sock, address):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
            return self.make(sock, address)

        socket.socket.connect = connect

    def __exit__(self, *failure):
        socket.socket.connect = self.make


def say(name, value):
    print(f"relay.fifty.{name} {value}", flush=True)


def cpu_s(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_whole(node):
    """Whether this node sees all alive, and all but the hub reached through it."""
    reply = node.try_get("/peers")
    rows = reply.json["peers"] if reply is not None and reply.status == 200 else []
    good = [row for row in rows if row["state"] == "alive" and (row["node_id"] == "n1" or row["reach"] == "n1")]
    return len(good) == COUNT + 1


def load(callers):
    words = [TOOL, "load", "relayed_fifty", str(FIRST), str(callers), str(int(SECONDS * 1000)), "1"]
    cycles, micros, p50, p99 = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    say(f"c{callers}.calls_per_s", round(int(cycles) * 1e6 / int(micros)))
    say(f"c{callers}.p50_us", p50)
    say(f"c{callers}.p99_us", p99)


def measure(made):
    hub = made["n1"]
    began = time.monotonic()
    for node in made.nodes.values():
        node.start(ready=False)
    nodes.until(lambda: is_whole(hub), PATIENCE_S, "the hub sees all alive")
    say("hub_sees_all_s", round(time.monotonic() - began, 1))
    waiting = list(made.nodes.values())

    def all_do():
        waiting[:] = [node for node in waiting if not is_whole(node)]
        return not waiting

    nodes.until(all_do, PATIENCE_S, f"all see all alive; not {[node.node_id for node in waiting]}")
    say("all_see_all_s", round(time.monotonic() - began, 1))
    say("hub.start_cpu_s", round(cpu_s(hub.process), 2))
    before = cpu_s(hub.process)
    time.sleep(QUIET_S)
    say("hub.idle_cpu_percent", round(100 * (cpu_s(hub.process) - before) / QUIET_S, 2))
    say("nodes_that_see_all", sum(is_whole(node) for node in made.nodes.values()))
    for callers in (1, 16, 64):
        load(callers)
    say("nodes_that_see_all_after_load", sum(is_whole(node) for node in made.nodes.values()))
    say("deaths", sum(node.log.read_text(errors="replace").count(" state=dead ") for node in made.nodes.values()))


def main():
    try:
        if netlab.why_not() is not None:
            raise netlab.NoNamespaces(netlab.why_not())
        netlab.run("nft", "-f", "-", text=RULES)
    except (netlab.NoNamespaces, OSError) as error:
        print(f"skipped fifty nodes behind a hub: {error}", file=sys.stderr)
        return
    names = [f"n{i + 1}" for i in range(COUNT + 1)]
    with tempfile.TemporaryDirectory(prefix="ringhost-fifty-") as folder:
        made = nodes.Cluster(
            folder, COUNT + 1, plugins=PLUGINS, config=CONFIG, voters=["n1"], seeds=["n1"], beat_ms=15000,
            places={name: ("127.0.0.1", (), Marked) for name in names}, ports={name: FIRST + i for i, name in enumerate(names)},
            roles={name: "worker" for name in names[1:]},
        )  # fmt: skip
        try:
            measure(made)
        finally:
            made.end()


if __name__ == "__main__":
    netlab.enter()
    main()
