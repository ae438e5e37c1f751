"""Starts real nodes on 127.0.0.1 for tests, talks to them and ends them by process id; holds no test of its own."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

BIN = Path(os.environ["RINGHOST_BIN"])
SOURCE = Path(os.environ["RINGHOST_SOURCE"])
IS_STATIC = os.environ.get("RINGHOST_STATIC") == "1"
IS_SANITIZED = os.environ.get("RINGHOST_SANITIZED") == "1"
SLOW = 4 if IS_SANITIZED else 1
IS_REPLICATED = (SOURCE / "plugins/raft/plugin.c").exists()
PLUGINS = ("admin", "gossip", "swim", "election", "work_queue", "worker", "gauntlet")
WITHOUT_WORKER = tuple(name for name in PLUGINS if name != "worker")
# What a cluster needs whose queue and registers are replicated; acknowledged writes go on while a majority lives. Without the
# plugin raft the writes of a cluster wait for its home.
REPLICATED = ("admin", "gossip", "swim", "election", *(("raft",) if IS_REPLICATED else ()), "work_queue")
REGISTER = os.environ.get("RINGHOST_BUILD", "") + "/tests/plugins/register.so"
BEAT_MS = 300


def free_port():
    """A port nobody listens on, below those that the kernel gives to clients."""
    for _ in range(200):
        port = random.randrange(15000, 31000)
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def until(condition, seconds, what):
    """Asks again and again until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds * SLOW
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * SLOW} s: {what}")
        pause.wait(0.02)


class Reply:
    """Status, headers and body of an answer."""

    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        """The machine-readable reason of a refusal."""
        return self.json["error"]["code"]

    def __repr__(self):
        return f"{self.status} {self.text[:400]!r}"


def request(port, method, path, body=None, headers=None, timeout=15, host="127.0.0.1", inside=None):
    """One request on a connection of its own; body is text, bytes, or something that becomes JSON. `inside` makes a context in
    which the connection is made, for nodes that can only be called from where they are."""
    conn = http.client.HTTPConnection(host, port, timeout=timeout * SLOW)
    try:
        sent = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        with inside() if inside else contextlib.nullcontext():
            conn.connect()
        conn.request(method, path, body, sent)
        answer = conn.getresponse()
        return Reply(answer.status, answer.headers, answer.read().decode())
    finally:
        conn.close()


def try_request(port, method, path, body=None, **more):
    """As request, or None when nobody answers."""
    try:
        return request(port, method, path, body, **more)
    except (OSError, http.client.HTTPException):
        return None


