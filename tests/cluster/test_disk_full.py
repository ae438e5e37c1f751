"""A leader whose disk is full: it stops or steps down with a reason, nothing acknowledged is lost, and it comes back.

RINGHOST_DISK_ROUNDS (1) makes it longer, RINGHOST_SEED repeats its load."""

import random
import time
import unittest

import netlab
from ledger import check_queue, check_registers
from load import Load
from nodes import IS_REPLICATED, IS_STATIC, REGISTER, REPLICATED, SLOW, ClusterTest, figure, number_from_environment, try_request, until
from scratch_disk import Disk
from watch import Watch

NAMES = ("n1", "n2", "n3")
DISK_BYTES = 24 << 20
BEAT_MS = 600


class DiskFull(ClusterTest):
    def setUp(self):
        super().setUp()
        seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure("disk_full.seed", seed)
        plugins = REPLICATED if IS_STATIC else (*REPLICATED, "test.register")
        config = {"work_queue": "config: {restore_grace: 0s}\n", "test.register": f"file: {REGISTER}\n"}
        self.made = self.cluster(len(NAMES), plugins=plugins, config=config, beat_ms=BEAT_MS * SLOW)
        self.disks = self.mounted()
        self.made.start()
        self.watch = Watch(self.made)
        self.addCleanup(self.watch.end)
        self.load = Load(self.made, seed, register_clients=0 if IS_STATIC else 4).start()
        self.addCleanup(self.load.over.set)
        self.addCleanup(self.load.is_abandoned.set)

    def mounted(self):
        """A disk for each node, ended after the nodes."""
        disks = {}
        try:
            for name in NAMES:
                disks[name] = Disk(self.made[name].data_dir, DISK_BYTES)
                self.addCleanup(disks[name].end)
        except netlab.NoNamespaces as error:
            self.assertFalse(error.is_root, f"no disk, though this is root: {error}")
            self.skipTest(f"no disk of its own for this user: {error}")
        self.addCleanup(self.made.end)
        return disks

    def await_whole(self):
        since = time.monotonic()
        agreed = until(lambda: self.watch.agreed(NAMES, since), 30, f"one leader; {self.watch.latest}")
        until(lambda: len(self.load.acks_after(since)) >= 30, 60, f"acknowledged writes; {self.load.refusals}")
        return agreed

    def reason(self, node):
        """Why the node does not do its work, in its own words: in its health, or in its log if it ended."""
        if node.process.poll() is not None:
            return f"ended with {node.process.returncode}: {node.tail()[-300:]}"
        reply = try_request(node.port, "GET", "/admin/health", timeout=5)
        checks = reply.json["checks"] if reply is not None and reply.status == 200 else []
        return "; ".join(check["reason"] for check in checks if check["status"] != "ok" and check["name"] in ("node", "state", "plugins"))

    def one_round(self):
        leader, epoch = self.await_whole()
        filled_at = time.monotonic()
        self.disks[leader].fill()

        reason = until(lambda: self.reason(self.made[leader]), 30, f"{leader} tells why it cannot go on; {self.load.refusals}")
        self.assertRegex(reason, r"(?i)full|space", "the reason is named")
        figure("disk_full.reason", reason[:160])
        if IS_REPLICATED:
            led_at = until(lambda: self.watch.first_lead(epoch, filled_at), 30, f"another leads; {self.watch.latest}")
            until(lambda: len(self.load.acks_after(led_at)) >= 30, 60, f"writes go on without it; {self.load.refusals}")
        self.disks[leader].free()
        if self.made[leader].process.poll() is None:
            self.made[leader].stop()
        self.made[leader].start()
        self.await_whole()

    def test_a_full_disk_is_named_and_loses_nothing(self):
        for _ in range(number_from_environment("RINGHOST_DISK_ROUNDS", 1)):
            self.one_round()
        self.load.stop(20 * SLOW)
        leader, _ = until(lambda: self.watch.agreed(NAMES, time.monotonic() - 1), 30, "one leader in the end")
        self.watch.end()

        figure("disk_full.load", f"{len(self.load.added)} items added, {len(self.load.completed)} completions acknowledged; refused {self.load.refusals}")
        self.assertEqual(self.load.faults[:5], [])
        self.assertEqual({epoch: led for epoch, led in self.watch.leaders_of_epochs().items() if len(led) > 1}, {})
        check_queue(self, self.load, self.made[leader])
        check_registers(self, self.load, self.made[leader])


if __name__ == "__main__":
    netlab.enter()
    unittest.main(verbosity=2)
