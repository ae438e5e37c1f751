"""A leader whose disk gives errors (EIO): it stops or steps down with a reason, nothing acknowledged is lost, and it comes back.

The errors come from broken_disk.so in the node, under SQLite's own reads, writes and syncs."""

import os
import unittest

from disk_faults import DiskFaultTest

BROKEN_DISK = os.environ.get("RINGHOST_BUILD", "") + "/tests/broken_disk.so"


class DiskError(DiskFaultTest):
    name = "disk_error"

    def prepare(self):
        for name, node in self.made.nodes.items():
            node.wrapper = ["env", f"LD_PRELOAD={BROKEN_DISK}", f"RINGHOST_BROKEN_DISK={self.switch(name)}"]

    def switch(self, node_id):
        return self.made.folder / f"{node_id}.broken"

    def spoil(self, node_id):
        self.switch(node_id).write_text(self.what)

    def mend(self, node_id):
        self.switch(node_id).unlink()

    def test_failed_writes_are_named_and_lose_nothing(self):
        self.what = "write"
        self.check_rounds([r"(?i)i/o error"])

    def test_failed_syncs_are_named_and_lose_nothing(self):
        self.what = "sync"
        self.check_rounds([r"(?i)i/o error"])

    def test_a_node_that_cannot_read_its_data_says_so_and_starts_when_it_can(self):
        leader, _ = self.await_whole()
        self.made[leader].stop()
        self.what = "read"
        self.spoil(leader)

        self.made[leader].start(ready=False)
        status = self.made[leader].wait()
        said = self.made[leader].tail()

        self.assertNotEqual(status, 0)
        self.assertRegex(said, r"(?i)\.db: .*i/o error")
        self.mend(leader)
        self.made[leader].start()
        self.check_rounds([])


if __name__ == "__main__":
    unittest.main(verbosity=2)
