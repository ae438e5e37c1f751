"""A relay for TCP that replaces bytes on the way, so that a node speaks as another version would; holds no test."""

import contextlib
import socket
import threading


class Rewriting:
    """Listens on a free port of 127.0.0.1 and passes everything on to another; what clients send is rewritten.

    The words must not be cut by the boundary of a read: headers of one request come in one."""

    def __init__(self, to_port, old, new):
        assert len(old) == len(new)
        self.to_port, self.old, self.new = to_port, old, new
        self.rewritten = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.to_port), timeout=5)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                self.open += [client, server]
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source, sink, is_rewritten):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_rewritten:
                    self.rewritten += data.count(self.old)
                    data = data.replace(self.old, self.new)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def end(self):
        for sock in self.open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
