"""Every reference route with a good and a bad request, and every listed route known to the node and to /openapi.json."""

import http.client
import json
import re
import struct
import unittest

import jsonschema
from nodes import BIN, SOURCE, ClusterTest, request, run_program, until

COMMANDS = "config: {commands: {none: {argv: [/bin/true]}}}\n"
PLAYERS = "config: {players: {a: [/bin/false], b: [/bin/false]}}\n"

RATED = {"game_id": "g", "board_type": "hex8", "players": ["a", "b"], "outcome": "draw", "played_at": 1700000000000}

# method, path, a good body or query with its status, a bad one with its status. In the order of the calls; {id} and {token} are
# those of the claim before, {tournament} and {job} what was started. None: another method. 33 of the reference; those of raft,
# behind which election only tells who leads, are in RAFT.
REFERENCE = [
    ("GET", "/admin/health", "", 200, None, 405),
    ("POST", "/work/add", {"work_type": "t"}, 201, {"priority": 5}, 400),
    ("GET", "/work/pending", "?status=pending", 200, "?status=asleep", 400),
    ("POST", "/work/claim", {"node_id": "x", "work_types": ["t"], "poll": 1, "held": []}, 200, {"work_types": ["t"]}, 400),
    ("POST", "/work/complete", {"work_id": "{id}", "node_id": "x", "claim_token": "{token}", "result": {}}, 200,
     {"work_id": "{id}", "node_id": "x", "claim_token": "9.9.9"}, 409),
    ("POST", "/gossip", {"from": "n1", "digest": {}, "states": []}, 200, {"states": []}, 400),
    ("POST", "/gossip/push", {"states": []}, 200, {"states": [{"node_id": 7}]}, 400),
    ("GET", "/peers", "", 200, None, 405),
    ("POST", "/swim/ping", {"from": "n9", "seq": 7, "updates": []}, 200, {"from": "n9"}, 400),
    ("POST", "/swim/indirect-ping", {"target": "n1", "seq": 7, "timeout_ms": 100}, 200, {"target": "n9", "seq": 7}, 404),
    ("GET", "/swim/members", "", 200, None, 405),
    ("POST", "/relay/register", {"node_id": "n9", "epoch": "1"}, 200, {"node_id": "n9"}, 400),
    ("POST", "/relay/forward", {"target": "n9", "path": "/healthz", "timeout_ms": 100}, 504, {"target": "n8", "path": "/healthz"}, 503),
    ("GET", "/relay/status", "", 200, None, 405),
    ("POST", "/election/vote", {"candidate": "n1", "term": 1, "pre": True}, 200, {"candidate": "stranger", "term": 9}, 403),
    ("POST", "/election/heartbeat", {"leader": "n1", "term": 1}, 200, {"leader": "n1", "term": 0}, 400),
    ("GET", "/election/leader", "", 200, None, 405),
    ("POST", "/gauntlet/run", {"model": "a", "baselines": ["b"], "games": 2}, 201, {"model": "nobody", "baselines": ["b"]}, 400),
    ("GET", "/gauntlet/results", "?limit=0", 200, "?gauntlet_id=g0-none", 404),
    ("POST", "/gauntlet/claim", {"node_id": "x", "poll": 2, "held": ["w1"]}, 200, {"node_id": "x", "max_items": 65}, 400),
    ("POST", "/tournament/start", {"format": "round_robin", "players": ["a", "b"], "external": True}, 201,
     {"format": "round_robin", "players": ["a"]}, 400),
    ("GET", "/tournament/bracket", "?games=true", 200, "?tournament_id=t0-none", 404),
    ("POST", "/tournament/result", {"tournament_id": "{tournament}", "match_id": "R1.1", "winner": "a"}, 200,
     {"tournament_id": "{tournament}", "match_id": "R1.1", "winner": 7}, 400),
    ("POST", "/cmaes/start", {"dimension": 2}, 201, {"dimension": 101}, 400),
    ("GET", "/cmaes/status", "", 200, "?job_id=c0-none", 404),
    ("POST", "/cmaes/report", {"job_id": "{job}", "candidate_id": "0/0", "fitness": 1}, 200, {"job_id": "{job}", "fitness": 1}, 400),
    ("POST", "/elo/sync", {"results": [RATED]}, 200, {"results": [{**RATED, "players": 7}]}, 400),
    ("POST", "/elo/merge", {"results": [RATED]}, 200, {"digest": {"first": 0, "last": 1024}}, 400),
    ("GET", "/elo/rankings", "?board_type=hex8&min_games=1", 200, "?system=guess", 400),
    ("POST", "/ssh_tournament/run", {"hosts": ["127.0.0.1:1"], "command": ["true"], "matches": [{}], "retries": 0}, 201,
     {"hosts": ["127.0.0.1:1"], "matches": [{}]}, 400),
    ("GET", "/ssh_tournament/status", "?limit=1", 200, "?run_id=none", 404),
    ("POST", "/admin/restart", {}, 202, {"when": "now"}, 400),
    ("POST", "/admin/shutdown", {"grace_s": 5}, 202, {"grace_s": -1}, 400),
]  # fmt: skip
ROUTES = ("admin", "gossip", "swim", "relay", "election", "work_queue", "worker", "gauntlet", "tournament", "cmaes", "elo_sync", "event_bridge", "ssh_tournament", "artifacts")
ALL = (*ROUTES, "raft", "loop_queue_populator", "loop_idle_detection", "loop_validation", "loop_auto_scaling")


