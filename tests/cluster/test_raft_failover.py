"""With raft: kill -9 of the node that leads in the middle of a gauntlet; queue and gauntlet go on under another, nothing is lost
and nothing counted twice, although the killed node stays away."""

import threading
import time
import unittest

from gauntlets import await_played, check_whole, fake_games, journal, played, real_games, results
from groups import await_caught_up
from nodes import SLOW, ClusterTest, await_active, figure, stored_events, try_request, until

PLUGINS = ("admin", "gossip", "swim", "election", "raft", "work_queue", "worker", "gauntlet")
BEAT_MS = 900
LEASE = "config: {claim_timeout: 3s}\n"  # a game of the killed node is played again after it
GAMES = 20


class Onlooker:
    """Asks a node for the queue all the time: refusals by code, and the longest time without an answer of 200."""

    def __init__(self, node):
        self.node, self.refusals, self.longest_s = node, {}, 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        served = time.monotonic()
        while not self.over.wait(0.02):
            reply = try_request(self.node.port, "GET", "/work/stats", timeout=10)
            now = time.monotonic()
            if reply is not None and reply.status == 200:
                self.longest_s = max(self.longest_s, now - served)
                served = now
            else:
                code = reply.code if reply is not None else "no answer"
                self.refusals[code] = self.refusals.get(code, 0) + 1

    def end(self):
        self.over.set()
        self.thread.join(30)


class RaftFailover(ClusterTest):
    def start_gauntlet(self, config, games):
        made = self.cluster(3, plugins=PLUGINS, config={**config, "work_queue": LEASE}, beat_ms=BEAT_MS * SLOW)
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        run = made["n1"].post("/gauntlet/run", {"model": "a", "baselines": ["b"], "games": games, "seed": "7"})
        self.status(run, 201)
        return made, leader, run.json["gauntlet_id"]

    def play_on_without(self, made, leader, gauntlet, before, games):
        """Kills the leader once so many games are over; the results when all are, and who leads then."""
        survivors = [name for name in made.nodes if name != leader]
        witness = made[survivors[0]]
        at_kill = await_played(witness, gauntlet, before, 40)
        onlooker = Onlooker(witness)
        self.addCleanup(onlooker.end)
        made[leader].kill()
        killed = time.monotonic()
        heir = made.await_leader(*survivors, other_than=leader)
        figure("raft_failover.new_leader_s", round(time.monotonic() - killed, 2))
        figures = await_played(witness, gauntlet, games, 60)
        figure("raft_failover.all_games_s", round(time.monotonic() - killed, 2))
        onlooker.end()

        figure("raft_failover.longest_without_queue_s", round(onlooker.longest_s, 2))
        figure("raft_failover.refusals", onlooker.refusals)
        self.assertNotIn("state_elsewhere", onlooker.refusals)
        self.assertLess(onlooker.longest_s, 10 * SLOW)
        self.assertLess(played(at_kill), games, "it was killed in the middle")
        check_whole(self, figures, games)
        return figures, made[heir]

    def test_a_gauntlet_goes_on_under_another_leader(self):
        made, leader, gauntlet = self.start_gauntlet(fake_games(self.folder, 0.15), GAMES)

        figures, heir = self.play_on_without(made, leader, gauntlet, 5, GAMES)

        figure("raft_failover.games_begun", f"{len(journal(self.folder))} for {GAMES} games")
        items = heir.get("/work/pending?status=done&limit=100").json["items"]
        self.assertEqual(len({item["work_id"] for item in items}), GAMES)
        announced = stored_events(heir, "EVALUATION_COMPLETED")
        self.assertEqual([event["gauntlet_id"] for event in announced], [gauntlet], "announced once")
        made[leader].start()
        until(lambda: made[leader].leader(), 20, "the killed node is back")
        await_caught_up([made[leader]], made[made.await_leader()])
        again = until(lambda: results(made[leader], gauntlet), 20, "results")
        self.assertEqual(again["baselines"], figures["baselines"])
        self.assertEqual(len(stored_events(made[leader], "EVALUATION_COMPLETED")), 1, "on the node that was away too")

    def test_real_games_of_gnu_go_go_on(self):
        made, leader, gauntlet = self.start_gauntlet(real_games(), 10)

        figures, _ = self.play_on_without(made, leader, gauntlet, 1, 10)

        self.assertTrue(all(game["moves"] > 10 for game in figures["games"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
