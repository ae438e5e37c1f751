"""kill -9 of a worker in the middle of a job, leases of strangers, and commands that are not installed."""

import re
import shutil
import sqlite3
import time
import unittest

from gauntlets import PLUGINS, fake_games
from nodes import BEAT_MS, SLOW, ClusterTest, Node, await_active, figure, free_port, node_document, until

ROLES = "enable: {roles: [coordinator]}\n"


class WorkerLoss(ClusterTest):
    def coordinator_and_workers(self, sections, workers=("w1", "w2")):
        """n1 holds the queue and does no work; the workers do nothing else. None of the workers runs yet."""
        sections = dict(sections)
        sections["worker"] = "enable: {roles: [worker]}\n" + sections["worker"]
        made = self.cluster(1, plugins=PLUGINS, config=sections, voters=["n1"])
        with open(made.conf / "00-cluster.yaml", "a", encoding="utf-8") as conf:
            for name in workers:
                port = free_port()
                made.nodes[name] = Node(made.conf, name, port, made.folder / name, made.folder / f"{name}.log")
                conf.write(node_document(name, port, made.folder / name, role="worker"))
        made.start("n1")
        await_active(made["n1"])
        return made

    def item(self, made, work_id):
        return made["n1"].get(f"/work/item?work_id={work_id}").json

    def stored_token(self, node):
        """The claim token that a (dead) worker had stored."""
        copy = self.folder / "copy"
        shutil.copytree(node.data_dir, copy, ignore=shutil.ignore_patterns("jobs"))
        tokens = set()
        with sqlite3.connect(copy / "local.db") as db:
            for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in db.execute(f'select * from "{table}"'):
                    for value in row:
                        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                        tokens.update(re.findall(r'"claim_token":"([^"]+)"', text))
        self.assertEqual(len(tokens), 1)
        return tokens.pop()

    def test_items_of_a_killed_worker_are_claimed_again_and_its_token_is_409(self):
        gate = self.folder / "gate"
        made = self.coordinator_and_workers(fake_games(self.folder, 0, gate, types=("t",)))
        made.start("w1")
        work_id = made["n1"].post("/work/add", {"work_type": "t", "timeout_s": 300}).json["work_id"]
        until(lambda: self.item(made, work_id).get("node_id") == "w1", 15, "w1 has it")
        until(lambda: (self.folder / "journal").exists(), 15, "the job runs")

        made["w1"].kill()
        killed = time.monotonic()
        token = self.stored_token(made["w1"])
        made.start("w2")
        until(lambda: self.item(made, work_id).get("node_id") == "w2", 20, "w2 has it")
        figure("worker_loss.reclaimed_s", f"{time.monotonic() - killed:.2f} with a beat of {BEAT_MS * SLOW} ms and a lease of 300 s")

        stale = made["n1"].post("/work/complete", {"work_id": work_id, "node_id": "w1", "claim_token": token, "result": {"late": True}})
        self.status(stale, 409, "stale_claim")
        self.assertEqual(self.item(made, work_id)["status"], "leased")
        made.start("w1")
        gate.write_text("")
        done = until(lambda: (i := self.item(made, work_id))["status"] == "done" and i, 20, "done")
        self.assertEqual((done["node_id"], done["attempt"]), ("w2", 2))
        until(lambda: made["w1"].get("/worker/status").json["state"] == "waiting_for_work", 20, "w1 has let go")
        self.assertEqual(made["n1"].get("/work/pending?status=done").json["items"][0]["node_id"], "w2")

    def test_the_lease_of_a_stranger_ends_before_anyone_declares_it_dead(self):
        node = self.one_node()
        work_id = node.post("/work/add", {"work_type": "t", "timeout_s": 1}).json["work_id"]
        first = node.post("/work/claim", {"node_id": "stranger"}).json
        claimed = time.monotonic()

        second = node.post("/work/claim", {"node_id": "other", "wait_s": 20}, timeout=25).json

        self.assertEqual(second["work_id"], work_id)
        self.assertGreaterEqual(time.monotonic() - claimed, 0.9)
        figure("worker_loss.lease_of_1s_ended_after_s", round(time.monotonic() - claimed, 2))
        stale = node.post("/work/complete", {"work_id": work_id, "node_id": "stranger", "claim_token": first["claim_token"]})
        self.status(stale, 409, "stale_claim")
        good = node.post("/work/complete", {"work_id": work_id, "node_id": "other", "claim_token": second["claim_token"]})
        self.status(good, 200)


class NotInstalled(ClusterTest):
    def test_a_missing_command_fails_with_its_name_until_the_item_is_dead(self):
        sections = {
            "worker": "config: {commands: {t: {argv: [no-such-program, x]}}}\n",
            "work_queue": "config: {retry_base: 50ms, retry_cap: 100ms}\n",
        }
        made = self.cluster(1, plugins=PLUGINS, config=sections).start()
        node = await_active(made["n1"])
        work_id = node.post("/work/add", {"work_type": "t", "max_attempts": 3}).json["work_id"]

        dead = until(lambda: (i := node.get(f"/work/item?work_id={work_id}").json)["status"] == "dead" and i, 30, "dead")

        self.assertEqual(dead["attempt"], 3)
        self.assertIn('"no-such-program" is in none of the folders', dead["error"])
        self.assertIn("/usr/bin", dead["error"])
        self.assertEqual(dead["node_id"], "n1")

    def test_a_missing_engine_is_an_error_of_the_game_that_names_program_and_place(self):
        sections = {
            "worker": 'config: {capabilities: [gtp], commands: {gauntlet: {argv: [ringhost-gtp-match, --spec, "-"]}}}\n',
            "gauntlet": "config: {poll_interval: 100ms, players: {a: [no-such-engine, --x], b: [no-such-engine]}}\n",
            "work_queue": "config: {retry_base: 50ms, retry_cap: 100ms}\n",
        }
        made = self.cluster(1, plugins=PLUGINS, config=sections).start()
        node = await_active(made["n1"])
        run = self.status(node.post("/gauntlet/run", {"model": "a", "baselines": ["b"], "games": 2}), 201).json["gauntlet_id"]

        def over():
            figures = node.get(f"/gauntlet/results?gauntlet_id={run}").json
            return figures if figures["baselines"][0]["errors"] == 2 else None

        figures = until(over, 30, f"both games are errors; {node.get('/work/pending?status=delayed').text}")
        self.assertEqual(len(figures["games"]), 2)
        for game in figures["games"]:
            with self.subTest(game=game["index"]):
                self.assertIn("no program no-such-engine in /", game["error"]["message"])
                self.assertEqual(game["node_id"], "n1")
                self.assertEqual(game["attempt"], 3)
        dead = node.get("/work/pending?status=dead").json["items"]
        self.assertEqual(len(dead), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
