# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""Builds of several sessions take turns (S6, S37)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from container.gateway.build_turns import BuildTurns
from container.gateway.settings import ASTRO_DIR
from contract.messages import Turn

from .harness import Gateway, running_gateway
from .test_production import HUNGRY, PAGE, events, make_site, page, start, until, visiting, waits
from .test_supervision import processes, ready_again

LIMIT = 30.0
needs_astro = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)


class Sites:
    """Dev servers that are let in."""

    def __init__(self, at_once: int, limit_seconds: float = LIMIT) -> None:
        self.turns = BuildTurns(at_once=at_once, limit_seconds=limit_seconds)
        self.begun: list[str] = []

    def reports(self, session: str, turn: Turn) -> None:
        def go() -> None:
            self.begun.append(session)
            self.reports(session, Turn.BUILDING)

        self.turns.follow(session, turn, go)


async def test_sessions_are_let_in_as_they_came() -> None:
    sites = Sites(2)
    for session in "abcd":
        sites.reports(session, Turn.WAITING)
    sites.reports("c", Turn.WAITING)
    assert (sites.begun, sites.turns.waiting) == (["a", "b"], ["c", "d"])
    sites.reports("b", Turn.NONE)
    sites.reports("b", Turn.WAITING)
    assert (sites.begun, sites.turns.waiting) == (["a", "b", "c"], ["d", "b"])
    sites.turns.leave("a")
    sites.turns.leave("d")
    sites.turns.leave("c")
    assert sites.begun == ["a", "b", "c", "d", "b"]


async def test_a_turn_that_does_not_end_is_taken_away() -> None:
    """A site that says for ever that it builds holds up nobody; nor does one that left
    the queue.
    """
    sites = Sites(1, limit_seconds=0.05)
    sites.turns.adopt("liar")
    sites.turns.follow("liar", Turn.BUILDING, lambda: None)
    for session in ("gone", "next"):
        sites.reports(session, Turn.WAITING)
    sites.turns.leave("gone")
    assert sites.begun == []
    await asyncio.sleep(0.15)
    assert sites.begun == ["next"]


@pytest.mark.parametrize("seed", range(20))
async def test_a_new_control_plane_lets_in_no_more_than_allowed(seed: int) -> None:
    """In whatever order adopted dev servers report: those that build keep their places, the
    others wait for one, or get one that is free.
    """
    chance, at_once = random.Random(seed), 1 + seed % 3
    building = set(chance.sample("abcdef", chance.randint(0, at_once)))
    waiting = {name for name in "abcdef" if name not in building and chance.random() < 0.5}
    sites = Sites(at_once)
    for session in "abcdef":
        sites.turns.adopt(session)
    for session in chance.sample("abcdef", 6):
        if session in building:
            sites.turns.follow(session, Turn.BUILDING, lambda: None)
        else:
            sites.reports(session, Turn.WAITING if session in waiting else Turn.NONE)
        assert len(building) + len(sites.begun) <= at_once
    assert len(building) + len(sites.begun) == min(at_once, len(building) + len(waiting))


async def test_an_adopted_site_that_reports_nothing_holds_up_nobody() -> None:
    sites = Sites(1, limit_seconds=0.05)
    sites.turns.adopt("silent")
    sites.reports("next", Turn.WAITING)
    assert sites.begun == []
    await asyncio.sleep(0.15)
    assert sites.begun == ["next"]


async def test_a_site_that_says_unasked_that_it_builds_takes_nobodys_turn() -> None:
    """Again and again, also after its own turn was taken away."""
    sites = Sites(1, limit_seconds=0.05)
    for session in ("liar", "one", "two"):
        sites.reports(session, Turn.WAITING)
    assert sites.begun == ["liar"]
    await asyncio.sleep(0.15)
    for _ in range(3):
        sites.turns.follow("liar", Turn.BUILDING, lambda: None)
    sites.reports("one", Turn.NONE)
    for _ in range(3):
        sites.turns.follow("liar", Turn.NONE, lambda: None)
        sites.turns.follow("liar", Turn.BUILDING, lambda: None)
    assert sites.begun == ["liar", "one", "two"]


