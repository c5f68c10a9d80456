"""What lies between the tasks of a service: an address for each, which a test can cut off.

Each task has the id and the address that ECS's metadata endpoint (here) tells it, as on Fargate.
The address is a relay's, which holds what it carries for as long as one of the two ends is cut off:
as in a network that is slow, each end's packets are acknowledged. When one of the ends is lost
(`lost`), the kernel drops what comes, as if the machine were not there: nothing is acknowledged,
and nobody is told. `Faults.cut_off` (`table.py`) does with a task's requests to the table, which it
knows by the task's access key, what the relay does when the task is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from tests.addresses import own_address
from tests.gateway.harness import Gateway, descendants

PEERS_PORT: Final = 4322
LOOK_SECONDS: Final = 0.05
CHUNK_BYTES: Final = 64 * 1024

SO_ATTACH_FILTER: Final = 26
SO_DETACH_FILTER: Final = 27
DROP: Final = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0), 8)
"""The classic BPF program `ret #0`: the kernel drops each packet for the socket before TCP sees it
(https://www.kernel.org/doc/html/latest/networking/filter.html). Needs no privilege.
"""

T = TypeVar("T")


class Line:
    """A connection through the relay: its two sockets, and the tasks at its ends."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.ends: set[str] = set()
        self.sockets: list[socket.socket] = [writer.get_extra_info("socket")]

    def drop(self, *, packets: bool) -> None:
        """Drop what comes to either socket from now on, or no more."""
        option = SO_ATTACH_FILTER if packets else SO_DETACH_FILTER
        program = struct.pack("@HP", 1, ctypes.addressof(DROP))
        for end in self.sockets:
            with contextlib.suppress(OSError):  # closed meanwhile, or without a filter
                end.setsockopt(socket.SOL_SOCKET, option, program)


class Wires:
    """Relays and metadata of all tasks, in a thread with its own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: dict[str, Gateway] = {}
        self._servers: list[asyncio.Server] = []
        self._carrying: set[asyncio.Task[Any]] = set()
        self._lines: set[Line] = set()
        self._lost: set[str] = set()
        self.cut_off: set[str] = set()
        """Names of tasks that reach no other one, and are reached by none."""

    def settings(self, name: str, task_id: str = "") -> dict[str, str]:
        """Variables of a task with this name; its id is the name, unless `task_id` is given."""
        address = own_address()
        body = json.dumps(
            {
                "TaskARN": f"arn:aws:ecs:eu-central-1:123456789012:task/live/{task_id or name}",
                "Revision": "1",
                "Containers": [{"Networks": [{"IPv4Addresses": [address]}]}],
            }
        ).encode()
        port = self._do(self._listen(name, address, body))
        return {
            "ECS_CONTAINER_METADATA_URI_V4": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": name,
        }

    def attach(self, name: str, task: Gateway) -> None:
        """Lead what comes to this name's address to `task`, once it runs."""
        self._tasks[name] = task

    @contextlib.contextmanager
    def lost(self, name: str) -> Iterator[None]:
        """The task of this name is as gone as with its zone, for the others, and they for it."""
        self._do(self._lose({name}))
        try:
            yield
        finally:
            self._do(self._lose(set()))

    async def _lose(self, names: set[str]) -> None:
        before, self._lost = self._lost, names
        for line in self._lines:
            if line.ends & (before | names):
                line.drop(packets=bool(line.ends & names))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self, name: str, address: str, metadata: bytes) -> int:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._carrying.add(task)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._carry(name, reader, writer)
            self._carrying.discard(task)
            writer.close()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(metadata)}\r\nConnection: close"
                writer.write(f"{head}\r\n\r\n".encode() + metadata)
                await writer.drain()
            writer.close()

        self._servers.append(await asyncio.start_server(relay, address, PEERS_PORT))
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = Line(writer)
        # In a thread: with many processes on the machine it takes long, and others wait here.
        sender = await asyncio.to_thread(self._sender, writer.get_extra_info("peername")[1])
        ends = line.ends = {name, sender}
        self._lines.add(line)
        if self._lost & ends:
            line.drop(packets=True)
        await self._open(ends)
        target_reader, target_writer = await asyncio.open_connection(
            self._tasks[name].address, PEERS_PORT
        )
        line.sockets.append(target_writer.get_extra_info("socket"))
        ways = [
            asyncio.ensure_future(self._pump(ends, reader, target_writer)),
            asyncio.ensure_future(self._pump(ends, target_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            self._lines.discard(line)
            target_writer.close()

    async def _open(self, ends: set[str]) -> None:
        while (self.cut_off | self._lost) & ends or not ends & self._tasks.keys():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

    async def _pump(
        self, ends: set[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await self._open(ends)
                writer.write(data)
                await writer.drain()

    def _sender(self, port: int) -> str:
        """The task whose process has connected from this port; empty for none."""
        sockets = _sockets(port)
        for name, task in list(self._tasks.items()):
            for pid in {task.process.pid, *descendants(task.process.pid)}:
                with contextlib.suppress(OSError):
                    for entry in Path(f"/proc/{pid}/fd").iterdir():
                        with contextlib.suppress(OSError):
                            if str(entry.readlink()) in sockets:
                                return name
        return ""


def _sockets(port: int) -> set[str]:
    """Sockets with this local port, as links of /proc name them."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == port:
            found.add(f"socket:[{fields[9]}]")
    return found


@contextlib.contextmanager
def running_wires() -> Iterator[Wires]:
    """Wires that work until the end of the block."""
    wires = Wires()
    thread = threading.Thread(target=wires._loop.run_forever, daemon=True)
    thread.start()
    try:
        yield wires
    finally:
        wires._do(wires._close())
        wires._loop.call_soon_threadsafe(wires._loop.stop)
        thread.join(10)
        wires._loop.close()
