"""What a task learns about itself of ECS's metadata, and where it must be (S26)."""

from __future__ import annotations

import os
from typing import Any

import pytest

from container.gateway.errors import StartError
from container.gateway.peers.address import from_metadata, who_am_i
from container.gateway.settings import GatewaySettings

TASK: dict[str, Any] = {
    "TaskARN": "arn:aws:ecs:eu-central-1:123456789012:task/live/1f2e",
    "Revision": "7",
    "Containers": [{"Networks": [{"IPv4Addresses": ["10.20.3.4"]}]}],
}


@pytest.mark.parametrize(
    ("limits", "processors"),
    [({"CPU": 0.25, "Memory": 512}, 1), ({"CPU": 1}, 1), ({"CPU": 2.0}, 2), ({}, os.cpu_count())],
)
def test_a_task_has_the_processors_that_it_is_declared_with(
    limits: dict[str, float], processors: int
) -> None:
    """The machine below may show more: Fargate's has two where a task may use one."""
    me = from_metadata({**TASK, "Limits": limits}, 4322)
    assert (me.id, me.address, me.revision) == ("1f2e", "10.20.3.4:4322", 7)
    assert me.processors == processors


async def test_a_task_outside_the_network_of_the_others_does_not_start() -> None:
    """They would forward nothing to it, and nobody would know why."""
    inside = GatewaySettings(bind_address="127.0.0.5", peer_range="127.0.0.0/8")
    assert (await who_am_i(inside, 4322)).address == "127.0.0.5:4322"
    outside = GatewaySettings(bind_address="127.0.0.5", peer_range="10.20.0.0/16")
    with pytest.raises(StartError, match=r"'10\.20\.0\.0/16', and this task's address is 127\.0"):
        await who_am_i(outside, 4322)
