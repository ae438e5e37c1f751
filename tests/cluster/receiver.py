"""A receiver of webhooks that may be down, slow, in trouble, or die in the middle of an answer; it checks every signature
with its own code."""

import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def signature(secret, event_id, timestamp, body):
    """As the Standard Webhooks specification has it; secret is the text of the file."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    code = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode()


class Receiver:
    """take(number of the request, event) gives the status, or "die": the connection ends without an answer."""

    def __init__(self, port, secret=None, take=lambda _number, _event: 204):
        self.port = port
        self.secret = secret
        self.take = take
        self.taken = []  # events, in the order in which they were taken
        self.tries = []  # (status, id) of every request
        self.wrong = []  # what was wrong with requests
        self.lock = threading.Lock()
        self.server = None
        self.is_down = False

    def start(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802
                outer.handle(self)

            def log_message(self, *_args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, *_args):
                pass  # a connection that the other side ended

        self.is_down = False
        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """It goes away with all its connections."""
        self.is_down = True
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def check(self, handler, event, body):
        headers = handler.headers
        problems = []
        if headers["webhook-id"] != event.get("batch", event.get("id")):
            problems.append("webhook-id")
        if abs(time.time() - int(headers["webhook-timestamp"])) > 60:
            problems.append("webhook-timestamp")
        if self.secret:
            expected = signature(self.secret, headers["webhook-id"], headers["webhook-timestamp"], body)
            if not hmac.compare_digest(headers["webhook-signature"] or "", expected):
                problems.append("webhook-signature")
        return problems

    def handle(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        event = json.loads(body)
        with self.lock:
            self.wrong += self.check(handler, event, body)
            for one in event.get("events", [event]):  # of a batch, those before the one at fault are taken
                status = "die" if self.is_down else self.take(len(self.tries), one)
                self.tries.append((status, one["id"]))
                if status not in (200, 204):
                    break
                self.taken.append(one)
        if status == "die":
            handler.close_connection = True
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def numbers(self):
        """The n of what was taken, repetitions left out."""
        with self.lock:
            seen = {}
            for event in self.taken:
                seen.setdefault(event["id"], event["payload"].get("n"))
            return list(seen.values())
