"""Watches over the gateway's own folder: sockets, routes, what Envoy reads.

It lies where code of sites can remove and replace what is in it, since that runs as the same user.
A removed socket would keep visitors out for as long as the task lives, and a replaced one would
send them to another site. What was changed by somebody else is made again: not before it happens,
but within some seconds.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from .envoy.bootstrap import ADMIN_SOCKET
from .envoy.clusters import CONTROL_SOCKET
from .envoy.service import EnvoyService
from .envoy.xds import XdsPublisher
from .identity import Identity, identity
from .registry import SessionRegistry
from .states import Cause, State

LOOK_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


class OwnFolder:
    """Runs beside the servers. What differs in two looks in a row was not a process that just
    ended.
    """

    def __init__(
        self,
        folder: Path,
        registry: SessionRegistry,
        publisher: XdsPublisher,
        envoy: EnvoyService,
        listen_again: Callable[[], Awaitable[Identity]],
        control_socket: Identity,
    ) -> None:
        """`listen_again` opens another listener at the control plane's socket; the identity of the
        one before is `control_socket`.
        """
        self._folder = folder
        self._registry = registry
        self._publisher = publisher
        self._envoy = envoy
        self._listen_again = listen_again
        self._control = control_socket
        self._self = identity(folder)
        self._suspects: set[str] = set()
        """Names of dev servers' sockets that were others in the last look."""

    async def look(self) -> None:
        """One round. `OSError` when the disk cannot be asked: nothing is done then."""
        lost = self._folder_lost()
        if identity(self._folder / CONTROL_SOCKET) != self._control:
            log.error(
                "the control plane's socket was removed or replaced by code of a site: it is opened"
                " again"
            )
            self._control = await self._listen_again()
        if not self._publisher.intact():
            log.error(
                "Envoy's routes were removed or replaced by code of a site: they are written again"
            )
            await self._publisher.publish_again()
        if lost or self._envoy.admin_lost(identity(self._folder / ADMIN_SOCKET)):
            log.error(
                "Envoy's own socket was removed or replaced by code of a site: Envoy is started"
                " again"
            )
            self._envoy.kill()
        await self._look_at_sessions()

    def _folder_lost(self) -> bool:
        """Whether the folder was another one. There is one afterwards; Envoy still works in the one
        that was lost.
        """
        if identity(self._folder) is not None and identity(self._folder) == self._self:
            return False
        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        self._self = identity(self._folder)
        return True

    async def _look_at_sessions(self) -> None:
        running = [
            (session, session.socket) for session in self._registry if session.state is State.READY
        ]
        changed = {
            own.path.name: session
            for session, own in running
            if own is not None and identity(own.path) != own.identity
        }
        for name in set(changed) & self._suspects:
            session = changed[name]
            log.error(
                "the socket of session %s was removed or replaced by code of a site: it starts"
                " again",
                session.id,
            )
            session.log.add(
                "[error] the socket of this session was removed or replaced by code of a site: it"
                " starts again"
            )
            await session.restart(Cause.DISTURBED)
        self._suspects = set(changed)


def control_listener(path: Path, backlog: int) -> socket.socket:
    """A listener at `path`, put there in one step, whatever is there."""
    temporary = path.with_name("." + path.name)
    temporary.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(temporary))
        listener.listen(backlog)
        os.replace(temporary, path)  # noqa: PTH105 - a socket
    except OSError:
        listener.close()
        raise
    return listener
