"""A small disk of its own for the data of a node, which a test fills and frees; holds no test.

It is a tmpfs, mounted in the namespace that netlab.enter() made, so it goes with the last process."""

import os

from netlab import NoNamespaces, run, why_not

PIECE = 64 << 10


class Disk:
    """So many bytes, mounted at a folder. Raises NoNamespaces where nothing can be mounted."""

    def __init__(self, folder, size_bytes):
        if why_not() is not None:
            raise NoNamespaces(why_not())
        self.folder = folder
        self.ballast = folder / "ballast"
        folder.mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"mode=0700,size={size_bytes}", "ringhost-test", folder)

    def fill(self):
        """Takes what is free, to the last byte."""
        fd = os.open(self.ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for piece in (PIECE, 1):
                try:
                    while True:
                        os.write(fd, bytes(piece))
                except OSError:
                    continue
        finally:
            os.close(fd)

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def end(self):
        run("umount", "--lazy", self.folder)
