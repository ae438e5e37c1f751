"""An installed tree that gets one more plugin by two files, and one conf.d for nodes of two roles; nothing is rebuilt."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from nodes import ClusterTest, Node, await_active, free_port, node_document, run_program, until

BUILD = Path(os.environ["RINGHOST_BUILD"])


class DropIn(ClusterTest):
    def installed(self):
        """The whole product below a prefix of its own."""
        prefix = self.folder / "prefix"
        done = run_program("cmake", "--install", BUILD, "--prefix", prefix, seconds=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return prefix

    def build_template(self, prefix):
        """The template, copied away and built against nothing but the installed package; its shared object."""
        source = self.folder / "alone"
        shutil.copytree(prefix / "share/ringhost/template", source)
        for words in (["-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={prefix}"], ["--build", source / "build"]):
            done = run_program("cmake", *words, seconds=90)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return next((source / "build").rglob("your_plugin.so")), source / "conf.example.yaml"

    def test_one_so_and_one_conf_file_add_a_route_to_an_installed_node(self):
        prefix = self.installed()
        plugin, conf = self.build_template(prefix)
        made = self.cluster(1, plugins=("admin", "gossip", "election"))
        node = made["n1"]
        host = prefix / "bin/ringhost"

        def start():
            with open(node.log, "ab") as log:
                node.process = subprocess.Popen([host, "--conf", made.conf, "--node", "n1"], stderr=log, stdin=subprocess.DEVNULL)
            made.await_leader()

        start()
        before = node.post("/your/endpoint", {"name": "x"}).status
        self.assertEqual(node.stop(), 0)
        shutil.copy(plugin, prefix / "lib/ringhost/plugins")
        shutil.copy(conf, made.conf / "90-your_plugin.yaml")
        start()

        self.assertEqual(before, 404)
        reply = self.status(node.post("/your/endpoint", {"name": "x", "times": 2}), 200)
        self.assertEqual(reply.json, {"name": "x", "count": 2})
        self.status(node.post("/your/endpoint", {"name": "x", "times": 101}), 400)
        listed = run_program(host, "--conf", made.conf, "--routes").stdout
        self.assertIn("POST\t/your/endpoint\torg.example.your_plugin\toperator\thandle_endpoint\t", listed)
        self.assertIn("/your/endpoint", node.get("/openapi.json").json["paths"])

        node.kill()
        start()
        self.assertEqual(node.post("/your/endpoint", {"name": "x"}).json["count"], 3, "the count outlived kill -9")


class Roles(ClusterTest):
    def test_one_conf_d_gives_a_coordinator_and_a_worker_different_plugins(self):
        section = {
            "work_queue": "enable: {roles: [coordinator]}\nconfig: {}\n",
            "gauntlet": "enable: {roles: [coordinator]}\nconfig: {}\n",
            "worker": "enable: {not_roles: [coord*]}\nconfig: {commands: {echo: {argv: [/bin/echo, '{}']}}}\n".replace("'{}'", "'{{}}'"),
        }
        made = self.cluster(1, plugins=("admin", "gossip", "election", "work_queue", "worker", "gauntlet"), config=section, voters=["n1"])
        port = free_port()
        made.nodes["n2"] = Node(made.conf, "n2", port, made.folder / "n2", made.folder / "n2.log")
        with open(made.conf / "00-cluster.yaml", "a", encoding="utf-8") as conf:
            conf.write(node_document("n2", port, made.folder / "n2", role="worker"))

        made.start()
        self.assertEqual(made.await_leader(), "n1")

        plugins = {name: {p["id"] for p in made[name].get("/plugins").json["plugins"]} for name in ("n1", "n2")}
        self.assertEqual(plugins["n1"] - plugins["n2"], {"work_queue", "gauntlet"})
        self.assertEqual(plugins["n2"] - plugins["n1"], {"worker"})
        await_active(made["n1"]).post("/work/add", {"work_type": "echo"})
        done = until(lambda: made["n1"].get("/work/pending?status=done").json["items"], 15, "the worker does the work of the coordinator")
        self.assertEqual(len(done), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
