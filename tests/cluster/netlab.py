"""Nodes in network namespaces of their own on one switch, whose cables can be cut in either direction; holds no test.

The test program starts itself again in a fresh namespace (of mounts, too), which holds the switch (a bridge) and is where
its clients are; the nodes' namespaces hang from there by a pair of virtual interfaces each. All of it is without names, so it is gone with
the last process. Cuts are rules of nftables on what the bridge forwards: silent, and not seen by clients at the bridge."""

import os
import subprocess
import sys

INSIDE = "RINGHOST_NETLAB"
NETWORK = "10.77.0"
RULES = """table bridge cut {
    set pairs { type ipv4_addr . ipv4_addr; }
    chain forward { type filter hook forward priority 0; ip saddr . ip daddr @pairs drop; }
}
"""


class NoNamespaces(Exception):
    """Why there can be none here; `is_root` tells whether that is a fault of the machine or a missing right."""

    def __init__(self, why):
        super().__init__(why)
        self.is_root = os.geteuid() == 0


def run(*words, text=None):
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise NoNamespaces(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def enter():
    """Called first by a test program. Comes back only inside the fresh namespace, or where there can be none."""
    if os.environ.get(INSIDE):
        run("ip", "link", "set", "lo", "up")
        return
    why = []
    for words in (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"]):
        try:
            run(*words, "ip", "link", "set", "lo", "up")
        except (NoNamespaces, OSError) as error:
            why.append(str(error))
            continue
        os.environ[INSIDE] = "1"
        os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])
    os.environ[INSIDE] = "no: " + "; ".join(why)


def why_not():
    """Why this program is not in a namespace of its own, or None when it is."""
    value = os.environ.get(INSIDE, f"no: {INSIDE} is not set, enter() was not called")
    return value[4:] if value.startswith("no: ") else None


class Lab:
    """A switch and places for nodes. Raises NoNamespaces, also when ip or nft is missing."""

    def __init__(self, names):
        if why_not() is not None:
            raise NoNamespaces(why_not())
        self.hosts = {name: f"{NETWORK}.{number + 1}" for number, name in enumerate(names)}
        self.spaces = {}
        self.is_cut = False
        try:
            run("ip", "link", "add", "rh-switch", "type", "bridge")
            run("ip", "address", "add", f"{NETWORK}.254/24", "dev", "rh-switch")
            run("ip", "link", "set", "rh-switch", "up")
            run("nft", "-f", "-", text=RULES)
            for name in names:
                self._plug_in(name)
        except OSError as error:
            self.end()
            raise NoNamespaces(str(error)) from error
        except NoNamespaces:
            self.end()
            raise

    def _make_space(self, name):
        """A namespace; it lives as long as the descriptor."""
        keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if keeper.stdout.readline() != b"\n":
                raise NoNamespaces(f"unshare --net for {name}: it ended with {keeper.wait(10)}")
            self.spaces[name] = os.open(f"/proc/{keeper.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            keeper.stdin.close()
            keeper.stdout.close()
            keeper.wait(10)

    def _plug_in(self, name):
        """A namespace with one cable to the switch."""
        self._make_space(name)
        run("ip", "link", "add", f"rh-{name}", "type", "veth", "peer", "name", "eth0", "netns", self._path(name))
        run("ip", "link", "set", f"rh-{name}", "master", "rh-switch", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{self.hosts[name]}/24", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            run(*self.wrapper(name), "ip", *words)

    def _path(self, name):
        return f"/proc/{os.getpid()}/fd/{self.spaces[name]}"

    def wrapper(self, name):
        """Begins the command line of what shall run at that place."""
        return ["nsenter", f"--net={self._path(name)}", "--"]

    def places(self):
        """As nodes.Cluster takes them."""
        return {name: (host, self.wrapper(name)) for name, host in self.hosts.items()}

    def cut(self, pairs):
        """From now on nothing that the first of a pair sends reaches the second. Clients still reach both."""
        elements = ", ".join(f"{self.hosts[a]} . {self.hosts[b]}" for a, b in pairs)
        run("nft", "add", "element", "bridge", "cut", "pairs", f"{{ {elements} }}")
        self.is_cut = True

    def isolate(self, group, way="both"):
        """Cuts a group of nodes off from all others: what they send ("out"), what they would hear ("in"), or both."""
        others = [name for name in self.hosts if name not in group]
        out = [(a, b) for a in group for b in others]
        back = [(b, a) for a, b in out]
        self.cut({"out": out, "in": back, "both": out + back}[way])

    def heal(self):
        run("nft", "flush", "set", "bridge", "cut", "pairs")
        self.is_cut = False

    def end(self):
        for space in self.spaces.values():
            os.close(space)
        self.spaces = {}
        subprocess.run(["ip", "link", "delete", "rh-switch"], capture_output=True, check=False)  # the namespace ends soon anyway
        subprocess.run(["nft", "delete", "table", "bridge", "cut"], capture_output=True, check=False)
