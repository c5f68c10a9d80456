"""This task's id, and the address at which its peers reach it.

On ECS the agent's metadata endpoint tells both
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html).
Elsewhere the id is random and the address is the one that the gateway is bound to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from ..errors import StartError
from ..ownership.model import TASK_ID
from ..settings import GatewaySettings

ANSWER_SECONDS: Final = 2.0
ATTEMPTS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Whoami:
    """Names of this task."""

    id: str
    address: str
    """`ip:port` of the peers' listener."""
    revision: int = 0
    """Of the task definition."""
    processors: int = os.cpu_count() or 1
    """Of this task. The machine below may show more than the task may use."""


async def who_am_i(settings: GatewaySettings, port: int) -> Whoami:
    """Raises `StartError`: a task that its peers cannot find must not share a table with them."""
    if settings.ecs_metadata_uri:
        return _within(
            settings.peer_range, from_metadata(await _metadata(settings.ecs_metadata_uri), port)
        )
    if ipaddress.ip_address(settings.bind_address).is_unspecified:
        raise StartError(
            "ASTRO_LIVE_OWNERSHIP_TABLE is set, ASTRO_LIVE_BIND_ADDRESS is"
            f" {settings.bind_address!r} and there is no ECS metadata endpoint: peers could not"
            " find this task. Bind to the address that they reach"
        )
    return _within(
        settings.peer_range,
        Whoami(id=secrets.token_hex(16), address=_join(settings.bind_address, port)),
    )


def _within(allowed: str, me: Whoami) -> Whoami:
    host = me.address.rpartition(":")[0].strip("[]")
    if allowed and ipaddress.ip_address(host) not in ipaddress.ip_network(allowed):
        raise StartError(
            f"ASTRO_LIVE_PEER_RANGE is {allowed!r}, and this task's address is {host}: the others"
            " would not forward to it. Set the range of the VPC, or leave it empty for any private"
            " address"
        )
    return me


def from_metadata(task: Mapping[str, Any], port: int) -> Whoami:
    """From the answer of the endpoint's `/task`."""
    name = str(task.get("TaskARN", "")).rpartition("/")[2]
    networks = [
        network
        for container in task.get("Containers") or []
        for network in container.get("Networks") or []
    ]
    addresses = [
        text
        for network in networks
        for text in network.get("IPv4Addresses") or network.get("IPv6Addresses") or []
    ]
    if not TASK_ID.fullmatch(name) or not addresses:
        raise StartError(
            "the ECS metadata endpoint tells no usable task id or address: TaskARN is"
            f" {task.get('TaskARN')!r}"
        )
    revision = str(task.get("Revision", ""))
    cpu = (task.get("Limits") or {}).get("CPU")
    return Whoami(
        id=name,
        address=_join(addresses[0], port),
        revision=int(revision) if revision.isascii() and revision.isdigit() else 0,
        **({"processors": max(1, math.ceil(cpu))} if isinstance(cpu, int | float) else {}),
    )


def _join(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


async def _metadata(uri: str) -> dict[str, Any]:
    reason = ""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as client:
        for attempt in range(ATTEMPTS):
            try:
                async with client.get(f"{uri.rstrip('/')}/task") as response:
                    response.raise_for_status()
                    answer: dict[str, Any] = await response.json(content_type=None)
                    return answer
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                reason = type(error).__name__
            await asyncio.sleep(0.2 * 2**attempt)
    raise StartError(
        f"the ECS metadata endpoint did not answer {ATTEMPTS} times ({reason}); without it peers"
        " cannot find this task"
    )
