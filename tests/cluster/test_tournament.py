"""Tournaments of real engines on three nodes with raft: the leader is killed in the middle and comes back at the end; every match is
played to an outcome, the bracket is a legal one, the end is announced once, and every played game is in the ratings of all nodes."""

import json
import time
import unittest

from nodes import SLOW, ClusterTest, await_active, figure, stored_events, try_request, until

PLUGINS = ("admin", "gossip", "swim", "election", "raft", "work_queue", "worker", "tournament", "elo_sync", "loop_elo_sync")
BEAT_MS = 900
LEVELS = (10, 8, 6, 4, 2, 1)
NAMES = [f"gnugo-{level}" for level in LEVELS]


def broken_engine():
    """One engine that plays and one that ends at once."""
    sections = engines()
    sections["tournament"] += "    broken: [/bin/false]\n"
    sections["work_queue"] = "config: {retry_base: 100ms, retry_cap: 200ms}\n"
    return sections


def engines():
    """Sections for a cluster that plays GNU Go of six levels."""
    words = "gnugo, --mode, gtp, --seed, '{seed}', --chinese-rules, --capture-all-dead"
    players = "".join(f"    {name}: [{words}, --level, '{level}']\n" for name, level in zip(NAMES, LEVELS))
    return {
        "worker": 'config:\n  slots: 1\n  capabilities: [gtp]\n  commands: {gauntlet: {argv: [ringhost-gtp-match, --spec, "-"]}}\n',
        "tournament": f"config:\n  poll_interval: 200ms\n  players:\n{players}",
        "work_queue": "config: {claim_timeout: 3s}\n",
    }


def bracket(node, tournament_id):
    """The bracket with its games, or None while it cannot be had."""
    reply = try_request(node.port, "GET", f"/tournament/bracket?tournament_id={tournament_id}&games=true", timeout=10)
    return reply.json if reply is not None and reply.status == 200 else None


def await_decided(node, tournament_id, count, seconds):
    """Until so many matches have an outcome; the bracket."""

    def enough():
        view = bracket(node, tournament_id)
        return view if view and view["matches_decided"] >= count else None

    return until(enough, seconds, f"{count} matches of {tournament_id} decided")


def decided(view):
    return [match for match in view["matches"] if match["state"] == "decided"]


class Tournament(ClusterTest):
    def hold(self, body, before):
        """A tournament whose leader is killed once so many matches are decided: its end as a survivor sees it, the heir."""
        made = self.cluster(3, plugins=PLUGINS, config=engines(), beat_ms=BEAT_MS * SLOW)
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        started = time.monotonic()
        body = {"board_size": 7, "seed": "7", "max_attempts": 5, **body}
        reply = self.status(made["n1"].post("/tournament/start", body), 201)
        tournament_id = reply.json["tournament_id"]
        survivors = [name for name in made.nodes if name != leader]
        at_kill = await_decided(made[survivors[0]], tournament_id, before, 60)
        made[leader].kill()
        heir = made.await_leader(*survivors, other_than=leader)

        def over():
            view = bracket(made[heir], tournament_id)
            return view if view and view["state"] != "running" else None

        view = until(over, 120, f"{tournament_id} is over; {bracket(made[heir], tournament_id)}")
        figure(f"tournament.{body['format']}_s", round(time.monotonic() - started, 2))
        self.assertLess(at_kill["matches_decided"], view["matches_decided"], "it was killed in the middle")
        self.assertEqual(view["state"], "completed", view)
        self.assertEqual(view["matches_stuck"], 0, view)
        self.check_kept(view, at_kill)
        made[leader].start()
        self.check_rated(made, view)
        for name in survivors:
            announced = until(lambda node=made[name]: stored_events(node, "TOURNAMENT_COMPLETED"), 20, "the end is announced")
            expected = {
                "tournament_id": tournament_id,
                "winner": view["winner"],
                "format": body["format"],
                "matches": view["matches_decided"],
            }
            self.assertEqual(announced, [expected], "announced once")
        return view

    def check_rated(self, made, view):
        """All nodes, the killed one too, end with the games that were played, and the same ratings."""
        played = {game["game_id"]: game for match in decided(view) for game in match["games"] if game["rated"]}

        def alike():
            views = [try_request(node.port, "GET", "/elo/status") for node in made.nodes.values()]
            if any(reply is None or reply.status != 200 or reply.json["ids"] != len(played) for reply in views):
                return None
            return len({reply.json["digest"] for reply in views}) == 1

        until(alike, 60, f"{len(played)} games and one digest on all nodes")
        rankings = {node.get("/elo/rankings?board_type=go7").text for node in made.nodes.values()}
        self.assertEqual(len(rankings), 1, rankings)
        rows = {row["player"]: row for row in json.loads(rankings.pop())["rankings"]}
        self.assertEqual(sum(row["wins"] for row in rows.values()), sum(game["winner"] is not None for game in played.values()))
        self.assertEqual(sum(row["games"] for row in rows.values()), 2 * len(played))
        figure("tournament.rated_games", len(played))

    def check_kept(self, view, at_kill):
        """What was decided before the leader died is decided in the same way."""
        after = {match["match_id"]: match for match in view["matches"]}
        for match in decided(at_kill):
            self.assertEqual(after[match["match_id"]]["winner"], match["winner"])
            self.assertEqual(after[match["match_id"]]["games"], match["games"])

    def test_a_double_elimination_of_six_engines_survives_its_leader(self):
        view = self.hold({"format": "double_elimination", "players": NAMES}, 2)

        matches = decided(view)
        losses = {name: sum(match["loser"] == name for match in matches) for name in NAMES}
        self.assertLessEqual(losses.pop(view["winner"]), 1)
        self.assertEqual(set(losses.values()), {2}, "everyone else lost twice")
        self.assertIn(len(matches), (10, 11))
        games = [game for match in matches for game in match["games"]]
        self.assertEqual(len({game["game_id"] for game in games}), len(games))
        for match in matches:
            if match["decided_by"] == "games":
                self.assertTrue(all(game["moves"] > 10 for game in match["games"] if game["rated"]), match)
        self.assertEqual(view["standings"][0]["rank"], 1)
        self.assertEqual(view["standings"][0]["player"], view["winner"])
        self.assertTrue(all(row["rank"] for row in view["standings"]))

    def test_a_round_robin_of_four_engines_survives_its_leader(self):
        view = self.hold({"format": "round_robin", "players": NAMES[:4]}, 2)

        pairs = {frozenset(side["player"] for side in match["sides"]) for match in decided(view)}
        self.assertEqual(len(pairs), 6)
        self.assertEqual(sum(row["points"] for row in view["standings"]), 6)
        self.assertEqual([row["rank"] for row in view["standings"]], [1, 2, 3, 4])
        self.assertTrue(all(row["matches"] == 3 for row in view["standings"]))

    def test_an_engine_that_breaks_its_games_forfeits_in_the_end(self):
        made = self.cluster(1, plugins=[name for name in PLUGINS if name != "raft"], config=broken_engine())
        node = made["n1"].start()
        await_active(node)
        body = {"format": "single_elimination", "players": ["broken", NAMES[-1]], "board_size": 7, "max_attempts": 2}
        tournament_id = self.status(node.post("/tournament/start", body), 201).json["tournament_id"]

        view = await_decided(node, tournament_id, 1, 60)

        match = view["matches"][0]
        self.assertEqual((match["decided_by"], match["winner"]), ("forfeit", NAMES[-1]), match)
        self.assertEqual(match["games"][0]["error"]["player"], "broken", match)
        self.assertFalse(match["games"][0]["rated"])
        self.assertIn("crash", match["note"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
