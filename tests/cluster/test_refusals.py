"""Nodes that do not belong together refuse each other by name, and go on with those that do."""

import re
import shutil
import unittest

from nodes import REPLICATED, ClusterTest, Node, await_active, free_port, node_document, until
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
        leader = first["n1"].leader()
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
        self.assertEqual(first["n1"].leader(), leader, "the other cluster was not disturbed")
        self.status(await_active(first[leader]).post("/work/add", {"work_type": "t"}), 201)

    def test_a_node_of_another_protocol_number_is_refused_and_both_say_so(self):
        made = self.cluster(2, plugins=REPLICATED, voters=["n1"])
        made.start("n1")
        made.await_leader("n1")
        relay = Rewriting(made["n1"].port, b"X-Rh-Protocol: 1\r\n", b"X-Rh-Protocol: 2\r\n")
        self.addCleanup(relay.end)
        apart = made.folder / "newer.d"
        shutil.copytree(made.conf, apart)
        text = (apart / "00-cluster.yaml").read_text()
        (apart / "00-cluster.yaml").write_text(text.replace(f":{made['n1'].port}", f":{relay.port}"))
        made["n2"].conf = apart

        made["n2"].start()

        self.await_told(made["n2"], "says upgrade_needed: this node speaks protocol 1, the caller 2")
        self.assertGreater(relay.rewritten, 0)
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
