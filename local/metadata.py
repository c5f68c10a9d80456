"""The part of ECS's task metadata endpoint that tasks ask for: their id, address and revision.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from aiohttp import web

from contract.settings.task import TaskSettings

PORT: Final = 4324

VARIABLE: Final = TaskSettings.variable("ecs_metadata_uri")


class Metadata:
    """One server for all tasks of the stack, each with its own address below it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._tasks: dict[str, dict[str, Any]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get("/{name}/task", self._task)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._address, PORT).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def register(self, address: str, revision: int) -> dict[str, str]:
        """A new task that is reached at `address`; the variable that tells it so."""
        name = secrets.token_hex(16)
        self._tasks[name] = {
            "TaskARN": f"arn:aws:ecs:eu-central-1:123456789012:task/local/{name}",
            "Revision": str(revision),
            "Containers": [{"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": [address]}]}],
        }
        return {VARIABLE: f"http://{self._address}:{PORT}/{name}"}

    async def _task(self, request: web.Request) -> web.Response:
        found = self._tasks.get(request.match_info["name"])
        return web.json_response(found, status=200 if found else 404)
