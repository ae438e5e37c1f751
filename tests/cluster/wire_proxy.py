"""A wire with delay and loss for tests: takes TCP connections and carries each on, late, until it is cut or stalls.

usage: wire_proxy.py --port PORT [--to HOST:PORT] [--seed N] [--delay MS] [--jitter MS] [--break S] [--stall MS] [--at BYTES,...]

Without --to a connection goes where it was going when a rule of nftables redirected it here; what this program sends itself has
the mark 7, by which that rule can leave it alone. --break is the mean time after which a connection breaks: every second one is
reset, the others carry nothing any more for --stall and are then reset. --at resets all connections each time that so many bytes
have been carried in all. Says "ready" once it listens and, at SIGTERM, in JSON what it did. Holds no test."""

import argparse
import asyncio
import json
import random
import signal
import socket
import struct
import sys
import time

SO_ORIGINAL_DST = 80
MARK = 7
CHUNK = 256 * 1024
CHUNKS = 16  # under way in one direction


class Wire:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.at = [int(part) for part in options.at.split(",")] if options.at else []
        self.links = set()
        self.tasks = set()
        self.counts = {"connections": 0, "cut": 0, "stalled": 0, "bytes": 0}

    def target(self, writer):
        if self.options.to:
            host, port = self.options.to.rsplit(":", 1)
            return host, int(port)
        sock = writer.get_extra_info("socket")
        port, address = struct.unpack("!2xH4s8x", sock.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16))
        return socket.inet_ntoa(address), port

    async def dial(self, target):
        sock = socket.socket()
        sock.setblocking(False)
        if not self.options.to:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
        await asyncio.get_running_loop().sock_connect(sock, target)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await asyncio.open_connection(sock=sock)

    async def on_connection(self, reader, writer):
        try:
            far_reader, far_writer = await self.dial(self.target(writer))
        except OSError:
            writer.transport.abort()
            return
        link = Link(self, (writer, far_writer))
        self.links.add(link)
        self.counts["connections"] += 1
        try:
            await link.run(reader, far_reader)
        except asyncio.CancelledError:
            pass  # the program ends
        finally:
            self.links.discard(link)
            link.abort()

    def carried(self, count):
        self.counts["bytes"] += count
        if self.at and self.counts["bytes"] >= self.at[0]:
            self.at.pop(0)
            self.counts["cut"] += 1
            for link in list(self.links):
                link.abort()


class Link:
    """One connection, both ways."""

    def __init__(self, wire, writers):
        self.wire = wire
        self.writers = writers
        self.is_stalled = False

    def abort(self):
        for writer in self.writers:
            writer.transport.abort()

    async def run(self, reader, far_reader):
        ways = [asyncio.create_task(self.carry(reader, self.writers[1])), asyncio.create_task(self.carry(far_reader, self.writers[0]))]
        breaker = asyncio.create_task(self.break_in_time())
        try:
            await asyncio.wait([*ways, breaker], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*ways, breaker):
                task.cancel()
            await asyncio.gather(*ways, breaker, return_exceptions=True)

    async def break_in_time(self):
        options, choose = self.wire.options, self.wire.random
        if not options.mean:
            await asyncio.Event().wait()
        await asyncio.sleep(choose.expovariate(1 / options.mean))
        if choose.random() < 0.5:
            self.wire.counts["cut"] += 1
            return
        self.wire.counts["stalled"] += 1
        self.is_stalled = True
        await asyncio.sleep(options.stall / 1000)

    async def carry(self, reader, writer):
        queue = asyncio.Queue(CHUNKS)
        sender = asyncio.create_task(self.send(queue, writer))
        options, choose = self.wire.options, self.wire.random
        due = 0.0
        try:
            while data := await reader.read(CHUNK):
                late = (options.delay + choose.uniform(-options.jitter, options.jitter)) / 1000
                due = max(due, time.monotonic() + max(late, 0.0))
                await queue.put((due, data))
            await queue.put(None)
            await sender
        except OSError:
            return
        finally:
            sender.cancel()

    async def send(self, queue, writer):
        while item := await queue.get():
            due, data = item
            left = due - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
            if self.is_stalled:
                await asyncio.Event().wait()
            writer.write(data)
            await writer.drain()
            self.wire.carried(len(data))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--jitter", type=float, default=0)
    parser.add_argument("--break", dest="mean", type=float, default=0)
    parser.add_argument("--stall", type=float, default=1000)
    parser.add_argument("--at", default="")
    options = parser.parse_args()
    wire = Wire(options)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    server = await asyncio.start_server(wire.on_connection, "0.0.0.0", options.port)
    print("ready", flush=True)
    await over.wait()
    server.close()
    for link in list(wire.links):
        link.abort()
    print(json.dumps(wire.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
