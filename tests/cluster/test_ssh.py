"""Runs over SSH against real servers on 127.0.0.1: results told from broken connections, and nothing left behind."""

import json
import os
import shutil
import signal
import tempfile
import unittest
from pathlib import Path

from nodes import Cluster, ClusterTest, free_port, ringctl, until
from sshd import Sshd, key_pair, processes, with_words

CONFIG = """config:
  config_file: /dev/null
  known_hosts: {folder}/known_hosts
  identity_file: {folder}/client_key
  connect_timeout: 2s
  alive_interval: 1s
  alive_count: 2
  grace: 500ms
  host_rest: 200ms
  host_rest_max: 1s
  output_max: 64KiB
  control_dir: {control}
"""


def inventory(hosts, user):
    text = "hosts:\n"
    for name, (port, more) in hosts.items():
        text += f"  {name}: {{ssh_host: 127.0.0.1, ssh_port: {port}, ssh_user: {user}{more}}}\n"
    return text


class Ssh(ClusterTest):
    """One node and its servers serve all tests; each has runs of its own."""

    @classmethod
    def setUpClass(cls):
        folder = cls.folder_of_all = Path(tempfile.mkdtemp(prefix="ringhost-ssh-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        authorized = key_pair(folder / "client_key")
        key_pair(folder / "other_key")
        cls.good = cls.server(folder / "good", authorized)
        cls.twin = cls.server(folder / "twin", authorized)
        cls.stopped = cls.server(folder / "stopped", authorized)
        cls.impostor = cls.server(folder / "impostor", authorized)
        known = cls.good.known() + cls.twin.known() + cls.stopped.known() + cls.impostor.known(cls.good.public)
        (folder / "known_hosts").write_text(known)
        hosts = {
            "good": (cls.good.port, ""),
            "twin": (cls.twin.port, ""),
            "stopped": (cls.stopped.port, ""),
            "impostor": (cls.impostor.port, ""),
            "stranger": (cls.good.port, f", ssh_key: {folder}/other_key"),
            "refused": (free_port(), ""),
            "gone": (free_port(), ", status: offline"),
        }
        (folder / "distributed_hosts.yaml").write_text(inventory(hosts, cls.good.user))
        cls.cluster_of_one = Cluster(
            Path(tempfile.mkdtemp(dir=folder)),
            1,
            plugins=("ssh_tournament", "elo_sync"),
            config={"ssh_tournament": CONFIG.format(folder=folder, control=folder / "control")},
            cluster_extra=f"inventory: {folder}/distributed_hosts.yaml\n",
        )
        cls.addClassCleanup(cls.cluster_of_one.end)
        cls.node = cls.cluster_of_one.start()["n1"]
        cls.addClassCleanup(cls.node.stop)  # in good order, which ends shared connections

    @classmethod
    def server(cls, folder, authorized):
        made = Sshd(folder, authorized).start()
        cls.addClassCleanup(made.kill)
        return made

    def run_over_ssh(self, **more):
        body = {"hosts": ["good"], "matches": [{}], "retries": 0, "timeout_s": 20, **more}
        return self.status(self.node.post("/ssh_tournament/run", body), 201).json["run_id"]

    def look(self, run_id):
        return self.status(self.node.get(f"/ssh_tournament/status?run_id={run_id}"), 200).json

    def over(self, run_id, seconds=15):
        def ended():
            status = self.look(run_id)
            return status if status["ended_at"] else None

        return until(ended, seconds, f"{run_id} is over: {json.dumps(self.look(run_id))}")

    def one(self, *command, **more):
        """A run of one match to its end; that match."""
        return self.over(self.run_over_ssh(command=list(command), **more))["matches"][0]

    def started(self, words, count=1):
        until(lambda: len(with_words(words)) == count, 10, f"{count} of {words!r}; {self.node.tail()}")

    def gone(self, words):
        until(lambda: not with_words(words), 10, f"{words!r} ended")

    def test_a_job_that_succeeds_is_ok(self):
        match = self.one("printf", "%s|", "a b", "it's", '"$HOME"', "back\\slash", "two\nlines", "", "*", "`id`", "ü")

        self.assertEqual((match["state"], match["verdict"], match["exit_code"]), ("ok", "ok", 0))
        self.assertEqual(match["output_tail"], "a b|it's|\"$HOME\"|back\\slash|two\nlines||*|`id`|ü|")

    def test_exit_codes_are_the_jobs_own_result(self):
        for code in (7, 255):
            with self.subTest(code=code):
                match = self.one("sh", "-c", f"echo out; echo err >&2; exit {code}")

                self.assertEqual((match["state"], match["verdict"], match["exit_code"]), ("failed", "exited", code))
                self.assertEqual(match["output_tail"], "out\nerr\n")

    def test_a_job_killed_by_a_signal_is_the_jobs_own_result(self):
        match = self.one("sh", "-c", "kill -KILL $$")

        self.assertEqual((match["verdict"], match["exit_code"]), ("exited", 137))
        self.assertIn("signal 9", match["reason"])

    def test_what_never_started_is_unreachable_with_the_clients_words(self):
        self.stopped.signal(signal.SIGSTOP)
        self.addCleanup(self.stopped.signal, signal.SIGCONT)
        words = {"refused": "refused", "impostor": "ost key verification failed", "stranger": "Permission denied", "stopped": "timed out"}
        runs = {host: self.run_over_ssh(hosts=[host], command=["true"]) for host in words}

        for host, run_id in runs.items():
            with self.subTest(host=host):
                match = self.over(run_id)["matches"][0]
                self.assertEqual((match["state"], match["verdict"]), ("unreachable", "unreachable"))
                self.assertIn(words[host], match["reason"])
                self.assertNotIn("exit_code", match)

    def test_matches_go_on_to_other_hosts(self):
        run_id = self.run_over_ssh(hosts=["refused", "good"], command=["echo", "{host}"], matches=[{}, {}, {}], retries=1)

        status = self.over(run_id)

        self.assertEqual(status["counts"]["ok"], 3)
        self.assertEqual({match["output_tail"] for match in status["matches"]}, {"good\n"})
        self.assertEqual({host["host"]: host["counts"]["ok"] for host in status["hosts"]}, {"refused": 0, "good": 3})

    def test_a_server_that_dies_midway_loses_the_job_and_leaves_none(self):
        once = self.run_over_ssh(hosts=["twin"], command=["sleep", "611"])
        again = self.run_over_ssh(hosts=["twin", "good"], command=["sleep", "1.612"], matches=[{}, {}], idempotent=True, retries=1)
        self.started("sleep 611")
        self.started("sleep 1.612", 2)

        self.twin.kill()
        self.addCleanup(self.twin.start)

        match = self.over(once)["matches"][0]
        self.assertEqual((match["state"], match["verdict"]), ("lost", "lost"))
        self.gone("sleep 611")
        status = self.over(again)
        self.assertEqual([(m["state"], m["host"]) for m in status["matches"]], [("ok", "good")] * 2)
        self.assertEqual(sorted(m["attempts"] for m in status["matches"]), [1, 2])

    def test_a_server_that_stops_midway_is_noticed(self):
        run_id = self.run_over_ssh(hosts=["stopped"], command=["sleep", "613"])
        self.started("sleep 613")

        self.stopped.signal(signal.SIGSTOP)
        match = self.over(run_id)["matches"][0]
        self.stopped.signal(signal.SIGCONT)

        self.assertEqual((match["state"], match["verdict"]), ("lost", "lost"))
        self.gone("sleep 613")

    def test_output_is_capped_and_memory_stays_flat(self):
        before = self.resident_kb()

        match = self.one("sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 3", timeout_s=60)

        self.assertEqual((match["verdict"], match["exit_code"]), ("exited", 3))
        self.assertLessEqual(match["output_bytes"], 65536)
        self.assertGreater(match["output_bytes"], 65000)
        self.assertTrue(match["output_tail"].endswith("x\nthe end\n"))
        self.assertLess(self.resident_kb() - before, 8192)

    def resident_kb(self):
        text = Path(f"/proc/{self.node.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def test_cancel_leaves_no_process_of_a_job(self):
        stubborn = "trap '' TERM HUP; setsid sleep 614 & sleep 614 & sleep 614"
        run_id = self.run_over_ssh(command=["sh", "-c", stubborn], matches=[{}, {}, {}], max_parallel_per_host=2)
        self.started("sleep 614", 6)

        reply = self.status(self.node.post("/ssh_tournament/cancel", {"run_id": run_id}), 200).json

        self.assertEqual(reply["state"], "cancelling")
        status = self.over(run_id)
        self.assertEqual(with_words("sleep 614"), [])
        self.assertEqual(status["state"], "cancelled")
        self.assertEqual([match["state"] for match in status["matches"]], ["cancelled"] * 3)
        self.assertNotIn("reason", status["matches"][0])

    def test_timeout_leaves_no_process_of_a_job(self):
        match = self.one("sh", "-c", "trap '' TERM; setsid sleep 615 & sleep 615", timeout_s=1)

        self.assertEqual((match["state"], match["verdict"]), ("failed", "timeout"))
        self.assertEqual(with_words("sleep 615"), [])

    def test_killing_the_client_ends_the_job(self):
        run_id = self.run_over_ssh(command=["sleep", "616"])
        self.started("sleep 616")

        for pid, (_, line) in processes().items():
            if line.startswith("ssh ") and line.endswith(" sleep 616"):
                os.kill(pid, signal.SIGKILL)

        self.assertEqual(self.over(run_id)["matches"][0]["verdict"], "lost")
        self.gone("sleep 616")

    def test_connections_are_shared_once_they_stand(self):
        self.one("true")

        run_id = self.run_over_ssh(command=["sleep", "0.2"], matches=[{}] * 8, max_parallel_per_host=2)
        until(lambda: any((self.folder_of_all / "control").iterdir()), 5, "a shared connection")
        before = self.good.accepted()

        status = self.over(run_id)

        self.assertEqual(status["counts"]["ok"], 8)
        self.assertLess(self.good.accepted() - before, 8)
        self.assertEqual((self.folder_of_all / "control").stat().st_mode & 0o777, 0o700)

    def test_games_go_to_the_ratings(self):
        command = ["sh", "-c", 'echo played; printf "{\\"winner\\": \\"%s\\"}\\n" "$1"', "sh", "{first}"]
        run_id = self.run_over_ssh(command=command, tournament={"players": ["ann", "bob", "cid"], "games": 2}, matches=None, board_type="hex8", max_parallel_per_host=6)

        status = self.over(run_id)

        self.assertEqual({s["player"]: (s["wins"], s["losses"]) for s in status["scores"]}, {n: (2, 2) for n in ("ann", "bob", "cid")})

        def rated():
            rankings = self.node.get("/elo/rankings?board_type=hex8").json["rankings"]
            return len(rankings) == 3 and all(row["games"] == 4 for row in rankings)

        until(rated, 10, "the ratings have six games")

    def test_a_pattern_takes_what_is_ready(self):
        reply = self.node.post("/ssh_tournament/run", {"hosts": ["go*"], "command": ["x", "{index}"], "matches": [{}], "dry_run": True})

        plan = self.status(reply, 200).json
        self.assertEqual([host["host"] for host in plan["hosts"]], ["good"])
        self.assertEqual(plan["matches"][0]["command"], ["x", "0"])

    def test_a_failed_match_halts_the_run(self):
        run_id = self.run_over_ssh(command=["sh", "-c"], matches=[{"args": ["exit 1"]}] + [{"args": ["true"]}] * 3, halt="soon")

        status = self.over(run_id)

        self.assertEqual(status["state"], "halted")
        self.assertEqual(status["counts"]["failed"], 1)
        self.assertEqual(status["counts"]["cancelled"], 3)
        self.status(self.node.post("/ssh_tournament/resume", {"run_id": run_id}), 200)
        self.assertEqual(self.over(run_id)["counts"]["failed"], 1)

    def test_logs_and_joblog_tell_what_was(self):
        run_id = self.run_over_ssh(command=["sh", "-c", "head -c 5000 /dev/zero | tr '\\0' y; echo end; exit 4"], retries=1, retry_failed=True)
        self.over(run_id)

        logs = self.node.get(f"/ssh_tournament/logs?run_id={run_id}&match=0").json
        joblog = self.node.get(f"/ssh_tournament/joblog?run_id={run_id}").json["attempts"]

        self.assertEqual(logs["output"], "y" * 5000 + "end\n")
        self.assertEqual([(a["attempt"], a["verdict"], a["exit_code"]) for a in joblog], [(1, "exited", 4), (2, "exited", 4)])

    def test_operators_use_ringctl(self):
        begun = ringctl(self.node, "ssh", "run", "--host", "good", "--run", '{"command": ["echo", "{match}"], "matches": [{"id": "third"}]}')
        self.assertEqual(begun.returncode, 0, begun)
        run_id = begun.stdout.split()[1].rstrip(":")
        self.over(run_id)

        status = ringctl(self.node, "ssh", "status", run_id).stdout
        self.assertIn(f"run {run_id}: done; 1 ok\n", status)
        self.assertRegex(status, r"third +ok +1 +good +0 ")
        self.assertEqual(ringctl(self.node, "ssh", "logs", run_id, "third").stdout, "third\n")
        self.assertRegex(ringctl(self.node, "ssh", "joblog", run_id).stdout, r"third +1 +good +ok +0 ")
        self.assertIn(run_id, ringctl(self.node, "ssh", "list").stdout)
        self.assertIn("is done", ringctl(self.node, "ssh", "cancel", run_id).stderr)

    def test_zz_a_node_that_is_killed_resumes_its_runs(self):
        folder = self.folder
        run_id = self.run_over_ssh(
            command=["sh", "-c", f"echo x >>{folder}/$1; while [ ! -e {folder}/go ]; do sleep 0.05; done; echo done", "sh", "{match}"],
            matches=[{}] * 6,
            hosts=["good"],
            max_parallel_per_host=3,
        )
        until(lambda: len(list(folder.iterdir())) == 3, 10, "three jobs have begun")

        self.node.kill()
        (folder / "go").write_text("")
        self.node.start()

        status = self.over(run_id)
        self.assertEqual(status["counts"]["ok"], 6)
        self.assertEqual([(folder / str(i)).read_text() for i in range(6)], ["x\n"] * 6)


if __name__ == "__main__":
    unittest.main()
