"""A node with all plugins starts, serves and stops under valgrind without an error and without a definite leak."""

import re
import shutil
import unittest

from gauntlets import PLUGINS, fake_games
from nodes import ClusterTest, figure, until


class Valgrind(ClusterTest):
    def test_start_work_and_stop_have_no_error_and_no_definite_leak(self):
        self.assertTrue(shutil.which("valgrind"), "valgrind is installed")
        report = self.folder / "valgrind.txt"
        made = self.cluster(1, plugins=PLUGINS, config=fake_games(self.folder, 0, types=("t", "gauntlet")))
        node = made["n1"]
        words = ["valgrind", "--tool=memcheck", "--leak-check=full", "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite"]

        node.start([*words, "--error-exitcode=99", "--trace-children=no", f"--log-file={report}"], seconds=60)
        made.await_leader(seconds=60)
        until(lambda: node.get("/work/stats").status == 200, 30, "the queue serves")
        work_id = node.post("/work/add", {"work_type": "t"}, timeout=30).json["work_id"]
        until(lambda: node.get(f"/work/item?work_id={work_id}").json["status"] == "done", 60, "the job is done")
        self.status(node.post("/gauntlet/run", {"model": "a", "baselines": ["b"], "games": 2}), 201)
        self.status(node.post("/work/add", "{"), 400)
        self.status(node.get("/openapi.json", timeout=60), 200)
        self.status(node.get("/metrics"), 200)
        status = node.stop(60)

        said = report.read_text()
        self.assertEqual(status, 0, said[-3000:])
        lost = re.search(r"definitely lost: ([\d,]+) bytes", said)
        errors = re.search(r"ERROR SUMMARY: ([\d,]+) errors", said)
        figure("valgrind", f"errors {errors.group(1)}, definitely lost {lost.group(1) if lost else '0'} bytes")
        self.assertEqual(errors.group(1), "0", said[-3000:])
        self.assertTrue(lost is None or lost.group(1) == "0", said[-3000:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
