"""Task protection: a task with live sessions asks ECS not to choose it when tasks are to end.

Without it, scale-in and deployments end any task. With it, ECS leaves the task alone until its
sessions have ended or the protection expires. A task that knows one of a newer revision is not
protected: a deployment is under way, and its sessions are handed over.

Source:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
(1-2880 minutes)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import aiohttp

from .duty import repeat
from .registry import SessionRegistry
from .settings import GatewaySettings
from .states import State

LOOK_SECONDS: Final = 5.0
RENEWAL_SHARE: Final = 0.5
"""The protection is asked for again after this share of its life."""

LIVE: Final = frozenset({State.STARTING, State.READY, State.BACKING_OFF})

log = logging.getLogger(__name__)


class TaskProtection:
    """Keeps ECS's protection of this task in step with its sessions. Runs beside the servers as one
    task.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        registry: SessionRegistry,
        *,
        outdated: Callable[[], bool] = lambda: False,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`outdated`: a task of a newer revision runs."""
        self._outdated = outdated
        self._endpoint = settings.ecs_agent_uri.rstrip("/") + "/task-protection/v1/state"
        self._minutes = settings.task_protection_minutes
        self._wanted = bool(settings.ecs_agent_uri and settings.task_protection_minutes)
        self._registry = registry
        self._look_seconds = look_seconds
        self._renew_at: float | None = None
        """Moment of the next request while protected; None while not."""

    async def run(self) -> None:
        """Until cancelled. Without an agent (a laptop, a plain container) or with 0 minutes it does
        nothing.
        """
        if not self._wanted:
            return
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
            await repeat(lambda: self._look(client), every_seconds=self._look_seconds)

    async def _look(self, client: aiohttp.ClientSession) -> None:
        live = (
            not self._registry.draining
            and not self._outdated()
            and any(session.state in LIVE for session in self._registry)
        )
        due = self._renew_at is None or time.monotonic() >= self._renew_at
        if (
            live
            and due
            and await self._ask(
                client, {"ProtectionEnabled": True, "ExpiresInMinutes": self._minutes}
            )
        ):
            self._renew_at = time.monotonic() + self._minutes * 60 * RENEWAL_SHARE
        elif (
            not live
            and self._renew_at is not None
            and await self._ask(client, {"ProtectionEnabled": False})
        ):
            self._renew_at = None

    async def _ask(self, client: aiohttp.ClientSession, state: dict[str, bool | int]) -> bool:
        """Whether ECS took the state. A refusal is logged, and retried at the next poll."""
        try:
            async with client.put(self._endpoint, json=state) as answer:
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("task protection: the ECS agent did not answer: %s", type(error).__name__)
            return False
        if "protection" not in said:
            log.warning(
                "task protection: ECS refused: %s", (said.get("failure") or said.get("error") or {})
            )
            return False
        return True
