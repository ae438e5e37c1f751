"""What a running node answers to bad requests, and how ringhost ends on a bad start; not the configuration parser's unit tests."""

import os
import unittest

from nodes import BIN, ClusterTest, free_port, node_document, request, run_program, until


class Requests(ClusterTest):
    """Bodies, fields and methods; one node for all."""

    def setUp(self):
        super().setUp()
        self.node = self.one_node()

    def test_bad_bodies_get_one_clear_message_and_add_nothing(self):
        deep = '{"work_type":"a","payload":{"x":' + "[" * 70 + "]" * 70 + "}}"
        cases = [
            ('{"work_type":', 400, None),
            ('{"work_type":"a","work_type":"b"}', 400, "work_type"),
            ('{"work_type":"a","payload":{"x":1,"x":2}}', 400, "payload"),
            (deep, 400, "deep"),
            ('{"work_type":"a"} trailing', 400, None),
            ('{"work_type":"a","priority":01}', 400, None),
            (b'{"work_type":"\xff"}', 400, "UTF-8"),
            ('{"work_type":"a\\u0000b"}', 400, None),
            ("[]", 400, None),
            ('{"work_type":5}', 400, "work_type"),
            ('{"work_type":"a","priority":"5"}', 400, "priority"),
            ('{"work_type":"a","priority":101}', 400, "priority"),
            ('{"work_type":"a","priority":1e400}', 400, None),
            ('{"work_type":"a","priorty":5}', 400, "priority"),
            ("{}", 400, "work_type"),
            ('{"items":[{"work_type":"a"},{"work_type":7}]}', 400, "work_type"),
            ('{"work_type":"a","payload":{"x":"' + "y" * 70000 + '"}}', 413, None),
            ('{"work_type":"' + "y" * 1100000 + '"}', 413, None),
        ]
        for body, status, word in cases:
            with self.subTest(body=body[:60]):
                reply = self.node.post("/work/add", body)
                self.assertEqual(reply.status, status, reply)
                self.assertTrue(reply.json["error"]["message"], reply)
                if word:
                    self.assertIn(word, reply.text)
        self.assertEqual(self.node.get("/work/pending").json["total"], 0)

    def test_wrong_method_path_type_and_query_are_told_apart(self):
        self.status(self.node.get("/work/ad"), 404)
        self.assertIn("/work/add", self.node.get("/work/ad").text)
        wrong = self.status(self.node.get("/work/add"), 405)
        self.assertEqual(wrong.headers["Allow"], "POST")
        self.status(self.node.post("/work/add", "a=b", headers={"Content-Type": "text/plain"}), 415)
        self.status(self.node.get("/work/pending?limit=0"), 400)
        self.status(self.node.get("/work/pending?limt=5"), 400)
        self.status(self.node.get("/work/pending?status=sleeping"), 400)
        self.status(self.node.get("/work/item?work_id=w99"), 404)
        self.status(self.node.get("/healthz", headers={"X-Long": "y" * 40000}), 431)

    def test_answers_carry_the_node_and_the_id_of_the_request(self):
        reply = self.node.post("/work/add", "{", headers={"X-Request-Id": "abc-1"})

        self.assertEqual(reply.headers["X-Request-Id"], "abc-1")
        self.assertEqual(reply.headers["X-Node-Id"], "n1")


class Tokens(ClusterTest):
    def test_a_wrong_token_is_401_and_a_narrow_one_403(self):
        tokens = self.folder / "tokens"
        tokens.write_text("reader read secret-of-the-reader-1\nworker worker secret-of-the-worker-1\nboss admin secret-of-the-admin-01\n")
        tokens.chmod(0o600)
        made = self.cluster(1, cluster_extra=f"auth: {{token_file: {tokens}}}\n").start()
        node = made["n1"]

        def bearer(token):
            return {"Authorization": f"Bearer {token}"} if token else {}

        cases = [
            ("GET", "/healthz", None, 200),
            ("GET", "/work/stats", None, 401),
            ("GET", "/work/stats", "secret-of-nobody-00000", 401),
            ("GET", "/admin/health", "secret-of-the-reader-1", 200),
            ("POST", "/work/add", "secret-of-the-reader-1", 403),
            ("POST", "/admin/shutdown", "secret-of-the-worker-1", 403),
            ("POST", "/gossip", "secret-of-the-worker-1", 403),
            ("POST", "/election/vote", "secret-of-the-admin-01", 403),
        ]
        for method, path, token, status in cases:
            with self.subTest(path=path, token=token):
                body = {"work_type": "a"} if method == "POST" else None
                reply = request(node.port, method, path, body, bearer(token))
                self.assertEqual(reply.status, status, reply)
        self.assertNotIn("secret-of", node.tail())

    def test_a_token_file_that_others_may_read_is_refused(self):
        tokens = self.folder / "tokens"
        tokens.write_text("boss admin secret-of-the-admin-01\n")
        tokens.chmod(0o644)
        made = self.cluster(1, cluster_extra=f"auth: {{token_file: {tokens}}}\n")

        ended = run_program(BIN / "ringhost", "--conf", made.conf, "--node", "n1")

        self.assertEqual(ended.returncode, 78, ended)
        self.assertIn(str(tokens), ended.stderr)

    def test_an_open_bind_without_tokens_is_refused(self):
        made = self.cluster(1)

        ended = run_program(BIN / "ringhost", "--conf", made.conf, "--node", "n1", "--set", f"node.bind=0.0.0.0:{free_port()}")

        self.assertEqual(ended.returncode, 78, ended)
        self.assertIn("insecure", ended.stderr)


