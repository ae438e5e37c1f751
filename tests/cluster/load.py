"""Clients that add, claim and complete work, and clients of registers whose history is recorded; holds no test.

They ask any node, at a steady pace, and go on through every fault. What they were told is kept for the check at the end."""

import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse

from linearize import Op

PATIENCE_S = 2.5  # for one answer; then its outcome is unknown
PAUSE_S = 0.04  # between two requests of one client
NOT_SENT = 599  # in place of a status
NOT_APPLIED = ("not_sent", "not_leader", "state_elsewhere", "loading", "conflict", "overloaded", "busy", "unreachable")


class Client(threading.Thread):
    """A thread with a connection to some node; another node after every answer that is not wanted."""

    def __init__(self, load, name, seed, only=None):
        super().__init__(daemon=True)
        self.load, self.name, self.only = load, name, only
        self.dice = random.Random(seed)
        self.conn = None

    def connect(self):
        """Whether some node takes a connection."""
        node = self.only or self.dice.choice(list(self.load.cluster.nodes.values()))
        conn = http.client.HTTPConnection(node.host, node.port, timeout=PATIENCE_S)
        try:
            conn.connect()
        except OSError:
            conn.close()
            return False
        self.conn = conn
        return True

    def close(self):
        if self.conn is not None:
            self.conn.close()
            self.conn = None

    def ask(self, method, path, body=None):
        """Status and JSON of the answer; (None, None) when none came, and it is unknown what happened."""
        if self.conn is None and not self.connect():
            return NOT_SENT, {"error": {"code": "not_sent"}}
        text = None if body is None else json.dumps(body)
        try:
            self.conn.request(method, path, text, {} if text is None else {"Content-Type": "application/json"})
            answer = self.conn.getresponse()
            status, reply = answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None, None
        if status >= 421:
            self.close()
            self.load.count_refusal(status, reply)
        return status, reply

    def run(self):
        while not self.load.over.wait(PAUSE_S):
            try:
                self.turn()
            except Exception as error:  # pylint: disable=broad-except
                self.load.fault(f"{self.name}: {error!r}")
                raise
        self.close()

    def turn(self):
        raise NotImplementedError(type(self))


def is_not_applied(status, reply):
    """Whether a refusal says that nothing happened, and nothing will."""
    return status is not None and status >= 400 and reply.get("error", {}).get("code") in NOT_APPLIED


class QueueClient(Client):
    """Adds one item, then claims and completes one; each under the same words until it was told what became of it."""

    added = 0

    def until_told(self, path, body):
        while not self.load.is_abandoned.is_set():
            status, reply = self.ask("POST", path, body)
            if status is not None and status < 429 and status != 421:  # 421: forwarded to one that no longer leads
                return status, reply
            self.load.is_abandoned.wait(PAUSE_S)
        return None, None

    def turn(self):
        load = self.load
        if not load.is_ending.is_set():
            key = f"{self.name}/{self.added}"
            self.added += 1
            with load.lock:
                load.asked.add(key)
            body = {"work_type": "t", "idempotency_key": key, "payload": {"key": key}, "max_attempts": 100, "timeout_s": 5}
            status, reply = self.until_told("/work/add", body)
            if status is None:
                return
            if status not in (200, 201):
                return load.fault(f"add {key}: {status} {reply}")
            load.note_added(key, reply["work_id"])
        self.complete_one()

    def complete_one(self):
        load = self.load
        status, reply = self.ask("POST", "/work/claim", {"node_id": self.name})
        if status != 200 or not reply["items"]:
            return
        item = reply["items"][0]
        proof = f"{self.name}/{item['attempt']}/{self.dice.getrandbits(48)}"
        body = {"work_id": item["work_id"], "node_id": self.name, "claim_token": item["claim_token"], "result": {"proof": proof}}
        status, reply = self.until_told("/work/complete", body)
        if status == 200:
            load.note_completed(item["work_id"], proof)
        elif status not in (None, 409):
            load.fault(f"complete {item['work_id']}: {status} {reply}")


