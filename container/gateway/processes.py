"""The control plane's side of child processes: asks the keeper to start and signal them, and knows when they end.

Every child leads a process group of its own, so that what it started is ended with it. Stop has two stages, TERM and KILL, each for
the whole group. When the keeper itself is gone, nobody would end the groups any more: then they are killed from here at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from . import wire
from .errors import StartError

TERM_SECONDS: Final = 5.0
"""From TERM to KILL. A dev server needs 0.07 s; a site's own shutdown handlers may need more."""

PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "npm_config_registry",
)
"""Variables of the container that children may see. Everything else, AWS credentials and the gateway's secrets included, stays out."""


def child_environment(environment: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The allow-list applied to `environment`, and what the gateway adds."""
    return {name: environment[name] for name in PASSED_ON if name in environment} | extra


class Child:
    """A child of the keeper, as the control plane sees it."""

    def __init__(self, pid: int, note: dict[str, Any], processes: Processes, channel: socket.socket | None, output: int | None) -> None:
        self.pid = pid
        self.note = note
        self.channel = channel
        self.output = output
        self._processes = processes
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def running(self) -> bool:
        return not self._ended.done()

    async def wait(self) -> int:
        """Wait for the end; negative is the number of the signal that ended it."""
        return await asyncio.shield(self._ended)

    def remember(self, **changes: Any) -> None:
        """Change what a later control plane is told about this child."""
        self.note = {**self.note, **changes}
        self._processes.order({"do": "note", "pid": self.pid, "note": self.note})

    def signal_group(self, number: signal.Signals) -> None:
        if self.running:
            self._processes.order({"do": "signal", "pid": self.pid, "number": int(number)})

    async def stop(self, *, term_seconds: float = TERM_SECONDS) -> int:
        """TERM, then KILL, to the whole group. Returns the exit status. Safe to call again."""
        self.close_channel()
        self.signal_group(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(term_seconds):
                return await self.wait()
        self.signal_group(signal.SIGKILL)
        return await self.wait()

    def close_channel(self) -> None:
        if self.channel is not None:
            self.channel.close()
            self.channel = None

    def ended(self, status: int) -> None:
        if not self._ended.done():
            self._ended.set_result(status)


class Processes:
    """Connection to the keeper."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._children: dict[int, Child] = {}
        self._orders = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Child]] = {}
        self._pending: dict[int, tuple[dict[str, Any], bool, bool]] = {}
        self.environment: dict[str, str] = {}
        self.memory: dict[str, Any] = {}
        self.inherited: list[Child] = []
        self.keeper_gone: Callable[[], None] = lambda: os._exit(1)

    @classmethod
    def from_environment(cls) -> Processes:
        """Take the socket that the keeper left us; reads the greeting, blocking."""
        number = os.environ.pop(wire.DESCRIPTOR_VARIABLE, "")
        if not number.isdigit():
            raise StartError("the control plane is started by the gateway itself: run `python -m container.gateway`")
        os.set_inheritable(int(number), False)
        return cls(socket.socket(fileno=int(number)))

    def greet(self) -> None:
        """Read the keeper's greeting: environment, memory, inherited children. Called within the event loop, before `listen`."""
        while True:
            event, descriptors = wire.receive(self._connection)
            if event is None:
                raise StartError("the keeper has gone")
            if event["event"] == "begin":
                return
            if event["event"] == "hello":
                self.environment, self.memory = event["environment"], event["memory"]
            else:
                self._take(event, descriptors)

    def listen(self) -> None:
        """Handle the keeper's messages on the event loop from now on."""
        self._connection.setblocking(False)
        asyncio.get_running_loop().add_reader(self._connection.fileno(), self._readable)

    def _readable(self) -> None:
        try:
            event, descriptors = wire.receive(self._connection)
        except BlockingIOError:
            return
        except OSError:
            event, descriptors = None, []
        if event is None:
            asyncio.get_running_loop().remove_reader(self._connection.fileno())
            for pid in self._children:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
            self.keeper_gone()
            return
        self._take(event, descriptors)

    def _take(self, event: dict[str, Any], descriptors: list[int]) -> None:
        match event["event"]:
            case "spawned":
                waiting = self._waiting.pop(event["id"])
                note, channel, capture = self._pending.pop(event["id"])
                if "error" in event:
                    if not waiting.cancelled():
                        waiting.set_exception(OSError(0, event["error"]))
                    return
                child = self._adopt(event["pid"], note, descriptors, channel=channel, capture=capture)
                if waiting.cancelled():
                    child.signal_group(signal.SIGKILL)
                else:
                    waiting.set_result(child)
            case "child":
                note = event["note"]
                self.inherited.append(self._adopt(event["pid"], note, descriptors, channel=note["channel"], capture=note["capture"]))
            case "exit":
                child_ended = self._children.pop(event["pid"], None)
                if child_ended is not None:
                    child_ended.ended(event["status"])

    def _adopt(self, pid: int, note: dict[str, Any], descriptors: list[int], *, channel: bool, capture: bool) -> Child:
        ends = iter(descriptors)
        link = socket.socket(fileno=next(ends)) if channel else None
        if link is not None:
            link.setblocking(False)
        child = Child(pid, note, self, link, next(ends) if capture else None)
        self._children[pid] = child
        return child

    def order(self, order: dict[str, Any]) -> None:
        """Tell the keeper something that has no answer."""
        wire.send(self._connection, order)

    def remember(self, key: str, value: Any) -> None:
        """Keep a value for a later control plane; None forgets it."""
        self.order({"do": "remember", "key": key, "value": value})

    async def spawn(
        self,
        kind: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        channel: bool = False,
        capture: bool = False,
        descriptors: int = 0,
    ) -> Child:
        """Start a child. `channel` gives it a socket as descriptor 3; `capture` gives us its output; `descriptors` caps its open files."""
        number = next(self._orders)
        note = {"kind": kind, "channel": channel, "capture": capture}
        waiting: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._pending[number] = (note, channel, capture)
        self.order(
            {
                "do": "spawn",
                "id": number,
                "argv": list(argv),
                "environment": dict(environment),
                "cwd": str(cwd),
                "channel": channel,
                "capture": capture,
                "descriptors": descriptors,
                "note": note,
            }
        )
        return await waiting
