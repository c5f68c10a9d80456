"""The warm pool: runners that have their modules loaded and wait for a session."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from pathlib import Path
from typing import Final

from .errors import RunnerError
from .processes import Processes
from .runner import Runner
from .settings import GatewaySettings

REFILL_SECONDS: Final = 5.0
"""From taking a runner to starting the next one. A runner rehearses a start, which costs some seconds of a processor; the session that
has just been started needs them more."""


class WarmPool:
    """Keeps `warm_runners` processes ready. `take` gives one of them, or a fresh one, and has the pool refilled."""

    def __init__(self, settings: GatewaySettings, processes: Processes) -> None:
        self._settings = settings
        self._processes = processes
        self._idle: list[Runner] = []
        self._refill: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def size(self) -> int:
        return sum(runner.child.running for runner in self._idle)

    async def take(self) -> Runner:
        """A runner that nobody else has. It may still be loading: its channel holds what is sent until it reads."""
        while self._idle:
            runner = self._idle.pop(0)
            if runner.child.running:
                self.refill(after_seconds=REFILL_SECONDS)
                return runner
            await self._discard(runner)
        runner = await self._launch()
        self.refill(after_seconds=REFILL_SECONDS)
        return runner

    def adopt(self, runner: Runner) -> None:
        """Take in a waiting runner that an earlier control plane started."""
        self._idle.append(runner)

    def refill(self, *, after_seconds: float = 0.0) -> None:
        """Bring the pool to its size, in the background and one at a time, so that a starting session is not slowed by several."""
        if not self._closed and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._fill(after_seconds), name="warm pool")

    async def _fill(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        while not self._closed and self.size < self._settings.warm_runners:
            runner = await self._launch()
            self._idle.append(runner)
            try:
                async with asyncio.timeout(self._settings.start_timeout_seconds):
                    await runner.warm.wait()
            except TimeoutError:
                return

    async def _launch(self) -> Runner:
        home = self._settings.scratch_dir / "runners" / secrets.token_hex(6)
        try:
            return await Runner.launch(self._processes, self._settings, home)
        except OSError as error:
            raise RunnerError(
                "internal", f"the dev server cannot be started: {error.strerror}", "Free space on the scratch disk"
            ) from error

    async def _discard(self, runner: Runner) -> None:
        await runner.stop(term_seconds=1.0)
        await asyncio.to_thread(shutil.rmtree, runner.home, ignore_errors=True)

    async def close(self) -> None:
        """End every waiting runner."""
        self._closed = True
        if self._refill is not None:
            self._refill.cancel()
            await asyncio.gather(self._refill, return_exceptions=True)
        await asyncio.gather(*(self._discard(runner) for runner in self._idle))
        self._idle.clear()


def clear_homes(scratch_dir: Path) -> None:
    """Remove what runners of an earlier gateway left on the scratch disk."""
    shutil.rmtree(scratch_dir / "runners", ignore_errors=True)
