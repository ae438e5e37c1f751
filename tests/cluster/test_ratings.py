"""Ratings on real nodes: late results, nodes that were away, a leader that is killed; all nodes end with one set of games, the
same ratings to the last digit, and each game announced once."""

import time
import unittest

from gauntlets import await_played, fake_games
from nodes import SLOW, ClusterTest, await_active, figure, ringctl, stored_events, until

PLUGINS = ("admin", "gossip", "swim", "election", "raft", "work_queue", "worker", "gauntlet", "elo_sync", "loop_elo_sync")
BEAT_MS = 900
LOOP = "config: {loop_elo_sync: 5s}\n"
LEASE = "config: {claim_timeout: 3s}\n"  # a game of the killed node is played again after it
GAMES = 12


def now_ms():
    return int(time.time() * 1000)


def game(name, players, outcome, ago_ms=0, board="hex8"):
    return {"game_id": name, "board_type": board, "players": players, "outcome": outcome, "played_at": now_ms() - ago_ms}


class Ratings(ClusterTest):
    def start(self, **config):
        sections = {"loop_elo_sync": LOOP, "work_queue": LEASE, **config}
        made = self.cluster(3, plugins=PLUGINS, config=sections, beat_ms=BEAT_MS * SLOW)
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        return made, leader

    def sync(self, node, games, accepted=None):
        reply = self.status(node.post("/elo/sync", {"results": games}), 200).json
        self.assertEqual(reply["accepted"], len(games) if accepted is None else accepted, reply)
        return reply

    def await_alike(self, made, ids, seconds=30, board="hex8"):
        """Until all nodes have so many ids and one digest; their common rankings."""

        def alike():
            views = [node.get("/elo/status") for node in made.nodes.values()]
            if any(view.status != 200 for view in views):
                return None
            return {view.json["digest"] for view in views} if all(v.json["ids"] == ids for v in views) else None

        until(lambda: alike() is not None and len(alike()) == 1, seconds, "one digest")
        for system in ("elo", "bradley_terry", "glicko2"):
            texts = {node.get(f"/elo/rankings?board_type={board}&system={system}").text for node in made.nodes.values()}
            self.assertEqual(len(texts), 1, texts)
        return made["n1"].get(f"/elo/rankings?board_type={board}").json["rankings"]

    def await_announced(self, node, events, seconds=30):
        """Until so many ELO_UPDATED are stored, and no more come."""
        until(lambda: len(stored_events(node, "ELO_UPDATED")) >= events, seconds, f"{events} announcements")
        announced = stored_events(node, "ELO_UPDATED")
        self.assertEqual(len(announced), events, announced)
        return announced

    def test_the_six_published_games_from_three_nodes_in_any_order(self):
        made, _ = self.start()
        six = [("A", "B", "A"), ("C", "D", "draw"), ("A", "C", "C"), ("B", "D", "B"), ("A", "D", "A"), ("B", "C", "draw")]
        games = [game(f"g{i}", [a, b], won, 60000 - 1000 * i) for i, (a, b, won) in enumerate(six)]
        for i in (5, 0, 3, 1, 4, 2):
            self.sync(made[f"n{i % 3 + 1}"], [games[i]])

        ratings = {row["player"]: row["rating"] for row in self.await_alike(made, 6)}
        for player, published in {"A": 1514.527386, "B": 1501.472614, "C": 1516.0, "D": 1468.0}.items():
            self.assertAlmostEqual(ratings[player], published, places=6)
        self.await_announced(made["n2"], 12)

    def test_what_a_node_missed_and_late_results_end_in_one_order(self):
        made, leader = self.start()
        away = next(name for name in made.nodes if name != leader)
        others = [name for name in made.nodes if name != away]
        self.sync(made[away], [game(f"a{i}", ["x", "y"], "x", 50000 - i) for i in range(20)])
        self.await_alike(made, 20)
        made[away].kill()
        self.sync(made[others[0]], [game(f"b{i}", ["y", "z"], "draw", 40000 - i) for i in range(700)])
        self.sync(made[others[1]], [game(f"c{i}", ["z", "x"], "z", 90000 - i) for i in range(30)])
        self.status(made[others[0]].post("/elo/retract", {"game_id": "a3", "reason": "crashed"}), 200)
        made[away].start()
        self.sync(made[away], [game("late", ["x", "z"], "x", 80000)])

        started = time.monotonic()
        rankings = self.await_alike(made, 751)
        figure("ratings.united_s", round(time.monotonic() - started, 2))
        self.assertEqual(sum(row["games"] for row in rankings), 2 * 750)
        shown = ringctl(made["n1"], "elo", "head-to-head", "x", "y", "--board", "hex8")
        self.assertIn("x against y on hex8: 19 won, 0 drawn, 0 lost", shown.stdout)
        repaired = self.status(made["n2"].post("/elo/repair", {}), 200).json
        self.assertEqual((repaired["peers"], repaired["failed"], repaired["merged"]), (2, 0, 0))
        loops = {loop["name"]: loop for loop in made["n3"].get("/loops").json["loops"]}
        self.assertEqual(loops["elo_sync"]["interval_ms"], 5000)

    def test_a_gauntlet_is_rated_once_although_its_leader_is_killed(self):
        made, leader = self.start(**fake_games(self.folder, 0.3))
        asked = {"model": "a", "baselines": ["b"], "games": GAMES, "seed": "7", "board_type": "hex8"}
        run = made["n1"].post("/gauntlet/run", asked)
        gauntlet = self.status(run, 201).json["gauntlet_id"]
        survivors = [name for name in made.nodes if name != leader]
        await_played(made[survivors[0]], gauntlet, 4, 40)
        made[leader].kill()
        await_played(made[survivors[0]], gauntlet, GAMES, 90)
        made[leader].start()

        rankings = self.await_alike(made, GAMES, seconds=60)
        self.assertEqual({row["player"]: row["games"] for row in rankings}, {"a": GAMES, "b": GAMES})
        announced = self.await_announced(made[survivors[0]], 2 * GAMES)
        # Each game once for each player. The number is its place in the fold when it is told: one that comes late, of a
        # time before others, has a place that another had when that was told.
        self.assertEqual(sorted(event["player"] for event in announced), ["a"] * GAMES + ["b"] * GAMES)
        self.assertTrue({event["games_played"] for event in announced} <= set(range(1, GAMES + 1)), announced)
        self.await_announced(made[survivors[1]], 2 * GAMES)

    def test_evaluation_work_brings_its_games(self):
        made, leader = self.start()
        item = {"work_type": "evaluation", "config_key": "sq8_2p", "requires": ["nobody"]}
        work = self.status(made["n1"].post("/work/add", item), 201).json["work_id"]
        claim = {"node_id": "w", "work_types": ["evaluation"], "capabilities": ["nobody"]}
        token = self.status(made["n1"].post("/work/claim", claim), 200).json["claim_token"]
        won = {"index": 0, "black": "m", "white": "o", "winner": "m"}
        played = [won, {"index": 1, "black": "o", "white": "m", "winner": None}]
        result = {"games": played, "results": [{"players": ["m", "o"], "outcome": 0.5}]}
        done = {"work_id": work, "node_id": "w", "claim_token": token, "result": result}
        self.status(made["n1"].post("/work/complete", done), 200)

        rankings = self.await_alike(made, 2, board="sq8")
        self.assertEqual({row["player"]: row["games"] for row in rankings}, {"m": 2, "o": 2})
        self.await_announced(made[leader], 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
