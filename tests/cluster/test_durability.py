"""Many clients add, claim and complete while the host dies by kill -9: every acknowledged write is there, none twice.

RINGHOST_DURABILITY_ITEMS (200) and RINGHOST_DURABILITY_ROUNDS (4) make it longer; RINGHOST_SEED repeats the kill times."""

import http.client
import json
import random
import threading
import time
import unittest

from nodes import SLOW, ClusterTest, await_active, figure, number_from_environment, until

CLIENTS = 20


class Client:
    """One connection that keeps trying; what it was told is in `acked`, what it does not know in `unknown`."""

    def __init__(self, port, number, over):
        self.port, self.number, self.over = port, number, over
        self.conn = None
        self.requests = 0
        self.lost = 0
        self.pause = threading.Event()

    def ask(self, path, body):
        """The status and JSON of an answer; None when the connection died or the answer left it open."""
        self.requests += 1
        try:
            if self.conn is None:
                self.conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10 * SLOW)
            self.conn.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = self.conn.getresponse()
            text = answer.read()
            if answer.status >= 500 or answer.status == 429:
                self.pause.wait(0.02)
                return None
            return answer.status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError):
            self.lost += 1
            self.close()
            self.pause.wait(0.01)
            return None

    def close(self):
        if self.conn is not None:
            self.conn.close()
            self.conn = None

    def until_told(self, path, body):
        while not self.over.is_set():
            told = self.ask(path, body)
            if told is not None:
                return told
        return None


class Ledger:
    """What the clients were told, under one lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.added = {}
        self.completed = {}
        self.faults = []

    def fault(self, text):
        with self.lock:
            self.faults.append(text)


class Durability(ClusterTest):
    def work(self, client, ledger, keys, total):
        """Adds its share; then claims and completes until everybody's items are completed."""
        for key in keys:
            told = client.until_told("/work/add", {"work_type": "t", "idempotency_key": key, "payload": {"key": key}, "max_attempts": 100, "timeout_s": 2})
            if told is None:
                return
            status, reply = told
            if status not in (200, 201):
                ledger.fault(f"add {key}: {status} {reply}")
            with ledger.lock:
                ledger.added[key] = reply["work_id"]
        name = f"c{client.number}"
        while not client.over.is_set():
            with ledger.lock:
                if len(ledger.completed) >= total:
                    return
            told = client.ask("/work/claim", {"node_id": name, "wait_s": 1})
            if told is None or not told[1]["items"]:
                continue
            item = told[1]["items"][0]
            proof = f"{name}/{item['attempt']}/{client.requests}"
            body = {"work_id": item["work_id"], "node_id": name, "claim_token": item["claim_token"], "result": {"proof": proof}}
            told = client.until_told("/work/complete", body)
            if told is None:
                return
            if told[0] == 200:
                with ledger.lock:
                    if item["work_id"] in ledger.completed:
                        ledger.faults.append(f"{item['work_id']} was completed twice")
                    ledger.completed[item["work_id"]] = proof
            elif told[0] != 409:
                ledger.fault(f"complete {item['work_id']}: {told}")

    def check(self, node, ledger, keys):
        """The store against the ledger."""
        self.assertEqual(ledger.faults, [])
        self.assertEqual(set(ledger.added), set(keys))
        self.assertEqual(len(set(ledger.added.values())), len(keys), "one item for each key")
        listed = []
        after = ""
        while True:
            page = node.get(f"/work/pending?status=done&limit=500{after}").json
            listed += [item["work_id"] for item in page["items"]]
            if not page.get("next"):
                break
            after = f"&after={page['next']}"
        self.assertEqual(len(listed), len(set(listed)))
        self.assertEqual(set(listed), set(ledger.added.values()))
        for key, work_id in ledger.added.items():
            item = node.get(f"/work/item?work_id={work_id}").json
            self.assertEqual(item["payload"], {"key": key})
            self.assertEqual(item["status"], "done")
            if work_id in ledger.completed:
                self.assertEqual(item["result"], {"proof": ledger.completed[work_id]}, "the acknowledged result is the kept one")

    def test_acknowledged_writes_outlive_kill_9_and_nothing_happens_twice(self):
        total = number_from_environment("RINGHOST_DURABILITY_ITEMS", 200)
        rounds = number_from_environment("RINGHOST_DURABILITY_ROUNDS", 4)
        seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))
        figure("durability.seed", seed)
        dice = random.Random(seed)
        made = self.cluster(1, config={"work_queue": "config: {restore_grace: 0s}\n"})
        node = made.start()["n1"]
        await_active(node)
        ledger, over = Ledger(), threading.Event()
        self.addCleanup(over.set)
        started = time.monotonic()
        keys, clients, kills = [], [], 0

        for round_number in range(rounds):
            fresh = [f"r{round_number}/{i}" for i in range(total)]
            keys += fresh
            crew = [Client(node.port, i, over) for i in range(CLIENTS)]
            threads = [
                threading.Thread(target=self.work, args=(client, ledger, fresh[client.number :: CLIENTS], len(keys)), daemon=True)
                for client in crew
            ]
            for thread in threads:
                thread.start()
            target = len(keys) - total + dice.randrange(total // 10, total)
            watched = ledger.added if dice.random() < 0.5 else ledger.completed
            until(lambda w=watched, t=target: len(w) >= t, 60, "clients get on")
            node.kill()
            kills += 1
            node.start()
            until(lambda t=threads: not any(thread.is_alive() for thread in t), 120, f"round {round_number} ends: {len(ledger.added)} added, {len(ledger.completed)} completed of {len(keys)}")
            clients += crew
            for client in crew:
                client.close()

        await_active(node)
        seconds = time.monotonic() - started
        self.check(node, ledger, keys)
        lost = sum(client.lost for client in clients)
        figure(
            "durability",
            f"{len(keys)} items, {CLIENTS} clients, {kills} kills, {len(ledger.completed)} completions acknowledged, {lost} requests cut off, {seconds:.1f} s",
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
