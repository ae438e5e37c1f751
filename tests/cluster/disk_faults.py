"""What a test does with three nodes under load whose leader's disk fails; holds no test of its own.

The leader stops or steps down with a reason, nothing acknowledged is lost, and it starts again once the disk is mended.
RINGHOST_SEED repeats the load."""

import random
import time

from ledger import check_queue, check_registers
from load import Load
from nodes import IS_REPLICATED, IS_STATIC, REGISTER, REPLICATED, SLOW, ClusterTest, figure, number_from_environment, try_request, until
from watch import Watch

NAMES = ("n1", "n2", "n3")
BEAT_MS = 600


class DiskFaultTest(ClusterTest):
    """Whoever derives says how disks are prepared, spoiled and mended, and ends its test with check_rounds()."""

    name = None

    def prepare(self):
        """Before the nodes start."""
        raise NotImplementedError

    def spoil(self, node_id):
        raise NotImplementedError

    def mend(self, node_id):
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure(f"{self.name}.seed", seed)
        plugins = REPLICATED if IS_STATIC else (*REPLICATED, "test.register")
        config = {"work_queue": "config: {restore_grace: 0s}\n", "test.register": f"file: {REGISTER}\n"}
        self.made = self.cluster(len(NAMES), plugins=plugins, config=config, beat_ms=BEAT_MS * SLOW)
        self.prepare()
        self.made.start()
        self.watch = Watch(self.made)
        self.addCleanup(self.watch.end)
        self.load = Load(self.made, seed, register_clients=0 if IS_STATIC else 4).start()
        self.addCleanup(self.load.over.set)
        self.addCleanup(self.load.is_abandoned.set)

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

    def one_round(self, reason_pattern):
        leader, epoch = self.await_whole()
        spoilt_at = time.monotonic()
        self.spoil(leader)

        reason = until(lambda: self.reason(self.made[leader]), 30, f"{leader} tells why it cannot go on; {self.load.refusals}")
        self.assertRegex(reason, reason_pattern, "the reason is named")
        figure(f"{self.name}.reason", reason[:160])
        if IS_REPLICATED:
            led_at = until(lambda: self.watch.first_lead(epoch, spoilt_at), 30, f"another leads; {self.watch.latest}")
            until(lambda: len(self.load.acks_after(led_at)) >= 30, 60, f"writes go on without it; {self.load.refusals}")
        self.mend(leader)
        if self.made[leader].process.poll() is None:
            self.made[leader].stop()
        self.made[leader].start()
        self.await_whole()

    def check_rounds(self, reason_patterns):
        """One round for each pattern, then what must hold of all that was acknowledged."""
        for pattern in reason_patterns:
            self.one_round(pattern)
        self.load.stop(20 * SLOW)
        leader, _ = until(lambda: self.watch.agreed(NAMES, time.monotonic() - 1), 30, "one leader in the end")
        self.watch.end()

        figure(f"{self.name}.load", f"{len(self.load.added)} items added, {len(self.load.completed)} completions acknowledged; refused {self.load.refusals}")
        self.assertEqual(self.load.faults[:5], [])
        self.assertEqual({epoch: led for epoch, led in self.watch.leaders_of_epochs().items() if len(led) > 1}, {})
        check_queue(self, self.load, self.made[leader])
        check_registers(self, self.load, self.made[leader])
