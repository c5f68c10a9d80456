"""A dev server: one process from launch to end.

The runner (`container/astro/runner.mjs`) may be launched before its session is known: it then
waits, with everything loaded, for `start` (the warm pool). After that it serves one session on the
Unix socket that it was given, until it ends or is stopped. Whether and when another one follows is
the session's affair (`sessions.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from contract import messages
from contract.messages import ErrorCode
from contract.messages.base import MAX_PATH
from contract.messages.runner import MAX_CHANGES
from contract.messages.supervisor import ChildMetadata

from .building import Building
from .channel import Allowance, Channel, Pace
from .cleaner import remove_tree
from .errors import RunnerError
from .identity import Identity, identity
from .logbuffer import MAX_LINE, LogBuffer
from .processes import Child, Processes, child_environment
from .registry_access import write_npmrc
from .settings import GatewaySettings, runner_command
from .states import STAGES

ASK_SECONDS: Final = 1.5
"""How long a dev server may take to end when asked over its channel, before it gets a signal."""

CONNECT_SECONDS: Final = 2.0
CHECK_MARGIN_SECONDS: Final = 1.0
"""Beyond the time that a check may take: for a dev server that is busy."""
LAST_WORDS_SECONDS: Final = 0.2
LOOK_SECONDS: Final = 5.0
"""How often a start is looked at that goes on."""
OUTPUT_BYTES_PER_SECOND: Final = 1024 * 1024
"""Output is read no faster, so that a site that prints without end waits, and not the gateway."""

TASKS_PER_PROCESS: Final = 48
"""Linux counts threads, of all processes of the user: Node.js has some 15 in each. So a site that
multiplies is stopped within a moment before the task is full, and then ended (`site_limits.py`).
"""
MAX_REFUSALS_LOGGED: Final = 5
UPDATES_PER_SECOND: Final = 50
"""Reports of shown edits that are taken in, with a burst of one second: each is a line of the
task's log.
"""
SOCKET_SUFFIX: Final = ".sock"

logger = logging.getLogger(__name__)


class Phase(Enum):
    """Where the process is in its life. It only moves down this list."""

    WAITING = "waiting"
    """For its session."""
    STARTING = "starting"
    SERVING = "serving"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a start has come."""

    stage: messages.Stage = messages.Stage.START
    detail: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class OwnSocket:
    """Where a dev server listens, and which file that was when it began."""

    path: Path
    identity: Identity


class Listener:
    """What a session wants to hear of its dev server. Does nothing by itself."""

    def progressed(self, progress: Progress) -> None:
        """The start has come further."""

    def updated(self, update: messages.Update) -> None:
        """An edit has reached the open pages."""

    def installed(self, packages: messages.Packages) -> None:
        """The site's packages are installed."""

    def replacement_wanted(self, reason: str) -> None:
        """A new dev server would serve another site than this one."""

    def watched(self, viewers: messages.Viewers) -> None:
        """These pages are open now."""

    def noticed(self) -> None:
        """What a check would find may have changed."""

    def healed(self) -> None:
        """What `failed` said is over."""

    def failed(self, error: RunnerError) -> None:
        """Something failed although the server goes on (production: the newest build)."""

    def turned(self, turn: messages.Turn) -> None:
        """It builds, waits for its turn to build, or does neither (production)."""

    def built(self, ended: messages.BuildEnded) -> None:
        """A build is over (production)."""