@pytest.mark.parametrize("seed", range(20))
async def test_nobody_starves_and_the_number_holds(seed: int) -> None:
    """Whatever sites report, in any order: never more than allowed at a time, each in turn, and
    none left when all have ended.
    """
    chance, at_once = random.Random(seed), 1 + seed % 3
    sites, building, most = Sites(at_once), set[str](), 0
    wanted: list[str] = []
    for _ in range(300):
        session = chance.choice("abcdefgh")
        if session in building:
            building.discard(session)
            sites.turns.follow(session, Turn.NONE, lambda: None)
        elif session not in wanted:
            wanted.append(session)
            sites.reports(session, Turn.WAITING)
        for begun in sites.begun:
            assert begun == wanted.pop(0)
            building.add(begun)
        sites.begun.clear()
        most = max(most, len(building))
        assert len(building) == at_once or not wanted
    assert most == at_once
    for session in [*building, *wanted]:
        sites.turns.leave(session)
    assert sites.turns.waiting == []


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_RUNNER_COMMAND="",
        NODE_ENV="production",
        ASTRO_LIVE_START_TIMEOUT_SECONDS="30",
        ASTRO_LIVE_BUILD_TIMEOUT_SECONDS="120",
        ASTRO_LIVE_BUILD_MEMORY_MIB="640",
        ASTRO_LIVE_PUBLISHING="on-request",
    ) as running:
        for name in ("first", "second", "third"):
            make_site(running, name, f"{name} edition")
        yield running


class Gate:
    """Holds builds of pages that have its code, until it is opened."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "open"

    @property
    def code(self) -> str:
        """For the page's frontmatter. The file lies outside of the sources."""
        return (
            'const { existsSync } = await import("node:fs");\n'
            f"while (!existsSync({json.dumps(str(self._file))}))\n"
            f"  {waits(0.05)}"
        )

    def open(self) -> None:
        self._file.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path)
    yield made
    made.open()  # a test that failed leaves no build to the next one


@needs_astro
async def test_builds_of_three_sessions_run_one_after_the_other(
    gateway: Gateway, gate: Gate
) -> None:
    """At their first start, and on request; the requests of one are one build, which takes what
    was written while it waited; and what is served is answered meanwhile.
    """
    names = ("first", "second", "third")
    started = await asyncio.gather(*(start(gateway, name) for name in names))
    assert [answer.json["state"] for answer in started] == ["ready"] * 3, gateway.tail()
    for name in names:
        (gateway.sites / name / PAGE).write_text(page(f"{name}, again", gate.code))
    async with visiting(gateway, "second") as visits:
        asking = [asyncio.create_task(start(gateway, name, "rebuild")) for name in names]
        building, *waiting = await one_builds(gateway, names)
        newest = asyncio.create_task(start(gateway, waiting[0], "rebuild"))
        replaced = await asking[names.index(waiting[0])]
        (gateway.sites / waiting[0] / PAGE).write_text(page("while it waited"))
        assert (await described(gateway, building))["building"] is True
        gate.open()
        answers = await asyncio.gather(*asking)
        assert (await newest).status == 200
    assert (replaced.status, "newer request" in replaced.text) == (409, True), replaced.text
    assert [answer.status for answer in answers].count(200) == 2
    assert visits.statuses == {200}
    assert "while it waited" in await shown(gateway, waiting[0]), (
        f"{waiting} {[each.text for each in [*answers, await newest]]}"
        f" {await log_of(gateway, waiting[0])}"
    )
    made = {name: events(gateway, "build_made", name) for name in names}
    assert {name: len(each) for name, each in made.items()} == dict.fromkeys(names, 2)


async def log_of(gateway: Gateway, name: str) -> str:
    return (await gateway.api("GET", f"/api/v1/sessions/{name}/logs")).text


