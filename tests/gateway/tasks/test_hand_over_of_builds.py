"""A task ends while it builds: one session's first build, another one's next (S6, S26). Real Astro
in production mode.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.gateway.settings import ASTRO_DIR
from tests.gateway.test_production import PAGE, make_site, page, start, until, visiting, waits

from .conftest import Fleet, running_fleet
from .test_hand_over import ended

pytestmark = [
    pytest.mark.skipif(
        not (ASTRO_DIR / "node_modules").is_dir(),
        reason="container/astro/node_modules is missing: run `make setup`",
    ),
    pytest.mark.timeout(400),
]
READY_SECONDS = 150.0
"""Bound of an Astro build on a busy machine."""
BUILD_SECONDS = 4.0


@pytest.fixture
def pair(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Two tasks in production mode."""
    settings = {
        "ASTRO_LIVE_RUNNER_COMMAND": "",
        "NODE_ENV": "production",
        "ASTRO_LIVE_STOP_TIMEOUT_SECONDS": "120",
    }
    with running_fleet(tmp_path, table, dynamodb, 2, None, **settings) as fleet:
        yield fleet


async def test_sessions_that_are_built_are_handed_over(pair: Fleet) -> None:
    """Visitors of the running one see its page all the while. Its build has the time to end, and
    the request for it is answered; the first build begins again on the other task, which shows the
    site without a visit. Each has one whole build for each edition.
    """
    first, second = pair.tasks
    make_site(first, "shop", "first edition")
    started = await start(first, "shop")
    assert started.json.get("state") == "ready", started.text + first.tail()
    (first.sites / "shop" / PAGE).write_text(page("second edition", waits(BUILD_SECONDS)))
    make_site(first, "new", "opening", waits(BUILD_SECONDS))
    opening = asyncio.create_task(start(first, "new"))
    await until(first, "new", lambda found: found.get("stage") == "build", READY_SECONDS)
    async with visiting(second, "shop") as visits:
        rebuilt = asyncio.create_task(start(second, "shop", "rebuild"))
        await until(first, "shop", lambda found: found["build"].get("building"), READY_SECONDS)
        first.process.send_signal(signal.SIGTERM)
        await ended(first, READY_SECONDS)
        await second.until("shop", "ready", seconds=READY_SECONDS)
        async with asyncio.timeout(READY_SECONDS):
            while "second edition" not in visits.answers[-1][2]:  # noqa: ASYNC110 - a visitor only sees pages
                await asyncio.sleep(0.2)
    answer = await rebuilt
    assert (answer.status, answer.json.get("changed")) == (200, True), answer.text
    served = [text for status, _, text in visits.answers if status == 200]
    assert visits.statuses <= {200, 307, 503}, visits.statuses
    assert all("edition" in text for text in served)
    assert len(served) > 0.8 * len(visits.answers), visits.summary()
    await second.until("new", "ready", seconds=READY_SECONDS)
    cookie = second.cookie("new")
    assert "opening" in (await second.get("/session/new/", headers=cookie)).text
    for session, editions in (("shop", 2), ("new", 1)):
        listing = (await second.api("GET", f"/api/v1/sessions/{session}/builds")).json
        assert len(listing["builds"]) == editions, listing
        assert all(build["files"] > 0 for build in listing["builds"]), listing
    await asyncio.gather(opening, return_exceptions=True)
