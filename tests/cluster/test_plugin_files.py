"""What ringhost says of plugin files that are none, or not what the configuration names; builds no plugin."""

import os
import shutil
import unittest
from pathlib import Path

from nodes import BIN, ClusterTest, run_program

PLUGIN_DIR = Path(os.environ["RINGHOST_BUILD"]) / "plugins"


class PluginFiles(ClusterTest):
    def refused(self, file, on_failure="abort"):
        """Starts a node whose gossip is this file; its end, which must be 78."""
        section = f"file: {file}\non_failure: {on_failure}\nconfig: {{}}\n"
        made = self.cluster(1, plugins=("admin", "gossip"), config={"gossip": section})
        ended = run_program(BIN / "ringhost", "--conf", made.conf, "--node", "n1")
        self.assertEqual(ended.returncode, 78, ended)
        self.assertIn("gossip", ended.stderr)
        self.assertRegex(ended.stderr, r"11-gossip\.yaml:\d+:\d+: error: ")
        self.assertFalse(made["n1"].data_dir.exists(), "nothing half-done")
        return ended.stderr

    def patched(self, old, new):
        """gossip.so with some bytes of it changed."""
        content = (PLUGIN_DIR / "gossip.so").read_bytes()
        self.assertIn(old, content)
        file = self.folder / "gossip.so"
        file.write_bytes(content.replace(old, new))
        return file

    def test_a_missing_file_is_named(self):
        self.assertIn("/nowhere/gossip.so", self.refused("/nowhere/gossip.so"))

    def test_a_file_of_another_abi_says_expected_found_and_which_side_to_upgrade(self):
        said = self.refused(self.patched(b"abi=0.", b"abi=9."))

        self.assertIn("9.", said)
        self.assertIn("0.", said)
        self.assertIn("upgrade", said)

    def test_a_shared_object_that_is_no_plugin_is_refused(self):
        self.assertIn("plugin", self.refused(self.patched(b".rh.info", b".rh.none")))

    def test_a_text_file_is_refused(self):
        file = self.folder / "gossip.so"
        file.write_text("#!/bin/sh\necho I am no plugin\n")

        self.assertIn("ELF", self.refused(file))

    def test_a_folder_and_a_truncated_file_are_refused(self):
        short = self.folder / "short.so"
        short.write_bytes((PLUGIN_DIR / "gossip.so").read_bytes()[:2000])

        self.refused(self.folder)
        self.refused(short)

    def test_a_plugin_of_another_id_is_refused_with_both_ids(self):
        said = self.refused(PLUGIN_DIR / "admin.so")

        self.assertIn("admin", said)

    def test_check_finds_the_same_without_starting(self):
        file = self.folder / "gossip.so"
        shutil.copy(PLUGIN_DIR / "admin.so", file)
        made = self.cluster(1, plugins=("gossip",), config={"gossip": f"file: {file}\n"})

        ended = run_program(BIN / "ringhost", "--conf", made.conf, "--node", "n1", "--check")

        self.assertEqual(ended.returncode, 78, ended)


if __name__ == "__main__":
    unittest.main(verbosity=2)
