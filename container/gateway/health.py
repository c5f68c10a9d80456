"""Whether the task can take traffic."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from .envoy.process import Admin
from .registry import SessionRegistry


class Health:
    """Live means the control plane answers; ready means that a visitor would be served."""

    def __init__(self, admin: Admin, sites_dir: Path) -> None:
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
            async with asyncio.timeout(2):
                usable = await asyncio.to_thread(os.access, self._sites_dir, os.R_OK | os.X_OK)
        except TimeoutError:
            usable = False
        if not usable:
            found.append("the sites folder cannot be read")
        return found
