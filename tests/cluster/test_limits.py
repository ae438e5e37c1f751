"""Slow clients, idle connections, huge bodies and scarce descriptors: refused or served within limits, and paid back.

RINGHOST_LIMITS_SETTLE_S (30) is how long memory and descriptors may take to come back at most."""

import contextlib
import os
import resource
import select
import signal
import socket
import threading
import time
import unittest
from pathlib import Path

from nodes import ClusterTest, figure, number_from_environment, request, try_request, until

IDLE = 1000
CONNECTIONS_MAX = 1024
LIMITS = f"limits: {{connections: {CONNECTIONS_MAX}, idle_timeout: 8s, read_timeout: 1s, body_bytes: 1MiB}}\n"


def memory_kib(node):
    """Resident memory."""
    for line in Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def descriptors(node):
    return len(os.listdir(f"/proc/{node.process.pid}/fd"))


def open_connections(node):
    """Those that the node has not closed yet: established, or closed by the other side alone."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[1].split(":")[1], 16) == node.port and row[3] in ("01", "08") for row in rows)


def cpu_seconds(node):
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_all(sock, seconds):
    """What comes until the other side ends."""
    sock.settimeout(seconds)
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := sock.recv(65536):
            parts.append(part)
    return b"".join(parts)


class Limits(ClusterTest):
    def setUp(self):
        super().setUp()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.node = self.one_node(node_extra=LIMITS)
        for _ in range(200):
            request(self.node.port, "GET", "/healthz")
        until(lambda: open_connections(self.node) == 0, 10, "the last request is over")
        self.before = (memory_kib(self.node), descriptors(self.node))

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.node.port), timeout=20)
        self.addCleanup(sock.close)
        return sock

    def expect_paid_back(self, name):
        """Memory and descriptors are within 5 % of what they were."""
        memory, fds = self.before

        def is_back():
            return memory_kib(self.node) <= memory * 1.05 and descriptors(self.node) <= max(fds * 1.05, fds + 1)

        settle = number_from_environment("RINGHOST_LIMITS_SETTLE_S", 30)
        started = time.monotonic()
        try:
            until(is_back, settle, f"{name}: memory and descriptors come back")
        finally:
            now = (memory_kib(self.node), descriptors(self.node))
            figure(
                f"limits.{name}",
                f"memory {memory} -> {now[0]} KiB ({100 * (now[0] / memory - 1):+.1f} %), descriptors {fds} -> {now[1]}, after {time.monotonic() - started:.1f} s",
            )

    def test_a_slow_client_gets_408_and_disturbs_nobody(self):
        sock = self.connect()
        over = threading.Event()

        def drip():
            text = b"POST /work/add HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 1000
            with contextlib.suppress(OSError):
                for byte in text:
                    sock.sendall(bytes([byte]))
                    if over.wait(0.1):
                        return

        started = time.monotonic()
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        answer = read_all(sock, 15)
        over.set()
        seconds = time.monotonic() - started

        self.assertIn(b" 408 ", answer.split(b"\r\n")[0])
        self.assertLess(seconds, 6)
        figure("limits.slow_client_408_after_s", round(seconds, 2))
        self.assertEqual(self.node.get("/healthz").status, 200)
        sock.close()
        self.expect_paid_back("slow_client")

    def test_a_client_that_does_not_read_costs_little(self):
        sock = self.connect()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                sock.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
        grown = memory_kib(self.node)

        figure("limits.not_reading_client_costs_kib", grown - self.before[0])
        self.assertLess(grown - self.before[0], 16 << 10)
        self.assertEqual(self.node.get("/healthz").status, 200)
        sock.close()
        self.expect_paid_back("not_reading_client")

    def test_a_thousand_idle_connections_are_held_then_closed_and_paid_back(self):
        socks = [self.connect() for _ in range(IDLE)]
        until(lambda: descriptors(self.node) >= self.before[1] + IDLE, 10, "all are accepted")
        held = memory_kib(self.node)
        figure("limits.idle_connections_cost_kib", f"{held - self.before[0]} for {IDLE}")
        self.assertEqual(self.node.get("/healthz").status, 200)

        until(lambda: descriptors(self.node) <= self.before[1] + 1, 30, "idle connections are closed by the node")
        for sock in socks:
            sock.close()

        self.expect_paid_back("idle_connections")

    def test_a_storm_of_connections_waits_for_a_node_that_does_not_get_to_run(self):
        socks = [socket.socket() for _ in range(IDLE)]
        poll = select.poll()
        pending = {sock.fileno() for sock in socks}
        os.kill(self.node.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.node.process.pid, signal.SIGCONT)

        for sock in socks:
            self.addCleanup(sock.close)
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.node.port))
            poll.register(sock, select.POLLOUT)
        deadline = time.monotonic() + 10
        while pending and time.monotonic() < deadline:
            for fd, _ in poll.poll(100):
                poll.unregister(fd)
                pending.discard(fd)
        os.kill(self.node.process.pid, signal.SIGCONT)

        self.assertEqual(len(pending), 0, "connections that the kernel did not take")
        until(lambda: descriptors(self.node) >= self.before[1] + IDLE, 10, "all are accepted")

    def test_connections_beyond_the_limit_get_503_and_those_within_are_served(self):
        socks = [self.connect() for _ in range(CONNECTIONS_MAX + 50)]
        socks[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

        self.assertIn(b" 200 ", read_all(socks[0], 10).split(b"\r\n")[0])
        self.assertIn(b" 503 ", read_all(socks[-1], 10).split(b"\r\n")[0])
        for sock in socks:
            sock.close()
        self.assertEqual(until(lambda: try_request(self.node.port, "GET", "/healthz"), 10, "served again").status, 200)
        self.expect_paid_back("too_many_connections")

    def send_100_mb(self, head, chunked):
        """The answer to a body of 100 MB, and how much of it was taken."""
        sock = self.connect()
        sock.sendall(head)
        piece = os.urandom(50000) * 2
        data = b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 100_000_000:
                sock.sendall(data)
                sent += len(piece)
        answer = read_all(sock, 10)
        return answer, sent

    def test_a_body_of_100_mb_is_413_whether_its_length_is_told_or_not(self):
        lengths = (b"Content-Length: 100000000", b"Transfer-Encoding: chunked")
        for line in lengths:
            head = b"POST /work/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + line + b"\r\nExpect: 100-continue\r\n\r\n"
            if line.startswith(b"Content"):
                polite = self.connect()
                polite.sendall(head)
                self.assertIn(b" 413 ", read_all(polite, 10).split(b"\r\n")[0], "refused before the body is sent")
            answer, sent = self.send_100_mb(head.replace(b"Expect: 100-continue\r\n", b""), line.startswith(b"Transfer"))
            figure("limits.100_mb_body", f"{line.decode()}: {sent / 1e6:.1f} MB taken before the end, answer {answer[:12]!r}")
            self.assertLess(memory_kib(self.node) - self.before[0], 8 << 10)
        self.assertEqual(self.node.get("/healthz").status, 200)
        self.assertEqual(self.node.get("/work/pending").json["total"], 0)
        self.expect_paid_back("100_mb_body")


class Descriptors(ClusterTest):
    def test_a_node_without_free_descriptors_neither_spins_nor_dies(self):
        made = self.cluster(1)
        node = made["n1"].start(["prlimit", "--nofile=150:150"])
        made.await_leader()
        socks = []
        for _ in range(250):
            sock = socket.create_connection(("127.0.0.1", node.port), timeout=10)
            self.addCleanup(sock.close)
            socks.append(sock)
        until(lambda: descriptors(node) >= 145, 10, "the descriptors are used up")

        used, started = cpu_seconds(node), time.monotonic()
        until(lambda: time.monotonic() > started + 2, 5, "two seconds are over")
        share = (cpu_seconds(node) - used) / (time.monotonic() - started)
        figure("limits.cpu_without_descriptors", f"{100 * share:.0f} % of a core")
        self.assertLess(share, 0.5)
        socks[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(b" 200 ", read_all(socks[0], 10).split(b"\r\n")[0])
        for sock in socks:
            sock.close()
        self.assertEqual(until(lambda: try_request(node.port, "POST", "/work/add", {"work_type": "t"}), 10, "served again").status, 201)


if __name__ == "__main__":
    unittest.main(verbosity=2)
