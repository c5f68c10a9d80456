"""A deployment of the local stack with three tasks and live sessions: sockets move, edits stay
(S23, S26).

`ASTRO_LIVE_SESSIONS` says how many sessions are open, one by default; `make deployment` opens ten.
`ASTRO_LIVE_EDITS_PER_SECOND` is the pace of each session's editor.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from contract.hmr import HmrContract
from local.engine import ROOT
from local.errors import LocalError
from local.session import Api, Browser
from tests.addresses import own_address

from .test_up import Up, begin, belonging, until

pytestmark = pytest.mark.timeout(1200)

SESSIONS = int(os.environ.get("ASTRO_LIVE_SESSIONS", "1"))
EDITS_PER_SECOND = float(os.environ.get("ASTRO_LIVE_EDITS_PER_SECOND", "5"))
MOST_SECONDS = 60.0
"""Without a live connection. Some tenths of a second where the machine is not busy; this one starts
three tasks and their dev servers.
"""
DEPLOYED_SECONDS = 500.0
SHOWN_SECONDS = 120.0
STYLE = "src/follow.css"


@dataclass
class Follower:
    """A page of one session: holds Vite's WebSocket, connects again when it ends, and notes for how
    long it had none.
    """

    contract: HmrContract
    session: str
    browser: Browser
    token: str = ""
    sockets: int = 0
    without: list[float] = field(default_factory=list)

    async def follow(self) -> None:
        """Until cancelled."""
        lost = time.monotonic()
        while True:
            with suppress(aiohttp.ClientError, LocalError, OSError):
                self.token = await self.browser.load(
                    await self.browser.open(self.contract.session_url(self.session))
                )
                async with self.browser.socket(self.token) as socket:
                    if self.sockets:
                        self.without.append(time.monotonic() - lost)
                    self.sockets += 1
                    async for _ in socket:
                        pass
                lost = time.monotonic()
            await asyncio.sleep(0.05)


@dataclass
class Editor:
    """Writes one stylesheet again and again through whichever task, as an editor's server does."""

    session: str
    hosts: list[str]
    port: int
    credential: str
    written: int = 0

    async def write(self) -> None:
        """Until cancelled. An edit that no task takes is tried again: it counts once it is
        accepted.
        """
        headers = {"Authorization": f"Bearer {self.credential}"}
        async with aiohttp.ClientSession(
            headers=headers, timeout=aiohttp.ClientTimeout(total=20)
        ) as client:
            while True:
                url = f"http://{random.choice(self.hosts)}:{self.port}/api/v1/sessions/{self.session}/files/{STYLE}"
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with client.put(
                        url, data=f"/* edit {self.written + 1} */ body {{ margin: 0 }}\n".encode()
                    ) as answer:
                        self.written += answer.status in (200, 201)
                await asyncio.sleep(1 / EDITS_PER_SECOND)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Three tasks with room for all sessions each."""
    more = [
        "desiredCount=3",
        "sharedOwnership=true",
        f"maxSessions={SESSIONS + 2}",
        "stopTimeoutSeconds=120",
        "memoryMib=8192",  # as declared; a task here takes what it needs
    ]
    running = begin(
        tmp_path / "stack", own_address(), *(part for each in more for part in ("--config", each))
    )
    try:
        until(
            lambda: "Ctrl-C ends the stack" in running.output or running.process.poll() is not None,
            running,
            400,
        )
        assert running.process.poll() is None, running.output
        yield running
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(120) == 0, running.output
    assert belonging(running.directory) == []


def contract_of(up: Up) -> HmrContract:
    parts = urlsplit(up.ready["session_url"])
    return HmrContract(public_url=f"{parts.scheme}://{parts.netloc}")


async def test_live_sessions_follow_a_deployment(
    up: Up, capsys: pytest.CaptureFixture[str]
) -> None:
    """All tasks are exchanged under open pages and continuous edits. Every page is live again, and
    shows the last edit.
    """
    contract, address = contract_of(up), up.address
    base, _, last = address.rpartition(".")
    names = [f"live{number}" for number in range(SESSIONS)]
    hosts = [f"{base}.{int(last) + number}" for number in range(6)]
    async with AsyncExitStack() as stack:
        followers: list[Follower] = []
        for name in names:
            api = Api(hosts[len(followers) % 3], contract.api_port, up.ready["api_token"])
            await api.create(name)
            browser = await stack.enter_async_context(
                Browser(contract, name, Path(up.ready["ca_file"]), address=address)
            )
            await browser.open(await api.one_time_url(name))
            followers.append(Follower(contract, name, browser))
        editors = [Editor(name, hosts, contract.api_port, up.ready["api_token"]) for name in names]
        work = [
            asyncio.create_task(each)
            for each in (*(f.follow() for f in followers), *(e.write() for e in editors))
        ]
        await wait_until(
            lambda: all(f.sockets for f in followers) and all(e.written for e in editors), 120, up
        )
        before = {follower.session: follower.sockets for follower in followers}
        began = time.monotonic()
        command = [sys.executable, "-m", "local", "redeploy", "--directory", str(up.directory)]
        await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=True, timeout=60)
        await wait_until(lambda: "deployment of 3 tasks" in up.output, DEPLOYED_SECONDS, up)
        took = time.monotonic() - began
        await wait_until(lambda: all(f.sockets > before[f.session] for f in followers), 120, up)
        for task in work[len(followers) :]:
            task.cancel()
        await asyncio.gather(*work[len(followers) :], return_exceptions=True)
        shown = [
            await until_shown(follower, editor.written)
            for follower, editor in zip(followers, editors, strict=True)
        ]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    longest = max(max(follower.without, default=0.0) for follower in followers)
    edits = sum(editor.written for editor in editors)
    logs = "".join(
        path.read_text(errors="replace")
        for path in sorted((up.directory / "logs").glob("task-*.log"))
    )
    handed = logs.count('"session_handed_over"')
    with capsys.disabled():
        print(
            f"\n{SESSIONS} sessions, 3 tasks: deployed in {took:.0f} s, {handed} sessions handed"
            f" over, longest time without a live connection {longest:.2f} s, {edits} edits,"
            f" {shown.count(False)} of the last ones lost"
        )
    assert all(shown), "the last edit of a session is not shown"
    assert handed or "is given up" in logs, (
        "where leases do not lapse on a machine that is far too busy, sessions are handed over"
    )
    assert longest < MOST_SECONDS


async def until_shown(follower: Follower, number: int) -> bool:
    """Whether the dev server serves the stylesheet of this edit, once it had the time to start on a
    busy machine. The edit that was under way when the editor stopped may have been written without
    its answer having arrived.
    """
    deadline = time.monotonic() + SHOWN_SECONDS
    while time.monotonic() < deadline:
        with suppress(aiohttp.ClientError):
            shown = await follower.browser.read(STYLE)
            if f"edit {number} " in shown or f"edit {number + 1} " in shown:
                return True
        await asyncio.sleep(0.2)
    return False


async def wait_until(condition: Callable[[], bool], seconds: float, up: Up) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, up.output
        await asyncio.sleep(0.2)
