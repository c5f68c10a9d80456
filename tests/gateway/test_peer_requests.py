"""Requests to other tasks (S26)."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from container.gateway.ownership.model import Task
from container.gateway.ownership.service import Unowned
from container.gateway.peers.forward import Forwarder, is_of_control
from container.gateway.peers.headers import ANSWERED


async def test_a_task_that_ends_says_so_rather_than_failing(tmp_path: Path) -> None:
    """Its API still takes requests when its client of other tasks is closed: a 503 that says what
    to do, no error of ours.
    """
    forwarder = Forwarder(tmp_path, ["secret"])
    await forwarder.close()
    other = Task(id="0" * 32, address="127.0.0.1:9", run="1")
    with pytest.raises(Unowned, match="Send the request again"):
        await forwarder.ask(other, "POST", "/peers/sessions/a/moved", seconds=1)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 503])
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream"])
@pytest.mark.parametrize("marked", [True, False])
async def test_a_tasks_answer_is_told_from_its_envoys(status: int, kind: str, marked: bool) -> None:
    """By the control plane's mark, whatever the status and the content."""

    async def answer(_request: web.Request) -> web.Response:
        headers = {ANSWERED: "1"} if marked else {}
        return web.Response(status=status, content_type=kind, body=b"no", headers=headers)

    application = web.Application()
    application.router.add_get("/", answer)
    async with TestClient(TestServer(application)) as client:
        assert is_of_control(await client.get("/")) is marked
