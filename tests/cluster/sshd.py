"""An OpenSSH server of the test's own on 127.0.0.1, as the current user; and a look at the processes of this machine."""

import os
import pwd
import signal
import subprocess
from pathlib import Path

from nodes import free_port, until

SSHD = "/usr/sbin/sshd"


def processes():
    """Process ids with parent and command line, those that are no zombies."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if state != "Z":
            found[int(entry.name)] = (int(parent), " ".join(words).strip())
    return found


def with_words(words):
    """Ids of processes whose command line begins so: a job's own, not the shells and clients that name it."""
    return [pid for pid, (_, line) in processes().items() if line.startswith(words)]


def key_pair(path):
    """A new key without a passphrase; the public part as text."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)], check=True)
    return Path(f"{path}.pub").read_text().strip()


class Sshd:
    """Takes the client key `authorized`; known() is its line for a known_hosts file."""

    def __init__(self, folder, authorized):
        self.folder = Path(folder)
        self.folder.mkdir()
        self.port = free_port()
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.public = key_pair(self.folder / "host_key")
        (self.folder / "authorized_keys").write_text(authorized + "\n")
        (self.folder / "config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.folder}/host_key\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nMaxStartups 100\nMaxSessions 100\nLogLevel VERBOSE\nPermitRootLogin yes\n"
            "KexAlgorithms curve25519-sha256\nUseDNS no\nPrintMotd no\n"
        )
        self.log = self.folder / "log"
        self.process = None
        if os.geteuid() == 0:
            # What the service's own start makes; a server of root's does not start without it.
            os.makedirs("/run/sshd", 0o755, exist_ok=True)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(self.folder / "config")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: "Server listening" in self.log.read_text(), 10, f"sshd listens; {self.log.read_text()}")
        return self

    def known(self, public=None):
        return f"[127.0.0.1]:{self.port} {public or self.public}\n"

    def own(self):
        """The server and what it forked for its connections, not what those started."""
        table = processes()
        found = [self.process.pid]
        for pid in found:
            found += [child for child, (parent, line) in table.items() if parent == pid and line.startswith("sshd:")]
        return found

    def signal(self, number):
        for pid in self.own():
            os.kill(pid, number)

    def accepted(self):
        """Connections that were let in so far."""
        return self.log.read_text().count("Accepted publickey")

    def kill(self):
        """At once, with all its connections; what they started goes on."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()
