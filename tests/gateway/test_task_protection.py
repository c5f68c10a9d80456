"""Task protection follows the sessions (S12). ECS's agent answers over HTTP inside a task only, so
a server here stands in for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from container.gateway.protection import TaskProtection
from container.gateway.registry import SessionRegistry
from container.gateway.settings import GatewaySettings
from container.gateway.states import State

HOUR = 60


@dataclass
class Agent:
    """Remembers what was asked; refuses as long as `refusals` is above 0."""

    refusals: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def put(self, request: web.Request) -> web.Response:
        state = await request.json()
        self.asked.append(state)
        if self.refusals:
            self.refusals -= 1
            return web.json_response({"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}, status=400)
        return web.json_response({"protection": {"ProtectionEnabled": state["ProtectionEnabled"]}})

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.asked) < count:  # noqa: ASYNC110 - as a server it is told nothing else
                await asyncio.sleep(0.01)


class Registry:
    """As much of the registry as protection looks at."""

    def __init__(self, *states: State) -> None:
        self.draining = False
        self.states = list(states)

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return iter([SimpleNamespace(state=state) for state in self.states])


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    agent = Agent()
    app = web.Application()
    app.router.add_put("/api/task-protection/v1/state", agent.put)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    agent.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    yield agent
    await runner.cleanup()


@asynccontextmanager
async def protecting(
    agent: Agent,
    registry: Registry,
    minutes: int = HOUR,
    outdated: Callable[[], bool] = lambda: False,
) -> AsyncIterator[None]:
    settings = GatewaySettings(ecs_agent_uri=agent.url, task_protection_minutes=minutes)
    task = asyncio.create_task(
        TaskProtection(
            settings, cast(SessionRegistry, registry), outdated=outdated, look_seconds=0.01
        ).run()
    )
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_protection_comes_with_the_first_session_and_goes_with_the_last(agent: Agent) -> None:
    """One request when a session lives, one when none does any more, and nothing in between."""
    registry = Registry()
    async with protecting(agent, registry):
        await asyncio.sleep(0.1)
        assert agent.asked == []
        registry.states = [State.STOPPED, State.READY]
        await agent.until(1)
        await asyncio.sleep(0.1)
        registry.states = [State.STOPPED, State.FAILED]
        await agent.until(2)
        await asyncio.sleep(0.1)
    assert agent.asked == [
        {"ProtectionEnabled": True, "ExpiresInMinutes": HOUR},
        {"ProtectionEnabled": False},
    ]


async def test_a_draining_task_gives_its_protection_back(agent: Agent) -> None:
    """After SIGTERM nothing is protected, whatever still lives."""
    registry = Registry(State.READY)
    async with protecting(agent, registry):
        await agent.until(1)
        registry.draining = True
        await agent.until(2)
    assert agent.asked[-1] == {"ProtectionEnabled": False}


async def test_a_newer_revision_ends_the_protection(agent: Agent) -> None:
    """A deployment is not held up by live sessions: they are handed over."""
    newer: list[int] = []
    async with protecting(agent, Registry(State.READY), outdated=lambda: bool(newer)):
        await agent.until(1)
        newer.append(2)
        await agent.until(2)
        await asyncio.sleep(0.1)
    assert agent.asked == [
        {"ProtectionEnabled": True, "ExpiresInMinutes": HOUR},
        {"ProtectionEnabled": False},
    ]


async def test_a_refusal_is_asked_again(agent: Agent) -> None:
    """ECS refuses during some deployments; the next look asks again until it is taken."""
    agent.refusals = 2
    async with protecting(agent, Registry(State.READY)):
        await agent.until(3)
        await asyncio.sleep(0.1)
    assert len(agent.asked) == 3


async def test_off_means_silent(agent: Agent) -> None:
    """With 0 minutes the agent hears nothing, and the task ends at once."""
    settings = GatewaySettings(ecs_agent_uri=agent.url, task_protection_minutes=0)
    await TaskProtection(settings, cast(SessionRegistry, Registry(State.READY))).run()
    assert agent.asked == []
