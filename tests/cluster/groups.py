"""What tests of the replicated log share: its state at a node, adding numbered items, and finding them again; holds no test."""

import threading

from ledger import stored_items
from nodes import try_request, until

PATIENCE_S = 30


def raft_state(node):
    """GET /raft/state, or None."""
    reply = try_request(node.port, "GET", "/raft/state", timeout=5)
    return reply.json if reply is not None and reply.status == 200 else None


def await_state(node, wanted, seconds=PATIENCE_S):
    """Until the state of the node satisfies it; the state."""

    def satisfied():
        state = raft_state(node)
        return state if state and wanted(state) else None

    return until(satisfied, seconds, f"the log of {node.node_id}: {raft_state(node)}; {node.tail()}")


def await_caught_up(nodes, leader, seconds=PATIENCE_S):
    """Until the nodes have applied all that the leader says is agreed on now, in its lineage."""
    wanted = raft_state(leader)

    def has_all(node):
        state = raft_state(node) or {}
        return state.get("lineage") == wanted["lineage"] and state["last_applied"] >= wanted["commit_index"]

    for node in nodes:
        until(lambda n=node: has_all(n), seconds, f"{node.node_id} has everything; {raft_state(node)}; the leader: {raft_state(leader)}")


def add(node, key):
    """One item with a key; whether it was acknowledged."""
    reply = try_request(node.port, "POST", "/work/add", {"work_type": "t", "idempotency_key": key, "payload": {"key": key}}, timeout=5)
    return reply is not None and reply.status in (200, 201)


def add_all(node, keys):
    for key in keys:
        until(lambda k=key: add(node, k), PATIENCE_S, f"{key} is added at {node.node_id}")


def kept(node):
    """The keys of all items, sorted; the queue of the node, or of whoever leads it, must serve."""

    def read():
        found, doubled = stored_items(node)
        assert not doubled, doubled
        return [found, *[node.get(f"/work/item?work_id={work_id}").json["payload"]["key"] for work_id in found]]

    return sorted(read()[1:])


class Adder:
    """Adds one item after the other at any of the nodes, until it is told to end; each key until it is acknowledged."""

    def __init__(self, nodes, prefix="a"):
        self.nodes, self.prefix = list(nodes), prefix
        self.added, self.refusals = [], {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self):
        number, at = 0, 0
        while not self.over.is_set():
            key = f"{self.prefix}{number:05}"
            if add(self.nodes[at % len(self.nodes)], key):
                self.added.append(key)
                number += 1
            else:
                at += 1
            self.over.wait(0.01)

    def await_more(self, count=5):
        wanted = len(self.added) + count
        until(lambda: len(self.added) >= wanted, PATIENCE_S, f"{wanted} items are added")

    def end(self):
        self.over.set()
        self.thread.join(30)
        return self.added
