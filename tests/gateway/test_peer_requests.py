"""Requests to other tasks (S26)."""

from __future__ import annotations

from pathlib import Path

import pytest

from container.gateway.ownership.model import Task
from container.gateway.ownership.service import Unowned
from container.gateway.peers.forward import Forwarder


async def test_a_task_that_ends_says_so_rather_than_failing(tmp_path: Path) -> None:
    """Its API still takes requests when its client of other tasks is closed: a 503 that says what
    to do, no error of ours.
    """
    forwarder = Forwarder(tmp_path, ["secret"])
    await forwarder.close()
    other = Task(id="0" * 32, address="127.0.0.1:9", run="1")
    with pytest.raises(Unowned, match="Send the request again"):
        await forwarder.ask(other, "POST", "/peers/sessions/a/moved", seconds=1)
