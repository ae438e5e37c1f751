"""A pool of worker nodes that are real processes follows a burst of work: one, four, one; nobody is stopped over its work."""

import http.server
import shutil
import sys
import threading
import time
import unittest
from pathlib import Path

from nodes import SLOW, ClusterTest, Node, await_active, figure, free_port, node_document, until

PLUGINS = ("admin", "gossip", "swim", "election", "work_queue", "worker", "loop_auto_scaling")
DRIVER = Path(__file__).with_name("cloud_driver.py")
ITEMS = 24
MOST = 4


class Cloud:
    """Starts and stops nodes when drivers ask for it; the same question twice is one."""

    def __init__(self, folder, conf, cluster_text):
        self.folder, self.conf, self.cluster_text = Path(folder), conf, cluster_text
        self.nodes = {}
        self.most = 0
        self.started = []
        self.refusals = 1  # the first question is answered with "not now"
        self.lock = threading.Lock()
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                _, operation, name = self.path.split("/")
                status, text = cloud.answer(operation, name)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, operation, name):
        with self.lock:
            if operation == "start" and self.refusals > 0:
                self.refusals -= 1
                return 503, "no capacity, try again"
            if operation == "start" and name not in self.nodes:
                self.nodes[name] = self.boot(name)
                self.started.append(name)
                self.most = max(self.most, len(self.nodes))
            if operation == "stop" and name in self.nodes:
                self.nodes.pop(name).stop()
        return 200, f'{{"machine": "i-{name}"}}'

    def boot(self, name):
        place = self.folder / name
        conf = place / "conf.d"
        shutil.copytree(self.conf, conf)
        port = free_port()
        (conf / "00-cluster.yaml").write_text(self.cluster_text + node_document(name, port, place / "data", role="worker"))
        return Node(conf, name, port, place / "data", place / "log").start(ready=False)

    def end(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        for node in self.nodes.values():
            node.end()


class AutoScaling(ClusterTest):
    def start(self):
        worker = "enable: {roles: [worker]}\nconfig: {commands: {game: {argv: [/bin/sh, -c, 'sleep 0.4; echo 1']}}}\n"
        made = self.cluster(1, plugins=PLUGINS, config={"worker": worker, "loop_auto_scaling": "enable: {roles: [coordinator]}\n"})
        cluster_text = (made.conf / "00-cluster.yaml").read_text()
        cloud = Cloud(self.folder / "cloud", made.conf, cluster_text)
        self.addCleanup(cloud.end)
        driver = f"[{sys.executable}, {DRIVER}, '{cloud.url}', %s, '{{node_id}}']"
        scaling = next(made.conf.glob("*-loop_auto_scaling.yaml"))
        scaling.write_text(
            "kind: plugin\nplugin: loop_auto_scaling\nenable: {roles: [coordinator]}\nconfig:\n"
            "  loop_auto_scaling: 300ms\n  down_window: 2s\n  up_window: 1s\n  retry_base: 300ms\n"
            f"  pools: [{{name: box, least: 1, most: {MOST}, target: 2, start: {driver % 'start'}, stop: {driver % 'stop'}}}]\n"
        )
        made.start()
        made.await_leader()
        return await_active(made["n1"]), cloud

    def states(self, node):
        reply = node.get("/scaling/status")
        return [m["state"] for m in reply.json["machines"]] if reply.status == 200 else None

    def test_a_burst_brings_four_and_its_end_leaves_one(self):
        node, cloud = self.start()
        until(lambda: self.states(node) == ["ready"], 20, f"one machine; {node.tail()}")
        began = time.monotonic()

        self.status(node.post("/work/add", {"items": [{"work_type": "game", "max_attempts": 1} for _ in range(ITEMS)]}), 201)
        until(lambda: (self.states(node) or []).count("ready") == MOST, 20, f"four machines; {node.tail()}")
        figure("scaling.to_four_s", round(time.monotonic() - began, 2))
        until(lambda: node.get("/work/stats").json["done"] == ITEMS, 30, "the work is done")
        until(lambda: self.states(node) == ["ready"], 30, f"one machine again; {node.tail()}")
        figure("scaling.to_one_s", round(time.monotonic() - began, 2))

        self.assertEqual(cloud.most, MOST)
        self.assertEqual(len(cloud.nodes), 1)
        self.assertEqual(len(cloud.started), len(set(cloud.started)), cloud.started)
        stats = node.get("/work/stats").json
        self.assertEqual((stats["done"], stats["dead"], stats["attempts_retried"]), (ITEMS, 0, 0), stats)
        self.assertEqual(node.get("/loops").json["loops"][0]["failures"], 0)
        self.assertLess(time.monotonic() - began, 30 * SLOW)


if __name__ == "__main__":
    unittest.main()
