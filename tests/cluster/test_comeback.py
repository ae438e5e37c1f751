"""A leader that stands still past its lease and goes on: nothing that only a leader may do is taken from it any more.

RINGHOST_COMEBACK_ROUNDS (1) makes it longer."""

import http.client
import json
import signal
import socket
import time
import unittest

from nodes import REPLICATED, ClusterTest, await_active, figure, number_from_environment, until
from watch import Watch

NAMES = ("n1", "n2", "n3")
BEAT_MS = 1500
STUCK_S = 5  # what the watchdog of a node allows one callback


class Asked:
    """A request that lies in the socket of a node that does not run; its answer comes when the node goes on."""

    def __init__(self, node, path, body, headers=None):
        text = json.dumps(body).encode()
        lines = {"Host": node.host, "Content-Type": "application/json", "Content-Length": len(text)} | (headers or {})
        self.sock = socket.create_connection((node.host, node.port), timeout=20)
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.sock.sendall(head.encode() + b"\r\n" + text)

    def answer(self):
        """(status, node that answered, body)."""
        try:
            reply = http.client.HTTPResponse(self.sock)
            reply.begin()
            return reply.status, reply.headers["X-Node-Id"], reply.read().decode()
        finally:
            self.sock.close()


class Comeback(ClusterTest):
    def setUp(self):
        super().setUp()
        self.made = self.cluster(len(NAMES), plugins=REPLICATED, beat_ms=BEAT_MS)
        self.made.start()
        self.watch = Watch(self.made)
        self.addCleanup(self.watch.end)

    def agreed(self):
        since = time.monotonic()
        return until(lambda: self.watch.agreed(NAMES, since), 30, f"one leader; {self.watch.latest}")

    def peer_headers(self, node_id):
        """As that node would send them."""
        health = self.made[node_id].get("/admin/health").json
        return {
            "X-Rh-Protocol": "1",
            "X-Rh-Node": node_id,
            "X-Rh-Instance": health["instance_id"],
            "X-Rh-Cluster": health["cluster_id"],
        }

    def stop_past_lease(self, leader, epoch):
        """Stops it until another leads and for longer than a watchdog allows; what lies in its sockets then."""
        follower = next(name for name in NAMES if name != leader)
        passed_on = self.peer_headers(follower) | {"X-Rh-Forwarded": str(epoch), "X-Rh-Via": follower}
        stopped_at = time.monotonic()
        self.made[leader].process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.made[leader].process.send_signal, signal.SIGCONT)
        asked = {
            "add": Asked(self.made[leader], "/work/add", {"work_type": "t", "idempotency_key": f"direct/{epoch}"}),
            "claim": Asked(self.made[leader], "/work/claim", {"node_id": "w"}),
            "forwarded add": Asked(self.made[leader], "/work/add", {"work_type": "t", "idempotency_key": f"passed/{epoch}"}, passed_on),
        }
        led_at = until(lambda: self.watch.first_lead(epoch, stopped_at), 30, f"another leads; {self.watch.latest}")
        figure("comeback.new_leader_s", round(led_at - stopped_at, 2))
        until(lambda: time.monotonic() > stopped_at + STUCK_S + 1.5, 20, "longer than a watchdog allows")
        return asked

    def expect_not_done_by(self, leader, name, answer):
        """Refused by the one that came back, or passed on to the one that leads."""
        status, node_id, text = answer
        if name == "forwarded add":
            self.assertEqual((status, node_id), (421, leader), text)
            self.assertEqual(json.loads(text)["error"]["code"], "not_leader")
        elif status < 400:
            self.assertNotEqual(node_id, leader, f"{name}: {text}")
        else:
            self.assertIn(status, (412, 421, 502, 503), text)

    def expect_stale_heartbeats_refused(self, leader, old_epoch):
        """What it would have sent at its old epoch is refused by every other node."""
        body = {"leader": leader, "term": old_epoch, "lease_ms": 60000}
        headers = self.peer_headers(leader)
        for name in NAMES:
            if name != leader:
                answer = self.made[name].post("/election/heartbeat", body, headers=headers)
                refused = answer.status in (409, 412, 421) or (answer.status == 200 and answer.json["ok"] is False and answer.json["term"] > old_epoch)
                self.assertTrue(refused, answer)

    def one_round(self):
        leader, epoch = self.agreed()
        await_active(self.made[leader])
        pid = self.made[leader].process.pid

        asked = self.stop_past_lease(leader, epoch)
        self.made[leader].process.send_signal(signal.SIGCONT)
        answers = {name: request.answer() for name, request in asked.items()}
        self.expect_stale_heartbeats_refused(leader, epoch)
        _, epoch_after = self.agreed()

        for name, answer in answers.items():
            self.expect_not_done_by(leader, name, answer)
        self.assertGreater(epoch_after, epoch)
        self.assertIsNone(self.made[leader].process.poll(), self.made[leader].tail())
        self.assertEqual(self.made[leader].process.pid, pid)
        self.assertEqual((self.made[leader].data_dir / "watchdog").read_bytes(), b"")
        self.assertNotIn("stuck", self.made[leader].log.read_text())
        return {f"{name}: {status} by {'itself' if node_id == leader else 'another'}" for name, (status, node_id, _) in answers.items()}

    def test_a_leader_stopped_past_its_lease_does_nothing_that_is_accepted(self):
        seen = set()
        for _ in range(number_from_environment("RINGHOST_COMEBACK_ROUNDS", 1)):
            seen |= self.one_round()
        self.watch.end()

        figure("comeback.answers", ", ".join(sorted(seen)))
        self.assertEqual({epoch: led for epoch, led in self.watch.leaders_of_epochs().items() if len(led) > 1}, {})
        self.assertEqual(self.watch.overlaps(), [], "it did not say that it led when another did")
        self.assertEqual(self.watch.steps_back(), [], "no node went back to an older epoch")


if __name__ == "__main__":
    unittest.main(verbosity=2)
