"""Many short jobs leave nothing behind, and the output of a running one is seen from any node.

RINGHOST_JOBS: how many; 500 by default, 10000 is what a release is tried with."""

import unittest
from pathlib import Path

from nodes import IS_SANITIZED, ClusterTest, await_active, figure, number_from_environment, ringctl, until

PLUGINS = ("swim", "election", "work_queue", "worker")
WORKER = "config: {slots: 8, commands: {short: {argv: [echo, '7']}, broken: {argv: [sh, -c, 'echo why; exit 3']}, slow: {argv: [sh, -c, 'echo one; sleep 2; echo two; sleep 300']}}}\n"
BATCH = 250

# The first attempt leaves a checkpoint when it is told to end, the next tells what it found.
STEPS = """
if [ -e "$RINGHOST_CHECKPOINT" ]; then
    printf '{"from":%s,"key":"%s","devices":"%s"}' "$(cat "$RINGHOST_CHECKPOINT")" "$(cat "$KEY_FILE")" "$CUDA_VISIBLE_DEVICES"
    exit 0
fi
trap 'echo 7 >"$RINGHOST_CHECKPOINT"; exit 1' TERM
echo begun
sleep 300 &
wait
"""
STUBBORN = "trap '' TERM; echo begun; sleep 300 & wait; wait; wait"
PREEMPTED = """config:
  gpu: {{count: 1}}
  slots: 2
  commands:
    steps: {{argv: [sh, {folder}/steps.sh], grace: 3s, secrets: {{KEY: {folder}/key}}}}
    stubborn: {{argv: [sh, -c, "{stubborn}"], grace: 3s}}
"""


def children(pid):
    """Process ids below a process, those of its threads' children too."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text(encoding="ascii").split()]
    return found


def descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def rss_kib(pid):
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))


def state_of(node):
    pid = node.process.pid
    return {"children": len(children(pid)), "descriptors": descriptors(pid), "rss_kib": rss_kib(pid)}


class Jobs(ClusterTest):
    def run_jobs(self, node, count):
        done = node.get("/worker/status").json["counters"]["reports_delivered"]
        for first in range(0, count, BATCH):
            items = [{"work_type": "short"} for _ in range(min(BATCH, count - first))]
            self.status(node.post("/work/add", {"items": items}, timeout=60), 201)
        until(lambda: node.get("/worker/status").json["counters"]["reports_delivered"] >= done + count, 60 + count / 20, f"{count} jobs")

    def test_short_jobs_leave_nothing_behind(self):
        count = number_from_environment("RINGHOST_JOBS", 500)
        node = self.one_node(plugins=PLUGINS, config={"worker": WORKER})
        self.run_jobs(node, 100)
        until(lambda: not children(node.process.pid), 10, "no child left")
        before = state_of(node)

        self.run_jobs(node, count)
        until(lambda: not children(node.process.pid), 10, "no child left")
        after = state_of(node)

        figure("jobs", f"{count} jobs; before {before}, after {after}")
        self.assertEqual(after["children"], 0, "no zombie, no orphan")
        self.assertLessEqual(after["descriptors"], before["descriptors"] + 4, "no descriptor leaked")
        if not IS_SANITIZED:
            self.assertLess(after["rss_kib"], before["rss_kib"] + 16 * 1024, "flat memory")
        self.assertEqual(list((node.data_dir / "jobs/worker").iterdir()), [])
        self.assertEqual(list((node.data_dir / "jobs/.gone").iterdir()), [])
        stats = node.get("/worker/status").json["counters"]
        self.assertEqual((stats["completed"], stats["failed"]), (count + 100, 0))

    def test_the_output_of_a_job_is_seen_from_another_node(self):
        cluster = self.cluster(2, plugins=PLUGINS, config={"worker": WORKER}).start()
        cluster.await_leader()
        one = await_active(cluster["n1"])
        work_id = one.post("/work/add", {"work_type": "slow", "target_node": "n2"}).json["work_id"]
        until(lambda: one.get(f"/work/item?work_id={work_id}").json.get("node_id") == "n2", 15, "n2 has it")

        shown = until(lambda: (r := ringctl(one, "logs", work_id)).returncode == 0 and "two" in r.stdout and r.stdout, 20, "both lines")

        self.assertEqual(shown, "one\ntwo\n")
        self.assertEqual(one.get(f"/worker/log?work_id={work_id}&offset=4").json["text"], "two\n")
        self.status(one.get("/worker/log?work_id=w999999"), 404)
        self.status(one.get("/worker/log?work_id=" + work_id + "&max=0"), 400)
        work_id = one.post("/work/add", {"work_type": "short", "target_node": "n2"}).json["work_id"]
        until(lambda: one.get(f"/work/item?work_id={work_id}").json["status"] == "done", 15, "a job that has ended")
        ended = one.get(f"/worker/log?work_id={work_id}").json
        self.assertEqual((ended["node_id"], ended["text"], ended["ended"]), ("n2", "7\n", True))
        work_id = one.post("/work/add", {"work_type": "broken", "target_node": "n2"}).json["work_id"]
        until(lambda: one.get(f"/worker/log?work_id={work_id}").json.get("text") == "why\n", 15, "what an attempt that failed has printed")

    def test_a_machine_that_is_taken_away_gives_its_items_back_with_their_checkpoints(self):
        folder = self.folder
        (folder / "steps.sh").write_text(STEPS, encoding="ascii")
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_text("hush\n", encoding="ascii")
        node = self.one_node(plugins=PLUGINS, config={"worker": PREEMPTED.format(folder=folder, stubborn=STUBBORN)})
        items = [{"work_type": "steps", "needs_gpu": True, "max_attempts": 1}, {"work_type": "stubborn", "max_attempts": 1}]
        ids = [added["work_id"] for added in node.post("/work/add", {"items": items}).json["items"]]
        until(lambda: all(node.get(f"/worker/log?work_id={one}").json.get("text") == "begun\n" for one in ids), 15, "both run")

        self.assertEqual(ringctl(node, "preempt", "on").returncode, 0)
        self.status(node.post("/worker/preempt", {"on": True, "grace_s": -2}), 400)
        self.status(node.post("/worker/preempt", {}), 400)
        self.assertEqual(node.get("/worker/status").json["state"], "preempted")
        until(lambda: node.get("/work/stats").json["pending"] == 2, 25, "both are back")
        steps = node.get(f"/work/item?work_id={ids[0]}").json
        self.assertEqual((steps["attempt"], steps["checkpoint"]), (0, 7))
        self.status(node.post("/work/cancel", {"work_id": ids[1]}), 200)
        self.assertEqual(ringctl(node, "preempt", "off").returncode, 0)
        until(lambda: node.get(f"/work/item?work_id={ids[0]}").json["status"] == "done", 25, "somebody goes on")

        self.assertEqual(node.get(f"/work/item?work_id={ids[0]}").json["result"], {"from": 7, "key": "hush", "devices": "0"})
        self.assertNotIn("hush", node.log.read_text(encoding="utf-8", errors="replace"))


if __name__ == "__main__":
    unittest.main()
