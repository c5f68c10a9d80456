"""A dev server's process and its channel.

The runner (`container/astro/runner.mjs`) speaks newline-delimited JSON on descriptor 3, both ways; it ends when the channel closes.
Its stdout and stderr are the session's log. A runner may be started before its session is known (the warm pool): it then waits for
`start`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from .processes import Child, Processes, child_environment
from .settings import GatewaySettings, runner_command

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""A longer line on the channel is dropped: a runner has nothing that long to say, and its site's code could write there too."""

MAX_LOG_LINE: Final = 4000
LOG_LINES: Final = 1000
ASK_SECONDS: Final = 1.5
"""How long a runner may take to end when asked over its channel, before it gets a signal."""

Message = dict[str, Any]


class LogBuffer:
    """The last lines of a session, numbered, with readers that follow."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque(maxlen=LOG_LINES)
        self._next = 1
        self._changed = asyncio.Event()

    def add(self, line: str) -> None:
        self._lines.append((self._next, line[:MAX_LOG_LINE]))
        self._next += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def move_to(self, other: LogBuffer) -> None:
        """Hand the lines so far to `other`; `Runner.log` is then replaced by it."""
        for _, line in self._lines:
            other.add(line)

    def since(self, number: int = 0) -> list[tuple[int, str]]:
        """Lines with a higher number than `number`."""
        return [entry for entry in self._lines if entry[0] > number]

    async def follow(self, number: int) -> list[tuple[int, str]]:
        """Lines after `number`, waiting for the first one."""
        while not (lines := self.since(number)):
            await self._changed.wait()
        return lines


class Runner:
    """One dev-server process. `on_message` gets each message from it; `log` its output."""

    def __init__(self, child: Child, home: Path) -> None:
        self.child = child
        self.home = home
        self.warm = asyncio.Event()
        self.log = LogBuffer()
        self.on_message: Callable[[Message], None] = lambda _message: None
        self._tasks = [asyncio.create_task(self._read_output()), asyncio.create_task(self._read_channel())]

    @classmethod
    async def launch(cls, processes: Processes, settings: GatewaySettings, home: Path) -> Runner:
        """Start a process that waits for `start`. `home` is its private folder on local disk."""
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        environment = child_environment(
            os.environ,
            HOME=str(home),
            TMPDIR=str(home / "tmp"),
            XDG_CACHE_HOME=str(home / "cache"),
            NODE_ENV=settings.node_environment,
            ASTRO_TELEMETRY_DISABLED="1",
            NO_UPDATE_NOTIFIER="1",
        )
        child = await processes.spawn(
            "runner",
            runner_command(settings),
            environment=environment,
            cwd=home,
            channel=True,
            capture=True,
            descriptors=settings.session_descriptors,
        )
        child.remember(home=str(home))
        return cls(child, home)

    @classmethod
    def inherited(cls, child: Child) -> Runner:
        """A runner that an earlier control plane started."""
        runner = cls(child, Path(child.note["home"]))
        if child.note.get("warm"):
            runner.warm.set()
        return runner

    def attach(self, log: LogBuffer, on_message: Callable[[Message], None]) -> None:
        """Give the process to a session: its log and its messages go there from now on."""
        self.log.move_to(log)
        self.log = log
        self.on_message = on_message

    async def send(self, message: Mapping[str, Any]) -> bool:
        """Send one message; False when the runner is gone."""
        if self.child.channel is None:
            return False
        try:
            await asyncio.get_running_loop().sock_sendall(self.child.channel, json.dumps(message).encode() + b"\n")
        except OSError:
            return False
        return True

    async def stop(self, *, term_seconds: float) -> int:
        """End the process and its whole group; returns the exit status.

        First it is asked, so that it can tell its sockets to reconnect and end what it started; then come the signals.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(ASK_SECONDS, term_seconds)):
                if await self.send({"type": "stop"}):
                    await self.child.wait()
        status = await self.child.stop(term_seconds=term_seconds)
        with contextlib.suppress(TimeoutError):  # its last words
            async with asyncio.timeout(0.2):
                await self._tasks[0]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return status

    async def _read_output(self) -> None:
        assert self.child.output is not None
        stream = asyncio.StreamReader(limit=MAX_LOG_LINE * 16)
        pipe = os.fdopen(self.child.output, "rb", 0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
        try:
            await self._read_lines(stream)
        finally:
            transport.close()

    async def _read_lines(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the reader's limit; the rest comes as lines of its own
                continue
            if not line:
                return
            self.log.add(line.decode("utf-8", "replace").rstrip("\n"))

    async def _read_channel(self) -> None:
        assert self.child.channel is not None
        channel, loop, rest = self.child.channel, asyncio.get_running_loop(), b""
        while True:
            try:
                data = await loop.sock_recv(channel, 65536)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._take(line)
            if len(rest) > MAX_MESSAGE_BYTES:
                rest = b""

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            return
        if message["type"] == "warm":
            self.warm.set()
            self.child.remember(warm=True)
        elif message["type"] == "log":
            self.log.add(f"[{message.get('level', 'info')}] {message.get('message', '')}")
        self.on_message(message)
