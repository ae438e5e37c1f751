"""Delivers events to a receiver on this machine: by the bridge of a node, and by a plain loop that posts the same bodies.
usage: bridge.py NODE_PORT RECEIVER_PORT SECONDS one|batch NODE_PID     prints "NAME NUMBER" lines for bridge.sh
exit status 1: 500 events a second were published, and they did not come as fast, or later than a second at p99"""

import http.client
import json
import multiprocessing
import os
import re
import socket
import statistics
import sys
import threading
import time

RATE = 500  # events a second that the system has to bear
DELAY_MS = 1000  # and how late they may come, at p99
SLACK = 0.95  # of the rate: what is late by less than that second makes the span of arrivals longer
BACKLOG = 3000
ROUNDS = 3
KEPT = 10  # bodies that the loop posts
PUBLISHERS = 32  # a publication waits for the disk
NUMBER = re.compile(rb'"n": *(\d+)')


def serve(port, arrivals, is_up):
    """Answers every request with 204; while it is not up it keeps who asks waiting. Tells what came when."""

    def connection(conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                more = conn.recv(65536)
                if not more:
                    return
                pending += more
            head, _, pending = pending.partition(b"\r\n\r\n")
            length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
            while len(pending) < length:
                pending += conn.recv(65536)
            is_up.wait()
            body, pending = pending[:length], pending[length:]
            if b"plain" not in head:
                arrivals.send((time.monotonic(), body))
            conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            threading.Thread(target=connection, args=(listener.accept()[0],), daemon=True).start()


class Bench:
    def __init__(self, node, receiver, kind, pid):
        self.node, self.receiver, self.kind, self.pid = node, receiver, kind, pid
        self.next = 0
        self.stored = {}  # number -> when its publication was acknowledged
        self.arrived = {}  # number -> when it came first
        self.order = []  # numbers as they came first
        self.requests = 0
        self.lock = threading.Lock()
        self.ends, ends = multiprocessing.Pipe(False)
        self.is_up = multiprocessing.Event()
        self.bodies = []  # the first ones
        self.server = multiprocessing.Process(target=serve, args=(receiver, ends, self.is_up), daemon=True)
        self.server.start()
        threading.Thread(target=self.collect, daemon=True).start()
        self.is_up.set()

    def collect(self):
        while True:
            try:
                at, body = self.ends.recv()
            except EOFError:
                return  # the receiver has ended
            self.requests += 1
            if len(self.bodies) < KEPT:
                self.bodies.append(body)
            for n in map(int, NUMBER.findall(body)):
                if n not in self.arrived:
                    self.arrived[n] = at
                    self.order.append(n)

    def publish(self, until, began, pace):
        """Takes one number after the other up to `until`, over one connection; not before its time when a pace is given."""
        conn = http.client.HTTPConnection("127.0.0.1", self.node, timeout=60)
        first = until[0]
        while True:
            with self.lock:
                n, self.next = self.next, self.next + 1
                if n >= until[1]:
                    self.next = until[1]
                    break
            if pace:
                time.sleep(max(0.0, began + (n - first) / pace - time.monotonic()))
            body = {"event_type": self.kind.upper(), "payload": {"n": n, "text": "x" * 200}, "source": "bench"}
            conn.request("POST", "/events/publish", json.dumps(body), {"Content-Type": "application/json"})
            reply = conn.getresponse()
            reply.read()
            self.stored[n] = time.monotonic()
            if reply.status != 202:
                raise SystemExit(f"publish: {reply.status}")
        conn.close()

    def publish_all(self, count, pace=None):
        """The numbers of what was published."""
        until, began = (self.next, self.next + count), time.monotonic()
        threads = [threading.Thread(target=self.publish, args=(until, began, pace)) for _ in range(PUBLISHERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return range(*until)

    def await_all(self, numbers, seconds=60):
        until = time.monotonic() + seconds
        while len(self.arrived) < numbers.stop:
            if time.monotonic() > until:
                raise SystemExit(f"{len(self.arrived)} of {numbers.stop} events came")
            time.sleep(0.005)

    def cpu_ms(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def post_all(self, count):
        """The peer: one connection, one request after the other, the bodies of before."""
        bodies = self.bodies
        conn = http.client.HTTPConnection("127.0.0.1", self.receiver, timeout=30)
        conn.connect()
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began, sent, tries = time.monotonic(), 0, 0
        while sent < count:
            body = bodies[tries % len(bodies)]
            conn.request("POST", "/plain", body, {"Content-Type": "application/json"})
            conn.getresponse().read()
            sent, tries = sent + len(NUMBER.findall(body)), tries + 1
        took = time.monotonic() - began
        conn.close()
        return sent / took

    def drain(self):
        drains, loops, cpu, requests = [], [], 0.0, 0
        for _ in range(ROUNDS):
            self.is_up.clear()
            numbers = self.publish_all(BACKLOG)
            cpu_before, requests_before = self.cpu_ms(), self.requests
            began = time.monotonic()
            self.is_up.set()
            self.await_all(numbers)
            drains.append(len(numbers) / (max(self.arrived[n] for n in numbers) - began))
            cpu += self.cpu_ms() - cpu_before
            requests += self.requests - requests_before
            loops.append(self.post_all(BACKLOG))
        drain, loop = statistics.median(drains), statistics.median(loops)
        self.print(
            {
                "drain.ringhost.events_per_s": drain,
                "drain.ringhost.events_per_request": ROUNDS * BACKLOG / requests,
                "drain.ringhost.cpu_us_per_event": cpu * 1000 / (ROUNDS * BACKLOG),
                "drain.loop.events_per_s": loop,
                "drain.vs_loop": drain / loop,
            }
        )

    def sustain(self, seconds):
        """Whether the rate was borne, if it was reached."""
        numbers = self.publish_all(RATE * seconds, RATE)
        self.await_all(numbers)
        delays = sorted((self.arrived[n] - self.stored[n]) * 1000 for n in numbers)
        stored = [self.stored[n] for n in numbers]
        arrived = [self.arrived[n] for n in numbers]
        published = (len(numbers) - 1) / (max(stored) - min(stored))
        delivered = (len(numbers) - 1) / (max(arrived) - min(arrived))
        p99 = max(0.0, delays[int(len(delays) * 0.99)])
        self.print(
            {
                "at500.published_per_s": published,
                "at500.delivered_per_s": delivered,
                "at500.delay.p50_ms": max(0.0, delays[len(delays) // 2]),
                "at500.delay.p99_ms": p99,
                "at500.delay.max_ms": max(0.0, delays[-1]),
            }
        )
        if published < SLACK * RATE:
            print(f"bridge: only {published:.0f} events a second could be published, so {RATE} were not tried", file=sys.stderr)
        return delivered >= SLACK * min(RATE, published) and p99 <= DELAY_MS

    def print(self, figures):
        for name, number in figures.items():
            print(f"{self.kind}.{name} {number:.2f}", flush=True)


def main():
    node, receiver, seconds = (int(word) for word in sys.argv[1:4])
    bench = Bench(node, receiver, sys.argv[4], int(sys.argv[5]))
    bench.drain()
    bears = bench.sustain(seconds)
    bench.server.terminate()
    return 0 if bears else 1


if __name__ == "__main__":
    sys.exit(main())
