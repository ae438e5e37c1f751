"""Restart under load keeps the socket, shutdown answers what is under way, and parked requests do not hold up an end."""

import http.client
import signal
import threading
import time
import unittest

from nodes import SLOW, ClusterTest, await_active, figure, request, until


class Restart(ClusterTest):
    def test_no_connection_is_refused_during_a_restart(self):
        node = self.one_node()
        over = threading.Event()
        lock = threading.Lock()
        seen = {"answered": 0, "refused": 0, "cut": 0}

        def ask():
            while not over.is_set():
                try:
                    request(node.port, "GET", "/healthz")
                    what = "answered"
                except ConnectionRefusedError:
                    what = "refused"
                except (OSError, http.client.HTTPException):
                    what = "cut"
                with lock:
                    seen[what] += 1

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.addCleanup(over.set)
        for count in (2, 3, 4):
            before = seen["answered"]
            until(lambda b=before: seen["answered"] > b + 100, 10, "load before the restart")
            self.status(node.post("/admin/restart"), 202)
            until(lambda c=count: f"start={c}" in node.log.read_text(), 15, "restarted")
            until(node.is_ready, 10, "ready")
        over.set()
        for thread in threads:
            thread.join()

        figure("restart", f"3 restarts, {seen['answered']} answered, {seen['refused']} refused, {seen['cut']} cut off")
        self.assertEqual(seen["refused"], 0)
        self.assertEqual(seen["cut"], 0)
        self.assertIsNone(node.process.poll(), "the same process")

    def test_a_restart_keeps_what_was_acknowledged(self):
        node = self.one_node()
        work_id = node.post("/work/add", {"work_type": "t"}).json["work_id"]

        self.status(node.post("/admin/restart"), 202)
        until(lambda: "start=2" in node.log.read_text(errors="replace"), 15, "restarted")
        await_active(node)

        self.assertEqual(node.get(f"/work/item?work_id={work_id}").json["status"], "pending")


class Shutdown(ClusterTest):
    def parked_claim(self, node):
        """A claim that waits 30 s; its thread, and a list that gets the answer."""
        answers = []

        def claim():
            try:
                answers.append(request(node.port, "POST", "/work/claim", {"node_id": "x", "wait_s": 30}, timeout=40))
            except (OSError, http.client.HTTPException) as error:
                answers.append(error)

        thread = threading.Thread(target=claim, daemon=True)
        thread.start()
        until(lambda: self.parked(node) or answers, 10, "the claim is parked")
        self.assertEqual(answers, [])
        return thread, answers

    def parked(self, node):
        return node.get("/work/stats").json["claims_parked"] == 1

    def end_with_parked_claim(self, end):
        node = self.one_node()
        thread, answers = self.parked_claim(node)
        started = time.monotonic()

        end(node)

        self.assertEqual(node.wait(5), 0, node.tail())
        seconds = time.monotonic() - started
        thread.join(5)
        self.assertLess(seconds, 2 * SLOW)
        self.assertEqual(len(answers), 1)
        self.assertIn(getattr(answers[0], "status", answers[0]), (200, 503))
        return seconds

    def test_sigterm_with_a_parked_claim_ends_within_two_seconds(self):
        seconds = self.end_with_parked_claim(lambda node: node.process.send_signal(signal.SIGTERM))
        figure("shutdown.sigterm_with_parked_claim_s", round(seconds, 3))

    def test_shutdown_with_a_parked_claim_answers_it_and_ends_with_0(self):
        seconds = self.end_with_parked_claim(lambda node: self.status(node.post("/admin/shutdown", {"grace_s": 10}), 202))
        figure("shutdown.route_with_parked_claim_s", round(seconds, 3))

    def test_every_request_under_way_is_answered_and_its_write_kept(self):
        node = self.one_node()
        added, cut, lock = [], [], threading.Lock()
        refused = threading.Event()

        def add(number):
            conn = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10 * SLOW)
            sent = 0
            while not refused.is_set():
                key = f"{number}/{sent}"
                try:
                    conn.request("POST", "/work/add", f'{{"work_type":"t","idempotency_key":"{key}"}}', {"Content-Type": "application/json"})
                except OSError:
                    break
                sent += 1
                try:
                    answer = conn.getresponse()
                except (OSError, http.client.HTTPException):
                    with lock:
                        cut.append(key)
                    break
                answer.read()
                if answer.status != 201:
                    refused.set()
                    break
                with lock:
                    added.append(key)
                if answer.headers.get("Connection") == "close":
                    break
            conn.close()

        threads = [threading.Thread(target=add, args=(i,), daemon=True) for i in range(8)]
        for thread in threads:
            thread.start()
        until(lambda: len(added) > 100, 20, "load")
        self.status(node.post("/admin/shutdown", {"grace_s": 10}), 202)
        self.assertEqual(node.wait(10), 0, node.tail())
        for thread in threads:
            thread.join(10)

        figure("shutdown.under_load", f"{len(added)} acknowledged, {len(cut)} cut off")
        await_active(node.start())
        stored = node.get("/work/stats").json
        for key in added[-20:]:
            again = self.status(node.post("/work/add", {"work_type": "t", "idempotency_key": key}), 200)
            self.assertTrue(again.json["duplicate"])
        self.assertGreaterEqual(stored["pending"], len(added))
        self.assertLessEqual(stored["pending"], len(added) + len(cut) + len(threads))
        self.assertLessEqual(len(cut), len(threads), "only idle connections may be closed under a request")


if __name__ == "__main__":
    unittest.main(verbosity=2)
