"""Followers that are far behind, and nodes killed in the middle of copying the state: they catch up, and nothing is lost.

RINGHOST_BEHIND_ENTRIES (6000) says how far, RINGHOST_SNAPSHOT_KILLS (2) how often; RINGHOST_SEED repeats the choices."""

import random
import threading
import time
import unittest

from nodes import REGISTER, REPLICATED, SLOW, ClusterTest, figure, number_from_environment, try_request, until
from pusher import Pusher, wrong

NAMES = ("n1", "n2", "n3")
BEAT_MS = 1500
TRAILING = 200  # entries that a leader keeps for followers
ENOUGH = 4  # times so many entries: a log is shortened after each 8 MiB that went to the write-ahead log of the state
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


class Look(threading.Thread):
    """Looks for files of a node without a pause, does something once one is there, and ends."""

    def __init__(self, node, names, then, seconds):
        super().__init__(daemon=True)
        self.node, self.names, self.then = node, names, then
        self.deadline = time.monotonic() + seconds
        self.is_over = threading.Event()
        self.has_seen = threading.Event()
        self.start()

    def run(self):
        while time.monotonic() < self.deadline and not self.is_over.is_set():
            if is_file(self.node, self.names):
                self.then()
                self.has_seen.set()
                return

    def end(self):
        """Whether it did it; it will not later."""
        self.is_over.set()
        self.join()
        return self.has_seen.is_set()


