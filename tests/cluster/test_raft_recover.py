"""Two of three voters burn: without a majority everything is refused with the reason; the one that is left goes on by itself,
and the old ones are refused by name when they come back, until they are archived and added again."""

import time
import unittest

from groups import add_all, await_caught_up, await_state, kept, raft_state
from nodes import REPLICATED, SLOW, ClusterTest, await_active, figure, ringctl, until

BEAT_MS = 900  # an election takes 0.3 to 0.6 s, also where many tests share a machine
BEFORE = ["before1", "before2", "before3"]
AFTER = ["after1", "after2"]


class Recover(ClusterTest):
    def burn_two(self):
        """Three nodes with items, two of them killed, the leader too: cluster, who is left, the others."""
        made = self.cluster(3, plugins=REPLICATED, beat_ms=BEAT_MS * SLOW)
        made.start()
        leader = made.await_leader()
        add_all(await_active(made[leader]), BEFORE)
        left = next(name for name in made.nodes if name != leader)
        await_caught_up([made[left]], made[leader])
        lost = [name for name in made.nodes if name != left]
        for name in lost:
            made[name].kill()
        return made, made[left], lost

    def expect_no_quorum(self, node):
        """Reads and writes are refused in time, and say why."""
        until(lambda: node.leader() is None, 10, "the loss is noticed")
        for method, path in (("GET", "/work/stats"), ("POST", "/work/add")):
            asked = time.monotonic()
            reply = node.get(path) if method == "GET" else node.post(path, {"work_type": "t"})
            figure(f"raft_recover.refused_s {path}", round(time.monotonic() - asked, 2))
            self.status(reply, 503)
            self.assertIn("Retry-After", reply.headers)
            self.assertIn("of 2 votes needed", reply.json["error"]["message"])
            self.assertLess(time.monotonic() - asked, 5)

    def test_without_a_quorum_it_is_said_and_it_ends_when_a_voter_returns(self):
        made, left, lost = self.burn_two()

        self.expect_no_quorum(left)
        started = time.monotonic()
        made[lost[0]].start()
        leader = await_active(made[made.await_leader()])

        figure("raft_recover.serves_again_s", round(time.monotonic() - started, 2))
        self.assertEqual(kept(leader), BEFORE)
        add_all(leader, AFTER)
        self.assertEqual(kept(left), sorted(BEFORE + AFTER))

    def test_who_is_left_goes_on_alone_and_the_others_join_anew(self):
        made, left, lost = self.burn_two()
        name = left.node_id
        lineage = raft_state(left)["lineage"]
        self.expect_no_quorum(left)
        self.assertEqual(ringctl(left, "raft", "recover", "--confirm", name).returncode, 2, "--force is missing")
        self.assertEqual(ringctl(left, "raft", "recover", "--force").returncode, 2, "nobody was asked")
        self.assertEqual(ringctl(left, "raft", "recover", "--force", "--confirm", lost[0]).returncode, 1, "another node")
        self.assertEqual(raft_state(left)["lineage"], lineage)

        done = ringctl(left, "raft", "recover", "--force", "--confirm", name)
        self.assertEqual(done.returncode, 0, done)
        until(lambda: left.leader() == name, 20, "it leads")
        await_active(left)
        self.assertEqual(kept(left), BEFORE)
        add_all(left, AFTER)
        self.assertNotEqual(raft_state(left)["lineage"], lineage)
        for old in lost:
            self.come_back(made, left, old)

        await_caught_up([made[old] for old in lost], left)
        self.assertEqual({m["id"] for m in raft_state(left)["members"] if m["voter"]}, set(made.nodes))
        left.kill()
        heir = await_active(made[made.await_leader(*lost, other_than=name)])
        self.assertEqual(kept(heir), sorted(BEFORE + AFTER))

    def come_back(self, made, left, old):
        """An old voter is refused, archived, added and promoted; the one that is left leads all the while."""
        node = made[old].start()
        state = await_state(node, lambda s: s.get("other_data_from") == left.node_id)
        self.assertEqual(state["error"], "other_data")
        self.assertEqual(state["other_lineage"], raft_state(left)["lineage"])
        self.assertIsNone(node.leader())
        self.status(node.get("/work/stats"), 503)
        self.assertIn("other_data", node.log.read_text())
        self.assertIn(left.node_id, ringctl(node, "raft", "status").stdout)
        reasons = [check["reason"] for check in node.get("/admin/health").json["checks"]]
        self.assertTrue([reason for reason in reasons if "has data of another lineage" in reason], reasons)
        until(lambda: ringctl(node, "raft", "archive", "--confirm", old).returncode == 0, 20, f"{old} is archived")
        self.assertEqual(len(list(node.data_dir.glob("replica.db.superseded-*"))), 1)
        until(lambda: ringctl(left, "raft", "members", "add", old).returncode == 0, 20, f"{old} is added; {raft_state(left)}")
        until(lambda: ringctl(left, "raft", "members", "promote", old).returncode == 0, 20, f"{old} votes; {raft_state(left)}")
        until(lambda: node.leader() == left.node_id, 20, f"{old} follows; {raft_state(node)}")
        self.assertEqual(left.leader(), left.node_id)


if __name__ == "__main__":
    unittest.main(verbosity=2)
