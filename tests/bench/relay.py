"""Asks a node directly and through its hub: percentiles of one caller, and the rate of sixteen. usage: relay.py HUB NODE SECONDS"""

import http.client
import json
import sys
import threading
import time

HUB, NODE, SECONDS = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
CALLERS = 16
BODY = json.dumps({"target": "n2", "path": "/healthz"})
WAYS = {
    "direct": (NODE, "GET", "/healthz", None),
    "relayed": (HUB, "POST", "/relay/forward", BODY),
}


def ask(way, until, times):
    port, method, path, body = WAYS[way]
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"} if body else {}
    while time.monotonic() < until:
        began = time.perf_counter()
        conn.request(method, path, body, headers)
        reply = conn.getresponse()
        reply.read()
        if reply.status != 200:
            sys.exit(f"relay: {way}: {reply.status}")
        times.append(time.perf_counter() - began)
    conn.close()


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1e6


for way in WAYS:
    alone = []
    ask(way, time.monotonic() + SECONDS, alone)
    print(f"relay.{way}.p50_us {percentile(alone, 0.5):.0f}")
    print(f"relay.{way}.p99_us {percentile(alone, 0.99):.0f}")
    together = [[] for _ in range(CALLERS)]
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=ask, args=(way, until, times)) for times in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"relay.{way}.c{CALLERS}.requests_per_s {sum(map(len, together)) / SECONDS:.0f}")
