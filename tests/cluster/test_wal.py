"""The write-ahead logs stay bounded under continuous writes. RINGHOST_WAL_SECONDS (10) makes it longer."""

import http.client
import json
import os
import threading
import time
import unittest

from nodes import SLOW, ClusterTest, figure, number_from_environment

WAL_MAX = 64 << 20
WRITERS = 4
BATCH = 50


class Wal(ClusterTest):
    def write(self, port, number, over, counts):
        """Adds, claims and completes batches with values that differ, until told to end."""
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30 * SLOW)

        def ask(path, body):
            conn.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = conn.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise AssertionError(f"{path}: {answer.status} {text[:300]}")
            return json.loads(text)

        try:
            serial = 0
            while not over.is_set():
                serial += 1
                noise = os.urandom(800).hex()
                ask("/work/add", {"items": [{"work_type": f"t{number}", "payload": {"n": serial, "i": i, "noise": noise}} for i in range(BATCH)]})
                counts["rows"] += BATCH
                name = f"w{number}"
                items = ask("/work/claim", {"node_id": name, "work_types": [f"t{number}"], "max_items": 64})["items"]
                for item in items:
                    ask("/work/complete", {"work_id": item["work_id"], "node_id": name, "claim_token": item["claim_token"], "result": {"noise": noise}})
                counts["rows"] += 2 * len(items)
        except (AssertionError, OSError, http.client.HTTPException, ValueError) as error:
            counts["failures"].append(repr(error))
        conn.close()

    def test_the_logs_stay_within_64_mib_under_continuous_writes(self):
        seconds = number_from_environment("RINGHOST_WAL_SECONDS", 10)
        node = self.one_node(config={"work_queue": "limits: {state_bytes: 64GiB}\nconfig: {done_kept: 2000, queue_max: 4000000}\n"})
        over = threading.Event()
        counts = {"rows": 0, "failures": []}
        threads = [threading.Thread(target=self.write, args=(node.port, i, over, counts), daemon=True) for i in range(WRITERS)]
        for thread in threads:
            thread.start()
        self.addCleanup(over.set)

        largest = {}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not counts["failures"]:
            for file in node.data_dir.glob("*-wal"):
                largest[file.name] = max(largest.get(file.name, 0), file.stat().st_size)
            over.wait(0.02)
        over.set()
        for thread in threads:
            thread.join(30 * SLOW)

        store = sum(file.stat().st_size for file in node.data_dir.glob("*.db"))
        sizes = ", ".join(f"{name} {size / (1 << 20):.1f} MiB" for name, size in sorted(largest.items()))
        figure("wal", f"{seconds} s, {counts['rows']} item changes, largest: {sizes}; databases {store / (1 << 20):.1f} MiB")
        self.assertEqual(counts["failures"], [])
        self.assertGreater(counts["rows"], 1000)
        self.assertTrue(largest)
        self.assertLessEqual(max(largest.values()), WAL_MAX)
        self.assertEqual(node.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
