"""Builds of several sessions take turns (S6, S37)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator

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
        ASTRO_LIVE_START_TIMEOUT_SECONDS="8",
        ASTRO_LIVE_BUILD_TIMEOUT_SECONDS="25",
        ASTRO_LIVE_BUILD_MEMORY_MIB="640",
        ASTRO_LIVE_PUBLISHING="on-request",
    ) as running:
        for name in ("first", "second", "third"):
            make_site(running, name, f"{name} edition")
        yield running


@needs_astro
async def test_builds_of_three_sessions_run_one_after_the_other(gateway: Gateway) -> None:
    """At their first start, and on request; the requests of one are one build, and what is served
    is answered meanwhile.
    """
    names = ("first", "second", "third")
    started = await asyncio.gather(*(start(gateway, name) for name in names))
    assert [answer.json["state"] for answer in started] == ["ready"] * 3, gateway.tail()
    for name in names:
        (gateway.sites / name / PAGE).write_text(page(f"{name}, again", waits(3)))
    async with visiting(gateway, "second") as visits:
        asking = [asyncio.create_task(start(gateway, name, "rebuild")) for name in names]
        await asyncio.sleep(2)
        waiting = [name for name in names if (await described(gateway, name))["waiting"]]
        assert len(waiting) == 2
        newest = asyncio.create_task(start(gateway, waiting[0], "rebuild"))
        await asyncio.sleep(0.5)
        (gateway.sites / waiting[0] / PAGE).write_text(page("while it waited"))
        answers = await asyncio.gather(*asking)
        assert (await newest).status == 200
    replaced = answers[names.index(waiting[0])]
    assert (replaced.status, "newer request" in replaced.text) == (409, True), replaced.text
    assert [answer.status for answer in answers].count(200) == 2
    assert visits.statuses == {200}
    text = (await gateway.get(f"/session/{waiting[0]}/", headers=gateway.cookie(waiting[0]))).text
    assert "while it waited" in text, (
        f"{waiting} {[each.text for each in [*answers, await newest]]}"
        f" {await log_of(gateway, waiting[0])}"
    )
    made = {name: events(gateway, "build_made", name) for name in names}
    assert {name: len(each) for name, each in made.items()} == dict.fromkeys(names, 2)


async def log_of(gateway: Gateway, name: str) -> str:
    return (await gateway.api("GET", f"/api/v1/sessions/{name}/logs")).text


async def described(gateway: Gateway, name: str) -> dict[str, object]:
    found: dict[str, object] = (await gateway.api("GET", f"/api/v1/sessions/{name}")).json["build"]
    return found


@needs_astro
async def test_a_hungry_or_ended_build_gives_its_turn_on(gateway: Gateway) -> None:
    """One is ended by its limit, one by the stop of its session while it builds, one leaves the
    queue: the last one builds.
    """
    (gateway.sites / "first" / PAGE).write_text(page("greedy", HUNGRY))
    hungry = asyncio.create_task(start(gateway, "first", "rebuild"))
    await until(gateway, "first", lambda found: found["build"]["building"])
    (gateway.sites / "second" / PAGE).write_text(page("slow", waits(20)))
    slow = asyncio.create_task(start(gateway, "second", "rebuild"))
    await until(gateway, "second", lambda found: found["build"]["waiting"])
    (gateway.sites / "third" / PAGE).write_text(page("last"))
    last = asyncio.create_task(start(gateway, "third", "rebuild"))
    assert (await hungry).json["code"] == "build-memory"
    await until(gateway, "second", lambda found: found["build"]["building"])
    await start(gateway, "second", "stop")
    assert (await slow).status in (409, 422)
    assert (await last).status == 200
    assert "last" in (await gateway.get("/session/third/", headers=gateway.cookie("third"))).text


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
async def test_a_build_that_waits_outlives_the_control_plane(gateway: Gateway) -> None:
    """The next one has it wait too, or lets it build."""
    for name in ("first", "third"):
        await start(gateway, name)
    (gateway.sites / "first" / PAGE).write_text(page("one", waits(6)))
    (gateway.sites / "third" / PAGE).write_text(page("three"))
    asking = [asyncio.create_task(start(gateway, name, "rebuild")) for name in ("first",)]
    await until(gateway, "first", lambda found: found["build"]["building"])
    asking.append(asyncio.create_task(start(gateway, "third", "rebuild")))
    await until(gateway, "third", lambda found: found["build"]["waiting"])
    os.kill(processes(gateway)["control"].pop(), signal.SIGKILL)
    await asyncio.gather(*asking, return_exceptions=True)
    await ready_again(gateway)
    for name, text in (("first", "one"), ("third", "three")):
        for _ in range(600):
            if text in (await gateway.get(f"/session/{name}/", headers=gateway.cookie(name))).text:
                break
            await asyncio.sleep(0.1)
        assert (
            text in (await gateway.get(f"/session/{name}/", headers=gateway.cookie(name))).text
        ), name