class Starts(ClusterTest):
    def run_host(self, made, *options, node="n1"):
        return run_program(BIN / "ringhost", "--conf", made.conf, "--node", node, *options)

    def test_five_mistakes_are_all_told_with_file_line_and_column(self):
        made = self.cluster(1)
        (made.conf / "40-gossip.yaml").write_text(
            "kind: plugin\nplugin: gossip\nconfig:\n  interval: 15 parsecs\n  fanuot: 3\n  interval: 2s\n  fanout: 99\n  prune_after: yes\n"
        )
        (made.conf / "11-gossip.yaml").unlink()

        ended = self.run_host(made)

        self.assertEqual(ended.returncode, 78, ended)
        for place in ("40-gossip.yaml:4:13:", "40-gossip.yaml:5:3:", "40-gossip.yaml:6:3:", "40-gossip.yaml:7:11:", "40-gossip.yaml:8:16:"):
            with self.subTest(place=place):
                self.assertIn(f"{place} error: ", ended.stderr)
        self.assertIn('did you mean "fanout"', ended.stderr)
        self.assertFalse(made["n1"].data_dir.exists(), "nothing half-done")

    def test_a_data_directory_that_is_a_file_ends_with_73(self):
        made = self.cluster(1)
        made["n1"].data_dir.write_text("")

        ended = self.run_host(made)

        self.assertEqual(ended.returncode, 73, ended)
        self.assertIn(str(made["n1"].data_dir), ended.stderr)

    def test_a_data_directory_below_a_file_ends_with_73(self):
        made = self.cluster(1)
        (self.folder / "file").write_text("")

        ended = self.run_host(made, "--set", f"node.data_dir={self.folder}/file/data")

        self.assertEqual(ended.returncode, 73, ended)

    def test_a_data_directory_that_is_not_writable_ends_with_73(self):
        made = self.cluster(1)
        made["n1"].data_dir.mkdir(mode=0o500)
        other = {}
        if os.geteuid() == 0:  # who may write everywhere
            other = {"user": 65534, "group": 65534, "extra_groups": []}
            os.chown(made["n1"].data_dir, 65534, 65534)
            for folder in (self.folder, made.folder):
                folder.chmod(0o755)
            try:
                run_program(BIN / "ringhost", "--version", **other)
            except PermissionError:
                self.skipTest("nobody may not start programs from here")

        ended = run_program(BIN / "ringhost", "--conf", made.conf, "--node", "n1", **other)

        self.assertEqual(ended.returncode, 73, ended)
        self.assertIn(str(made["n1"].data_dir), ended.stderr)

    def test_a_data_directory_that_others_may_read_is_closed_or_refused(self):
        made = self.cluster(1)
        made["n1"].data_dir.mkdir(mode=0o777)
        made["n1"].data_dir.chmod(0o777)

        made["n1"].start(ready=False)
        until(lambda: made["n1"].process.poll() is not None or made["n1"].is_ready(), 15, "an end or a start")

        ended = made["n1"].process.poll()
        mode = made["n1"].data_dir.stat().st_mode & 0o777
        self.assertTrue(ended == 73 or (ended is None and mode == 0o700), f"exit {ended}, mode {mode:o}")

    def test_the_data_directory_of_another_node_ends_with_73(self):
        made = self.cluster(2, voters=["n1"]).start("n1")
        self.assertEqual(made["n1"].stop(), 0)

        ended = self.run_host(made, "--set", f"node.data_dir={made['n1'].data_dir}", node="n2")

        self.assertEqual(ended.returncode, 73, ended)
        self.assertIn("n1", ended.stderr)

    def test_a_second_host_on_a_data_directory_ends_with_73_and_hurts_nobody(self):
        made = self.cluster(1).start()

        ended = self.run_host(made, "--set", f"node.bind=127.0.0.1:{free_port()}")

        self.assertEqual(ended.returncode, 73, ended)
        self.assertIn(str(made["n1"].data_dir), ended.stderr)
        self.assertEqual(made["n1"].get("/healthz").status, 200)

    def test_a_port_in_use_ends_with_69(self):
        made = self.cluster(1).start()

        ended = self.run_host(made, "--set", f"node.data_dir={self.folder}/other")

        self.assertEqual(ended.returncode, 69, ended)
        self.assertIn(str(made["n1"].port), ended.stderr)

    def test_a_second_node_with_the_same_id_is_refused_loudly(self):
        made = self.cluster(1).start()
        first = made["n1"]
        made.await_leader()
        twin = self.cluster(1)["n1"]
        text = f"kind: cluster\nvoters: [n1]\nseeds: [127.0.0.1:{first.port}]\nbeat: 300ms\n"
        (twin.conf / "00-cluster.yaml").write_text(text + node_document("n1", twin.port, twin.data_dir))

        twin.start(ready=False)

        self.assertEqual(twin.wait(15), 78, twin.tail())
        self.assertRegex(twin.tail(), r"another.*n1|n1.*another|same.*n1|n1.*same")
        self.assertIn("duplicate_node_id node=n1", first.tail())
        health = first.get("/admin/health").json
        self.assertEqual((health["leader"], health["status"]), ("n1", "degraded"))
        self.assertIn("second instance", str(health["checks"]))
        self.assertEqual(first.post("/work/add", {"work_type": "a"}).status, 201)

    def test_an_unknown_option_ends_with_64_and_a_hint(self):
        ended = run_program(BIN / "ringhost", "--chek")

        self.assertEqual(ended.returncode, 64)
        self.assertIn("--check", ended.stderr)

    def test_a_missing_conf_directory_and_an_unknown_node_end_with_78(self):
        made = self.cluster(1)

        self.assertEqual(run_program(BIN / "ringhost", "--conf", self.folder / "none").returncode, 78)
        ended = self.run_host(made, node="n9")
        self.assertEqual(ended.returncode, 78, ended)
        self.assertIn("n9", ended.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
