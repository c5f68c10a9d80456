"""This task's place in its service: alone, or one of several that share the ownership table.

Alone, everything is answered at once and from memory. With a table it knows its own name, keeps its
certificate, and knows which other task a request for a session goes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from contract.api import API_ROOT

from .envoy.xds import XdsPublisher
from .errors import SessionError, StartError
from .hand_over import HandOver
from .links import remembered_links
from .ownership.model import PRIVATE, BadItem, Task
from .ownership.service import OwnedElsewhere, Ownership, SoleTask, Unowned
from .ownership.shared import Hooks, SharedOwnership
from .ownership.store import OwnershipStore
from .peers.address import who_am_i
from .peers.certificates import PeerIdentity
from .peers.forward import Forwarder
from .processes import Processes
from .registry import SessionRegistry
from .settings import Configuration, GatewaySettings
from .take_on import TakeOn
from .telemetry import Telemetry
from .turns import processors

LOOK_SECONDS: Final = 5.0
ASK_SECONDS: Final = 3.0
PEERS_PREFIX: Final = "/peers/"
"""Of the API's addresses that only other tasks reach."""
CUT_OFF_PATH: Final = PEERS_PREFIX + "cut-off"
CUT_OFF_SECONDS: Final = 0.5
"""For all answers: what remains of a lease is for ending dev servers."""
REMEMBERED: Final = "task"

log = logging.getLogger(__name__)


class Service:
    """The only task of its service."""

    shared = False
    """Whether other tasks may own sessions."""
    peers_port: int | None = None
    """Port of the listener for the other tasks; None where there are none."""

    def __init__(self, ownership: Ownership) -> None:
        self.ownership = ownership

    @property
    def cut_off(self) -> bool:
        """Whether the ownership table does not answer this task."""
        return False

    def outdated(self) -> bool:
        """Whether a task of a newer revision runs, as far as this one knows."""
        return False

    async def join(
        self,
        _registry: SessionRegistry,
        _publisher: XdsPublisher,
        _telemetry: Telemetry,
        _failed: Callable[[str], None],
        /,
    ) -> None:
        """Become one of the service's tasks; the first step of all."""

    async def reclaim(self) -> None:
        """After a restart of the control plane: go on with the sessions that are still this task's,
        end the others.
        """

    async def look(self) -> None:
        """Take away routes to tasks that are gone."""

    async def leave(self) -> None:
        """The last step of this task's end."""

    def routes_for_peers(self) -> list[web.RouteDef]:
        """What other tasks ask of this one's API."""
        return []

    async def hand_over_all(self, _seconds: float, /) -> None:
        """This task ends: give its sessions to the others, as far as they have room and the time
        suffices.
        """

    async def others_sessions(self) -> dict[str, Any]:
        """What the other tasks say about the sessions that they run, by id. A task that does not
        answer is left out.
        """
        return {}


