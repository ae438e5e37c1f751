"""A leader whose disk is full: it stops or steps down with a reason, nothing acknowledged is lost, and it comes back.

RINGHOST_DISK_ROUNDS (1) makes it longer."""

import unittest

import netlab
from disk_faults import NAMES, DiskFaultTest
from nodes import number_from_environment
from scratch_disk import Disk

DISK_BYTES = 24 << 20


class DiskFull(DiskFaultTest):
    name = "disk_full"

    def prepare(self):
        """A disk for each node, ended after the nodes."""
        self.disks = {}
        try:
            for name in NAMES:
                self.disks[name] = Disk(self.made[name].data_dir, DISK_BYTES)
                self.addCleanup(self.disks[name].end)
        except netlab.NoNamespaces as error:
            self.assertFalse(error.is_root, f"no disk, though this is root: {error}")
            self.skipTest(f"no disk of its own for this user: {error}")
        self.addCleanup(self.made.end)

    def spoil(self, node_id):
        self.disks[node_id].fill()

    def mend(self, node_id):
        self.disks[node_id].free()

    def test_a_full_disk_is_named_and_loses_nothing(self):
        self.check_rounds([r"(?i)full|space"] * number_from_environment("RINGHOST_DISK_ROUNDS", 1))


if __name__ == "__main__":
    netlab.enter()
    unittest.main(verbosity=2)
