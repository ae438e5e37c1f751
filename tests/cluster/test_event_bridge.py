"""The bridge on real nodes: whatever the receiver or the leader goes through, each committed event arrives at least once, in
order and signed; what is refused is a dead letter."""

import json
import threading
import time
import unittest

from nodes import SLOW, ClusterTest, figure, free_port, ringctl, until
from receiver import Receiver

PLUGINS = ("admin", "gossip", "swim", "election", "raft", "event_bridge")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
QUICK = "timeout: 1s, backoff: 50ms, backoff_max: 300ms, recheck: 300ms"


class Bridge(ClusterTest):
    def receiver(self, **more):
        made = Receiver(free_port(), SECRET, **more).start()
        self.addCleanup(made.stop)
        return made

    def secret_file(self, mode=0o600):
        path = self.folder / "secret"
        path.write_text(SECRET + "\n")
        path.chmod(mode)
        return path

    def sink(self, receiver, more=""):
        return f"{{url: 'http://127.0.0.1:{receiver.port}/hook', secret_file: {self.secret_file()}, {QUICK}{more}}}"

    def start(self, count, **sinks):
        lines = "".join(f"    {name}: {text}\n" for name, text in sinks.items())
        section = "config:\n  publish_rate: 5000\n  sinks:\n" + lines
        made = self.cluster(count, plugins=PLUGINS, config={"event_bridge": section}, beat_ms=400 * SLOW)
        made.start()
        made.await_leader()
        self.await_ready(made["n1"])
        return made

    def await_ready(self, node):
        """Until all sinks are at work: a new one begins with the newest event then."""

        def ready():
            reply = node.get("/events/sinks")
            return reply.status == 200 and all(row["state"] in ("ready", "removed") for row in reply.json["sinks"])

        until(ready, 15, "all sinks are ready")

    def configure(self, made, section):
        """Another section of the plugin, from the next start on."""
        path = next(made.conf.glob("*-event_bridge.yaml"))
        path.write_text(f"kind: plugin\nplugin: event_bridge\n{section}")

    def publish(self, node, first, count, seconds=20):
        """Numbers, each again until it is acknowledged; an unknown outcome may store one twice."""
        for n in range(first, first + count):
            body = {"event_type": "NUMBER", "payload": {"n": n}, "source": "test"}

            def stored(body=body):
                try:
                    return node().post("/events/publish", body, timeout=5).status == 202
                except OSError:
                    return False

            until(stored, seconds, f"number {n} is stored")

    def await_numbers(self, receiver, count, seconds=20):
        until(lambda: len(set(receiver.numbers())) >= count, seconds, f"{count} numbers; {len(receiver.numbers())} came")
        numbers = list(dict.fromkeys(receiver.numbers()))
        self.assertEqual(numbers, list(range(count)))
        self.assertEqual(receiver.wrong, [])

    def sinks(self, node):
        return {row["sink"]: row for row in self.status(node.get("/events/sinks"), 200).json["sinks"]}

    def test_a_receiver_in_every_kind_of_trouble_gets_all_in_order(self):
        trouble = {3: 500, 4: 503, 8: "die", 9: "die", 15: 429, 20: "slow"}

        def take(number, _event):
            status = trouble.get(number, 204)
            if status == "slow":
                time.sleep(1.5)
                return 204
            return status

        receiver = self.receiver(take=take)
        made = self.start(1, hook=self.sink(receiver))
        self.publish(lambda: made["n1"], 0, 30)
        receiver.stop()
        self.publish(lambda: made["n1"], 30, 5)
        until(lambda: not self.sinks(made["n1"])["hook"]["available"], 5, "it is seen to be down")
        self.assertEqual(self.sinks(made["n1"])["hook"]["state"], "unavailable")
        receiver.start()

        self.await_numbers(receiver, 35)
        until(lambda: self.sinks(made["n1"])["hook"]["behind"] == 0, 5, "nothing is left")
        row = self.sinks(made["n1"])["hook"]
        self.assertEqual((row["dead_letters"], row["missed"], row["last_error"]), (0, 0, None), row)
        self.assertGreaterEqual(row["failed"], 6)

    def test_batches_keep_the_order_whatever_fails_in_their_middle(self):
        trouble = {20: 500, 33: "die", 70: 503}
        refuse = {"n": 50}
        receiver = self.receiver(take=lambda tried, event: 422 if event["payload"] == refuse else trouble.get(tried, 204))
        made = self.start(1, hook=self.sink(receiver, ", batch: 16"))
        node = made["n1"]
        receiver.stop()
        self.publish(lambda: node, 0, 100)
        receiver.start()

        until(lambda: len(set(receiver.numbers())) == 99, 15, "all but the refused one come")
        self.assertEqual(receiver.numbers(), [n for n in range(100) if n != 50])
        self.assertEqual(receiver.wrong, [])
        until(lambda: self.sinks(node)["hook"]["behind"] == 0, 5, "nothing is left")
        self.assertEqual([row["payload"] for row in node.get("/events/dead?sink=hook").json["dead"]], [refuse])

    def test_what_a_removed_sink_left_is_shown_and_deleted_on_request(self):
        receiver = self.receiver(take=lambda _number, _event: 422)
        made = self.start(1, hook=self.sink(receiver))
        node = made["n1"]
        self.publish(lambda: node, 0, 1)
        until(lambda: self.sinks(node)["hook"]["dead_letters"] == 1, 5, "it is refused")

        self.configure(made, "config: {sinks: {}}\n")
        self.assertEqual(ringctl(node, "reload").returncode, 0)
        until(lambda: node.get("/events/sinks").status == 200, 5, "the new configuration is in force")
        until(lambda: self.sinks(node)["hook"]["state"] == "removed", 5, "it is seen to be removed")
        until(lambda: "ringctl events forget hook" in json.dumps(node.get("/admin/health").json), 5, "health tells")
        self.assertIn("removed", ringctl(node, "events", "sinks").stdout)
        done = ringctl(node, "events", "forget", "hook")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.sinks(node), {})
        until(lambda: "forget hook" not in json.dumps(node.get("/admin/health").json), 5, "health is content")

    def test_the_leader_is_killed_and_nothing_is_lost(self):
        receiver = self.receiver(take=lambda number, _event: 500 if number % 17 == 5 else 204)
        made = self.start(3, hook=self.sink(receiver, ", types: [NUMBER]"))
        leader = made.await_leader()
        alive = [name for name in made.nodes if name != leader]
        publisher = threading.Thread(target=self.publish, args=(lambda: made[alive[0]], 0, 150))
        publisher.start()
        until(lambda: len(receiver.numbers()) > 30, 15, "the first come")
        made[leader].kill()
        killed_at = time.monotonic()
        publisher.join(60)
        self.assertFalse(publisher.is_alive())

        self.await_numbers(receiver, 150)
        figure("event_bridge.after_kill_s", round(time.monotonic() - killed_at, 2))
        repeated = len(receiver.taken) - len({event["id"] for event in receiver.taken})
        figure("event_bridge.repeated", repeated)
        heir = made.await_leader(*alive, other_than=leader)
        until(lambda: self.sinks(made[heir])["hook"]["behind"] == 0, 5, "nothing is left")

    def test_what_is_refused_is_a_dead_letter_until_it_is_sent_again(self):
        refuse = {"n": 2}
        receiver = self.receiver(take=lambda _number, event: 422 if event["payload"] == refuse else 204)
        made = self.start(1, hook=self.sink(receiver))
        node = made["n1"]
        self.publish(lambda: node, 0, 5)
        until(lambda: len(receiver.numbers()) == 4, 10, "the others come")

        listed = ringctl(node, "events", "dead", "hook")
        self.assertIn("HTTP 422", listed.stdout, listed)
        node.kill()
        node.start()
        made.await_leader()
        self.await_ready(node)
        self.assertEqual(len(node.get("/events/dead?sink=hook").json["dead"]), 1)
        refuse["n"] = -1
        done = ringctl(node, "events", "redrive", "hook", "--all")
        self.assertEqual(done.returncode, 0, done)

        until(lambda: len(set(receiver.numbers())) == 5, 10, "it comes, too")
        until(lambda: self.sinks(node)["hook"]["dead_letters"] == 0, 5, "none is left")
        self.assertIn("hook", ringctl(node, "events", "sinks").stdout)

    def test_a_program_takes_events_and_a_new_sink_begins_with_the_newest(self):
        out = self.folder / "out"
        script = self.folder / "take.py"
        script.write_text(
            "#!/usr/bin/env python3\n"
            "import json, os, sys\n"
            "event = json.load(sys.stdin)\n"
            "assert os.environ['RINGHOST_EVENT_ID'] == event['id']\n"
            f"seen = open({str(out)!r}, 'a+')\n"
            "seen.seek(0)\n"
            "tried = seen.read().count(f\"try {event['id']}\\n\")\n"
            "print('try', event['id'], file=seen)\n"
            "if event['payload']['n'] == 1 and not tried:\n"
            "    sys.exit(75)\n"
            "print('took', event['payload']['n'], file=seen)\n"
        )
        script.chmod(0o755)
        made = self.start(1, job=f"{{argv: [{script}], {QUICK.replace('timeout: 1s', 'timeout: 10s')}}}")
        node = made["n1"]
        self.publish(lambda: node, 0, 4)

        def took():
            lines = out.read_text().splitlines() if out.exists() else []
            return [int(line.split()[1]) for line in lines if line.startswith("took")]

        until(lambda: len(took()) == 4, 15, "all are taken")
        self.assertEqual(took(), [0, 1, 2, 3])

        node.stop()
        receiver = self.receiver()
        self.configure(made, f"config: {{sinks: {{late: {self.sink(receiver)}}}}}\n")
        node.start()
        made.await_leader()
        self.await_ready(node)
        self.publish(lambda: node, 4, 2)
        until(lambda: len(receiver.numbers()) == 2, 10, "the new sink gets what is new")
        self.assertEqual(receiver.numbers(), [4, 5])

    def test_a_program_takes_what_waits_without_a_pause(self):
        out = self.folder / "out"
        script = self.folder / "take.sh"
        script.write_text(f"#!/bin/sh\ngrep -o '\"n\": *[0-9]*' >>{out}\n")
        script.chmod(0o755)
        made = self.start(1, job=f"{{argv: [{script}]}}")
        self.publish(lambda: made["n1"], 0, 20)

        def took():
            return [int(line.split(":")[1]) for line in out.read_text().splitlines()] if out.exists() else []

        until(lambda: len(took()) >= 20, 10, "all are taken, though `recheck` is 30 s")
        self.assertEqual(took(), list(range(20)))

    def test_a_secret_that_others_may_read_is_refused(self):
        made = self.cluster(1, plugins=PLUGINS)
        path = self.secret_file(0o644)
        self.configure(made, f"config: {{sinks: {{a: {{url: 'http://127.0.0.1:1/', secret_file: {path}}}}}}}\n")
        made["n1"].start(ready=False)
        self.assertNotEqual(made["n1"].wait(), 0)
        self.assertIn("chmod 0600", made["n1"].tail())


if __name__ == "__main__":
    unittest.main()
