"""Five nodes under load while their leader is killed, stopped past its lease, or cut off, again and again.

Checked: at most one leader for each epoch, no acknowledged item lost or doubled, completed at most once, a recorded history
of replicated registers linearizable, and how long each fail-over took. RINGHOST_FAULT_ROUNDS (3) makes it longer,
RINGHOST_SEED repeats the choices, RINGHOST_FAULT_KINDS chooses among them (kill,stop,cut)."""

import os
import random
import signal
import time
import unittest

import netlab
from ledger import check_queue, check_registers
from load import Load
from nodes import IS_REPLICATED, IS_STATIC, REGISTER, REPLICATED, SLOW, ClusterTest, figure, number_from_environment, try_request, until
from watch import Watch

NAMES = ("n1", "n2", "n3", "n4", "n5")
BEAT_MS = 1500
KINDS = ("kill", "stop", "cut")
LEAD_S, SERVE_S = 30, 60  # patience for a new leader, and for acknowledged writes after all is mended


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def distribution(name, values):
    """min, median, p90, p99 and max of times in seconds."""
    if values:
        marks = " ".join(f"{mark} {percentile(values, share):.2f}" for mark, share in (("min", 0), ("median", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1)))
        figure(name, f"{marks} s, {len(values)} rounds")


class Kill:
    """kill -9, and a start on the same data."""

    def __init__(self, made, lab, dice):
        self.made, self.name = made, "kill"

    def hurt(self, leader):
        self.made[leader].kill()

    def mend(self, leader):
        self.made[leader].start(ready=False)


class Stop:
    """SIGSTOP until others lead, and SIGCONT."""

    def __init__(self, made, lab, dice):
        self.made, self.name = made, "stop"

    def hurt(self, leader):
        self.made[leader].process.send_signal(signal.SIGSTOP)

    def mend(self, leader):
        self.made[leader].process.send_signal(signal.SIGCONT)


class Cut:
    """The leader, alone or with one other, is cut off from the majority, in both directions or in one."""

    def __init__(self, made, lab, dice):
        self.lab, self.dice, self.name = lab, dice, "cut"

    def hurt(self, leader):
        group = [leader]
        if self.dice.random() < 0.3:
            group.append(self.dice.choice([name for name in NAMES if name != leader]))
        self.lab.isolate(group, self.dice.choice(["both", "both", "in", "out"]))

    def mend(self, leader):
        self.lab.heal()


