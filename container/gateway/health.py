"""Whether the task can take traffic."""

from __future__ import annotations

import os
from pathlib import Path

from .envoy.process import Admin
from .errors import StorageError
from .registry import SessionRegistry
from .storage import Storage


class Health:
    """Live means the control plane answers; ready means that a visitor would be served."""

    def __init__(self, admin: Admin, sites_dir: Path, storage: Storage) -> None:
        self._storage = storage
        self._admin = admin
        self._sites_dir = sites_dir
        self.registry: SessionRegistry | None = None

    async def problems(self) -> list[str]:
        """Why the task is not ready; empty when it is."""
        found = []
        if self.registry is not None and self.registry.draining:
            found.append("draining")
        if not await self._admin.ready():
            found.append("Envoy does not serve")
        try:
            if not await self._storage.call("the sites folder", os.access, self._sites_dir, os.R_OK | os.X_OK, seconds=2.0):
                found.append("the sites folder cannot be read")
        except StorageError as error:
            found.append(str(error))
        return found