def raft_beat(sender, lineage, term):
    """A heartbeat as one node sends it to another: little-endian, FNV-1a over all before it at the end."""
    name = sender.encode()
    body = struct.pack("<IBQQQQQI", 0x31465252, 5, lineage, term, 0, 0, 0, len(name)) + name
    digest = 0xCBF29CE484222325
    for byte in body:
        digest = (digest ^ byte) * 0x100000001B3 % (1 << 64)
    return body + struct.pack("<Q", digest)


RAFT = [
    ("POST", "/raft/append", raft_beat("n9", 77, 1), 200, raft_beat("n9", 77, 1)[:-1] + b"?", 400),
    ("POST", "/raft/vote", {"candidate": "n9", "term": 1, "lineage": "77", "pre": True}, 200, {"candidate": "n9"}, 400),
    ("GET", "/raft/state", "", 200, None, 405),
    ("POST", "/raft/snapshot", None, None, b"?", 400),
    ("POST", "/raft/members", {"action": "add", "node_id": "n9"}, 200, {"action": "marry", "node_id": "n9"}, 400),
    ("POST", "/raft/transfer", None, None, {"node_id": "n9"}, 400),
    ("POST", "/raft/bootstrap", None, None, {"confirm": "n9"}, 400),
    ("POST", "/raft/recover", None, None, {"confirm": "n1"}, 409),
    ("POST", "/raft/archive", None, None, {"confirm": "n1"}, 409),
    ("POST", "/election/vote", None, None, {"candidate": "n1", "term": 99}, 409),
]  # fmt: skip


