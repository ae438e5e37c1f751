"""A file that only a node behind NAT has is read through a public node, while what connects it to its hub is cut twice.

RINGHOST_ARTIFACT_MIB: its size."""

import hashlib
import random
import time
import unittest
from pathlib import Path

import natlab
import netlab
from nodes import BIN, IS_SANITIZED, ClusterTest, figure, number_from_environment, ringctl, run_program, until

MIB = 1024 * 1024
SIZE = number_from_environment("RINGHOST_ARTIFACT_MIB", 24) * MIB
PLUGINS = ("admin", "gossip", "swim", "relay", "election", "artifacts")
HUB, READER, HOLDER = "n1", "n2", "n3"
SECONDS = 30 + SIZE // MIB  # a machine with much other work
GROWTH_MAX_MIB = 64  # some pieces of 4 MiB on their way through; not the file


def peak_kib(node):
    for line in Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")


def write_random(path):
    """The SHA-256 of what is there then."""
    source, digest = random.Random(SIZE), hashlib.sha256()
    with open(path, "wb") as file:
        for _ in range(SIZE // MIB):
            piece = source.randbytes(MIB)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(MIB):
            digest.update(piece)
    return digest.hexdigest()


class Relayed(ClusterTest):
    def setUp(self):
        super().setUp()
        try:
            self.lab = natlab.NatLab((HUB, READER), {HOLDER: 1})
            self.addCleanup(self.lab.end)
        except netlab.NoNamespaces as error:
            if error.is_root and netlab.why_not() is None:
                raise
            self.skipTest(f"no network namespaces here: {error}")

    def start(self):
        config = {"artifacts": f"config: {{bytes_max: {2 * SIZE + 16 * MIB}}}\n", "relay": "config: {poll: 2s, ttl: 6s}\n"}
        made = self.cluster(
            3, plugins=PLUGINS, config=config, voters=[HUB], seeds=[HUB], places=self.lab.places(), roles={READER: "worker", HOLDER: "worker"},
            node_extra="insecure: true\n",
        )  # fmt: skip
        made.start()
        return made

    def is_reached(self, made):
        reply = made[READER].try_get("/peers")
        rows = reply.json["peers"] if reply is not None and reply.status == 200 else []
        return any(row["node_id"] == HOLDER and row["state"] == "alive" and row["reach"] == HUB for row in rows)

    def test_a_file_comes_whole_through_a_hub_whose_connections_are_cut_twice(self):
        self.lab.delay(HOLDER, "--at", f"{SIZE // 3},{2 * SIZE // 3}")
        made = self.start()
        until(lambda: self.is_reached(made), 20, "the reader sees the holder alive behind its hub")
        there, back = self.folder / "artifact", self.folder / "artifact.back"
        sha256 = write_random(there)
        holder = f"{made[HOLDER].host}:{made[HOLDER].port}"
        put = run_program(*self.lab.wrapper(HOLDER), BIN / "ringctl", "--addr", holder, "artifact", "put", there, seconds=SECONDS)
        self.assertEqual(put.returncode, 0, put.stderr)
        there.unlink()
        before = {name: peak_kib(made[name]) for name in made.nodes}

        began = time.monotonic()
        got = ringctl(made[READER], "--timeout", "60", "artifact", "get", sha256, "-o", str(back), seconds=SECONDS)
        took = time.monotonic() - began

        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertEqual(sha256_of(back), sha256)
        wire = self.lab.undelay(HOLDER)
        self.assertEqual(wire["cut"], 2, wire)
        self.assertLess(wire["bytes"], SIZE + SIZE // 4 + 16 * MIB, "it went on where it was")
        grown = {name: (peak_kib(made[name]) - before[name]) / 1024 for name in made.nodes}
        figure("artifacts.relayed.mib_per_s", round(SIZE / MIB / took, 1))
        figure("artifacts.relayed.cuts", wire["cut"])
        figure("artifacts.relayed.carried_per_byte", round(wire["bytes"] / SIZE, 3))
        for name, what in ((HUB, "hub"), (READER, "reader"), (HOLDER, "holder")):
            figure(f"artifacts.relayed.{what}.growth_mib", round(grown[name], 1))
        if not IS_SANITIZED:
            self.assertLess(max(grown.values()), GROWTH_MAX_MIB, grown)


if __name__ == "__main__":
    netlab.enter()
    unittest.main()
