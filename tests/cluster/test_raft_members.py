"""Members come and go while items are added: a learner, its promotion, a voter removed, the leader removed; nothing is lost."""

import os
import time
import unittest
from pathlib import Path

from groups import Adder, await_state, kept, raft_state
from nodes import REPLICATED, SLOW, ClusterTest, await_active, figure, ringctl, until

BEAT_MS = 900  # an election takes 0.3 to 0.6 s, also where many tests share a machine
VOTERS = ["n1", "n2", "n3"]


IDLE_S = 3
ALREADY = {"add": "is a member", "promote": "is a voter", "remove": "is not a member"}


def cpu_seconds(node):
    """Time on processors that a node has used, in user and kernel mode."""
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Members(ClusterTest):
    def setUp(self):
        super().setUp()
        self.made = self.cluster(4, plugins=REPLICATED, beat_ms=BEAT_MS * SLOW, voters=VOTERS)
        self.made.start(*VOTERS)
        await_active(self.made[self.made.await_leader(*VOTERS)])

    def change(self, action, name):
        """At the leader, once it can be done. An answer may be lost with the leader that was to give it: then the next one says that
        it is done already."""
        said = []

        def done():
            answer = ringctl(self.made["n4"], "raft", "members", action, name)
            said.append(answer.stderr)
            return answer.returncode == 0 or (len(said) > 1 and ALREADY[action] in answer.stderr)

        try:
            until(done, 30, f"{action} {name}")
        except AssertionError as late:
            raise AssertionError(f"{late}: {sorted(set(said))}") from None

    def voters(self, name):
        state = raft_state(self.made[name])
        return {m["id"] for m in state.get("members", []) if m["voter"]} if state else set()

    def test_the_members_change_one_by_one_while_items_are_added(self):
        adder = Adder(self.made.nodes.values())
        self.addCleanup(adder.end)
        adder.await_more()
        self.made["n4"].start()
        state = await_state(self.made["n4"], lambda s: s["state"] == "standby")
        self.assertEqual(state["members"], [])

        self.change("add", "n4")
        state = await_state(self.made["n4"], lambda s: any(m["id"] == "n4" and not m["voter"] for m in s.get("members", [])))
        adder.await_more()
        self.change("promote", "n4")
        until(lambda: self.voters("n4") == {"n1", "n2", "n3", "n4"}, 20, "n4 votes")
        adder.await_more()
        leader = self.made["n4"].leader()
        gone = next(name for name in VOTERS if name != leader)
        self.change("remove", gone)
        until(lambda: self.voters("n4") == {"n1", "n2", "n3", "n4"} - {gone}, 20, f"{gone} is removed")
        await_state(self.made[gone], lambda s: s["state"] == "standby")
        adder.await_more()
        old = self.made.await_leader("n4")
        self.change("remove", old)
        heirs = {"n1", "n2", "n3", "n4"} - {gone, old}
        witness = sorted(heirs)[0]
        until(lambda: self.voters(witness) == heirs, 20, f"{old} is removed; {raft_state(self.made[witness])}")
        heir = self.made.await_leader(*heirs, other_than=old)
        self.assertIn(heir, heirs)
        adder.await_more()

        added = adder.end()
        shown = ringctl(self.made[heir], "raft", "members").stdout
        self.assertEqual(len(shown.splitlines()), 1 + len(heirs), shown)
        found = kept(self.made[heir])
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(set(added), set(found), "acknowledged and gone")
        self.assertLessEqual(len(set(found) - set(added)), 1, "at most one was under way")

    def test_a_group_without_work_is_idle(self):
        before = [cpu_seconds(self.made[name]) for name in VOTERS]
        settled = time.monotonic() + IDLE_S
        until(lambda: time.monotonic() > settled, 2 * IDLE_S, "some seconds without work")
        shares = [(cpu_seconds(self.made[name]) - was) / IDLE_S for name, was in zip(VOTERS, before)]

        figure("raft_members.idle_cpu_percent", ", ".join(f"{100 * share:.1f}" for share in shares))
        self.assertLess(max(shares), 0.25 * SLOW, "shares of one core, with a heartbeat every 30 ms")

    def test_leadership_is_handed_to_whom_is_named(self):
        leader = self.made.await_leader(*VOTERS)
        to = next(name for name in VOTERS if name != leader)

        done = ringctl(self.made[to], "raft", "transfer", to)

        self.assertEqual(done.returncode, 0, done)
        until(lambda: all(self.made[name].leader() == to for name in VOTERS), 20, f"{to} leads")


if __name__ == "__main__":
    unittest.main(verbosity=2)
