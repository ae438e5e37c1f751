"""Polls GET /election/leader of every node all the time and keeps who said what and when; holds no test."""

import http.client
import json
import re
import threading
import time
from typing import NamedTuple, Optional

EVERY_S = 0.05
PATIENCE_S = 1.0
LOGGED = re.compile(r"leader_changed .*\bnew=(\S+) epoch=(\d+)")


class View(NamedTuple):
    """What one node said; asked and told are times of the monotonic clock around it."""

    node: str
    asked: float
    told: float
    leader: Optional[str]
    epoch: int
    source: str


class Watch:
    """One thread for each node of a cluster. Views with a leader are kept whenever they differ from the one before."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.lock = threading.Lock()
        self.latest = {}
        self.views = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._poll, args=(node,), daemon=True) for node in cluster.nodes.values()]
        for thread in self.threads:
            thread.start()

    def _ask(self, conn, node):
        asked = time.monotonic()
        conn.request("GET", "/election/leader")
        answer = conn.getresponse()
        text = answer.read()
        if answer.status != 200:
            return
        body = json.loads(text)
        view = View(node.node_id, asked, time.monotonic(), body["leader"], body["epoch"], body["source"])
        with self.lock:
            last = self.latest.get(node.node_id)
            self.latest[node.node_id] = view
            if last is None or (last.leader, last.epoch) != (view.leader, view.epoch) or view.leader == view.node:
                self.views.append(view)

    def _poll(self, node):
        conn = http.client.HTTPConnection(node.host, node.port, timeout=PATIENCE_S)
        while not self.over.wait(EVERY_S):
            try:
                self._ask(conn, node)
            except (OSError, http.client.HTTPException, ValueError):
                conn.close()
                with self.lock:
                    self.latest.pop(node.node_id, None)
        conn.close()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(10)

    def agreed(self, names, after):
        """(leader, epoch) when all nodes named said the same, asked after that time; else None."""
        with self.lock:
            views = [self.latest.get(name) for name in names]
        if any(view is None or view.asked < after for view in views):
            return None
        said = {(view.leader, view.epoch) for view in views}
        return said.pop() if len(said) == 1 and views[0].leader is not None else None

    def first_lead(self, epoch, after):
        """When a node was first heard to say that it leads itself, at a later epoch; None when it was not."""
        with self.lock:
            told = [view.told for view in self.views if view.leader == view.node and view.epoch > epoch and view.asked > after]
        return min(told, default=None)

    def leaders_of_epochs(self):
        """What all views and all logs say: {epoch: {leader}}."""
        found = {}
        with self.lock:
            for view in self.views:
                if view.leader is not None:
                    found.setdefault(view.epoch, set()).add(view.leader)
        for node in self.cluster.nodes.values():
            for line in node.log.read_text(errors="replace").splitlines() if node.log.exists() else ():
                match = LOGGED.search(line)
                if match and match[1] != "-":
                    found.setdefault(int(match[2]), set()).add(match[1])
        return found

    def overlaps(self):
        """Pairs of views in which a node still led itself after another had been heard to lead at a later epoch."""
        with self.lock:
            leads = sorted((view for view in self.views if view.leader == view.node), key=lambda view: view.told)
        found, newest = [], None
        for view in sorted(leads, key=lambda view: view.asked):
            while leads and leads[0].told < view.asked:
                first = leads.pop(0)
                if newest is None or first.epoch > newest.epoch:
                    newest = first
            if newest is not None and view.epoch < newest.epoch and view.node != newest.node:
                found.append((newest, view))
        return found

    def steps_back(self):
        """Pairs of views of one node in which the later one names a leader of an older epoch."""
        found, last = [], {}
        with self.lock:
            views = list(self.views)
        for view in views:
            before = last.get(view.node)
            if view.leader is not None:
                if before is not None and view.epoch < before.epoch:
                    found.append((before, view))
                last[view.node] = view
        return found