class DevServer:
    """One dev-server process."""

    def __init__(self, child: Child, *, generation: str, home: Path, socket_path: Path) -> None:
        self.child = child
        self.generation = generation
        """Id of this process, never used again. It is part of the name of Envoy's cluster."""
        self.home = home
        """Its private folder on the scratch disk."""
        self.socket_path = socket_path
        self.socket: OwnSocket | None = None
        """Of one that serves."""
        self.log = LogBuffer()
        self.phase = Phase.WAITING
        self.warm = asyncio.Event()
        """Set once everything is loaded that can be before the session is known."""
        self.report: messages.Ready | None = None
        """What is served. Of one that was adopted it is asked for, and is there a moment later."""
        self._listener = Listener()
        self._ready: asyncio.Future[messages.Ready] = asyncio.get_running_loop().create_future()
        self._progress = Progress()
        self._checks = 0
        self._checking: dict[int, asyncio.Future[messages.Checked | None]] = {}
        self._refusals = 0
        self._updates = Allowance(UPDATES_PER_SECOND)
        self._verdict: RunnerError | None = None
        """Why the gateway ended it."""
        self.heard_at = time.monotonic()
        """When it last said something."""
        assert child.channel is not None
        self._channel = Channel(child.channel, self._handle, self._refused)
        self.building = Building(child, self._channel.send)
        self._reading = asyncio.create_task(self._channel.read(), name=f"channel of {child.pid}")
        self._reading.add_done_callback(lambda _ended: self._end_checks())
        self._printing = asyncio.create_task(self._read_output(), name=f"output of {child.pid}")

    @classmethod
    async def launch(
        cls, processes: Processes, settings: GatewaySettings, sockets_dir: Path
    ) -> DevServer:
        """Start a process that waits for `start`. `OSError` when that is not possible; nothing is
        left then.
        """
        generation = secrets.token_hex(6)
        home = homes_dir(settings.scratch_dir) / generation
        try:
            await asyncio.to_thread((home / "tmp").mkdir, parents=True)
            await asyncio.to_thread(write_npmrc, os.environ, home)
            child = await processes.spawn(
                runner_command(settings),
                ChildMetadata(kind="runner", channel=True, capture=True, home=str(home)),
                environment=child_environment(
                    os.environ,
                    HOME=str(home),
                    TMPDIR=str(home / "tmp"),
                    XDG_CACHE_HOME=str(home / "cache"),
                    NODE_ENV=settings.node_environment,
                    ASTRO_TELEMETRY_DISABLED="1",
                    NO_UPDATE_NOTIFIER="1",
                ),
                cwd=home,
                descriptors=settings.session_descriptors,
                processes=settings.session_processes * TASKS_PER_PROCESS,
            )
        except BaseException:
            await asyncio.shield(asyncio.to_thread(remove_tree, home))
            raise
        return cls(
            child,
            generation=generation,
            home=home,
            socket_path=sockets_dir / (generation + SOCKET_SUFFIX),
        )

    @classmethod
    def adopt(cls, child: Child, sockets_dir: Path) -> DevServer:
        """Take over a process that an earlier control plane launched."""
        home = Path(child.metadata.home)
        server = cls(
            child,
            generation=home.name,
            home=home,
            socket_path=sockets_dir / (home.name + SOCKET_SUFFIX),
        )
        if child.metadata.warm:
            server.warm.set()
        if child.metadata.serving is not None:
            server.phase = Phase.SERVING
            with contextlib.suppress(OSError):
                server.socket = OwnSocket(server.socket_path, identity(server.socket_path))
            server._channel.send(messages.Describe())
        return server

    def attach(self, log: LogBuffer, listener: Listener) -> None:
        """Give the process to a session: its output and its news go there from now on."""
        self.log.copy_to(log)
        self.log = log
        self._listener = listener

    async def start(
        self, start: messages.Start, *, limit_seconds: float, longest_seconds: float = float("inf")
    ) -> messages.Ready:
        """Have the session of `start` served; returns when it is. `RunnerError` says why it is not.

        `limit_seconds` may pass without progress, and `longest_seconds` with it, turns that are
        waited for not counted.
        """
        assert self.phase is Phase.WAITING, f"a dev server that is {self.phase.value} cannot start"
        self.phase = Phase.STARTING
        self._progress = Progress()
        if not self._channel.send(start):
            raise RunnerError(
                ErrorCode.CRASHED,
                "the dev server ended before it could start.",
                "Its log says why.",
            )
        self.report = await self._await_ready(limit_seconds, longest_seconds)
        await self._check_socket()
        self.phase = Phase.SERVING
        return self.report

    async def _await_ready(self, limit_seconds: float, longest_seconds: float) -> messages.Ready:
        began, waited = time.monotonic(), 0.0
        ended = asyncio.ensure_future(self.child.wait())
        waiting: set[asyncio.Future[Any]] = {self._ready, ended}
        try:
            while (left := self._progress.at + limit_seconds - time.monotonic()) > 0:
                before = time.monotonic()
                if before - began - waited > longest_seconds:
                    break
                await asyncio.wait(
                    waiting, timeout=min(left, LOOK_SECONDS), return_when=asyncio.FIRST_COMPLETED
                )
                waited += time.monotonic() - before if self.building.waiting else 0.0
                if ended.done():
                    await self._last_words()
                if self._ready.done():
                    return self._ready.result()
                if ended.done() and self._verdict is not None:
                    raise self._verdict
                if ended.done():
                    raise RunnerError(
                        ErrorCode.CRASHED,
                        f"the dev server ended with status {ended.result()} before it was ready",
                        "Its log says why.",
                    )
        finally:
            ended.cancel()
        if self._progress.at + limit_seconds > time.monotonic():
            text = (
                f"not ready after {longest_seconds:.0f} s, although it reported progress all the"
                " while"
            )
        else:
            text = f"no progress for {limit_seconds:.0f} s while starting"
        last = STAGES[self._progress.stage].lower()
        raise RunnerError(
            ErrorCode.TIMEOUT, f"{text} (last: {last})", "The session's log says more."
        )

    async def _check_socket(self) -> None:
        """Whether the socket is this process's: the process that called listen() on it must be in
        the process group of the dev server.
        """
        problem = RunnerError(
            ErrorCode.INTERNAL,
            "the dev server says that it is ready, but does not listen where it was told to",
        )
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.setblocking(False)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await asyncio.get_running_loop().sock_connect(probe, str(self.socket_path))
                pid, _, _ = struct.unpack(
                    "3i",
                    probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")),
                )
                group = os.getpgid(pid)
            except (OSError, TimeoutError) as error:
                raise problem from error
        if group != self.child.pid:
            raise problem
        self.socket = OwnSocket(self.socket_path, identity(self.socket_path))

    async def ended(self) -> RunnerError:
        """Wait until the process ends by itself, and say how."""
        status = await self.child.wait()
        if self._verdict is not None:
            return self._verdict
        return RunnerError(
            ErrorCode.CRASHED,
            f"the dev server ended by itself with status {status}.",
            "Its log says why.",
        )

    def condemn(self, error: RunnerError) -> None:
        """End it at once, with its group, for a reason that is more to the point than its end."""
        self._verdict = self._verdict or error
        self.child.signal_group(signal.SIGKILL)

    def ask(self) -> None:
        """Have it say something, if it can."""
        self._channel.send(messages.Describe())

    def change(self, event: messages.FileEvent, path: Path) -> None:
        """Report a file change: neither native events nor polling are needed then."""
        if len(str(path)) <= MAX_PATH:
            self._channel.send(messages.Change(event=event, path=str(path)))

    def end_visits(self, credential: str) -> None:
        """Close what visitors have open whom this credential of the API has signed in."""
        self._channel.send(messages.EndVisits(credential=credential))

    def expect(self) -> None:
        """Announce changes that `changes` reports."""
        self._channel.send(messages.Expect())

    def changes(self, events: list[tuple[messages.FileEvent, Path]]) -> None:
        """Report several at once: the pages get one message for them where they can."""
        known = [
            messages.FileChange(event=event, path=str(path))
            for event, path in events
            if len(str(path)) <= MAX_PATH
        ]
        for at in range(0, max(1, len(known)), MAX_CHANGES):
            self._channel.send(
                messages.Changes(
                    changes=known[at : at + MAX_CHANGES], more=at + MAX_CHANGES < len(known)
                )
            )

    async def check(
        self, paths: list[Path], *, seconds: float, shown: bool = True
    ) -> messages.Checked | None:
        """What is wrong now, and whether open pages show the edits; None when it does not say so in
        time.
        """
        self._checks += 1
        number = self._checks
        answer: asyncio.Future[messages.Checked | None] = asyncio.get_running_loop().create_future()
        self._checking[number] = answer
        known = [str(path) for path in paths if len(str(path)) <= MAX_PATH][:MAX_CHANGES]
        try:
            if not self._channel.send(
                messages.Check(id=number, paths=known, ms=max(1, int(seconds * 1000)), shown=shown)
            ):
                return None
            async with asyncio.timeout(seconds + CHECK_MARGIN_SECONDS):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._checking[number]

    @property
    def silent(self) -> bool:
        """Whether nothing more is heard of the process: it ends, or has ended."""
        return self._reading.done()

    def _end_checks(self) -> None:
        """Nobody waits for the answer of a process that ends."""
        for answer in self._checking.values():
            if not answer.done():
                answer.set_result(None)

    async def stop(self, *, term_seconds: float) -> None:
        """End the process and its whole group. Safe to call again, also after a call that was
        cancelled.

        First it is asked, so that it can have its sockets reconnect and end what it started; then
        come the signals.
        """
        self._end_checks()
        if (
            self.child.running
            and self.phase is not Phase.ENDED
            and self._channel.send(messages.Stop())
        ):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(ASK_SECONDS, term_seconds)):
                    await self.child.wait()
        self.phase = Phase.ENDED
        self._channel.hang_up()
        await self.child.stop(term_seconds=term_seconds)
        await self._last_words()
        for task in (self._reading, self._printing):
            task.cancel()
        await asyncio.gather(self._reading, self._printing, return_exceptions=True)
        self._channel.close()

    async def _last_words(self) -> None:
        """What the process wrote just before its end is still to be read."""
        await asyncio.wait({self._reading, self._printing}, timeout=LAST_WORDS_SECONDS)

    # What it says

    def _handle(self, message: messages.RunnerMessage) -> None:
        self.heard_at = time.monotonic()
        match message:
            case messages.Warm():
                if not self.warm.is_set():  # each is a message to the supervisor
                    self.warm.set()
                    self.child.describe(warm=True)
            case messages.Log(level=level, message=text):
                self.log.add(f"[{level}] {text}")
            case messages.Progress(stage=stage, detail=detail):
                self._progress = Progress(stage=stage, detail=detail)
                self._listener.progressed(self._progress)
            case messages.Update():
                if self._updates.take():
                    self._listener.updated(message)
            case messages.Checked():
                if (answer := self._checking.get(message.id)) is not None and not answer.done():
                    answer.set_result(message)
            case messages.Ready():
                if self.phase is Phase.SERVING:
                    self.report = message
                elif self.phase is Phase.STARTING and not self._ready.done():
                    self._ready.set_result(message)
                    if message.packages is not None and message.packages.seconds > 0:
                        self._listener.installed(message.packages)
            case messages.Replace(reason=reason):
                if self.phase is Phase.SERVING:
                    self._listener.replacement_wanted(reason)
            case messages.Noticed():
                self._listener.noticed()
            case messages.Viewers():
                self._listener.watched(message)
            case messages.Healed():
                if self.phase is Phase.SERVING:
                    self._listener.healed()
            case messages.Report():
                if self.report is not None:
                    news = {"site": message.site, "packages": message.packages}
                    self.report = self.report.model_copy(
                        update={name: value for name, value in news.items() if value is not None}
                    )
                if message.packages is not None:
                    self._listener.installed(message.packages)
            case messages.Failure(answer=answer):
                error = RunnerError(message.code, message.message, message.fix, message.stack)
                self.building.failed(error) if answer else self._failure(error)
            case messages.Built():
                self.building.done(message)
            case messages.Production():
                self.building.reported(message)
                self._listener.turned(message.turn)
            case messages.BuildEnded():
                self._listener.built(message)

    def _failure(self, error: RunnerError) -> None:
        if self.phase is Phase.STARTING and not self._ready.done():
            self._ready.set_exception(error)
        elif self.phase is Phase.SERVING:
            self._listener.failed(error)

    def _refused(self, reason: str) -> None:
        self._refusals += 1
        if self._refusals <= MAX_REFUSALS_LOGGED:
            self.log.add(f"[warn] {reason}")
            logger.warning("dev server %s: %s", self.child.pid, reason)

    async def _read_output(self) -> None:
        assert self.child.output is not None
        pace, stream = Pace(OUTPUT_BYTES_PER_SECOND), asyncio.StreamReader(limit=MAX_LINE * 4)
        pipe = os.fdopen(self.child.output, "rb", 0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            rest = b""
            while data := await stream.read(MAX_LINE * 4):
                *lines, rest = (rest + data).split(b"\n")
                if len(rest) > MAX_LINE * 4:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self.log.add(line.decode("utf-8", "replace"))
                await asyncio.sleep(pace.delay(len(data)))
            if rest:
                self.log.add(rest.decode("utf-8", "replace"))
        finally:
            transport.close()


def homes_dir(scratch_dir: Path) -> Path:
    """Where the private folders of all dev servers are."""
    return scratch_dir / "runners"