class LeaderFaults(ClusterTest):
    def kinds(self):
        """The names of the faults to be made, those that cannot be made here left out with the reason printed."""
        wanted = [kind for kind in os.environ.get("RINGHOST_FAULT_KINDS", ",".join(KINDS)).split(",") if kind]
        self.assertLessEqual(set(wanted), set(KINDS))
        self.lab = None
        if "cut" in wanted:
            try:
                self.lab = netlab.Lab(NAMES)
                self.addCleanup(self.lab.end)
            except netlab.NoNamespaces as error:
                self.assertFalse(error.is_root, f"no network namespaces, though this is root: {error}")
                figure("faults.skipped", f"cut: no network namespaces for this user: {error}")
                wanted.remove("cut")
        return wanted

    def start_all(self, seed):
        config = {"work_queue": "config: {restore_grace: 0s, done_kept: 1000000}\n", "test.register": f"file: {REGISTER}\n"}
        plugins = REPLICATED if IS_STATIC else (*REPLICATED, "test.register")
        places = self.lab.places() if self.lab else None
        extra = "insecure: true\n" if self.lab else ""
        self.made = self.cluster(len(NAMES), plugins=plugins, config=config, beat_ms=BEAT_MS, places=places, node_extra=extra)
        self.made.start()
        self.watch = Watch(self.made)
        self.addCleanup(self.watch.end)
        self.load = Load(self.made, seed, register_clients=0 if IS_STATIC else 4).start()
        self.addCleanup(self.load.over.set)
        self.addCleanup(self.load.is_abandoned.set)

    def await_whole(self, since):
        """Until all nodes name one leader and several writes have been acknowledged since; (leader, epoch)."""
        agreed = until(lambda: self.watch.agreed(NAMES, since), LEAD_S, f"one leader in every view; {self.watch.latest}")
        until(lambda: len(self.load.acks_after(since)) >= 20, SERVE_S, f"acknowledged writes; {self.load.refusals}")
        for node in self.made.nodes.values():
            node._ended()
        return agreed

    def one_round(self, fault, number):
        """One fault from a whole cluster to a whole cluster."""
        self.load.keys = [f"k{number}", f"k{max(0, number - 1)}"]
        self.await_whole(time.monotonic())
        until(lambda s=time.monotonic(), n=self.dice.randrange(1, 120): len(self.load.acks_after(s)) >= n, SERVE_S, "some more load")
        leader, epoch = until(lambda: self.watch.agreed(NAMES, time.monotonic() - 0.3), LEAD_S, "one leader just now")
        hurt_at = time.monotonic()
        fault.hurt(leader)
        if IS_REPLICATED:
            self.await_served(leader, number)
            self.serve_s.append(time.monotonic() - hurt_at)
        led_at = until(lambda: self.watch.first_lead(epoch, hurt_at), LEAD_S, f"another leads after {fault.name}; {self.watch.latest}")
        self.lead_s.setdefault(fault.name, []).append(led_at - hurt_at)
        fault.mend(leader)
        mended_at = time.monotonic()
        self.await_whole(mended_at)
        if not IS_REPLICATED:
            self.serve_s.append(self.load.acks_after(mended_at)[-1] - mended_at)

    def await_served(self, leader, number):
        """Until another node than the one that was hurt has got a write acknowledged; asked again and again, with little patience."""
        key = f"probe/{number}"
        with self.load.lock:
            self.load.asked.add(key)
        body = {"work_type": "t", "idempotency_key": key, "payload": {"key": key}, "max_attempts": 100}
        others = [node for name, node in self.made.nodes.items() if name != leader]

        def added():
            node = self.dice.choice(others)
            reply = try_request(node.port, "POST", "/work/add", body, timeout=0.25, host=node.host)
            return reply if reply is not None and reply.status in (200, 201) else None

        self.load.note_added(key, until(added, LEAD_S + SERVE_S, f"a write without {leader}; {self.watch.latest}").json["work_id"])

    def test_nothing_acknowledged_is_lost_whatever_happens_to_the_leader(self):
        rounds = number_from_environment("RINGHOST_FAULT_ROUNDS", 3)
        seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure("faults.seed", seed)
        self.dice = random.Random(seed)
        self.lead_s, self.serve_s = {}, []
        kinds = self.kinds()
        self.start_all(seed)
        makers = {"kill": Kill, "stop": Stop, "cut": Cut}
        faults = [makers[kind](self.made, self.lab, self.dice) for kind in kinds]

        started = time.monotonic()
        for number in range(rounds):
            if number % len(faults) == 0:
                self.dice.shuffle(faults)
            self.one_round(faults[number % len(faults)], number)
            if number % 20 == 19:
                figure("faults.rounds", f"{number + 1} of {rounds}")
        self.load.stop(20 * SLOW)
        leader, _ = until(lambda: self.watch.agreed(NAMES, time.monotonic() - 1), LEAD_S, "one leader in the end")
        self.watch.end()

        self.report(time.monotonic() - started)
        self.assertEqual(self.load.faults[:5], [])
        self.assertEqual({epoch: led for epoch, led in self.watch.leaders_of_epochs().items() if len(led) > 1}, {}, "one leader for each epoch")
        self.assertEqual(self.watch.overlaps()[:3], [], "no two lead at one time")
        self.assertEqual(self.watch.steps_back()[:3], [], "no node goes back to an older epoch")
        check_queue(self, self.load, self.made[leader])
        check_registers(self, self.load, self.made[leader])

    def report(self, seconds):
        for kind, times in sorted(self.lead_s.items()):
            distribution(f"faults.{kind}.new_leader", times)
        distribution("faults.all.new_leader", [t for times in self.lead_s.values() for t in times])
        distribution("faults.served_after_fault" if IS_REPLICATED else "faults.served_after_mending", self.serve_s)
        figure("faults.epochs", len(self.watch.leaders_of_epochs()))
        figure("faults.load", f"{len(self.load.added)} items added, {len(self.load.completed)} completions acknowledged, {seconds:.0f} s")
        figure("faults.refusals", self.load.refusals)


if __name__ == "__main__":
    netlab.enter()
    unittest.main(verbosity=2)