async def shown(gateway: Gateway, name: str) -> str:
    return (await gateway.get(f"/session/{name}/", headers=gateway.cookie(name))).text


async def one_builds(gateway: Gateway, names: tuple[str, ...]) -> list[str]:
    """Wait until one of these sessions builds and all others wait: that one, then the others."""
    async with asyncio.timeout(60):
        while True:
            found = {name: await described(gateway, name) for name in names}
            building = [name for name in names if found[name]["building"]]
            waiting = [name for name in names if found[name]["waiting"]]
            assert len(building) <= 1
            if building and len(building) + len(waiting) == len(names):
                return [*building, *waiting]
            await asyncio.sleep(0.1)


async def described(gateway: Gateway, name: str) -> dict[str, object]:
    found: dict[str, object] = (await gateway.api("GET", f"/api/v1/sessions/{name}")).json["build"]
    return found


@needs_astro
async def test_a_hungry_or_ended_build_gives_its_turn_on(gateway: Gateway, gate: Gate) -> None:
    """One is ended by its limit, one by the stop of its session while it builds: the last one
    builds.
    """
    (gateway.sites / "first" / PAGE).write_text(page("greedy", f"{gate.code}\n{HUNGRY}"))
    hungry = asyncio.create_task(start(gateway, "first", "rebuild"))
    await until(gateway, "first", lambda found: found["build"]["building"])
    (gateway.sites / "second" / PAGE).write_text(page("slow", waits(600)))
    slow = asyncio.create_task(start(gateway, "second", "rebuild"))
    await until(gateway, "second", lambda found: found["build"]["waiting"])
    (gateway.sites / "third" / PAGE).write_text(page("last"))
    last = asyncio.create_task(start(gateway, "third", "rebuild"))
    await until(gateway, "third", lambda found: found["build"]["waiting"])
    gate.open()
    assert (await hungry).json["code"] == "build-memory"
    await until(gateway, "second", lambda found: found["build"]["building"])
    await start(gateway, "second", "stop")
    assert (await slow).status in (409, 422)
    assert (await last).status == 200
    assert "last" in await shown(gateway, "third")


@needs_astro
async def test_sources_that_have_not_changed_are_built_by_force(gateway: Gateway) -> None:
    """For what is outside of them: the environment, content from elsewhere."""
    before = (await start(gateway, "third", "rebuild")).json
    assert before["changed"] is False
    forced = await gateway.api("POST", "/api/v1/sessions/third/rebuild", body={"force": True})
    assert (forced.status, forced.json["changed"]) == (200, True)
    assert forced.json["build"] > before["build"]
    kept = await gateway.api(
        "POST", "/api/v1/sessions/third/rebuild", body={"force": True, "publish": False}
    )
    assert kept.json["build"] > forced.json["build"]
    assert (await described(gateway, "third"))["serving"] == forced.json["build"]


@needs_astro
async def test_a_build_that_waits_outlives_the_control_plane(gateway: Gateway, gate: Gate) -> None:
    """The next one has it wait too, or lets it build."""
    for name in ("first", "third"):
        await start(gateway, name)
    (gateway.sites / "first" / PAGE).write_text(page("one", gate.code))
    (gateway.sites / "third" / PAGE).write_text(page("three"))
    asking = [asyncio.create_task(start(gateway, name, "rebuild")) for name in ("first",)]
    await until(gateway, "first", lambda found: found["build"]["building"])
    asking.append(asyncio.create_task(start(gateway, "third", "rebuild")))
    await until(gateway, "third", lambda found: found["build"]["waiting"])
    os.kill(processes(gateway)["control"].pop(), signal.SIGKILL)
    await asyncio.gather(*asking, return_exceptions=True)
    await ready_again(gateway)
    await until(gateway, "third", lambda found: found["build"]["waiting"])
    gate.open()
    for name, text in (("first", "one"), ("third", "three")):
        async with asyncio.timeout(60):
            while text not in await shown(gateway, name):
                await asyncio.sleep(0.1)