class SharedService(Service):
    """One of several tasks that share the ownership table."""

    shared = True
    ownership: SharedOwnership
    # Given by `join`.
    _registry: SessionRegistry
    _publisher: XdsPublisher
    _hand_over: HandOver
    _take_on: TakeOn

    def __init__(self, configuration: Configuration, processes: Processes, folder: Path) -> None:
        super().__init__(SharedOwnership(_store(configuration.settings)))
        self._configuration = configuration
        self._processes = processes
        self._folder = folder
        self._problems: set[str] = set()
        self._working: set[asyncio.Task[None]] = set()
        self.peers_port = configuration.contract.peers_port
        self.forwarder = Forwarder(folder, configuration.secrets.api_tokens)

    async def join(
        self,
        registry: SessionRegistry,
        publisher: XdsPublisher,
        telemetry: Telemetry,
        failed: Callable[[str], None],
        /,
    ) -> None:
        self._registry, self._publisher = registry, publisher
        task = await self._name()
        log.info("this is task %s, run %s, at %s", task.id, task.run, task.address)
        PeerIdentity.make(task.id, self._configuration.secrets.signing_keys).write(self._folder)
        hooks = Hooks(
            running=registry.runs,
            room=registry.room,
            end=registry.end_at_once,
            failed=failed,
            peers_cut_off=self._peers_cut_off,
            taken_over=partial(self._taken_over, telemetry),
            died=lambda: self._soon(self.look()),
            refused=lambda problem: self._refused(problem, telemetry),
        )
        self._hand_over = HandOver(
            self.ownership, registry, self.forwarder, self.route_to, telemetry
        )
        at_once = processors(self._configuration.settings.processors)
        self._take_on = TakeOn(self.ownership, registry, self._learn, telemetry, at_once)
        await self.ownership.start(task, hooks)

    def _taken_over(self, telemetry: Telemetry, session_id: str, task: str, seconds: float) -> None:
        telemetry.session_taken_over(session_id, task, seconds)
        # They have routes to a task that does not answer: each request would wait for that.
        self._soon(self._hand_over.tell_others(session_id, self.ownership.owners.task))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _refused(self, problem: BadItem, telemetry: Telemetry) -> None:
        """Counted each time, logged once: a task's item is read every other second."""
        telemetry.peer_refused("item")
        if str(problem) not in self._problems:
            self._problems.add(str(problem))
            log.warning("%s", problem)

    async def _name(self) -> Task:
        """The task of this container; a control plane that was started again is still
        the same one.
        """
        if REMEMBERED in self._processes.memory:
            name, run, address, revision = self._processes.memory[REMEMBERED].value.split()
            return Task(id=name, run=run, address=address, revision=int(revision))
        me = await who_am_i(self._configuration.settings, self._configuration.contract.peers_port)
        task = Task(id=me.id, run=secrets.token_hex(8), address=me.address, revision=me.revision)
        self._processes.remember(REMEMBERED, f"{task.id} {task.run} {task.address} {task.revision}")
        return task

    @property
    def cut_off(self) -> bool:
        return self.ownership.owners.out_of_reach

    def outdated(self) -> bool:
        return self.ownership.outdated()

    async def _peers_cut_off(self, tasks: list[Task]) -> bool:
        """Whether each of the other tasks says that it does not reach the table either: then none
        can take anything over.
        """

        async def is_cut_off(task: Task) -> bool:
            with contextlib.suppress(SessionError):
                answer = await self.forwarder.ask(
                    task, "GET", CUT_OFF_PATH, seconds=CUT_OFF_SECONDS
                )
                return isinstance(answer, dict) and answer.get("cut_off") is True
            return False

        return all(await asyncio.gather(*map(is_cut_off, tasks)))

    async def reclaim(self) -> None:
        for session in [session for session in self._registry if self._registry.runs(session.id)]:
            try:
                await self.ownership.claim(session.id)
            except OwnedElsewhere:
                await session.end_at_once()
            except Unowned as error:
                log.warning(
                    "session %s goes on, though its owner cannot be asked for: %s",
                    session.id,
                    error,
                )

    async def look(self) -> None:
        await self._publisher.retain_tasks(self.ownership.living())

    async def leave(self) -> None:
        await self._hand_over.settle()
        await self.ownership.stop()
        await self.forwarder.close()

    # From one task to the next

    def routes_for_peers(self) -> list[web.RouteDef]:
        return self._take_on.routes()

    async def hand_over_all(self, seconds: float, /) -> None:
        await self.ownership.drain()
        outcome = await self._hand_over.all(seconds)
        log.info("stopping: %s sessions were handed over", len(outcome.moved))
        for session_id, reason in outcome.stayed.items():
            log.warning(
                "session %s is not handed over, and starts again at its next visit: %s",
                session_id,
                reason,
            )

    async def _learn(self, session_id: str) -> None:
        """Forward a session's requests to its new owner, if they are forwarded at all."""
        if not self._publisher.forwards(session_id):
            return
        task = await self.ownership.owner(session_id)
        if task is not None:
            await self.route_to(session_id, task)

    # Where requests go

    async def route_to(self, session_id: str, task: Task) -> None:
        """Have Envoy forward the session's requests to `task` from now on. Raises `Unowned`."""
        try:
            await self._publisher.add_peer(session_id, task)
        except OSError as error:
            raise Unowned(
                f"the route to task {task.id} cannot be written: {error.strerror}"
            ) from error

    async def with_room(self, *, but: str = "") -> Task | None:
        """Another task that could start one more session; None when there is none, or it is the one
        named `but`.
        """
        task = await self.ownership.place()
        return None if task is None or task.id == but else task

    async def others_sessions(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for task in await self.ownership.others():
            with contextlib.suppress(SessionError):
                answer = await self.forwarder.ask(
                    task, "GET", f"{API_ROOT}/sessions", seconds=ASK_SECONDS
                )
                found |= {entry["id"]: entry for entry in answer["sessions"]}
        return found


def place_of(configuration: Configuration, processes: Processes, folder: Path) -> Service:
    """This task's place, as its settings say."""
    if configuration.settings.ownership_table:
        return SharedService(configuration, processes, folder)
    return Service(SoleTask(remembered_links(processes)))


def _store(settings: GatewaySettings) -> OwnershipStore:
    # Imported here: a task without a table pays neither the time nor the memory of AWS's library.
    from botocore.exceptions import BotoCoreError

    from .ownership.dynamo import DynamoStore

    table, text = settings.ownership_table, settings.peer_range
    try:
        return DynamoStore(table, within=(ipaddress.ip_network(text),) if text else PRIVATE)
    except BotoCoreError as error:
        raise StartError(
            f"ASTRO_LIVE_OWNERSHIP_TABLE is {table!r}, and no client of DynamoDB can be made:"
            f" {error}"
        ) from error
