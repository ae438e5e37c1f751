"""A cluster that has lived without raft turns it on: one node's data is made the state of the group, others get a copy, and a
node with data of its own is refused by name until that is archived."""

import time
import unittest

from groups import add_all, await_caught_up, await_state, kept, raft_state
from nodes import ClusterTest, await_active, figure, ringctl, until

WITHOUT_RAFT = ("admin", "gossip", "swim", "election", "work_queue")
OLD = ["old1", "old2", "old3"]
NEW = ["new1", "new2"]


class Bootstrap(ClusterTest):
    def lived_without_raft(self):
        """Three nodes, and which of them is the home of a queue."""
        made = self.cluster(3, plugins=WITHOUT_RAFT)
        made.start()
        home = made.await_leader()
        add_all(await_active(made[home]), OLD)
        return made, home

    def turn_raft_on(self, made, *names):
        for node in made.nodes.values():
            if node.process.poll() is None:
                self.assertEqual(node.stop(), 0)
        made.enable("raft")
        made.start(*names)

    def expect_refused(self, node):
        """By name in its state, in health, in the log, and to whoever asks for the queue."""
        state = await_state(node, lambda s: s["state"] == "refused")
        self.assertEqual(state["error"], "other_data")
        self.assertIn("other_data", [check["name"].rpartition(".")[2] for check in node.get("/admin/health").json["checks"]])
        self.assertIn("other_data", node.log.read_text())
        shown = ringctl(node, "raft", "status")
        self.assertEqual(shown.returncode, 0, shown)
        self.assertIn("ringctl raft archive", shown.stdout)
        asked = time.monotonic()
        self.status(node.get("/work/stats"), 503)
        self.assertLess(time.monotonic() - asked, 5)

    def await_group(self, made, *names, other_than=None):
        """Until the nodes agree on a leader whose queue serves; the leader."""
        return await_active(made[made.await_leader(*names, seconds=30, other_than=other_than)], 30)

    def superseded(self, node):
        return list(node.data_dir.glob("replica.db.superseded-*"))

    def test_the_data_of_the_home_becomes_the_state_of_the_group(self):
        made, home = self.lived_without_raft()
        empty = [made[name] for name in made.nodes if name != home]

        self.turn_raft_on(made)
        self.expect_refused(made[home])
        for node in empty:
            said = until(lambda n=node: n.get("/election/leader").json["reason"], 10, "a reason")
            self.assertIn(home, said)
        other = ringctl(empty[0], "raft", "bootstrap", "--confirm", home)
        self.assertEqual((other.returncode, other.stdout), (1, ""), other)
        started = time.monotonic()
        done = ringctl(made[home], "raft", "bootstrap", "--confirm", home)

        self.assertEqual(done.returncode, 0, done)
        leader = self.await_group(made)
        figure("raft_bootstrap.serves_s", round(time.monotonic() - started, 2))
        self.assertEqual(kept(leader), OLD)
        await_caught_up(made.nodes.values(), leader)
        made[home].kill()
        heir = self.await_group(made, *[node.node_id for node in empty], other_than=home)
        self.assertEqual(kept(heir), OLD)
        add_all(heir, NEW)
        self.assertEqual(kept(heir), sorted(OLD + NEW))

    def test_nobody_begins_without_the_home_while_it_is_away(self):
        made, home = self.lived_without_raft()
        empty = [name for name in made.nodes if name != home]

        self.turn_raft_on(made, *empty)
        settled = time.monotonic() + 2
        until(lambda: time.monotonic() > settled, 10, "several timeouts have passed")

        for name in empty:
            view = made[name].get("/election/leader").json
            self.assertIsNone(view["leader"])
            self.assertIn(home, view["reason"])
            self.assertEqual(raft_state(made[name])["lineage"], "0")
        made[home].start()
        self.expect_refused(made[home])
        self.assertEqual(ringctl(made[home], "raft", "bootstrap", "--confirm", home).returncode, 0)
        self.assertEqual(kept(self.await_group(made)), OLD)

    def test_where_the_home_is_gone_for_good_a_node_without_data_may_begin(self):
        made, home = self.lived_without_raft()
        empty = [name for name in made.nodes if name != home]

        self.turn_raft_on(made, *empty)
        until(lambda: home in made[empty[0]].get("/election/leader").json["reason"], 10, "it waits for the home")
        self.assertEqual(ringctl(made[empty[0]], "raft", "bootstrap", "--confirm", empty[0]).returncode, 0)
        leader = self.await_group(made, *empty)
        self.assertEqual(kept(leader), [])
        add_all(leader, NEW)

        made[home].start()
        self.expect_refused(made[home])
        self.assertEqual(kept(leader), NEW)

    def test_superseded_data_is_refused_until_it_is_archived(self):
        made, home = self.lived_without_raft()
        survivors = [name for name in made.nodes if name != home]
        made[home].kill()
        heir = made.await_leader(*survivors, other_than=home)
        self.assertEqual(ringctl(made[heir], "state", "adopt", "--yes").returncode, 0)
        add_all(await_active(made[heir]), NEW)

        self.turn_raft_on(made)
        for name in (home, heir):
            self.expect_refused(made[name])
        self.assertEqual(ringctl(made[heir], "raft", "bootstrap", "--confirm", heir).returncode, 0)
        leader = self.await_group(made, *survivors)
        self.assertEqual(kept(leader), NEW)
        self.expect_refused(made[home])
        named = until(lambda: [c for c in leader.get("/admin/health").json["checks"] if home in c["reason"]], 10, f"{home} is named")
        self.assertIn("has data of another lineage", named[0]["reason"])
        wrong = ringctl(made[home], "raft", "archive", "--confirm", heir)
        self.assertEqual(wrong.returncode, 1, wrong)
        self.assertEqual(self.superseded(made[home]), [])

        done = ringctl(made[home], "raft", "archive", "--confirm", home)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(len(self.superseded(made[home])), 1)
        await_caught_up([made[home]], leader)
        leader.kill()
        rest = [name for name in made.nodes if name != leader.node_id]
        self.assertEqual(kept(self.await_group(made, *rest, other_than=leader.node_id)), NEW)
        again = ringctl(made[home], "raft", "archive", "--confirm", home)
        self.assertEqual(again.returncode, 1, again)
        self.assertIn("its data is that of its group", again.stderr)
        self.assertEqual(len(self.superseded(made[home])), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
