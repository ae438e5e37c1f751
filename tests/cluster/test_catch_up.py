"""Followers that are far behind, and nodes killed in the middle of copying the state: they catch up, and nothing is lost.

RINGHOST_BEHIND_ENTRIES (8000) says how far, RINGHOST_SNAPSHOT_KILLS (3) how often; RINGHOST_SEED repeats the choices."""

import random
import threading
import time
import unittest

from nodes import REGISTER, REPLICATED, SLOW, ClusterTest, figure, number_from_environment, try_request, until
from pusher import Pusher

NAMES = ("n1", "n2", "n3")
BEAT_MS = 1500
TRAILING = 200  # entries that a leader keeps for followers
COPIES = ("replica.db.copy0", "replica.db.copy1")
RECEIVED = ("replica.db.received",)


def raft_state(node):
    """GET /raft/state, or None."""
    reply = try_request(node.port, "GET", "/raft/state", timeout=5)
    return reply.json if reply is not None and reply.status == 200 else None


def is_file(node, names):
    """Whether one of the files is there and not empty."""
    for name in names:
        try:
            if (node.data_dir / name).stat().st_size > 0:
                return True
        except OSError:
            continue
    return False


class CatchUp(ClusterTest):
    def setUp(self):
        super().setUp()
        self.seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure("catch_up.seed", self.seed)
        self.dice = random.Random(self.seed)
        self.entries = number_from_environment("RINGHOST_BEHIND_ENTRIES", 8000)
        config = {"raft": f"config: {{trailing: {TRAILING}}}\n", "test.register": f"file: {REGISTER}\n"}
        self.made = self.cluster(len(NAMES), plugins=(*REPLICATED, "test.register"), config=config, beat_ms=BEAT_MS)
        self.made.start()
        self.written = 0
        self.pushers = []

    def leader(self):
        return self.made.await_leader(seconds=30)

    def push(self, count, value_bytes=100):
        """At least so many acknowledged writes, by as many leaders as it takes."""
        acked, deadline = 0, time.monotonic() + 60 + count / 100
        while acked < count:
            self.assertLess(time.monotonic(), deadline, f"{acked} of {count} writes")
            node = self.made[self.leader()]
            until(lambda n=node: self.serves(n), 30, f"registers are served; {raft_state(node)}")
            pusher = Pusher(node, count - acked, first=self.written, value_bytes=value_bytes)
            until(pusher.is_over, 60 + count / 100, f"{count} writes; {pusher.count}, {pusher.refused}")
            self.written += pusher.share
            self.pushers.append(pusher)
            acked += pusher.count
            if pusher.refused:
                figure("catch_up.refused", pusher.refused)

    def serves(self, node):
        reply = try_request(node.port, "GET", "/register/get?key=x", timeout=5)
        return reply is not None and reply.status == 200

    def fall_behind(self, name, value_bytes=1000):
        """Stops a follower until the log that it needs is gone; how many entries it is behind."""
        before = raft_state(self.made[name])["last_log"]["index"]
        self.assertEqual(self.made[name].stop(), 0)
        self.push(self.entries, value_bytes)
        leader = self.made[self.leader()]
        until(lambda: raft_state(leader)["snapshot"]["index"] > before, 30, f"the log is shortened; {raft_state(leader)}")
        return raft_state(leader)["commit_index"] - before

    def await_caught_up(self, name, seconds=60):
        """Until it has applied what was agreed on before this call."""
        goal = raft_state(self.made[self.leader()])["commit_index"]

        def is_there():
            state = raft_state(self.made[name])
            return state is not None and state["last_applied"] >= goal

        until(is_there, seconds, f"{name} has entry {goal}; {raft_state(self.made[name])}")

    def expect_all_on(self, name):
        """Makes it lead, so that what it answers is its own state."""

        def leads():
            try_request(self.made[name].port, "POST", "/raft/transfer", {"node_id": name}, timeout=5)
            return self.made[name].leader() == name

        until(leads, 30, f"{name} leads; {raft_state(self.made[name])}")

        def read(key):
            reply = until(lambda: answer if (answer := self.made[name].get(f"/register/get?key={key}")).status == 200 else None, 20, f"{key} can be read")
            self.assertEqual(reply.headers["X-Node-Id"], name)
            return reply.json["value"]

        newest = {}
        for pusher in self.pushers:
            newest.update(dict.fromkeys(pusher.acked, pusher))
        for pusher in self.pushers:
            pusher.acked = {key: serial for key, serial in pusher.acked.items() if newest[key] is pusher}
            self.assertEqual(pusher.wrong(read), {}, "registers that lost what was acknowledged")

    def follower(self):
        leader = self.leader()
        return self.dice.choice([name for name in NAMES if name != leader])

    def test_a_follower_far_behind_catches_up_by_snapshot(self):
        name = self.follower()
        self.push(100)
        behind = self.fall_behind(name)
        received = threading.Event()
        node = self.made[name]

        started = time.monotonic()
        node.start(ready=False)
        thread = threading.Thread(target=lambda: self.watch_file(node, RECEIVED, received), daemon=True)
        thread.start()
        self.await_caught_up(name)
        figure("catch_up.follower", f"{behind} entries behind, caught up {time.monotonic() - started:.2f} s after its start")

        self.assertGreaterEqual(behind, self.entries)
        self.assertGreater(raft_state(node)["snapshot"]["index"], behind // 2, "by a snapshot, not entry by entry")
        self.expect_all_on(name)

    @staticmethod
    def watch_file(node, names, seen, seconds=60):
        """Sets the event once one of the files is there."""
        deadline = time.monotonic() + seconds
        while not seen.is_set() and time.monotonic() < deadline:
            if is_file(node, names):
                seen.set()


if __name__ == "__main__":
    unittest.main(verbosity=2)
