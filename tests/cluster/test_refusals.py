"""Nodes that do not belong together refuse each other by name, and go on with those that do."""

import re
import shutil
import unittest

from nodes import IS_REPLICATED, REPLICATED, SLOW, ClusterTest, Node, await_active, free_port, node_document, until
from rewriting import Rewriting



def peers_check(node):
    """The line on peers in the health of a node."""
    checks = node.get("/admin/health").json["checks"]
    return next(check for check in checks if check["name"] == "peers")


def metric(node, name):
    return float(re.search(rf"^{name} (\S+)$", node.get("/metrics").text, re.MULTILINE)[1])


class Refusals(ClusterTest):
    def started(self, count):
        made = self.cluster(count, plugins=REPLICATED)
        made.start()
        made.await_leader()
        return made

    def await_told(self, node, words):
        """Until the health of a node says so."""
        until(lambda: words in peers_check(node)["reason"], 15, f"{words!r} in the health of {node.node_id}: {peers_check(node)}")
        self.assertEqual(peers_check(node)["status"], "degraded")

    def test_a_copied_seeds_line_does_not_join_two_clusters(self):
        first, second = self.started(3), self.started(3)
        clusters = [made["n1"].get("/admin/health").json["cluster_id"] for made in (first, second)]
        seeds = re.search(r"^seeds: .*$", (first.conf / "00-cluster.yaml").read_text(), re.MULTILINE)[0]
        conf = second.conf / "00-cluster.yaml"
        conf.write_text(re.sub(r"^seeds: .*$", seeds, conf.read_text(), flags=re.MULTILINE))

        for node in second.nodes.values():
            self.assertEqual(node.stop(), 0)
        second.start()

        self.assertNotEqual(*clusters)
        for node in second.nodes.values():
            self.await_told(node, f"says wrong_cluster: this node is of cluster {clusters[0]}, the caller of {clusters[1]}")
        until(lambda: any(metric(node, "ringhost_wrong_cluster") > 0 for node in first.nodes.values()), 10, "it is counted")
        self.assertTrue(any("requests of another cluster" in peers_check(node)["reason"] for node in first.nodes.values()))
        second.await_leader()
        for made, cluster in zip((first, second), clusters):
            for node in made.nodes.values():
                self.assertEqual(node.get("/admin/health").json["cluster_id"], cluster)
                self.assertEqual({peer["node_id"] for peer in node.get("/peers").json["peers"]}, {"n1", "n2", "n3"})
        self.status(await_active(first[first.await_leader()]).post("/work/add", {"work_type": "t"}), 201)

    def test_a_node_of_another_protocol_number_is_refused_and_both_say_so(self):
        made = self.cluster(2, plugins=REPLICATED, voters=["n1"])
        relays = {}
        for name, other in (("n1", "n2"), ("n2", "n1")):
            relays[name] = Rewriting(made[other].port, b"X-Rh-Protocol: 1\r\n", b"X-Rh-Protocol: 2\r\n")
            self.addCleanup(relays[name].end)
            apart = made.folder / f"{name}.d"
            shutil.copytree(made.conf, apart)
            conf = apart / "00-cluster.yaml"
            conf.write_text(conf.read_text().replace(f":{made[other].port}", f":{relays[name].port}"))
            made[name].conf = apart
        made.start("n1")
        made.await_leader("n1")

        made["n2"].start()

        self.await_told(made["n2"], "says upgrade_needed: this node speaks protocol 1, the caller 2")
        self.assertGreater(relays["n2"].rewritten, 0)
        self.assertIn("sent_away", made["n2"].log.read_text())
        self.await_told(made["n1"], "of another protocol number refused")
        self.assertGreater(metric(made["n1"], "ringhost_wrong_protocol"), 0)
        self.assertIsNone(made["n2"].leader())
        self.assertEqual(made["n1"].leader(), "n1")

    def test_a_protocol_number_is_asked_of_every_peer_request(self):
        made = self.started(1)
        node = made["n1"]
        peer = {"X-Rh-Node": "n9", "X-Rh-Cluster": node.get("/admin/health").json["cluster_id"]}

        for number in ("0", "2", "18446744073709551616", "x", ""):
            with self.subTest(number=number):
                answer = node.post("/gossip/push", {"states": []}, headers=peer | {"X-Rh-Protocol": number})
                self.status(answer, 409, "upgrade_needed")
                self.assertIn("this node speaks protocol 1", answer.text)
        self.status(node.post("/gossip/push", {"states": []}, headers=peer | {"X-Rh-Protocol": "1"}), 200)

    def test_a_second_voter_of_one_id_gives_up_and_the_first_stays(self):
        made = self.started(3)
        leader = made["n1"].leader()
        victim = next(name for name in made.nodes if name != leader)
        twin_conf = made.folder / "twin.d"
        shutil.copytree(made.conf, twin_conf)
        text = (twin_conf / "00-cluster.yaml").read_text()
        others = "".join(part for part in re.split(r"(?=^---$)", text, flags=re.MULTILINE) if f"id: {victim}\n" not in part)
        port = free_port()
        (twin_conf / "00-cluster.yaml").write_text(others + node_document(victim, port, made.folder / "twin"))
        twin = Node(twin_conf, victim, port, made.folder / "twin", made.folder / "twin.log")
        self.addCleanup(twin.end)

        twin.start(ready=False)

        self.assertEqual(twin.wait(20), 78, twin.tail())
        self.assertRegex(twin.tail(), f'node id "{victim}" is in use by another living instance')
        self.assertEqual(made.await_leader(), leader)
        self.assertTrue(any("second instance" in peers_check(node)["reason"] for node in made.nodes.values()))
        self.assertIsNone(made[victim].process.poll())

    def before_raft(self, name, work_type):
        """The data directory of a node that led itself without raft and has an item."""
        alone = self.cluster(3, plugins=("admin", "gossip", "election", "work_queue"), cluster_extra="cluster_id: c1\n", voters=[name])
        alone.start(name)
        self.status(await_active(alone[name]).post("/work/add", {"work_type": work_type}), 201)
        self.assertEqual(alone[name].stop(), 0)
        return alone[name].data_dir

    def await_refused(self, node):
        """Until raft on that node says that it has other data, in its state, its log and its health."""
        until(lambda: node.get("/raft/state").json["state"] == "refused", 15, f"{node.node_id} is refused")
        self.assertEqual(node.get("/raft/state").json["error"], "other_data")
        self.assertIn("other_data", node.log.read_text())
        until(lambda: "data from before raft" in node.get("/admin/health").text, 10, f"the health of {node.node_id} says so")

    def types(self, node):
        return sorted(item["work_type"] for item in await_active(node).get("/work/pending").json["items"])

    @unittest.skipUnless(IS_REPLICATED, "only a replicated state can be another one")
    def test_a_voter_that_comes_with_other_data_is_refused_and_the_others_go_on(self):
        other = self.before_raft("n3", "other")
        made = self.cluster(3, plugins=REPLICATED, cluster_extra="cluster_id: c1\n", beat_ms=600 * SLOW)
        made.start()
        self.status(await_active(made[made.await_leader()]).post("/work/add", {"work_type": "ours"}), 201)
        self.assertEqual(made["n3"].stop(), 0)
        shutil.rmtree(made["n3"].data_dir)
        shutil.copytree(other, made["n3"].data_dir)

        made["n3"].start()

        self.await_refused(made["n3"])
        leader = made.await_leader("n1", "n2")
        self.status(await_active(made[leader]).post("/work/add", {"work_type": "more"}), 201)
        self.assertEqual(self.types(made[leader]), ["more", "ours"])

    @unittest.skipUnless(IS_REPLICATED, "only a replicated state can be another one")
    def test_data_from_before_begins_a_group_once_it_is_bootstrapped(self):
        old = self.before_raft("n1", "old")
        made = self.cluster(3, plugins=REPLICATED, cluster_extra="cluster_id: c1\n", beat_ms=600 * SLOW)
        shutil.copytree(old, made["n1"].data_dir)
        made.start("n1")
        self.await_refused(made["n1"])

        self.status(made["n1"].post("/raft/bootstrap", {"confirm": "n2"}), 400)
        self.status(made["n1"].post("/raft/bootstrap", {"confirm": "n1"}), 200)
        made.start("n2")
        made.await_leader("n1", "n2")  # two empty voters would be a majority of their own
        made.start("n3")

        leader = made.await_leader()
        self.assertEqual(self.types(made[leader]), ["old"], "what was there is the state of the group")
        self.status(made[leader].post("/work/add", {"work_type": "new"}), 201)
        made["n1"].kill()
        leader = made.await_leader("n2", "n3", other_than="n1")
        self.assertEqual(self.types(made[leader]), ["new", "old"], "the others have it, too")


if __name__ == "__main__":
    unittest.main(verbosity=2)
