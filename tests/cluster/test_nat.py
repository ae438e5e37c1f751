"""Three nodes behind routers with NAT and one behind two of them, over wires that are late and break, take part as if they were not.

The three public nodes vote. Two would be enough to be hubs, but the death of one of two voters ends the majority."""

import time
import unittest

import natlab
import netlab
from gauntlets import check_whole, played, real_games
from nodes import SLOW, ClusterTest, await_active, figure, try_request, until

PLUGINS = ("admin", "gossip", "swim", "relay", "election", "raft", "work_queue", "worker", "gauntlet")
PUBLIC = ("n1", "n2", "n3")
BEHIND = {"n4": 1, "n5": 1, "n6": 1, "n7": 2}
EVERYONE = (*PUBLIC, *BEHIND)
PORT = 8770  # of all hidden nodes: they have the same address, too
POLL_S = 1
BEAT_MS = 1500
GAMES = 16
KILL_AFTER = 4
# One way 15 to 45 ms; each connection breaks after 6 s on average, half of them by going silent.
WIRES = ("--delay", 30, "--jitter", 15, "--break", 6, "--stall", 1500)


def config():
    games = real_games()
    return {
        "relay": f"config: {{poll: {POLL_S}s, ttl: {3 * POLL_S}s, hub_count: 2}}\n",
        "worker": "enable: {roles: [worker]}\n" + games["worker"],
        "gauntlet": games["gauntlet"],
    }


class Nat(ClusterTest):
    def setUp(self):
        super().setUp()
        try:
            self.lab = natlab.NatLab(PUBLIC, BEHIND)
            self.addCleanup(self.lab.end)
            for seed, name in enumerate(BEHIND, 1):
                self.lab.delay(name, *WIRES, "--seed", seed)
        except netlab.NoNamespaces as error:
            if error.is_root and netlab.why_not() is None:
                raise
            self.skipTest(f"no network namespaces here: {error}")

    def start(self):
        made = self.cluster(
            len(EVERYONE), plugins=PLUGINS, config=config(), voters=list(PUBLIC), seeds=PUBLIC, beat_ms=BEAT_MS * SLOW, places=self.lab.places(),
            roles={name: "worker" for name in BEHIND}, ports={name: PORT for name in BEHIND}, apart=BEHIND, node_extra="insecure: true\n",
        )  # fmt: skip
        made.start()
        return made

    def peers(self, node):
        reply = node.try_get("/peers")
        return {row["node_id"]: row for row in reply.json["peers"]} if reply is not None and reply.status == 200 else {}

    def doubts(self, made, names):
        """Who does not see whom alive, and the hidden ones reached through hubs."""
        found = []
        for name in names:
            rows = self.peers(made[name])
            for other in names:
                row = rows.get(other, {})
                if row.get("state") != "alive" or (other in BEHIND) == (row.get("reach") == "direct"):
                    found.append((name, other, row.get("state"), row.get("reach")))
        return found

    def await_all(self, made, names, seconds, what):
        try:
            until(lambda: not self.doubts(made, names), seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.doubts(made, names)}") from error

    def results(self, made, names, gauntlet_id):
        for name in names:
            reply = made[name].try_get(f"/gauntlet/results?gauntlet_id={gauntlet_id}")
            if reply is not None and reply.status == 200:
                return reply.json
        return None

    def await_played(self, made, names, gauntlet_id, count, seconds):
        def enough():
            figures = self.results(made, names, gauntlet_id)
            return figures if figures and played(figures) >= count else None

        try:
            return until(enough, seconds, f"{count} games over")
        except AssertionError as error:
            held = made[names[0]].try_get("/work/pending?status=leased")
            seen = [str(made[name].try_get(f"/gauntlet/results?gauntlet_id={gauntlet_id}")) for name in PUBLIC]
            leaders = [made[name].leader() for name in PUBLIC]
            workers = [made[name].try_get("/worker/status") for name in BEHIND]
            raise AssertionError(f"{error}; leased: {held and held.text}; results: {seen}; leaders: {leaders}; workers: {workers}") from error

    def begin(self, made, asked):
        """On a busy machine another node may have come to lead: who does not lead refuses, and another one is asked."""

        def begun():
            for name in PUBLIC:
                reply = made[name].post("/gauntlet/run", asked)
                if reply.status == 201:
                    return reply.json["gauntlet_id"]
                self.assertIn(reply.status, (421, 503), reply)
            return None

        return until(begun, 15, "the gauntlet is taken")

    def test_nodes_behind_nat_play_a_gauntlet_and_outlive_the_leader_that_is_their_hub(self):
        made = self.start()
        began = time.monotonic()
        leader = made.await_leader(*PUBLIC)
        await_active(made[leader])
        self.await_all(made, EVERYONE, 20, "all see all alive, the hidden ones through hubs")
        figure("nat.all_alive_s", round(time.monotonic() - began, 2))
        for name in BEHIND:
            self.assertIsNone(try_request(PORT, "GET", "/healthz", timeout=0.3 / SLOW, host=self.lab.hosts[f"r{name}"]), f"{name} can be called")

        asked = {"model": "a", "baselines": ["b"], "games": GAMES, "seed": "7", "board_size": 5}
        gauntlet = self.begin(made, asked)
        self.await_played(made, PUBLIC, gauntlet, KILL_AFTER, 30)
        leader = made.await_leader(*PUBLIC)
        hubs = {name: self.peers(made[leader])[name]["reach"].split(",") for name in BEHIND}
        self.assertTrue(any(leader in hubs[name] for name in BEHIND), hubs)
        made[leader].kill()
        killed = time.monotonic()
        rest = [name for name in EVERYONE if name != leader]
        voters = [name for name in PUBLIC if name != leader]
        until(lambda: all(leader not in self.peers(made[voters[0]]).get(name, {}).get("reach", leader).split(",") for name in BEHIND),
              2 * POLL_S + 3, "the hidden nodes have left the dead hub")  # fmt: skip
        figure("nat.hub_left_s", f"{time.monotonic() - killed:.2f} with polls of {POLL_S} s")

        figures = self.await_played(made, voters, gauntlet, GAMES, 60)
        check_whole(self, figures, GAMES)
        self.assertTrue(all(game["moves"] > 4 for game in figures["games"]))
        by = {row["node_id"]: row["games"] for row in figures["nodes"]}
        self.assertEqual(set(by), set(BEHIND), "who played")
        figure("nat.games", " ".join(f"{name}:{count}" for name, count in sorted(by.items())))
        self.await_all(made, rest, 20, "all others see all others alive")
        duplicates = {name: made[name].get("/relay/status").json["counters"]["duplicates"] for name in BEHIND}
        self.assertEqual(set(duplicates.values()), {0}, duplicates)
        counts = [self.lab.undelay(name) for name in BEHIND]
        totals = {key: sum(count[key] for count in counts) for key in counts[0]}
        self.assertGreater(totals["cut"] + totals["stalled"], 0)
        figure("nat.wires", f"{totals['connections']} connections, {totals['cut']} reset, {totals['stalled']} gone silent")


if __name__ == "__main__":
    netlab.enter()
    unittest.main()
