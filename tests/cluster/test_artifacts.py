"""Files by SHA-256 between real nodes: in pieces, over broken connections, across kill -9, and to and from jobs."""

import hashlib
import http.client
import random
import socket
import unittest
from pathlib import Path

from nodes import IS_SANITIZED, ClusterTest, await_active, figure, ringctl, until

PIECE = 4 * 1024 * 1024
PLUGINS = ("swim", "election", "work_queue", "worker", "artifacts")
COPY = "cat model.bin tail.txt > games.bin && stat -c %a model.bin > mode.txt && echo 7"


def artifacts(extra=""):
    worker = f'config: {{commands: {{copy: {{argv: [sh, -c, "{COPY}"]}}}}}}\n'
    return {"artifacts": f"config: {{bytes_max: 400MiB{extra}}}\n", "worker": worker}


def bytes_of(seed, size):
    return random.Random(seed).randbytes(size)


def peak_kib(node):
    for line in Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")


def target(sha256, **query):
    return "/artifacts/data?" + "&".join(f"{key}={value}" for key, value in {"sha256": sha256, **query}.items())


def raw(node, method, path, body=None):
    """Status, JSON or bytes of one request."""
    conn = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
    try:
        conn.request(method, path, body, {"Content-Type": "application/octet-stream"} if body is not None else {})
        answer = conn.getresponse()
        return answer.status, answer.read()
    finally:
        conn.close()


def cut_in_the_middle(node, path, body):
    """Half of a request, and away."""
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as conn:
        conn.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])


class Artifacts(ClusterTest):
    def put(self, node, data, cuts=()):
        """In pieces; before the pieces numbered in cuts a connection breaks."""
        sha256 = hashlib.sha256(data).hexdigest()
        offset = 0
        status = 0
        while status != 201:
            piece = data[offset : offset + PIECE]
            path = target(sha256, size=len(data), offset=offset)
            if offset // PIECE in cuts:
                cut_in_the_middle(node, path, piece)
            status, _ = raw(node, "PUT", path, piece)
            self.assertIn(status, (200, 201, 503))
            if status == 200:
                offset = node.get(f"/artifacts/stat?sha256={sha256}").json["next"]
        return sha256

    def read(self, node, sha256, size, cuts=()):
        data = bytearray()
        while len(data) < size:
            path = target(sha256, offset=len(data), max=PIECE)
            if len(data) // PIECE in cuts:
                with socket.create_connection(("127.0.0.1", node.port), timeout=10) as conn:
                    conn.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    conn.recv(1000)
            status, body = raw(node, "GET", path)
            self.assertIn(status, (200, 503), body[:300])
            if status == 200:
                data += body
        return bytes(data)

    def test_a_large_file_goes_through_another_node_over_broken_connections(self):
        cluster = self.cluster(2, plugins=PLUGINS, config=artifacts()).start()
        cluster.await_leader()
        one, two = cluster["n1"], cluster["n2"]
        before = peak_kib(one), peak_kib(two)
        data = bytes_of(1, 64 * 1024 * 1024)

        sha256 = self.put(one, data, cuts=(3, 9))
        self.assertEqual(hashlib.sha256(self.read(two, sha256, len(data), cuts=(2, 11))).hexdigest(), sha256)

        grown = [(peak_kib(node) - old) // 1024 for node, old in zip((one, two), before)]
        figure("artifacts", f"64 MiB put on one node and read through another: peaks grew by {grown[0]} and {grown[1]} MiB")
        if not IS_SANITIZED:
            self.assertLess(max(grown), 48, "MiB: one piece at a time")
        out = self.folder / "by-ringctl"
        self.assertEqual(ringctl(one, "artifact", "get", sha256, "-o", str(out), seconds=60).returncode, 0)
        self.assertEqual(hashlib.sha256(out.read_bytes()).hexdigest(), sha256)
        self.assertIn(sha256, ringctl(two, "artifact", "put", str(out)).stdout)
        held = two.get(f"/artifacts/where?sha256={sha256}").json
        self.assertEqual(sorted(node["node_id"] for node in held["nodes"]), ["n1", "n2"])

    def test_a_kill_loses_no_whole_file_and_leaves_no_torn_one(self):
        cluster = self.cluster(1, plugins=("artifacts",), config=artifacts())
        node = cluster.start()["n1"]
        whole = [self.put(node, bytes_of(seed, 300_000 + seed)) for seed in range(20)]
        data = bytes_of(99, 3 * PIECE)
        torn = hashlib.sha256(data).hexdigest()
        self.assertEqual(raw(node, "PUT", target(torn, size=len(data)), data[:PIECE])[0], 200)
        for sha256 in whole[:10]:
            self.status(node.post("/artifacts/pin", {"sha256": sha256, "pinned": False}), 200)
        cut_in_the_middle(node, target(torn, size=len(data), offset=PIECE), data[PIECE : 2 * PIECE])
        for sha256 in whole[:10]:
            self.assertEqual(raw(node, "DELETE", target(sha256))[0], 200)
        node.kill()
        node.start()

        folder = node.data_dir / "files/artifacts"
        left = {path.name for path in folder.iterdir()}
        self.assertGreaterEqual(left, set(whole[10:]))
        self.assertLessEqual(left, set(whole), "no torn file")
        for name in left:
            self.assertEqual(hashlib.sha256((folder / name).read_bytes()).hexdigest(), name)
        listed = {row["sha256"] for row in node.get("/artifacts/list").json["artifacts"]}
        self.assertEqual(listed, left)
        self.assertEqual(self.put(node, data), torn)

    def test_a_job_gets_its_inputs_and_leaves_its_outputs(self):
        cluster = self.cluster(1, plugins=PLUGINS, config=artifacts()).start()
        node = await_active(cluster["n1"])
        model, tail = bytes_of(5, 3_000_000), b"the end"
        inputs = [f"model.bin={self.put(node, model)}", f"tail.txt={self.put(node, tail)}:0400"]

        work_id = node.post("/work/add", {"work_type": "copy", "inputs": inputs, "outputs": ["games.bin", "mode.txt"]}).json["work_id"]
        item = until(lambda: (i := node.get(f"/work/item?work_id={work_id}").json)["status"] in ("done", "dead") and i, 15, "the job")

        self.assertEqual(item["status"], "done", item)
        outputs = item["result"]["outputs"]
        self.assertEqual(outputs["games.bin"], hashlib.sha256(model + tail).hexdigest())
        self.assertEqual(self.read(node, outputs["games.bin"], len(model) + len(tail)), model + tail)
        self.assertEqual(self.read(node, outputs["mode.txt"], 4), b"444\n")

    def test_a_job_whose_input_nobody_has_fails_and_says_so(self):
        cluster = self.cluster(1, plugins=PLUGINS, config=artifacts()).start()
        node = await_active(cluster["n1"])

        work_id = node.post(
            "/work/add", {"work_type": "copy", "max_attempts": 1, "inputs": ["model.bin=" + "ab" * 32]}
        ).json["work_id"]
        item = until(lambda: (i := node.get(f"/work/item?work_id={work_id}").json)["status"] == "dead" and i, 15, "the job")

        self.assertIn("model.bin", item["error"])


if __name__ == "__main__":
    unittest.main()