class Node:
    """One ringhost process; started, ended and started again in the same data directory."""

    def __init__(self, conf, node_id, port, data_dir, log, options=(), host="127.0.0.1", wrapper=(), inside=None):
        """`wrapper` begins its command line, for instance to enter a network namespace that has the address `host`; `inside` as of
        request."""
        self.conf, self.node_id, self.port, self.data_dir, self.log = conf, node_id, port, data_dir, log
        self.options, self.host, self.wrapper = list(options), host, list(wrapper)
        self.inside = inside
        self.process = None

    def start(self, wrapper=(), ready=True, seconds=15):
        """Runs it, its threads checked; with `ready`, until GET /readyz says 200."""
        command = [*self.wrapper, *wrapper, str(BIN / "ringhost"), "--checked", "--conf", str(self.conf), "--node", self.node_id, *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ready:
            until(lambda: self.is_ready() or self._ended(), seconds, f"{self.node_id} ready; {self.tail()}")
        return self

    def _ended(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.node_id} ended with {self.process.returncode}: {self.tail()}")
        return False

    def is_ready(self):
        reply = self.try_get("/readyz")
        return reply is not None and reply.status == 200

    def tail(self):
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""

    def try_get(self, path, timeout=3):
        """As get, or None when it does not answer."""
        return try_request(self.port, "GET", path, timeout=timeout, host=self.host, inside=self.inside)

    def get(self, path, **more):
        return request(self.port, "GET", path, host=self.host, inside=self.inside, **more)

    def post(self, path, body=None, **more):
        return request(self.port, "POST", path, {} if body is None else body, host=self.host, inside=self.inside, **more)

    def leader(self):
        """The view of this node on who leads, or None."""
        reply = self.try_get("/election/leader")
        return reply.json["leader"] or None if reply is not None and reply.status == 200 else None

    def kill(self):
        """As a power failure would: kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=10):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds * SLOW)

    def wait(self, seconds=10):
        return self.process.wait(seconds * SLOW)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def node_document(node_id, port, data_dir, role="coordinator", extra="", host="127.0.0.1"):
    return f"---\nkind: node\nid: {node_id}\nbind: {host}:{port}\nrole: {role}\ndata_dir: {data_dir}\n{extra}"


class Cluster:
    """A conf.d in a folder of its own and the nodes that it describes."""

    def __init__(
        self, folder, count=1, plugins=WITHOUT_WORKER, config=None, node_extra="", cluster_extra="", voters=None, beat_ms=BEAT_MS * SLOW, places=None,
        roles=None, seeds=None, ports=None, apart=(),
    ):  # fmt: skip
        """`places` maps node ids to (host, wrapper) or (host, wrapper, inside) where a node is not simply on 127.0.0.1; `roles` those
        that are no coordinators to their role; `seeds` names the nodes that are seeds, `ports` those whose port is chosen, and
        `apart` those with a configuration of their own that no other one mentions."""
        self.folder = Path(folder)
        self.conf = self.folder / "conf.d"
        self.confs = [self.conf, *(self.folder / f"{name}.d" for name in apart)]
        for conf in self.confs:
            conf.mkdir()
        self.nodes = {}
        names = [f"n{i + 1}" for i in range(count)]
        places = places or {name: ("127.0.0.1", ()) for name in names}
        ports = {name: (ports or {}).get(name) or free_port() for name in names}
        at = ", ".join(f"{places[name][0]}:{ports[name]}" for name in seeds or names)
        text = f"kind: cluster\nvoters: [{', '.join(voters or names)}]\nseeds: [{at}]\nbeat: {beat_ms}ms\n{cluster_extra}"
        texts = {conf: text for conf in self.confs}
        for name, port in ports.items():
            data = self.folder / name
            conf = self.folder / f"{name}.d" if name in apart else self.conf
            host, wrapper, inside = (*places[name], None)[:3]
            for mentions in [conf] if name in apart else self.confs:
                texts[mentions] += node_document(name, port, data, role=(roles or {}).get(name, "coordinator"), extra=node_extra, host=host)
            self.nodes[name] = Node(conf, name, port, data, self.folder / f"{name}.log", host=host, wrapper=wrapper, inside=inside)
        for conf, text in texts.items():
            (conf / "00-cluster.yaml").write_text(text)
        for number, plugin in enumerate(plugins):
            section = (config or {}).get(plugin, "config: {}\n")
            for conf in self.confs:
                (conf / f"{10 + number}-{plugin}.yaml").write_text(f"kind: plugin\nplugin: {plugin}\n{section}")

    def __getitem__(self, name):
        return self.nodes[name]

    def enable(self, plugin, section="config: {}\n"):
        """One more plugin, from the next start of each node on."""
        for conf in self.confs:
            (conf / f"60-{plugin}.yaml").write_text(f"kind: plugin\nplugin: {plugin}\n{section}")

    def start(self, *names):
        """The nodes named, or all; together, then each until it serves."""
        chosen = [self.nodes[name] for name in names or self.nodes]
        for node in chosen:
            node.start(ready=False)
        for node in chosen:
            until(lambda n=node: n.is_ready() or n._ended(), 20, f"{node.node_id} ready; {node.tail()}")
        return self

    def await_leader(self, *names, seconds=20, other_than=None):
        """Until all nodes named (default: all that run) agree on a leader; its id."""
        nodes = [n for n in self.nodes.values() if n.process and n.process.poll() is None and (not names or n.node_id in names)]

        def agreed():
            views = {node.leader() for node in nodes}
            view = views.pop() if len(views) == 1 else None
            return view if view != other_than else None

        return until(agreed, seconds, f"one leader in the view of {[n.node_id for n in nodes]}")

    def end(self):
        for node in self.nodes.values():
            node.end()


def await_active(node, seconds=15):
    """Until the queue of the leader serves."""

    def serves():
        reply = try_request(node.port, "GET", "/work/stats", timeout=5, host=node.host)
        return reply is not None and reply.status == 200

    until(serves, seconds, f"/work/stats of {node.node_id} serves; {node.tail()}")
    return node


def stored_events(node, event_type, quiet_seconds=1):
    """Payloads of all stored events of a type; reads until nothing has come for a while."""
    conn = http.client.HTTPConnection(node.host, node.port, timeout=quiet_seconds * SLOW)
    payloads = []
    try:
        conn.request("GET", "/events", headers={"Last-Event-ID": "0.0.0.0"})
        stream = conn.getresponse()
        while line := stream.readline():
            if line.startswith(b"data: "):
                event = json.loads(line[6:])
                if event.get("type") == event_type:
                    payloads.append(event["payload"])
    except TimeoutError:
        pass
    finally:
        conn.close()
    return payloads


class ClusterTest(unittest.TestCase):
    """Gives each test a scratch folder and ends what it started."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ringhost-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def cluster(self, *args, **more):
        folder = tempfile.mkdtemp(dir=self.folder)
        made = Cluster(folder, *args, **more)
        self.addCleanup(made.end)
        return made

    def one_node(self, **more):
        """A node that leads itself, its queue open."""
        made = self.cluster(1, **more)
        made.start()
        made.await_leader()
        return await_active(made["n1"])

    def status(self, reply, expected, code=None):
        self.assertEqual(reply.status, expected, reply)
        if code is not None:
            self.assertEqual(reply.code, code, reply)
        return reply


def run_program(*words, seconds=15, **more):
    """A program to its end: exit status, stdout and stderr."""
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=seconds * SLOW, check=False, **more)


def ringctl(node, *words, seconds=15):
    """ringctl at one node."""
    return run_program(BIN / "ringctl", "--addr", f"{node.host}:{node.port}", *words, seconds=seconds)


def figure(name, value):
    """A measured value, for whoever reads the log."""
    print(f"FIGURE {name} {value}", file=sys.stderr, flush=True)


def number_from_environment(name, default):
    return int(os.environ.get(name, default))
