"""Places behind routers that translate addresses, on the switch of netlab.py, with wires that are late and break; holds no test.

Each hidden place has a router of its own (a namespace with one cable to the switch or to another router, and one to the place), or
two, one behind the other. Routers masquerade what goes out to the switch's network and let in nothing that was not asked for. All
hidden places have the same address, as machines in the private networks of different landlords do."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import netlab

PROXY = Path(__file__).resolve().parent / "wire_proxy.py"
PROXY_PORT = 4077
PRIVATE = "192.168.1"
INNER = "192.168.2"
ROUTER = """table inet router {
    chain input { type filter hook input priority 0; policy drop; iif lo accept; ct state established,related accept; }
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept;
        iifname "lan" oifname "eth0" ip daddr %s.0/24 accept;
    }
    chain out { type nat hook postrouting priority 100; oifname "eth0" masquerade; }
}
"""
# What the place sends to the switch's network goes through the proxy beside it, whose own packets have the mark.
WIRE = """table ip wire {
    chain out { type nat hook output priority -100; ip daddr %s.0/24 meta mark != 7 meta l4proto tcp redirect to :%d; }
}
"""
CLONE_NEWNET = 0x40000000


def enter_space(descriptor):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class NatLab(netlab.Lab):
    """`behind` maps hidden names to the number of routers before them, 1 or 2."""

    def __init__(self, public, behind):
        super().__init__((*public, *(f"r{name}" for name in behind)))
        self.proxies = {}
        try:
            for name, routers in behind.items():
                self._hide(name, f"r{name}", routers)
        except OSError as error:
            self.end()
            raise netlab.NoNamespaces(str(error)) from error
        except netlab.NoNamespaces:
            self.end()
            raise

    def _hide(self, name, router, routers):
        self._make_router(router)
        if routers == 2:
            inner = f"i{name}"
            self._cable(router, inner, PRIVATE)
            self._make_router(inner)
            self._cable(inner, name, INNER)
        else:
            self._cable(router, name, PRIVATE)
        self.hosts[name] = f"{INNER if routers == 2 else PRIVATE}.2"

    def _make_router(self, name):
        netlab.run(*self.wrapper(name), "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        netlab.run(*self.wrapper(name), "nft", "-f", "-", text=ROUTER % netlab.NETWORK)

    def _cable(self, router, name, network):
        """From the router's `lan` to eth0 of a new place."""
        self._make_space(name)
        lan, eth0 = self._path(router), self._path(name)
        netlab.run("ip", "link", "add", "name", "lan", "netns", lan, "type", "veth", "peer", "name", "eth0", "netns", eth0)
        for place, words in (
            (router, ["address", "add", f"{network}.1/24", "dev", "lan"]),
            (router, ["link", "set", "lan", "up"]),
            (name, ["link", "set", "lo", "up"]),
            (name, ["address", "add", f"{network}.2/24", "dev", "eth0"]),
            (name, ["link", "set", "eth0", "up"]),
            (name, ["route", "add", "default", "via", f"{network}.1"]),
        ):
            netlab.run(*self.wrapper(place), "ip", *words)

    def delay(self, name, *options):
        """From now on what this place says to others passes a wire_proxy.py with these options."""
        command = [*self.wrapper(name), sys.executable, "-B", str(PROXY), "--port", str(PROXY_PORT), *map(str, options)]
        proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.proxies[name] = proxy
        if proxy.stdout.readline() != "ready\n":
            raise netlab.NoNamespaces(f"wire_proxy.py ended with {proxy.wait(10)}")
        netlab.run(*self.wrapper(name), "nft", "-f", "-", text=WIRE % (netlab.NETWORK, PROXY_PORT))

    def undelay(self, name):
        """Ends that; what the proxy counted."""
        proxy = self.proxies.pop(name)
        proxy.send_signal(signal.SIGTERM)
        text, _ = proxy.communicate(timeout=10)
        return json.loads(text)

    @contextlib.contextmanager
    def inside(self, name):
        """What this thread connects meanwhile, it connects from there: nobody else can call a hidden node."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter_space(self.spaces[name])
            try:
                yield
            finally:
                enter_space(home)
        finally:
            os.close(home)

    def places(self):
        public = {name: (host, self.wrapper(name), None) for name, host in self.hosts.items() if host.startswith(netlab.NETWORK)}
        hidden = {name: (host, self.wrapper(name), lambda name=name: self.inside(name)) for name, host in self.hosts.items() if name not in public}
        return {**public, **hidden}

    def end(self):
        for name in list(self.proxies):
            self.undelay(name)
        super().end()
