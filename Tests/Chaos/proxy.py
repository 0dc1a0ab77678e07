"""A network that fails on demand: every connection of the processes under test runs through it.

A `Link` listens on a port of this machine and forwards to one server. Bytes that a broken link has swallowed never come
out later, as on a real network whose ends have given up: a repaired link begins with fresh connections.
"""

import asyncio
import dataclasses
import enum
import pathlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine

from wire import ClientMessages, ServerMessages

Address = tuple[str, int] | pathlib.Path
"""Host and port, or a Unix socket."""


class Weather(enum.Enum):
    """What a link does to the bytes."""

    FAIR = "forwards"
    BLACK_HOLE = "accepts, and nothing moves any more in either direction"
    DEAF = "requests arrive, answers vanish"
    MUTE = "requests vanish, answers arrive"


@dataclasses.dataclass
class Trap:
    """Cuts a connection to PostgreSQL at a statement, once."""

    statement: str
    """The name in its leading comment, or its first word."""
    is_done: bool
    """True: the server has done it, its answer is cut off. False: the server never hears of it."""
    has_cut: bool = False


@dataclasses.dataclass
class Budget:
    """Bytes that still pass before the connection is cut that carries the last of them."""

    left: int
    has_cut: bool = False

    def spend(self, data: bytes) -> bytes:
        """What of the data still passes."""
        passing = data[: max(self.left, 0)]
        self.left -= len(passing)
        return passing


class Network:
    """Runs links, on a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.links: list[Link] = []

    def __enter__(self) -> "Network":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for link in self.links:
            self.do(link.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def do(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def link(self, name: str, target: Callable[[], Address], is_postgres: bool = False) -> "Link":
        """Opens a link to wherever `target` says at the time of each connection."""
        link = Link(self, name, target, is_postgres)
        self.do(link.open())
        self.links.append(link)
        return link


class Link:
    """One port and what lies behind it. Its methods may be called from any thread."""

    def __init__(self, network: Network, name: str, target: Callable[[], Address], is_postgres: bool):
        self.network = network
        self.name = name
        self.target = target
        self.is_postgres = is_postgres
        self.weather = Weather.FAIR
        self.delay = 0.0
        """Seconds by which each piece of data is late."""
        self.budget: Budget | None = None
        self.trap: Trap | None = None
        self.tunnels: set[Tunnel] = set()
        self.port = 0

    async def open(self) -> None:
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.server.close()
        while self.tunnels:
            for tunnel in list(self.tunnels):
                tunnel.reset()
            await asyncio.sleep(0.01)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnel = Tunnel(self, reader, writer)
        self.tunnels.add(tunnel)
        try:
            await tunnel.run()
        finally:
            self.tunnels.discard(tunnel)

    def cut(self) -> int:
        """Resets all present connections, both ends, and returns how many there were."""
        return self.network.do(self.cut_now())

    async def cut_now(self) -> int:
        return sum([tunnel.reset() for tunnel in self.tunnels])

    def cut_after(self, count: int) -> Budget:
        """Cuts the connection that carries the last of the next `count` bytes."""
        self.budget = Budget(count)
        return self.budget

    def arm(self, trap: Trap) -> None:
        self.trap = trap

    def disarm(self) -> bool:
        """Takes the trap away, and returns whether it was still armed.

        If it was not, it has cut a connection, or will as soon as the server has answered.
        """
        armed, self.trap = self.trap is not None, None
        return armed

    def turn(self, weather: Weather) -> int:
        """Changes the weather. When it becomes fair, connections that saw foul weather are gone; returns how many."""
        return self.network.do(self.turn_now(weather))

    async def turn_now(self, weather: Weather) -> int:
        before, self.weather = self.weather, weather
        return await self.cut_now() if weather is Weather.FAIR and before is not Weather.FAIR else 0


class Tunnel:
    """One connection through a link."""

    def __init__(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.link = link
        self.reader = reader
        self.writers = [writer]
        self.is_reset = asyncio.Event()
        self.client = ClientMessages() if link.is_postgres else None
        self.server = ServerMessages()
        self.trap: Trap | None = None
        """One that waits for the server's answer, to cut it off."""
        self.swallow_until = 0
        """With it: the ReadyForQuery after which the connection is cut."""

    async def run(self) -> None:
        if self.link.weather is Weather.BLACK_HOLE:
            await self.is_reset.wait()
            return
        try:
            reader, writer = await self.connect()
        except OSError:
            self.reset()
            return
        self.writers.append(writer)
        pumps = [
            asyncio.create_task(self.pump(self.reader, writer, self.from_client)),
            asyncio.create_task(self.pump(reader, self.writers[0], self.from_server)),
        ]
        end = asyncio.create_task(self.is_reset.wait())
        await asyncio.wait([*pumps, end], return_when=asyncio.FIRST_COMPLETED)
        for task in (*pumps, end):
            task.cancel()
        await asyncio.gather(*pumps, end, return_exceptions=True)
        for writer in self.writers:
            writer.close()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = self.link.target()
        if isinstance(address, pathlib.Path):
            return await asyncio.open_unix_connection(str(address))
        return await asyncio.open_connection(*address)

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, inspect: Callable) -> None:
        """Forwards until the end; then what is on its way to the other side is still delivered."""
        try:
            while data := await source.read(1 << 16):
                if self.link.delay:
                    await asyncio.sleep(self.link.delay)
                if self.link.weather is Weather.BLACK_HOLE:
                    await self.is_reset.wait()
                    return
                if (budget := self.link.budget) is not None:
                    data = budget.spend(data)
                if data := inspect(data):
                    sink.write(data)
                    await sink.drain()
                if budget is not None and budget.left <= 0 and self.link.budget is budget:
                    self.link.budget = None
                    budget.has_cut = self.reset()
        except OSError:
            self.reset()

    def from_client(self, data: bytes) -> bytes:
        """What of the client's bytes goes on to the server."""
        if self.link.weather is Weather.MUTE:
            return b""
        if self.client is not None:
            trap = self.link.trap
            if trap and trap.statement in self.client.feed(data) and self.trap is None:
                self.link.trap = None
                if not trap.is_done:
                    self.cut_for(trap)
                    return b""
                self.trap, self.swallow_until = trap, self.client.ends
            elif not trap:
                self.client.feed(data)
        return data

    def from_server(self, data: bytes) -> bytes:
        """What of the server's bytes goes on to the client."""
        if self.link.weather is Weather.DEAF:
            return b""
        if self.client is not None:
            skip = min(self.client.encryption_requests, len(data))
            self.client.encryption_requests -= skip
            ends = self.server.feed(data, skip)
            if self.trap is not None:
                if ends >= self.swallow_until:
                    self.cut_for(self.trap)
                return b""
        return data

    def cut_for(self, trap: Trap) -> None:
        if self.reset():
            trap.has_cut = True

    def reset(self) -> bool:
        """Ends both sides at once, by RST where it is TCP, and returns False if that was done before."""
        if self.is_reset.is_set():
            return False
        for writer in self.writers:
            end = writer.get_extra_info("socket")
            if end is not None and end.fileno() >= 0 and end.family == socket.AF_INET:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self.is_reset.set()
        return True
