"""A node reads its configuration again: by SIGHUP and by ringctl reload; sections change, errors change nothing."""

import os
import signal
import subprocess
import unittest

from nodes import BIN, PLUGINS, ClusterTest, await_active, until


class Reload(ClusterTest):
    def section(self, node, plugin, text):
        file = next(node.conf.glob(f"*-{plugin}.yaml"))
        file.write_text(f"kind: plugin\nplugin: {plugin}\n{text}")

    def explained(self, node, key):
        rows = node.get("/admin/config").json["values"]
        return next(row["value"] for row in rows if row["key"] == key)

    def activation(self, node, plugin):
        rows = node.get("/plugins").json["plugins"]
        return next(row["activation"] for row in rows if row["id"] == plugin)

    def ringctl(self, node, *words):
        command = [str(BIN / "ringctl"), "--addr", f"127.0.0.1:{node.port}", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def test_a_changed_section_comes_into_force_by_a_signal(self):
        node = self.one_node()
        work_id = node.post("/work/add", {"work_type": "t"}).json["work_id"]
        others = self.activation(node, "gossip")
        self.section(node, "work_queue", "config: {queue_max: 1}\n")

        node.process.send_signal(signal.SIGHUP)
        until(lambda: "reconfigured" in node.tail(), 10, "reconfigured")
        await_active(node)

        self.assertEqual(node.post("/work/add", {"work_type": "t"}).status, 429)
        self.assertEqual(node.get(f"/work/item?work_id={work_id}").json["status"], "pending")
        self.assertEqual(self.explained(node, "plugin.work_queue.queue_max"), 1)
        self.assertEqual(self.activation(node, "gossip"), others, "a plugin whose section is as it was goes on")
        self.assertIsNone(node.process.poll())

    def test_ringctl_says_what_changed_and_what_takes_a_restart(self):
        node = self.one_node()
        self.section(node, "gossip", "config: {fanout: 2}\n")
        cluster = node.conf / "00-cluster.yaml"
        cluster.write_text(cluster.read_text().replace("role: coordinator", "role: worker"))

        done = self.ringctl(node, "reload")

        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stdout.splitlines(), ["reconfigured  gossip", "needs restart node.role", "needs restart nodes"])
        self.assertEqual(self.ringctl(node, "reload").stdout.splitlines(), ["needs restart node.role", "needs restart nodes"])

    def test_errors_are_all_told_and_change_nothing(self):
        node = self.one_node()
        self.section(node, "gossip", "config: {fanuot: 2}\n")
        self.section(node, "work_queue", "config: {queue_max: none}\n")
        before = self.activation(node, "gossip")

        done = self.ringctl(node, "reload")

        self.assertEqual(done.returncode, 1, done)
        self.assertIn('unknown key "fanuot" in config of plugin gossip; did you mean "fanout"?', done.stderr)
        self.assertIn("queue_max", done.stderr)
        reply = self.status(node.post("/admin/reload"), 400)
        self.assertEqual(reply.code, "invalid_configuration")
        self.assertEqual(self.activation(node, "gossip"), before)

    def state(self, node, plugin):
        rows = node.get("/plugins").json["plugins"]
        return next(row["state"] for row in rows if row["id"] == plugin)

    def test_what_a_plugin_refuses_is_told_with_its_place_and_changes_nothing(self):
        node = self.one_node()
        self.section(node, "election", "config:\n  timeout: 1ms\n")
        self.section(node, "gossip", "config: {fanout: 2}\n")

        done = self.ringctl(node, "reload")

        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"-election\.yaml:4:3: error: plugin election: timeout: ")
        self.assertNotEqual(self.explained(node, "plugin.gossip.fanout"), 2)

    def test_a_fifo_for_a_secret_is_refused_and_holds_nothing_up(self):
        node = self.one_node(plugins=PLUGINS)
        pipe = node.conf / "pipe"
        os.mkfifo(pipe, 0o600)
        secrets = f"commands:\n    x:\n      argv: [cat]\n      secrets: {{KEY: {pipe}}}\n"
        self.section(node, "worker", f"config:\n  {secrets}")

        done = self.ringctl(node, "reload")

        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"-worker\.yaml:7:7: error: plugin worker: .*pipe: must be the absolute path of a plain file")
        self.status(node.get("/admin/health"), 200)

    def test_a_plugin_that_failed_at_the_start_is_brought_in_once_it_is_right(self):
        node = self.one_node()
        self.assertEqual(node.stop(), 0)
        self.section(node, "gauntlet", "on_failure: degrade\nconfig:\n  players: {draw: [gnugo]}\n")
        node.start()
        await_active(node)
        self.assertEqual(self.state(node, "gauntlet"), "failed")
        self.assertRegex(node.tail(), r"-gauntlet\.yaml:5:13: note: plugin gauntlet: players\.draw: ")
        refused = self.ringctl(node, "reload")

        self.section(node, "gauntlet", "on_failure: degrade\nconfig:\n  players: {a: [gnugo]}\n")
        done = self.ringctl(node, "reload")

        self.assertEqual(refused.returncode, 1, refused)
        self.assertRegex(refused.stdout, r"^refused +gauntlet: .*-gauntlet\.yaml:5:13: players\.draw: ")
        self.assertEqual(done.stdout.splitlines(), ["started       gauntlet"])
        until(lambda: self.state(node, "gauntlet") == "active", 10, "gauntlet active")
        self.status(node.get("/gauntlet/list"), 200)
        self.assertEqual(node.stop(), 0)

    def test_many_reloads_keep_the_node_as_it_is(self):
        node = self.one_node()

        for count in range(40):
            self.section(node, "gossip", f"config: {{fanout: {1 + count % 3}}}\n")
            self.status(node.post("/admin/reload"), 200)

        self.assertEqual(self.explained(node, "plugin.gossip.fanout"), 1)
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