class RegisterClient(Client):
    """Gets, puts and swaps the registers of the round; every value is written once."""

    written = 0

    def turn(self):
        key = self.dice.choice(self.load.keys)
        kind = self.dice.choice(["get", "put", "cas"])
        if kind == "get":
            self.read(key)
        else:
            self.write(kind, key)

    def read(self, key):
        """Whether it was told."""
        called = time.monotonic()
        status, reply = self.ask("GET", f"/register/get?key={urllib.parse.quote(key)}")
        if status == 200:
            self.load.note_register(Op("get", key, reply["value"], called=called, returned=time.monotonic(), who=self.name))
        return status == 200

    def write(self, kind, key):
        value = f"{self.name}.{self.written}"
        self.written += 1
        expect = self.load.last_seen.get(key) if kind == "cas" else None
        body = {"key": key, "value": value} | ({"expect": expect} if expect else {})
        called = time.monotonic()
        status, reply = self.ask("POST", f"/register/{kind}", body)
        if is_not_applied(status, reply):
            return
        if status not in (None, 200, 502, 503, 504):
            self.load.fault(f"{kind} {key}: {status} {reply}")
        returned = time.monotonic() if status == 200 else None
        if kind == "cas" and returned is not None and not reply["swapped"]:
            op = Op("cas", key, value, expect, swapped=False, found=reply["value"], called=called, returned=returned, who=self.name)
        else:
            op = Op(kind, key, value, expect, called=called, returned=returned, who=self.name)
        self.load.note_register(op)


class Load:
    """All clients of one cluster and what they were told."""

    def __init__(self, cluster, seed, queue_clients=4, register_clients=4):
        self.cluster = cluster
        self.lock = threading.Lock()
        self.over = threading.Event()  # no further turn
        self.is_ending = threading.Event()  # add nothing more
        self.is_abandoned = threading.Event()  # ask nothing again
        self.asked, self.added, self.completed = set(), {}, {}
        self.history, self.keys, self.last_seen = [], ["k0"], {}
        self.faults, self.refusals, self.acks = [], {}, []
        self.clients = [QueueClient(self, f"q{i}", f"{seed}/q{i}") for i in range(queue_clients)]
        self.clients += [RegisterClient(self, f"r{i}", f"{seed}/r{i}") for i in range(register_clients)]

    def start(self):
        for client in self.clients:
            client.start()
        return self

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def count_refusal(self, status, reply):
        code = f"{status} {reply.get('error', {}).get('code')}"
        with self.lock:
            self.refusals[code] = self.refusals.get(code, 0) + 1

    def note_added(self, key, work_id):
        with self.lock:
            if self.added.setdefault(key, work_id) != work_id:
                self.faults.append(f"{key} was added as {self.added[key]} and as {work_id}")
            self.acks.append(time.monotonic())

    def note_completed(self, work_id, proof):
        with self.lock:
            if work_id in self.completed:
                self.faults.append(f"{work_id} was completed twice: {self.completed[work_id]}, {proof}")
            self.completed[work_id] = proof
            self.acks.append(time.monotonic())

    def note_register(self, op):
        with self.lock:
            self.history.append(op)
            if op.returned is None:
                return
            if op.kind != "get":
                self.acks.append(time.monotonic())
            self.last_seen[op.key] = op.value if op.swapped else op.found

    def acks_after(self, after):
        """When writes were acknowledged after that time, the last first."""
        with self.lock:
            return list(itertools.takewhile(lambda told: told > after, reversed(self.acks)))

    def reader(self, node):
        """A client that asks only that node and is not started; close it."""
        return RegisterClient(self, "reader", 0, only=node)

    def stop(self, seconds):
        """No more adds; the clients get so long to complete what is left, then end."""
        self.is_ending.set()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.over.wait(0.05):
            with self.lock:
                if set(self.added.values()) <= self.completed.keys():
                    break
        self.over.set()
        for client in self.clients:
            client.join(max(0, deadline - time.monotonic()) + 2 * PATIENCE_S)
        self.is_abandoned.set()
        for client in self.clients:
            client.join(2 * PATIENCE_S)
            if client.is_alive():
                self.fault(f"{client.name} does not end")

