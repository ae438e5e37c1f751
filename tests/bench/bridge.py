"""Delivers events to a receiver on this machine: by the bridge of a node, and by a plain loop that posts the same bodies.
usage: bridge.py NODE_PORT RECEIVER_PORT SECONDS     prints "NAME NUMBER" lines for bridge.sh"""

import http.client
import json
import multiprocessing
import socket
import statistics
import sys
import threading
import time

RATE = 500  # events a second that the system has to bear
BACKLOG = 3000
ROUNDS = 3


def serve(port, counted, last_at, is_up, bodies):
    """Answers every request with 204; while it is not up it keeps who asks waiting. Bodies of the first ones are kept."""

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
            if counted.value < 10:
                bodies.append(pending[:length])
            pending = pending[length:]
            counted.value += 1
            last_at.value = time.monotonic()
            conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            threading.Thread(target=connection, args=(listener.accept()[0],), daemon=True).start()


def publish(port, count, pace=None):
    """So many events over one connection, paced when a rate is given."""
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.monotonic()
    for n in range(count):
        if pace:
            time.sleep(max(0.0, began + n / pace - time.monotonic()))
        body = {"event_type": "BENCH", "payload": {"n": n, "text": "x" * 200}, "source": "bench"}
        conn.request("POST", "/events/publish", json.dumps(body), {"Content-Type": "application/json"})
        reply = conn.getresponse()
        reply.read()
        if reply.status != 202:
            raise SystemExit(f"publish: {reply.status}")
    conn.close()


def publish_all(port, count, workers, pace=None):
    threads = [threading.Thread(target=publish, args=(port, count // workers, pace and pace / workers)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count // workers * workers


def await_count(counted, expected, seconds):
    until = time.monotonic() + seconds
    while counted.value < expected:
        if time.monotonic() > until:
            raise SystemExit(f"{counted.value} of {expected} events came")
        time.sleep(0.005)


def post_all(port, bodies, count):
    """The peer: one connection, one request after the other."""
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    conn.connect()
    conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began = time.monotonic()
    for n in range(count):
        conn.request("POST", "/", bodies[n % len(bodies)], {"Content-Type": "application/json"})
        reply = conn.getresponse()
        reply.read()
    took = time.monotonic() - began
    conn.close()
    return count / took


def main():
    node, receiver, seconds = (int(word) for word in sys.argv[1:4])
    manager = multiprocessing.Manager()
    counted, last_at = multiprocessing.Value("q", 0, lock=False), multiprocessing.Value("d", 0.0, lock=False)
    is_up, bodies = multiprocessing.Event(), manager.list()
    server = multiprocessing.Process(target=serve, args=(receiver, counted, last_at, is_up, bodies), daemon=True)
    server.start()
    is_up.set()

    drains, loops = [], []
    for _ in range(ROUNDS):
        is_up.clear()
        before = counted.value
        total = publish_all(node, BACKLOG, 16)
        began = time.monotonic()
        is_up.set()
        await_count(counted, before + total, 60)
        drains.append(total / (last_at.value - began))
        loops.append(post_all(receiver, list(bodies), BACKLOG))
    print("drain", round(statistics.median(drains), 1))
    print("loop", round(statistics.median(loops), 1))

    before, began = counted.value, time.monotonic()
    sent = publish_all(node, RATE * seconds, 8, RATE)
    await_count(counted, before + sent, 60)
    print("sustained", round(sent / (last_at.value - began), 1))
    print("behind_ms", round(max(0.0, last_at.value - began - sent / RATE) * 1000, 1))

    server.terminate()


if __name__ == "__main__":
    main()