class CatchUp(ClusterTest):
    def setUp(self):
        super().setUp()
        self.seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure("catch_up.seed", self.seed)
        self.dice = random.Random(self.seed)
        self.entries = number_from_environment("RINGHOST_BEHIND_ENTRIES", 6000)
        config = {"raft": f"config: {{trailing: {TRAILING}}}\n", "test.register": f"file: {REGISTER}\n"}
        self.made = self.cluster(len(NAMES), plugins=(*REPLICATED, "test.register"), config=config, beat_ms=BEAT_MS)
        self.made.start()
        self.written = 0
        self.pushers = []
        self.kills = number_from_environment("RINGHOST_SNAPSHOT_KILLS", 2)
        self.over = threading.Event()
        self.addCleanup(self.over.set)

    def until(self, condition, seconds, what):
        """As nodes.until, and tells what all nodes were at."""
        try:
            return until(condition, seconds, what)
        except AssertionError as error:
            told = [f"{name}: {raft_state(node)}\n{node.tail()}" for name, node in self.made.nodes.items()]
            raise AssertionError("\n".join([str(error), *told])) from None

    def leader(self):
        return self.made.await_leader(seconds=30)

    def push(self, count, value_bytes=100):
        """At least so many acknowledged writes, by as many leaders as it takes."""
        acked, deadline = 0, time.monotonic() + 60 + count / 100
        while acked < count:
            self.assertLess(time.monotonic(), deadline, f"{acked} of {count} writes")
            node = self.made[self.leader()]
            self.until(lambda n=node: self.serves(n), 30, "registers are served")
            pusher = Pusher(node, count - acked, first=self.written, value_bytes=value_bytes)
            self.until(pusher.is_over, 60 + count / 100, f"{count} writes; {pusher.count}, {pusher.refused}")
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
        for _ in range(ENOUGH):
            self.push(self.entries, value_bytes)
            state = self.until(self.leader_state, 30, "one leads")
            if state["snapshot"]["index"] > before:
                break
        self.until(lambda: (state := self.leader_state()) is not None and state["snapshot"]["index"] > before, 30, "the log is shortened")
        return self.leader_state()["commit_index"] - before

    def leader_state(self):
        """The state of raft on the node that leads at the highest term, or None."""
        states = [state for node in self.made.nodes.values() if (state := raft_state(node)) is not None and state["state"] == "leader"]
        return max(states, key=lambda state: state["term"], default=None)

    def await_caught_up(self, name, seconds=60):
        """Until it has applied what was agreed on before this call."""
        goal = self.until(self.leader_state, 30, "one leads")["commit_index"]

        self.until(lambda: self.has_caught_up(name, goal), seconds, f"{name} has entry {goal}")

    def has_caught_up(self, name, goal=None):
        """Whether it has applied that entry, or what the leader says is agreed on."""
        if goal is None:
            leader = self.leader_state()
            goal = None if leader is None else leader["commit_index"]
        state = raft_state(self.made[name])
        return goal is not None and state is not None and state["last_applied"] >= goal

    def expect_all_on(self, name):
        """Makes it lead, so that what it answers is its own state."""

        def leads():
            try_request(self.made[name].port, "POST", "/raft/transfer", {"node_id": name}, timeout=5)
            return self.made[name].leader() == name

        self.until(leads, 30, f"{name} leads")

        def read(key):
            reply = self.until(lambda: answer if (answer := self.made[name].get(f"/register/get?key={key}")).status == 200 else None, 20, f"{key} can be read")
            self.assertEqual(reply.headers["X-Node-Id"], name)
            return reply.json["value"]

        self.assertEqual(wrong(self.pushers, read), {}, "registers that lost what was acknowledged")

    def follower(self):
        leader = self.leader()
        return self.dice.choice([name for name in NAMES if name != leader])

    def when_there(self, node, names, then, seconds=60):
        """Does something as soon as one of the files is there, in a thread of its own."""
        look = Look(node, names, then, seconds)
        self.addCleanup(look.end)
        return look

    def test_a_follower_far_behind_catches_up_by_snapshot(self):
        name = self.follower()
        self.push(100)
        behind = self.fall_behind(name)
        node = self.made[name]
        received = self.when_there(node, RECEIVED, lambda: None)

        started = time.monotonic()
        node.start(ready=False)
        self.await_caught_up(name)
        figure("catch_up.follower", f"{behind} entries behind, caught up {time.monotonic() - started:.2f} s after its start")

        self.assertGreaterEqual(behind, self.entries)
        self.assertTrue(received.end(), "by a snapshot, not entry by entry")
        self.assertGreater(raft_state(node)["snapshot"]["index"], behind // 2)
        self.expect_all_on(name)

    def test_kill_9_while_a_snapshot_is_received_loses_nothing(self):
        name = self.follower()
        node = self.made[name]
        self.push(100)
        self.fall_behind(name)
        hit = 0

        for _ in range(self.kills):
            pause = self.dice.random() * 0.05

            def kill(seconds=pause):
                self.over.wait(seconds)
                node.kill()

            killed = self.when_there(node, RECEIVED, kill)
            node.start(ready=False)
            self.until(lambda k=killed: k.has_seen.is_set() or self.has_caught_up(name), 60, f"{name} receives a snapshot")
            if not killed.end():
                break  # it was faster than the look for the file; the state is there
            hit += 1
        if node.process.poll() is not None:
            node.start(ready=False)
        self.await_caught_up(name)
        figure("catch_up.killed_while_receiving", f"{hit} times")

        self.assertGreater(hit, 0, "no kill came in time")
        self.expect_all_on(name)

    def test_kill_9_while_a_snapshot_is_made_or_the_log_shortened_loses_nothing(self):
        name = self.follower()
        self.push(100)
        hits = {"making": 0, "shortening": 0}

        for number in range(self.kills):
            self.fall_behind(name)
            leader = self.made[self.leader()]
            made = self.when_there(leader, COPIES, leader.kill) if number % 2 == 0 else None
            self.made[name].start(ready=False)
            if made is None:
                self.kill_while_shortening(leader)
                hits["shortening"] += 1
            else:
                self.until(lambda m=made: m.has_seen.is_set() or self.has_caught_up(name), 60, f"{leader.node_id} makes a snapshot")
                hits["making"] += made.end()
            if leader.process.poll() is not None:
                leader.start(ready=False)
            self.await_caught_up(name)
        figure("catch_up.killed_leader", hits)

        self.assertGreater(sum(hits.values()), 0)
        self.expect_all_on(name)

    def kill_while_shortening(self, leader):
        """Writes until the beginning of its log moves, and kills it at that moment."""
        before = raft_state(leader)["snapshot"]["index"]
        pusher = Pusher(leader, self.entries, first=self.written, value_bytes=1000)
        self.pushers.append(pusher)
        self.written += pusher.share
        self.until(lambda: (state := raft_state(leader)) is None or state["snapshot"]["index"] > before or pusher.is_over(), 60, "its log is shortened")
        leader.kill()
        self.until(pusher.is_over, 60, "the writers notice")


if __name__ == "__main__":
    unittest.main(verbosity=2)
