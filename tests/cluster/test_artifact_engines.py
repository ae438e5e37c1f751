"""Gauntlets whose engines stand on no node's PATH: they are put on one node, and games elsewhere fetch them."""

import hashlib
import http.client
import shutil
import unittest
from pathlib import Path

from gauntlets import await_played, check_whole
from nodes import ClusterTest, figure

PLUGINS = ("admin", "gossip", "swim", "election", "work_queue", "worker", "artifacts", "gauntlet")
GNUGO = Path("/usr/games/gnugo")
RULES = '--mode, gtp, --seed, "{seed}", --chinese-rules, --capture-all-dead'
# Another engine of the same name, which resigns; it finds the file that it needs beside itself.
RESIGNER = b"""#!/bin/sh
while read -r id command rest; do
    case $command in
    protocol_version) answer=2 ;;
    list_commands) answer=$(printf '%s\\n' boardsize komi clear_board play genmove final_score name version list_commands) ;;
    name) answer=$(cat name.txt) || exit 1 ;;
    genmove) answer=resign ;;
    *) answer= ;;
    esac
    printf '=%s %s\\n\\n' "$id" "$answer"
    [ "$command" = quit ] && exit 0
done
"""


def sha256_of(data):
    return hashlib.sha256(data).hexdigest()


def config(files):
    return {
        "worker": 'config:\n  slots: 1\n  capabilities: [gtp]\n  commands: {gauntlet: {argv: [ringhost-gtp-match, --spec, "-"]}}\n',
        "gauntlet": "config:\n  poll_interval: 200ms\n  players:\n"
        f'    v1: {{argv: [./engine, --level, "1", {RULES}], inputs: ["engine={sha256_of(files["gnugo"])}:0555"]}}\n'
        "    v2:\n      argv: [./engine]\n      inputs:\n"
        f'        - "engine={sha256_of(files["resigner"])}:0555"\n'
        f'        - "name.txt={sha256_of(files["name"])}"\n',
    }


class ArtifactEngines(ClusterTest):
    def put(self, node, data):
        """In pieces, as large as the route takes them."""
        piece = 4 * 1024 * 1024
        for offset in range(0, len(data), piece):
            conn = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
            path = f"/artifacts/data?sha256={sha256_of(data)}&size={len(data)}&offset={offset}"
            conn.request("PUT", path, data[offset : offset + piece], {"Content-Type": "application/octet-stream"})
            self.assertIn(conn.getresponse().status, (200, 201))
            conn.close()

    def test_two_versions_of_an_engine_that_no_node_has_play_everywhere(self):
        self.assertIsNone(shutil.which("engine"))
        files = {"gnugo": GNUGO.read_bytes(), "resigner": RESIGNER, "name": b"resigner"}
        cluster = self.cluster(3, plugins=PLUGINS, config=config(files)).start()
        cluster.await_leader()
        for data in files.values():
            self.put(cluster["n3"], data)

        body = {"model": "v2", "baselines": ["v1"], "type": "quick", "board_size": 5, "requires": ["gtp"]}
        started = self.status(cluster["n1"].post("/gauntlet/run", body), 201).json
        figures = await_played(cluster["n2"], started["gauntlet_id"], 20, 60)

        check_whole(self, figures, 20)
        self.assertEqual(figures["baselines"][0]["losses"], 20)
        nodes = {game["node_id"] for game in figures["games"]}
        self.assertGreaterEqual(nodes, {"n1", "n2"}, "games were played where the engines were not put")
        for data in files.values():
            held = cluster["n1"].get(f"/artifacts/where?sha256={sha256_of(data)}").json
            self.assertEqual({node["node_id"] for node in held["nodes"]}, {"n1", "n2", "n3"})
        figure("artifact_engines", f"20 games of two versions put on one node, played on {sorted(nodes)}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
