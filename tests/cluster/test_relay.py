"""Two public nodes and two that nobody can call: all are alive everywhere, work is done behind NAT, a killed hub costs seconds."""

import time
import unittest

import netlab
from nodes import SLOW, ClusterTest, await_active, figure, ringctl, try_request, until

PLUGINS = ("admin", "gossip", "swim", "relay", "election", "work_queue", "worker")
PUBLIC = ("n1", "n2", "n3")
HIDDEN = ("n4", "n5")
POLL_S = 1
BEAT_MS = 600
# As a router with NAT does: what comes in must belong to something that went out.
INBOUND = """table inet nat {
    chain input { type filter hook input priority 0; iif lo accept; ct state established,related accept; ip saddr 10.77.0.254 accept; drop; }
}
"""
CONFIG = {
    "relay": f"config: {{poll: {POLL_S}s, ttl: {3 * POLL_S}s, hub_count: 2}}\n",
    "worker": "config: {slots: 2, commands: {count: {argv: [/bin/echo, '{{\"n\": 1}}']}}}\n",
}


class Relay(ClusterTest):
    def setUp(self):
        super().setUp()
        try:
            self.lab = netlab.Lab((*PUBLIC, *HIDDEN))
            self.addCleanup(self.lab.end)
            for name in HIDDEN:
                netlab.run(*self.lab.wrapper(name), "nft", "-f", "-", text=INBOUND)
        except netlab.NoNamespaces as error:
            if error.is_root and netlab.why_not() is None:
                raise
            self.skipTest(f"no network namespaces here: {error}")

    def peers(self, node):
        reply = try_request(node.port, "GET", "/peers", timeout=3, host=node.host)
        return {row["node_id"]: row for row in reply.json["peers"]} if reply is not None and reply.status == 200 else {}

    def all_see(self, made, names):
        """Everyone sees everyone of these alive, and the hidden ones through hubs."""
        for name in names:
            rows = self.peers(made[name])
            for other in names:
                row = rows.get(other, {})
                if row.get("state") != "alive" or (other in HIDDEN) == (row.get("reach") == "direct"):
                    return False
        return True

    def add(self, node, count, target):
        made = node.post("/work/add", {"items": [{"work_type": "count", "target_node": target} for _ in range(count)]})
        self.status(made, 201)
        return [item["work_id"] for item in made.json["items"]]

    def done(self, node):
        reply = try_request(node.port, "GET", "/work/pending?status=done&limit=1000", timeout=3, host=node.host)
        return {item["work_id"] for item in reply.json["items"]} if reply is not None and reply.status == 200 else set()

    def test_nodes_behind_nat_take_part_and_outlive_their_hubs(self):
        made = self.cluster(5, plugins=PLUGINS, config=CONFIG, voters=list(PUBLIC), beat_ms=BEAT_MS * SLOW, places=self.lab.places(), node_extra="insecure: true\n")
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        self.assertIsNone(try_request_from(self.lab, "n1", made["n4"]), "n4 can be called")
        until(lambda: self.all_see(made, (*PUBLIC, *HIDDEN)), 30, "all alive, the hidden ones through hubs")

        wanted = [work for name in HIDDEN for work in self.add(made[leader], 5, name)]
        until(lambda: set(wanted) <= self.done(made[leader]), 20, "work done behind NAT")
        status = ringctl(made[leader], "relay", "status")
        self.assertEqual(status.returncode, 0, status.stderr)

        hubs = {name: set(self.peers(made[leader])[name]["reach"].split(",")) for name in HIDDEN}
        victim = next(name for name in PUBLIC if name != leader and any(name in hubs[hidden] for hidden in HIDDEN))
        began = time.monotonic()
        made[victim].kill()
        rest = [name for name in (*PUBLIC, *HIDDEN) if name != victim]
        until(lambda: all(victim not in self.peers(made[leader]).get(name, {}).get("reach", victim).split(",") for name in HIDDEN),
              2 * POLL_S + 3, "the hidden nodes have left the dead hub")  # fmt: skip
        figure("relay.hub_left_s", round(time.monotonic() - began, 2))
        until(lambda: self.all_see(made, rest), 20, "all others alive")
        wanted = [work for name in HIDDEN for work in self.add(made[leader], 5, name)]
        until(lambda: set(wanted) <= self.done(made[leader]), 20, "work done after the hub was killed")
        reply = made["n4"].get("/relay/status")
        self.status(reply, 200)
        self.assertEqual(reply.json["counters"]["duplicates"], 0, reply)


def try_request_from(lab, name, node):
    """What a node at that place gets from /healthz of the other, or None when it cannot call it."""
    try:
        return netlab.run(*lab.wrapper(name), "curl", "-sS", "--max-time", "1", f"http://{node.host}:{node.port}/healthz")
    except netlab.NoNamespaces:
        return None


if __name__ == "__main__":
    netlab.enter()
    unittest.main()
