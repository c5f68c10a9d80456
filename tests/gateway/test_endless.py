"""Code of a site that does not come to an end: the session says so, the edit that corrects it
counts, and neighbours notice nothing (S32, S37).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from container.gateway.endless import newest_edit, thread_seconds
from container.gateway.settings import ASTRO_DIR

from .harness import Gateway, running_gateway

LONGEST_SECONDS = 400.0
"""For 30 seconds of processor time, which a busy machine does not give at once."""


async def until(gateway: Gateway, session: str, *states: str) -> dict[str, object]:
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        found: dict[str, object] = (await gateway.api("GET", f"/api/v1/sessions/{session}")).json
        if found["state"] in states:
            return found
        assert time.monotonic() < deadline, (found, gateway.tail())
        await asyncio.sleep(0.2)


async def write(
    gateway: Gateway, session: str, file: str, text: str, **query: str
) -> dict[str, object]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await gateway.api(
        "PUT", f"/api/v1/sessions/{session}/files/{file}?{asked}".rstrip("?"), data=text.encode()
    )
    assert answer.status in (200, 201), answer.text
    found: dict[str, object] = answer.json
    return found


@asynccontextmanager
async def waiting(gateway: Gateway, session: str, path: str) -> AsyncIterator[None]:
    """Somebody waits for a page that does not come."""
    asked = asyncio.create_task(
        gateway.get(f"/session/{session}/{path}", headers=gateway.cookie(session))
    )
    await asyncio.sleep(0.5)
    assert not asked.done()
    try:
        yield
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        yield running


@pytest.fixture(scope="module")
def astro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """With the real runner."""
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as running:
        yield running


async def test_a_loop_without_an_end_fails_the_session_and_an_edit_heals_it(
    gateway: Gateway,
) -> None:
    await gateway.start("neighbour")
    await gateway.start("looping")
    pid = (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
    await write(gateway, "looping", "src/loop.js", "for (;;);")
    async with waiting(gateway, "looping", "loop"):
        found = await until(gateway, "looping", "failed")
    assert found["error"]["code"] == "endless"  # type: ignore[index]
    assert "Edited last: src/loop.js" in found["error"]["message"]  # type: ignore[index]
    problems = (await gateway.api("GET", "/api/v1/sessions/looping/problems")).json["problems"]
    assert [each["fix"] for each in problems] == [
        "Correct it: the edit starts the dev server again."
    ]
    await asyncio.sleep(1)
    assert await gateway.state("looping") == "failed", "it does not start by itself"
    await write(gateway, "looping", "src/loop.js", "")
    await until(gateway, "looping", "ready")
    page = await gateway.get("/session/neighbour/", headers=gateway.cookie("neighbour"))
    assert page.status == 200
    assert (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"] == pid
    assert 'reason="endless"' in (await gateway.api("GET", "/metrics")).text


async def test_what_answers_or_does_nothing_is_left_alone(gateway: Gateway) -> None:
    """Work with pauses, a process that waits, and requests without an answer."""
    await gateway.start("busy")
    before = (await gateway.api("GET", "/api/v1/sessions/busy")).json["pid"]
    async with waiting(gateway, "busy", "silent"):
        end = time.monotonic() + 8
        while time.monotonic() < end:
            cookie = gateway.cookie("busy")
            await asyncio.gather(
                *(gateway.get("/session/busy/echo", headers=cookie) for _ in range(20))
            )
    used = thread_seconds(before)
    assert used is not None
    assert used > 0.3, "it has worked"
    session = (await gateway.api("GET", "/api/v1/sessions/busy")).json
    assert (session["state"], session["pid"]) == ("ready", before)


def test_processor_time_is_that_of_the_main_thread(tmp_path: Path) -> None:
    stat = tmp_path / "7" / "task" / "7" / "stat"
    stat.parent.mkdir(parents=True)
    stat.write_text("7 (a (name) 1 2) R 1 7 7 0 -1 4194304 1 0 0 0 250 50 9 9 20 0 11 0 5 6\n")
    assert thread_seconds(7, tmp_path) == pytest.approx(3.0)
    assert thread_seconds(8, tmp_path) is None


@pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)
async def test_the_edit_that_takes_a_loop_out_of_a_page_counts(astro: Gateway) -> None:
    """With Astro, which is kept from hearing of it."""
    made = await astro.api("POST", "/api/v1/sessions", body={"id": "demo", "template": "starter"})
    assert made.status == 201, made.text
    page = "src/pages/loop.astro"
    verdict = await write(astro, "demo", page, "---\nfor (;;);\n---\n<p>never</p>\n", wait="3")
    assert verdict["verdict"]["outcome"] == "pending"  # type: ignore[index]
    async with waiting(astro, "demo", "loop"):
        # Before anybody has noticed the loop.
        healed = await write(astro, "demo", page, "<p>at last</p>\n", wait="30")
        assert healed["verdict"]["outcome"] in ("rendered", "pending")  # type: ignore[index]
        deadline = time.monotonic() + LONGEST_SECONDS
        while (found := await until(astro, "demo", "ready"))["pid"] == made.json["pid"]:
            assert time.monotonic() < deadline, astro.tail()
            await asyncio.sleep(0.2)
    assert found["error"] is None
    shown = await astro.get("/session/demo/loop", headers=astro.cookie("demo"))
    assert (shown.status, "at last" in shown.text) == (200, True)


def test_an_edit_that_nobody_has_reported_counts(tmp_path: Path) -> None:
    """By a shell in the project: the newest time of a file says so."""
    assert newest_edit(tmp_path) == 0
    (tmp_path / "src").mkdir()
    for name in ("one", "two"):
        (tmp_path / "src" / name).write_text(name)
    os.utime(tmp_path / "src" / "one", (5, 70))
    os.utime(tmp_path / "src" / "two", (5, 60))
    assert newest_edit(tmp_path) == 70
