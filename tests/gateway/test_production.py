# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""Production mode through the real gateway, Envoy and Astro: a slow, a hungry and a failing build,
with two sessions that are visited all the while (S6, S37). `PRODUCTION_TABLE=file` writes what the
visitors saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import Answer, Gateway, gone, running_gateway
from .test_supervision import processes, ready_again

pytestmark = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)

START_SECONDS, BUILD_SECONDS = 8, 28
PAUSE_SECONDS = 0.05
PAGE = "src/pages/index.astro"


def page(text: str, code: str = "") -> str:
    return f"---\n{code}\n---\n<html><body><h1>{text}</h1></body></html>\n"


def waits(seconds: float) -> str:
    return f"await new Promise((done) => setTimeout(done, {seconds * 1000:.0f}));"


HUNGRY = (
    "const hog = [];\nfor (;;) {\n  hog.push(Buffer.alloc(8 << 20, 1));\n  await new Promise((done)"
    " => setTimeout(done, 5));\n}"
)
BROKEN = "throw new Error('no such product: 7');"


@dataclass(kw_only=True)
class Visits:
    """What a visitor got who asked for one page again and again."""

    answers: list[tuple[int, float, str]] = field(default_factory=list)

    @property
    def statuses(self) -> set[int]:
        return {status for status, _, _ in self.answers}

    def summary(self) -> dict[str, Any]:
        times = sorted(seconds for _, seconds, _ in self.answers)
        return {
            "requests": len(times),
            "answered 200": sum(status == 200 for status, _, _ in self.answers),
            "median ms": round(times[len(times) // 2] * 1000, 1),
            "p99 ms": round(times[int(len(times) * 0.99)] * 1000, 1),
            "longest ms": round(times[-1] * 1000, 1),
        }


@contextlib.asynccontextmanager
async def visiting(gateway: Gateway, session: str) -> AsyncIterator[Visits]:
    """A visitor of the session's page while the block runs."""
    visits, cookie = Visits(), gateway.cookie(session)

    async def visit() -> None:
        while True:
            began = time.monotonic()
            answer = await gateway.get(f"/session/{session}/", headers=cookie)
            visits.answers.append((answer.status, time.monotonic() - began, answer.text))
            await asyncio.sleep(PAUSE_SECONDS)

    task = asyncio.create_task(visit())
    try:
        yield visits
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def make_site(gateway: Gateway, session: str, text: str, code: str = "") -> None:
    folder = gateway.sites / session
    (folder / "src/pages").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / PAGE).write_text(page(text, code))


async def start(gateway: Gateway, session: str, action: str = "start") -> Answer:
    return await gateway.api("POST", f"/api/v1/sessions/{session}/{action}")


async def until(gateway: Gateway, session: str, accept: Any, seconds: float = 60) -> dict[str, Any]:
    """Wait until the API describes the session so."""
    deadline = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = (await gateway.api("GET", f"/api/v1/sessions/{session}")).json
        if accept(found):
            return found
        assert time.monotonic() < deadline, json.dumps(found) + gateway.tail()
        await asyncio.sleep(0.1)


def events(gateway: Gateway, name: str, session: str) -> list[dict[str, Any]]:
    found = []
    for line in gateway.log.read_text().splitlines():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("event") == name and entry.get("session") == session:
                found.append(entry)
    return found


async def metric(gateway: Gateway, name: str) -> float:
    text = (await gateway.api("GET", "/metrics")).text
    return next(
        (
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(name + " ")
        ),
        0.0,
    )


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_RUNNER_COMMAND="",
        NODE_ENV="production",
        ASTRO_LIVE_START_TIMEOUT_SECONDS=str(START_SECONDS),
        ASTRO_LIVE_BUILD_TIMEOUT_SECONDS=str(BUILD_SECONDS),
        ASTRO_LIVE_BUILD_MEMORY_MIB="640",
        ASTRO_LIVE_BUILDS_KEPT="3",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def pair(gateway: Gateway) -> None:
    """Two sessions: one to attack, and its neighbour. The first build of one is slower than the
    start limit.
    """
    make_site(gateway, "neighbour", "next door")
    make_site(gateway, "shop", "first edition", waits(START_SECONDS + 2))

    async def both() -> tuple[Answer, Answer]:
        return await asyncio.gather(start(gateway, "neighbour"), start(gateway, "shop"))

    started = asyncio.run(both())
    assert [answer.json.get("state") for answer in started] == ["ready", "ready"], (
        started[1].text + gateway.tail()
    )


def write_row(table: Path, row: dict[str, Any]) -> None:
    with table.open("a") as file:
        file.write(json.dumps(row) + "\n")


CASES = {
    "slow": (waits(600), "build-timeout", f"did not end within {BUILD_SECONDS} s"),
    "hungry": (HUNGRY, "build-memory", "ran out of memory: it may use 640 MiB"),
    "failing": (BROKEN, "build", "no such product: 7"),
}
OUTCOMES = {"slow": "timeout", "hungry": "memory", "failing": "failed"}


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("case", CASES)
async def test_a_bad_build_costs_nobody_a_request(gateway: Gateway, case: str) -> None:
    """A request for a build, then a restart of the session on the same sources: both sessions
    answer all the while, and what was refused is neither published nor built again.
    """
    code, error, text = CASES[case]
    outcome = f'astro_live_build_seconds_count{{outcome="{OUTCOMES[case]}"}}'
    before = await metric(gateway, outcome)
    pid = (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
    async with visiting(gateway, "shop") as shop, visiting(gateway, "neighbour") as neighbour:
        (gateway.sites / "shop" / PAGE).write_text(page(f"{case} edition", code))
        began = time.monotonic()
        refused = await start(gateway, "shop", "rebuild")
        seconds = time.monotonic() - began
        assert (refused.status, refused.json["code"]) == (422, error), refused.text
        assert text in refused.json["detail"]
        await asyncio.sleep(0.5)
        if path := os.environ.get("PRODUCTION_TABLE"):
            row = {
                "build": case,
                "seconds": round(seconds, 1),
                "session": shop.summary(),
                "neighbour": neighbour.summary(),
            }
            write_row(Path(path), row)
        assert shop.statuses == neighbour.statuses == {200}
        again = (await start(gateway, "shop", "restart")).json
        assert again["state"] == "ready"
        shown = await until(gateway, "shop", lambda found: found["error"] is not None)
        assert shown["error"]["code"] == error
        await asyncio.sleep(1)
    assert {200} == neighbour.statuses
    assert all("first edition" in body for status, _, body in shop.answers if status == 200)
    assert await metric(gateway, outcome) == before + 1, (
        "the restart did not build what was refused"
    )
    after = (await gateway.api("GET", "/api/v1/sessions/neighbour")).json
    assert (after["pid"], after["restarts"], after["error"]) == (pid, 0, None)
    assert events(gateway, "build_failed", "shop")[-1]["outcome"] == OUTCOMES[case]


@pytest.mark.usefixtures("pair")
async def test_the_error_goes_when_the_site_builds_again(gateway: Gateway) -> None:
    (gateway.sites / "shop" / PAGE).write_text(page("second edition"))
    built = await start(gateway, "shop", "rebuild")
    assert built.status == 200, built.text
    assert built.json["changed"] is True
    assert (
        "second edition"
        in (await gateway.get("/session/shop/", headers=gateway.cookie("shop"))).text
    )
    assert (await gateway.api("GET", "/api/v1/sessions/shop")).json["error"] is None


@pytest.mark.usefixtures("pair")
async def test_a_start_with_changed_sources_serves_at_once_and_switches_later(
    gateway: Gateway,
) -> None:
    """Although the build takes longer than the start limit."""
    await start(gateway, "shop", "stop")
    (gateway.sites / "shop" / PAGE).write_text(page("third edition", waits(START_SECONDS + 2)))
    again = (await start(gateway, "shop")).json
    assert again["state"] == "ready"
    before = (await gateway.api("GET", "/api/v1/sessions/shop/builds")).json["serving"]
    async with visiting(gateway, "shop") as visits:
        found = await until(gateway, "shop", lambda found: found["build"].get("building"))
        assert found["stage"] == "build"
        await until(gateway, "shop", lambda found: found["build"].get("serving", before) != before)
        seen = len(visits.answers)
        async with asyncio.timeout(30):
            while len(visits.answers) < seen + 2:  # the first of them may have begun before
                await asyncio.sleep(0.05)
    texts = [body for _, _, body in visits.answers]
    assert visits.statuses == {200}
    assert "second edition" in texts[0]
    assert "third edition" in texts[-1]
    assert (await gateway.api("GET", "/api/v1/sessions/shop")).json["restarts"] == 0


@pytest.mark.usefixtures("pair")
async def test_builds_are_listed_and_an_earlier_one_is_served_by_one_call(gateway: Gateway) -> None:
    """At once while the session runs, and from the next start on when it does not; a start does not
    undo the choice.
    """
    path = "/api/v1/sessions/shop/builds"
    listing = (await gateway.api("GET", path)).json
    numbers = [build["number"] for build in listing["builds"]]
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)
    assert (listing["serving"], listing["pinned"]) == (numbers[0], False)
    assert [build["serving"] for build in listing["builds"]] == [True, False, False]
    assert all(
        build["seconds"] > 0 and build["memory_mib"] > 0 and build["files"] > 0
        for build in listing["builds"]
    )

    cookie = gateway.cookie("shop")
    chosen = await gateway.api("POST", f"{path}/{numbers[1]}/serve")
    assert (chosen.status, chosen.json) == (
        200,
        {"changed": True, "build": numbers[1]},
    ), chosen.text
    assert "second edition" in (await gateway.get("/session/shop/", headers=cookie)).text
    await start(gateway, "shop", "restart")
    await asyncio.sleep(1)
    assert "second edition" in (await gateway.get("/session/shop/", headers=cookie)).text
    assert (await gateway.api("GET", path)).json["pinned"] is True

    await start(gateway, "shop", "stop")
    chosen = await gateway.api("POST", f"{path}/{numbers[2]}/serve")
    assert (chosen.status, chosen.json["changed"]) == (200, True)
    await start(gateway, "shop")
    assert "first edition" in (await gateway.get("/session/shop/", headers=cookie)).text
    back = await start(gateway, "shop", "rebuild")
    assert back.json == {"changed": True, "build": numbers[0]}
    assert "third edition" in (await gateway.get("/session/shop/", headers=cookie)).text

    assert (await gateway.api("POST", f"{path}/99/serve")).status == 404
    assert (await gateway.api("POST", f"{path}/x/serve")).status == 400
    assert (await gateway.api("POST", f"{path}/1/serve", body={"more": 1})).status == 400
    assert (
        await gateway.api("POST", "/api/v1/sessions/shop/rebuild", body={"publish": "no"})
    ).status == 400


@pytest.mark.usefixtures("pair")
async def test_a_new_control_plane_knows_what_is_served(gateway: Gateway) -> None:
    """The dev servers and what they serve stay; a build can be asked for as before."""
    before = (await gateway.api("GET", "/api/v1/sessions/shop")).json
    os.kill(processes(gateway)["control"].pop(), signal.SIGKILL)
    await ready_again(gateway)
    found = await until(gateway, "shop", lambda found: bool(found["build"]))
    assert (found["pid"], found["build"]["serving"]) == (before["pid"], before["build"]["serving"])
    assert (await start(gateway, "shop", "rebuild")).json == {
        "changed": False,
        "build": before["build"]["serving"],
    }


@pytest.mark.usefixtures("pair")
async def test_each_change_of_state_is_one_line_with_its_cause(gateway: Gateway) -> None:
    changes = events(gateway, "session_changed", "neighbour")
    assert [(entry["before"], entry["state"], entry["cause"]) for entry in changes] == [
        ("stopped", "starting", "request"),
        ("starting", "ready", "started"),
        ("stopped", "ready", "adopted"),
    ]
    assert changes[1]["seconds"] > 0
    causes = {entry["cause"] for entry in events(gateway, "session_changed", "shop")}
    assert causes == {"request", "started", "adopted"}
    assert (
        await metric(gateway, 'astro_live_session_change_total{cause="adopted",state="ready"}') == 2
    )
    output = [entry["text"] for entry in events(gateway, "session_output", "shop")]
    assert any("no such product: 7" in text for text in output)


@pytest.mark.usefixtures("pair")
async def test_a_deleted_session_leaves_no_builds(gateway: Gateway) -> None:
    """And nothing of it runs: the next of its name begins without."""
    pid = (await gateway.api("GET", "/api/v1/sessions/shop")).json["pid"]
    assert (await gateway.api("DELETE", "/api/v1/sessions/shop")).status == 204
    assert not (gateway.sites / ".builds" / "shop").exists()
    assert await gone({pid}) == set()
