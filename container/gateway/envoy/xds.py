"""Publishing clusters, token requirements and routes to Envoy as files (file-based xDS).

Envoy watches the folder and takes a file in when it is renamed into place; it never sees half a
file, and a full disk does not keep one from being replaced (`reserved.py`). Clusters and
requirements go first and routes follow once Envoy has them, and the other way round for removals,
so that no route ever names what is not there.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/overview/xds_api
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import aiohttp

from contract.hmr import HmrContract

from ..ownership.model import Task
from ..reserved import ReservedFile
from ..tokens import CookieNames
from .auth import JWT_FILTER, jwt_requirements
from .bootstrap import CDS_FILE, ECDS_FILE, PEERS_RDS_FILE, RDS_FILE
from .clusters import UNLIMITED, clusters
from .model import Json, Upstream
from .peer_clusters import api_cluster, peer_cluster_name, peer_clusters
from .process import Admin
from .routes import PEERS_ROUTE_CONFIG, route_table

CDS_VERSION: Final = "cluster_manager.cds.version_text"
ECDS_VERSION: Final = f"extension_config_discovery.http_filter.{JWT_FILTER}.version_text"
RDS_VERSION: Final = "http.sessions.rds.sessions.version_text"
PEERS_RDS_VERSION: Final = "http.peers.rds.peers.version_text"
APPLY_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


def discovery(version: str, resources: list[Json]) -> str:
    return json.dumps({"version_info": version, "resources": resources})


class XdsPublisher:
    """Holds the set of ready sessions and keeps Envoy's files in step with it."""

    def __init__(
        self,
        folder: Path,
        contract: HmrContract,
        admin: Admin,
        *,
        jwks: str,
        security_headers: Mapping[str, str] | None = None,
        session_connections: int = UNLIMITED,
        with_peers: bool = False,
        viewers_may_post: bool = True,
    ) -> None:
        """`with_peers`: other tasks own sessions, too, and Envoy has a listener for them."""
        self._session_connections = session_connections
        self._jwks = jwks
        self._contract = contract
        self._cookies = CookieNames.of(contract)
        self._admin = admin
        self._headers = dict(security_headers or {})
        self._upstreams: dict[str, Upstream] = {}
        self._with_peers = with_peers
        self._viewers_may_post = viewers_may_post
        self._peers: dict[str, Task] = {}
        """Owners of sessions that other tasks run, by session."""
        self._tasks: dict[str, Task] = {}
        """Tasks that have a cluster, by its name: those of `_peers`, and some that were."""
        # Unlike any version that an earlier control plane published: Envoy outlives it.
        self._epoch = secrets.token_hex(4)
        self._number = 0
        self.trouble: OSError | None = None
        """Why Envoy's files are behind; None when they are not."""
        self._lock = asyncio.Lock()
        self._clusters, self._requirements, self._routes = (
            ReservedFile(folder / name) for name in (CDS_FILE, ECDS_FILE, RDS_FILE)
        )
        self._peers_routes = ReservedFile(folder / PEERS_RDS_FILE) if with_peers else None
        self._files = [
            self._clusters,
            self._requirements,
            self._routes,
            *([self._peers_routes] if self._peers_routes else []),
        ]

    @property
    def upstreams(self) -> Mapping[str, Upstream]:
        return self._upstreams

    @property
    def _version(self) -> str:
        return f"{self._epoch}.{self._number}"

    def write_initial(self, upstreams: Iterable[Upstream] = ()) -> None:
        """Files for Envoy to start with, or to go on with when it runs already."""
        self._number += 1
        self._upstreams = {upstream.session_id: upstream for upstream in upstreams}
        try:
            self._write_clusters(self._upstreams)
            self._write_requirements(self._upstreams)
            self._write_routes()
        except OSError as error:
            self.trouble = error
            raise

    async def add(self, upstream: Upstream) -> None:
        """Route a session to its dev server; returns when Envoy does so. `OSError` when that cannot
        be written; there is no route then.
        """
        async with self._lock:
            before, peer = dict(self._upstreams), self._peers.pop(upstream.session_id, None)
            self._upstreams[upstream.session_id] = upstream
            try:
                await self._publish()
            except OSError:
                self._upstreams = before
                if peer is not None:
                    self._peers[upstream.session_id] = peer
                raise

    async def change(self, upstream: Upstream) -> None:
        """What has a route already is let in otherwise. `OSError` when that cannot be written now;
        `retry` writes it then.
        """
        async with self._lock:
            current = self._upstreams.get(upstream.session_id)
            if current is not None and current.generation == upstream.generation:
                self._upstreams[upstream.session_id] = upstream
                await self._publish()

    async def add_peer(self, session_id: str, task: Task) -> None:
        """Route a session to the task that owns it; returns when Envoy does so. `OSError` as with
        `add`.
        """
        name = peer_cluster_name(task)
        async with self._lock:
            before = self._peers.get(session_id)
            if before is not None and peer_cluster_name(before) == name and self.trouble is None:
                return
            self._peers[session_id], self._tasks[name] = task, task
            try:
                await self._publish()
            except OSError:
                self._peers.pop(session_id, None)
                raise

    def forwards(self, session_id: str) -> bool:
        """Whether the session has a route to another task."""
        return session_id in self._peers

    async def retain_tasks(self, ids: Collection[str]) -> None:
        """Take away what leads to tasks that are not among `ids`: they are gone."""
        async with self._lock:
            gone = {name for name, task in self._tasks.items() if task.id not in ids}
            used = {session for session, task in self._peers.items() if task.id not in ids}
            if not gone:
                return
            for session in used:
                del self._peers[session]
            with contextlib.suppress(OSError):
                if used:
                    await self._publish()
                for name in gone:
                    del self._tasks[name]
                await self._publish()

    async def remove(self, session_id: str, generation: str) -> None:
        """Take a session's route away, unless a later dev server of it has been published since.

        Does not fail: a route that cannot be taken away now is tried again by `retry`. It leads to
        a socket that nobody listens on.
        """
        async with self._lock:
            current = self._upstreams.get(session_id)
            if current is None or current.generation != generation:
                return
            before = dict(self._upstreams)
            del self._upstreams[session_id]
            with contextlib.suppress(OSError):
                await self._publish(before)

    def intact(self) -> bool:
        """Whether Envoy's files are what was written last, or are known to be behind. `OSError`
        when the disk cannot be asked.
        """
        return self.trouble is not None or all(file.intact() for file in self._files)

    async def publish_again(self) -> None:
        """Write everything again. What fails is retried by `retry`."""
        async with self._lock:
            with contextlib.suppress(OSError):
                for file in self._files:  # all of them first: Envoy reads all when one is renamed
                    file.clear_way()
                await self._publish()

    async def retry(self) -> None:
        """Write again what could not be written. Due every `RETRY_SECONDS`."""
        if self.trouble is not None:
            async with self._lock:
                with contextlib.suppress(OSError):
                    await self._publish()

    async def _publish(self, before: Mapping[str, Upstream] | None = None) -> None:
        try:
            await self._write(before)
        except OSError as error:
            if self.trouble is None:
                log.error("Envoy's routes cannot be written: %s", error)
            self.trouble = error
            raise
        if self.trouble is not None:
            log.info("Envoy's routes can be written again")
            self.trouble = None

    async def _write(self, before: Mapping[str, Upstream] | None = None) -> None:
        self._number += 1
        keep = {
            upstream.cluster: upstream
            for upstream in [*self._upstreams.values(), *(before or {}).values()]
        }
        self._write_clusters({upstream.cluster: upstream for upstream in keep.values()})
        self._write_requirements({**(before or {}), **self._upstreams})
        if before is None:
            await self._applied(CDS_VERSION)
            await self._applied(ECDS_VERSION)
        self._write_routes()
        await self._applied(RDS_VERSION)
        if self._with_peers:
            await self._applied(PEERS_RDS_VERSION)
        if before is not None:
            self._number += 1
            self._write_clusters(self._upstreams)
            self._write_requirements(self._upstreams)

    def _write_clusters(self, upstreams: Mapping[str, Upstream]) -> None:
        found = clusters(upstreams.values(), self._session_connections)
        if self._with_peers:
            found += [
                api_cluster(),
                *(
                    cluster
                    for name in sorted(self._tasks)
                    for cluster in peer_clusters(self._tasks[name])
                ),
            ]
        self._clusters.write(discovery(self._version, found))

    def _write_requirements(self, upstreams: Mapping[str, Upstream]) -> None:
        ordered = [upstreams[session_id] for session_id in sorted(upstreams)]
        requirements = jwt_requirements(self._jwks, ordered, self._cookies)
        self._requirements.write(discovery(self._version, [requirements]))

    def _write_routes(self) -> None:
        peers = self._peers if self._with_peers else None
        table = route_table(
            self._upstreams.values(),
            self._contract,
            security_headers=self._headers,
            peers=peers,
            may_post=self._viewers_may_post,
        )
        self._routes.write(discovery(self._version, [table]))
        if self._peers_routes is not None:
            table = route_table(
                self._upstreams.values(),
                self._contract,
                security_headers=self._headers,
                name=PEERS_ROUTE_CONFIG,
                may_post=self._viewers_may_post,
            )
            self._peers_routes.write(discovery(self._version, [table]))

    async def _applied(self, stat: str) -> None:
        """Wait until Envoy reports this version. When Envoy is down it will read the files at its
        next start: no need to wait then.
        """
        deadline = asyncio.get_running_loop().time() + APPLY_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                seen = await self._admin.stats(f"^{stat.replace('.', '%5C.')}$")
            except (aiohttp.ClientError, TimeoutError, OSError):
                return
            if seen.get(stat) == self._version:
                return
            await asyncio.sleep(0.003)
