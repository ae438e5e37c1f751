"""Without raft: kill -9 of the node that leads in the middle of a gauntlet, and what the cluster does until and after it is
back. With raft: test_raft_failover.py."""

import time
import unittest

from gauntlets import PLUGINS, await_played, check_whole, fake_games, journal, played, real_games, results
from nodes import BIN, ClusterTest, await_active, figure, run_program, stored_events, until

GAMES = 20


class Failover(ClusterTest):
    def start_gauntlet(self, config, games=GAMES, **more):
        """Three nodes in the middle of a gauntlet: cluster, id of the leader, id of the gauntlet."""
        made = self.cluster(3, plugins=PLUGINS, config=config)
        made.start()
        leader = made.await_leader()
        await_active(made[leader])
        run = made["n1"].post("/gauntlet/run", {"model": "a", "baselines": ["b"], "games": games, "seed": "7", **more})
        self.status(run, 201)
        return made, leader, run.json["gauntlet_id"]

    def await_elsewhere(self, made, survivors, home):
        """Until the survivors agree on another leader and the queue answers with the name of its home."""
        started = time.monotonic()
        heir = made.await_leader(*survivors, other_than=home, seconds=15)
        figure("failover.new_leader_s", round(time.monotonic() - started, 2))
        self.assertNotEqual(heir, home)

        def refused():
            replies = [made[name].get("/work/stats") for name in survivors]
            return replies if all(r.status == 503 and r.code == "state_elsewhere" for r in replies) else None

        for reply in until(refused, 10, "state_elsewhere on all survivors"):
            self.assertIn(home, reply.json["error"]["message"])
            self.assertIn("Retry-After", reply.headers)
        added = made[survivors[0]].post("/work/add", {"work_type": "x"})
        self.status(added, 503, "state_elsewhere")
        return heir

    def test_a_gauntlet_goes_on_where_it_was_when_its_leader_is_back(self):
        made, home, gauntlet = self.start_gauntlet(fake_games(self.folder, 0.15))
        survivors = [name for name in made.nodes if name != home]
        before = await_played(made[survivors[0]], gauntlet, 5, 20)
        made[home].kill()

        self.await_elsewhere(made, survivors, home)
        started = time.monotonic()
        made[home].start()
        until(lambda: made[survivors[0]].leader() == home, 20, f"{home} leads again")
        figure("failover.home_leads_again_s", round(time.monotonic() - started, 2))
        figures = await_played(made[survivors[0]], gauntlet, GAMES, 40)

        self.assertLess(played(before), GAMES, "it was killed in the middle")
        check_whole(self, figures, GAMES)
        began = journal(self.folder)
        figure("failover.games_begun", f"{len(began)} for {GAMES} games")
        group = made[home].get("/work/pending?status=done&limit=100").json["items"]
        self.assertEqual(len({item["work_id"] for item in group}), GAMES)
        announced = stored_events(made[home], "EVALUATION_COMPLETED")
        self.assertEqual([event["gauntlet_id"] for event in announced], [gauntlet], "announced once")
        views = {made[name].get("/election/leader").json["leader"] for name in made.nodes}
        self.assertEqual(views, {home})

    def test_an_adopted_state_stays_where_it_is_when_the_old_home_returns(self):
        made, home, gauntlet = self.start_gauntlet(fake_games(self.folder, 0.15))
        survivors = [name for name in made.nodes if name != home]
        await_played(made[survivors[0]], gauntlet, 3, 20)
        made[home].kill()
        heir = self.await_elsewhere(made, survivors, home)

        adopted = run_program(BIN / "ringctl", "--addr", f"127.0.0.1:{made[heir].port}", "state", "adopt", "--yes")
        self.assertEqual(adopted.returncode, 0, adopted)
        await_active(made[heir])
        self.status(made[survivors[0]].get(f"/gauntlet/results?gauntlet_id={gauntlet}"), 404)
        run = self.status(made[survivors[0]].post("/gauntlet/run", {"model": "a", "baselines": ["b"], "games": 4}), 201)
        figures = await_played(made[heir], run.json["gauntlet_id"], 4, 20)
        check_whole(self, figures, 4)

        made[home].start()
        until(lambda: made[home].leader() == heir, 15, "the old home follows")
        settled = time.monotonic() + 3
        until(lambda: time.monotonic() > settled or made[heir].leader() != heir, 10, "the leader stays")
        self.assertEqual(made[heir].leader(), heir)
        self.assertEqual(results(made[home], run.json["gauntlet_id"])["gauntlet_id"], run.json["gauntlet_id"])
        self.status(made[home].get(f"/gauntlet/results?gauntlet_id={gauntlet}"), 404)

    def test_real_games_of_gnu_go_survive_a_killed_leader(self):
        made, home, gauntlet = self.start_gauntlet(real_games(), games=6)
        survivors = [name for name in made.nodes if name != home]
        before = await_played(made[survivors[0]], gauntlet, 1, 30)
        made[home].kill()

        self.await_elsewhere(made, survivors, home)
        made[home].start()
        figures = await_played(made[survivors[0]], gauntlet, 6, 60)

        self.assertLess(played(before), 6, "it was killed in the middle")
        check_whole(self, figures, 6)
        self.assertTrue(all(game["moves"] > 10 for game in figures["games"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
