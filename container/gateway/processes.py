"""The control plane's side of child processes: asks the supervisor to start and signal them, and
knows when they end.

Every child leads its own process group, so that what it started is ended with it. Stop has two
stages, TERM and KILL, each for the whole group. When the supervisor itself is gone, nobody would
end the groups any more: then they are killed from here at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import logging
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from contract.messages import supervisor as messages
from contract.messages.base import Message, MessageError

from . import wire
from .errors import StartError
from .registry_access import registry_environment

TERM_SECONDS: Final = 5.0
"""From TERM to KILL. A dev server needs 0.07 s; a site's own shutdown handlers may need more."""

KILL_SECONDS: Final = 10.0
"""From KILL to giving up. A process in an uninterruptible call (a hung network disk) does not end
before the disk answers.
"""

SPAWN_SECONDS: Final = 20.0
ALIVE_SECONDS: Final = 2.0
GREETING_SECONDS: Final = 60.0

PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
)
"""Variables of the container that children may see, beside those about registries
(`registry_access.py`). Everything else, AWS credentials and the gateway's secrets included, stays
out.
"""

log = logging.getLogger(__name__)


def child_environment(environment: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The allow-list applied to `environment`, and what the gateway adds."""
    named = {name: environment[name] for name in PASSED_ON if name in environment}
    return named | registry_environment(environment) | extra


class Child:
    """A child of the supervisor, as the control plane sees it."""

    def __init__(
        self,
        pid: int,
        metadata: messages.ChildMetadata,
        processes: Processes,
        channel: socket.socket | None,
        output: int | None,
    ) -> None:
        self.pid = pid
        self.metadata = metadata
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

    def describe(self, **changes: Any) -> None:
        """Change what a later control plane is told about this child."""
        self.metadata = self.metadata.model_copy(update=changes)
        if self.running:
            try:
                self._processes.send(messages.Metadata(pid=self.pid, metadata=self.metadata))
            except MessageError as error:
                log.error(
                    "a later control plane will not know what became of process %s: %s",
                    self.pid,
                    error,
                )

    def signal_group(self, number: signal.Signals) -> None:
        if not self.running:
            return
        try:
            self._processes.send(messages.Signal(pid=self.pid, number=int(number)))
        except MessageError:  # The supervisor reads nothing, so it does not give the number to another process either.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    async def stop(self, *, term_seconds: float = TERM_SECONDS) -> int | None:
        """TERM, then KILL, to the whole group. Returns the exit status; None when even KILL has not
        ended it. Safe to call again.
        """
        for number, seconds in ((signal.SIGTERM, term_seconds), (signal.SIGKILL, KILL_SECONDS)):
            self.signal_group(number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return await self.wait()
        log.error(
            "process %s does not end: it waits for something that no signal interrupts, such as a"
            " hung disk",
            self.pid,
        )
        return None

    def abandon(self) -> None:
        """Kill a child that nobody is going to use, and give its descriptors back."""
        self.signal_group(signal.SIGKILL)
        if self.channel is not None:
            self.channel.close()
        if self.output is not None:
            os.close(self.output)

    def ended(self, status: int) -> None:
        if not self._ended.done():
            self._ended.set_result(status)


class Processes:
    """Connection to the supervisor."""

    def __init__(self, connection: wire.Connection) -> None:
        self._connection = connection
        self._children: dict[int, Child] = {}
        self._numbers = itertools.count(1)
        self._spawning: dict[int, tuple[messages.ChildMetadata, asyncio.Future[Child]]] = {}
        self._writing = False
        self.environment: dict[str, str] = {}
        self.memory: dict[str, messages.Entry] = {}
        """What an earlier control plane had remembered, by key."""
        self.held: dict[str, int] = {}
        """Descriptors that an earlier control plane wanted kept, by key."""
        self.inherited: list[Child] = []
        """Children that an earlier control plane had started."""
        self.supervisor_gone: Callable[[], None] = lambda: os._exit(1)

    @classmethod
    def from_environment(cls) -> Processes:
        """Take the socket that the supervisor left us."""
        number = os.environ.pop(wire.DESCRIPTOR_VARIABLE, "")
        if not number.isdigit():
            raise StartError(
                "the control plane is started by the gateway itself: run `python -m"
                " container.gateway`"
            )
        os.set_inheritable(int(number), False)
        return cls(wire.Connection(socket.socket(fileno=int(number))))

    def greet(self) -> None:
        """Read the supervisor's greeting: environment, memory, inherited children. Called within
        the event loop, before `listen`.
        """
        while True:
            try:
                event, descriptors = self._connection.receive(messages.FromSupervisor)
            except BlockingIOError:
                if not select.select([self._connection], [], [], GREETING_SECONDS)[0]:
                    raise StartError(
                        f"the supervisor has not completed its greeting in {GREETING_SECONDS:.0f} s"
                    ) from None
                continue
            except wire.Gone:
                raise StartError("the supervisor has gone") from None
            except MessageError as error:
                log.error("a message of the supervisor was refused: %s", error)
                continue
            match event:
                case messages.Begin():
                    return
                case messages.Variable(name=name, value=value):
                    self.environment[name] = value
                case messages.Remembered(entries=entries):
                    self.memory.update({entry.key: entry for entry in entries})
                case messages.Held(key=key):
                    self.held[key] = descriptors[0]
                case _:
                    self._handle(event, descriptors)

    @property
    def pids(self) -> list[int]:
        """Of all children."""
        return list(self._children)

    def listen(self) -> None:
        """Handle the supervisor's messages on the event loop from now on."""
        asyncio.get_running_loop().add_reader(self._connection.fileno(), self._readable)

    async def report_alive(self) -> None:
        """Tell the supervisor that this process serves, once. Due every `ALIVE_SECONDS`."""
        with contextlib.suppress(
            MessageError
        ):  # the supervisor has not read what came before, and nothing is amiss then
            self.send(messages.Alive())

    def _readable(self) -> None:
        try:
            event, descriptors = self._connection.receive(messages.FromSupervisor)
        except BlockingIOError:
            return
        except MessageError as error:
            log.error("a message of the supervisor was refused: %s", error)
            return
        except wire.Gone:
            asyncio.get_running_loop().remove_reader(self._connection.fileno())
            for pid in self._children:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
            self.supervisor_gone()
            return
        self._handle(event, descriptors)

    def _handle(self, event: messages.Event, descriptors: list[int]) -> None:
        match event:
            case messages.Spawned(id=number, pid=pid):
                metadata, waiting = self._spawning.pop(number)
                child = self._connect(pid, metadata, descriptors)
                if waiting.done():  # nobody waits any more
                    child.abandon()
                else:
                    waiting.set_result(child)
            case messages.Refused(id=number, errno=code, reason=reason):
                _, waiting = self._spawning.pop(number)
                if not waiting.done():
                    waiting.set_exception(OSError(code, reason))
            case messages.Child(pid=pid, metadata=metadata):
                self.inherited.append(self._connect(pid, metadata, descriptors))
            case messages.Exit(pid=pid, status=status):
                child_ended = self._children.pop(pid, None)
                if child_ended is not None:
                    child_ended.ended(status)

    def _connect(self, pid: int, metadata: messages.ChildMetadata, descriptors: list[int]) -> Child:
        ends = iter(descriptors)
        channel = socket.socket(fileno=next(ends)) if metadata.channel else None
        if channel is not None:
            channel.setblocking(False)
        child = Child(pid, metadata, self, channel, next(ends) if metadata.capture else None)
        self._children[pid] = child
        return child

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send the supervisor a message that has no answer. `MessageError` when this one cannot be
        sent.
        """
        with contextlib.suppress(wire.Gone):  # `_readable` notices
            self._connection.send(message, descriptors)
            self._flush_later()

    def _flush_later(self) -> None:
        """Have the event loop send what the socket has not taken yet."""
        loop = asyncio.get_running_loop()
        if self._connection.waiting and not self._writing:
            self._writing = True
            loop.add_writer(self._connection.fileno(), self._writable)

    def _writable(self) -> None:
        try:
            self._connection.flush()
        except MessageError as error:
            log.error("a message to the supervisor was not sent: %s", error)
        except wire.Gone:
            pass
        else:
            if self._connection.waiting:
                return
        asyncio.get_running_loop().remove_writer(self._connection.fileno())
        self._writing = False

    def remember(self, key: str, value: str = "", *, until: int | None = None) -> None:
        """Keep a value for a later control plane, until a Unix time or for ever."""
        self.send(messages.Remember(entry=messages.Entry(key=key, value=value, until=until)))

    def hold(self, key: str, descriptor: int) -> None:
        """Have a later control plane find this descriptor in `held`."""
        self.send(messages.Hold(key=key), [descriptor])

    def forget(self, key: str) -> None:
        self.send(messages.Forget(key=key))

    async def spawn(
        self,
        argv: Sequence[str],
        metadata: messages.ChildMetadata,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        descriptors: int = 0,
        processes: int = 0,
    ) -> Child:
        """Start a child; `OSError` when that is not possible. `metadata.channel` gives it a socket
        as descriptor 3, `metadata.capture` gives us its output; `descriptors` caps its open files,
        `processes` those of its user.
        """
        number = next(self._numbers)
        waiting: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        try:
            spawn = messages.Spawn(
                id=number,
                argv=list(argv),
                environment=dict(environment),
                cwd=str(cwd),
                descriptors=descriptors,
                processes=processes,
                metadata=metadata,
            )
            self._spawning[number] = (metadata, waiting)
            self.send(spawn)
        except (MessageError, ValidationError) as error:
            self._spawning.pop(number, None)
            raise OSError(errno.E2BIG, f"the command cannot be passed on: {error}") from error
        try:
            async with asyncio.timeout(SPAWN_SECONDS):
                return await waiting
        except TimeoutError:
            raise OSError(errno.ETIMEDOUT, "the supervisor has not answered") from None
        except asyncio.CancelledError:
            if (
                waiting.done() and not waiting.cancelled() and waiting.exception() is None
            ):  # answered at this very moment
                waiting.result().abandon()
            raise
