"""Writes many registers fast: some connections, each with a train of puts under way; holds no test."""

import contextlib
import json
import socket
import threading

TRAIN = 50  # requests of one connection under way


class Pusher:
    """Puts about `count` values to the leader's registers. Each connection has keys of its own and writes them in order, so the
    last value of each is known: the newest acknowledged one, or one that was sent after it."""

    def __init__(self, node, count, first=0, keys=100, connections=8, value_bytes=100):
        self.node, self.first, self.keys, self.value_bytes = node, first, keys, value_bytes
        self.share = -(-count // connections)
        self.lock = threading.Lock()
        self.acked, self.sent = {}, {}  # key -> newest serial
        self.count = 0
        self.refused = {}
        self.threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(connections)]
        for thread in self.threads:
            thread.start()

    def key(self, number, serial):
        return f"p{number}.{serial % self.keys}"

    def _request(self, number, serial):
        value = f"{serial}/".ljust(self.value_bytes, "v")
        body = json.dumps({"key": self.key(number, serial), "value": value}).encode()
        with self.lock:
            self.sent[self.key(number, serial)] = serial
        return b"POST /register/put HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def _work(self, number):
        with contextlib.suppress(OSError), socket.create_connection((self.node.host, self.node.port), timeout=30) as sock:
            stream = sock.makefile("rb")
            for start in range(self.first, self.first + self.share, TRAIN):
                serials = range(start, min(start + TRAIN, self.first + self.share))
                sock.sendall(b"".join(self._request(number, serial) for serial in serials))
                for serial in serials:
                    if not self._note(self.key(number, serial), serial, *self._answer(stream)):
                        return

    def _answer(self, stream):
        status = stream.readline().split(b" ")
        length = 0
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        text = stream.read(length)
        return (int(status[1]), text) if len(status) > 1 else (0, text)

    def _note(self, key, serial, status, text):
        with self.lock:
            if status == 200:
                self.count += 1
                self.acked[key] = serial
            elif status:
                code = f"{status} {json.loads(text)['error']['code']}"
                self.refused[code] = self.refused.get(code, 0) + 1
        return status != 0

    def is_over(self):
        return not any(thread.is_alive() for thread in self.threads)


def wrong(pushers, read):
    """Keys whose value, as read(key) tells it, is neither the newest acknowledged one nor one sent later: {key: (acknowledged,
    kept, sent)}. The pushers are in the order in which they worked."""
    acked, sent, found = {}, {}, {}
    for pusher in pushers:
        acked |= pusher.acked
        sent |= pusher.sent
    for key, serial in sorted(acked.items()):
        value = read(key)
        kept = int(value.split("/")[0]) if value else -1
        if not serial <= kept <= sent[key]:
            found[key] = (serial, kept, sent[key])
    return found
