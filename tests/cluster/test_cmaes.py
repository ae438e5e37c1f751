"""A search by CMA-ES on real nodes: its candidates are commands that the nodes run. Kill -9 of the node that leads in the middle
leaves no trace in the result: it is that of the uninterrupted run, bit for bit."""

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from nodes import BIN, SLOW, ClusterTest, await_active, figure, stored_events, try_request, until

PLUGINS = ("admin", "gossip", "swim", "election", "raft", "work_queue", "worker", "cmaes")
BEAT_MS = 900
LEASE = "config: {claim_timeout: 3s}\n"  # an evaluation of the killed node is done again after it
EVALUATE = Path(__file__).resolve().parent / "fake_evaluate.py"
GENERATIONS = 8
JOB = {
    "parameters": [
        {"name": "a", "initial": -0.5, "lower": -2, "upper": 2},
        {"name": "b", "initial": 0.5},
        {"name": "k", "type": "integer", "initial": 0, "lower": -5, "upper": 5},
    ],
    "sigma0": 0.5,
    "seed": "20260",
    "max_generations": GENERATIONS,
    "evaluate": {"work_type": "tune", "payload": {"argv": ["--k", "{x.k}"], "candidate": "{candidate_id}"}},
}


def config(folder, seconds):
    """Sections of a cluster whose evaluations take so long; the journal is in folder."""
    words = [sys.executable, "-B", "-S", "-E", str(EVALUATE), str(Path(folder) / "journal"), str(seconds)]
    argv = ", ".join(f'"{word}"' for word in words)
    command = f"{{argv: [{argv}], env: {{NODE: '{{node_id}}'}}, max_runtime: 60s}}"
    return {
        "work_queue": LEASE,
        "worker": f"config:\n  slots: 2\n  commands: {{tune: {command}}}\n",
        "cmaes": "config: {poll_interval: 100ms}\n",
    }


def status(node, job):
    """The status with the whole history, or None while it cannot be had."""
    reply = try_request(node.port, "GET", f"/cmaes/status?job_id={job}&limit=500", timeout=5)
    return reply.json if reply is not None and reply.status == 200 else None


def await_generation(node, job, generation, seconds):
    def enough():
        found = status(node, job)
        return found if found and (found["generation"] >= generation or found["state"] != "running") else None

    return until(enough, seconds, f"generation {generation} of {job}; {status(node, job)}")


def bits(found):
    """All that does not tell a time or a name, numbers by their bits."""
    left = {key: value for key, value in found.items() if key not in ("job_id", "created_at", "finished_at", "last_error", "problem")}
    left["history"] = [{key: value for key, value in row.items() if key != "ended_at"} for row in found["history"]]
    return json.loads(json.dumps(left), parse_float=lambda digits: float(digits).hex())


class Cmaes(ClusterTest):
    def start_cluster(self, seconds):
        made = self.cluster(3, plugins=PLUGINS, config=config(self.folder, seconds), beat_ms=BEAT_MS * SLOW)
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        return made, leader

    def start_job(self, node, **more):
        reply = node.post("/cmaes/start", {**JOB, **more})
        self.status(reply, 201)
        return reply.json["job_id"]

    def journal(self):
        return [line.split() for line in (Path(self.folder) / "journal").read_text().splitlines()]

    def test_a_killed_leader_leaves_no_trace_in_the_result(self):
        made, leader = self.start_cluster(0.05)
        began = time.monotonic()
        whole = await_generation(made["n1"], self.start_job(made["n1"]), GENERATIONS, 90)
        figure("cmaes.uninterrupted_s", round(time.monotonic() - began, 2))
        self.assertEqual((whole["state"], whole["reason"]), ("completed", "max_generations"))
        self.assertEqual(whole["evaluations"], GENERATIONS * 7)
        calls = self.journal()
        self.assertEqual(len({call[0] for call in calls}), 3, "every node evaluates")
        self.assertTrue(all(call[2] == str(int(call[2])) for call in calls), "an integer in the template")

        job = self.start_job(made["n1"])
        witness = made[next(name for name in made.nodes if name != leader)]
        await_generation(witness, job, GENERATIONS // 2, 60)
        made[leader].kill()
        killed = time.monotonic()
        heir = made.await_leader(*(name for name in made.nodes if name != leader), other_than=leader)
        pieces = await_generation(witness, job, GENERATIONS, 90)
        figure("cmaes.to_the_end_after_kill_s", round(time.monotonic() - killed, 2))

        self.assertEqual(pieces["state"], "completed")
        self.assertEqual(bits(pieces), bits(whole))
        announced = [event["job_id"] for event in stored_events(made[heir], "CMAES_COMPLETED")]
        self.assertEqual(sorted(announced), sorted({*announced}), "announced once each")
        self.assertIn(job, announced)

    def test_ringctl_starts_and_watches_a_search(self):
        made, _ = self.start_cluster(0)
        env = {**os.environ, "RINGHOST_ADDR": f"127.0.0.1:{made['n2'].port}"}
        command = [str(BIN / "ringctl"), "cmaes", "start", "--job", json.dumps(JOB), "--max-generations", "4", "--watch"]

        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60 * SLOW, check=False)

        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("completed (max_generations)", ran.stdout)
        self.assertRegex(ran.stdout.splitlines()[-1], r"^k +-?\d+ +-?\d+$")
        listed = subprocess.run([str(BIN / "ringctl"), "cmaes", "list"], env=env, capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(len(listed.stdout.splitlines()), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