MY_EVENT = {"event_type": "MY_EVENT", "payload": {"n": 1}, "source": "test", "idempotency_key": "k"}
# Of the sinks c (cluster) and n (node), which have no dead letters.
BRIDGE = [
    ("POST", "/events/publish", MY_EVENT, 202, {**MY_EVENT, "event_type": "lower"}, 400),
    ("POST", "/events/publish", MY_EVENT, 200, {**MY_EVENT, "event_type": "WORK_FAILED"}, 400),
    ("GET", "/events/sinks", "", 200, None, 405),
    ("GET", "/events/dead", "?sink=c", 200, "?sink=n", 404),
    ("POST", "/events/redrive", None, None, {"sink": "c"}, 400),
    ("POST", "/events/discard", None, None, {"sink": "c", "all": True}, 404),
    ("POST", "/events/forget", None, None, {"sink": "c"}, 409),
    ("GET", "/events/node/sinks", "", 200, None, 405),
    ("GET", "/events/node/dead", "?sink=n", 200, "?sink=c", 404),
    ("POST", "/events/node/redrive", None, None, {"sink": "c", "all": True}, 404),
    ("POST", "/events/node/discard", None, None, {"sink": "n", "event_ids": ["x"]}, 404),
    ("POST", "/events/node/forget", None, None, {"sink": "c"}, 404),
]  # fmt: skip
SINKS = """config:
  sinks:
    c: {url: "http://127.0.0.1:1/"}
    n: {argv: [/bin/false], scope: node, types: [NOTHING]}
"""
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# Method, path, a good query or body with its status, a bad one with its status.
ARTIFACTS = [
    ("PUT", "/artifacts/data", f"?sha256={EMPTY}&size=0", 201, f"?sha256={EMPTY}", 400),
    ("GET", "/artifacts/stat", f"?sha256={EMPTY}", 200, f"?sha256={'0' * 64}", 404),
    ("GET", "/artifacts/data", f"?sha256={EMPTY}", 200, "?sha256=0", 400),
    ("GET", "/artifacts/list", "?limit=1", 200, "?after=x", 400),
    ("GET", "/artifacts/where", f"?sha256={EMPTY}", 200, "", 400),
    ("GET", "/artifacts/held", f"?sha256={EMPTY}", 200, "?sha256=x", 400),
    ("GET", "/artifacts/piece", f"?sha256={EMPTY}", 200, f"?sha256={'0' * 64}", 404),
    ("POST", "/artifacts/verify", {"sha256": EMPTY}, 202, {"sha256": EMPTY, "all": True}, 400),
    ("GET", "/artifacts/verify", "", 200, "?x=1", 400),
    ("POST", "/artifacts/doubt", {"sha256": EMPTY}, 200, {"sha256": "0" * 64}, 404),
    ("POST", "/artifacts/pin", {"sha256": EMPTY, "pinned": False}, 200, {"sha256": EMPTY, "pinned": 7}, 400),
    ("DELETE", "/artifacts/data", f"?sha256={EMPTY}", 200, f"?sha256={'0' * 64}", 404),
]  # fmt: skip


def call(node, method, path, sent):
    if sent is None:
        return node.post(path)
    if isinstance(sent, str):
        return request(node.port, method, path + sent)
    if isinstance(sent, bytes):
        return node.post(path, sent, headers={"Content-Type": "application/octet-stream"})
    return node.post(path, sent)


def put_in(sent, known):
    """A body or query with what is known now in the place of {id}, {token}, {tournament} and {job}."""
    text = json.dumps(sent)
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return json.loads(text)


class Routes(ClusterTest):
    def node(self, plugins=ROUTES):
        return self.one_node(plugins=plugins, config={"worker": COMMANDS, "gauntlet": PLAYERS, "event_bridge": SINKS})

    def listed(self, node):
        """The routes that --routes prints, as lists of columns."""
        done = run_program(BIN / "ringhost", "--conf", node.conf, "--routes")
        self.assertEqual(done.returncode, 0, done)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def test_the_reference_routes_take_good_and_refuse_bad_requests(self):
        node = self.node()
        listed = {(row[0], row[1]) for row in self.listed(node)}
        known = {"id": "", "token": "", "tournament": "", "job": ""}
        self.assertEqual(len(REFERENCE), 33)
        for method, path, good, good_status, bad, bad_status in REFERENCE:
            with self.subTest(route=f"{method} {path}"):
                self.assertIn((method, path), listed)
                good, bad = (put_in(sent, known) for sent in (good, bad))
                refused = call(node, method, path, bad)
                self.assertEqual(refused.status, bad_status, refused)
                self.assertTrue(refused.code and refused.json["error"]["message"], refused)
                done = call(node, method, path, good)
                self.assertEqual(done.status, good_status, done)
                self.assertIsInstance(done.json, dict)
                if path == "/work/claim":
                    known.update(id=done.json["work_id"], token=done.json["claim_token"])
                if path == "/tournament/start":
                    known["tournament"] = done.json["tournament_id"]
                if path == "/cmaes/start":
                    known["job"] = done.json["job_id"]
                if path == "/admin/restart":
                    self.until_restarted(node)
        self.assertEqual(node.wait(10), 0)

    def expect_refused(self, reply, status):
        self.assertEqual(reply.status, status, reply)
        self.assertTrue(reply.code and reply.json["error"]["message"], reply)

    def test_the_routes_of_raft_take_good_and_refuse_bad_requests(self):
        node = self.node(ALL)
        self.expect_rows(node, RAFT)
        answer = call(node, "POST", "/raft/append", raft_beat("n9", 77, 1)).json
        self.assertEqual(answer["status"], "other_data", "only a leader of this group is heard")
        self.assertEqual(node.leader(), "n1")

    def test_the_routes_of_the_bridge_take_good_and_refuse_bad_requests(self):
        node = self.node()
        until(lambda: all(row["state"] != "off" for row in node.get("/events/sinks").json["sinks"]), 10, "the sinks are at work")
        self.expect_rows(node, BRIDGE)

    def expect_rows(self, node, rows):
        listed = {(row[0], row[1]) for row in self.listed(node)}
        for method, path, good, good_status, bad, bad_status in rows:
            with self.subTest(route=f"{method} {path}"):
                self.assertIn((method, path), listed)
                self.expect_refused(call(node, method, path, bad), bad_status)
                if good is not None:
                    done = call(node, method, path, good)
                    self.assertEqual(done.status, good_status, done)
                    self.assertIsInstance(done.json, dict)

    def test_the_routes_of_artifacts_take_good_and_refuse_bad_requests(self):
        node = self.node()
        listed = {(row[0], row[1]) for row in self.listed(node)}
        self.assertLessEqual({(row[0], row[1]) for row in ARTIFACTS}, listed)
        for method, path, good, good_status, bad, bad_status in ARTIFACTS:
            with self.subTest(route=f"{method} {path}"):
                self.expect_refused(call(node, method, path, bad), bad_status)
                self.assertEqual(call(node, method, path, good).status, good_status)

    def until_restarted(self, node):
        until(lambda: "start=2" in node.log.read_text(errors="replace") and node.is_ready() and node.leader(), 15, "the node is back")

    def test_routes_are_printed_sorted_with_six_columns(self):
        rows = self.listed(self.cluster(1, plugins=ALL)["n1"])

        self.assertTrue(all(len(row) == 6 and re.fullmatch(r"[\w./-]+:\d+", row[5]) for row in rows), rows)
        self.assertEqual([row[1] for row in rows], sorted(row[1] for row in rows))

    def test_every_listed_route_is_known_to_the_node_and_answers_garbage(self):
        node = self.node(ALL)
        listed = [(row[0], row[1]) for row in self.listed(node)]
        page = run_program(BIN / "ringhost", "--conf", node.conf, "--docs", "routes").stdout
        kept = SOURCE / "docs/routes.md"
        documented = set(re.findall(r"^\| (GET|POST|PUT|DELETE) \| `(/[^`]*)` \|", page + "\n" + (kept.read_text() if kept.exists() else ""), re.MULTILINE))

        self.assertGreaterEqual(documented, set(listed), "--docs routes names them all")
        for method, path in sorted(documented | set(listed)):
            with self.subTest(route=f"{method} {path}"):
                conn = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
                self.addCleanup(conn.close)
                garbage = "{" if method == "POST" else None
                conn.request(method, path + ("?garbage=%00" if garbage is None else ""), garbage, {"Content-Type": "application/json"})
                self.assertIn(conn.getresponse().status, (200, 400), "not unknown, and no failure of ours")
                conn.close()
        self.assertEqual(node.get("/healthz").status, 200)

    def test_openapi_is_valid_and_describes_every_route(self):
        node = self.node(ALL)
        schema = json.loads((SOURCE / "tests/cluster/openapi31.schema.json").read_text())

        document = request(node.port, "GET", "/openapi.json").json

        jsonschema.Draft202012Validator.check_schema(schema)
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in jsonschema.Draft202012Validator(schema).iter_errors(document)]
        self.assertEqual(errors, [])
        described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
        self.assertEqual(described, {(row[0], row[1]) for row in self.listed(node)})
        operations = [op["operationId"] for item in document["paths"].values() for op in item.values()]
        self.assertEqual(len(operations), len(set(operations)))

    def test_the_schemas_in_openapi_judge_bodies_as_the_node_does(self):
        node = self.node()
        paths = request(node.port, "GET", "/openapi.json").json["paths"]
        judged = 0
        for method, path, good, _, bad, bad_status in REFERENCE:
            if method == "POST" and bad_status == 400 and path not in ("/gauntlet/run", "/admin/restart", "/work/add"):
                with self.subTest(path=path):
                    schema = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
                    jsonschema.validate(good, schema)
                    with self.assertRaises(jsonschema.ValidationError):
                        jsonschema.validate(bad, schema)
                judged += 1
        self.assertGreaterEqual(judged, 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
