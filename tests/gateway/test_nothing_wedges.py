"""What code of a site, a visitor or a hanging part does to the gateway: nothing that lasts, and
nothing that a neighbour notices (S37).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from .harness import Gateway, alive, descendants, running_gateway, websocket

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Room for three sessions: one attacks, one is its neighbour."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_MAX_SESSIONS="3",
        ASTRO_LIVE_START_TIMEOUT_SECONDS="20",
    ) as gateway:
        asyncio.run(gateway.start("neighbour"))
        asyncio.run(gateway.start("attacker"))
        yield gateway


@asynccontextmanager
async def undisturbed(gateway: Gateway, *, seconds: float = 2.0) -> AsyncIterator[None]:
    """The neighbour's pages and the API answer all the while, each within `seconds`."""
    slowest = 0.0

    async def visit() -> None:
        nonlocal slowest
        while True:
            began = time.monotonic()
            assert (
                await gateway.get("/session/neighbour/", headers=gateway.cookie("neighbour"))
            ).status == 200
            assert (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["state"] == "ready"
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.05)

    pid = (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
    visiting = asyncio.create_task(visit())
    try:
        yield
        await asyncio.sleep(0.2)
    finally:
        done = visiting.done()
        visiting.cancel()
        if done:
            visiting.result()
    assert slowest < seconds
    assert (await gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"] == pid


async def say(gateway: Gateway, data: bytes, *, times: int = 1) -> int:
    answer = await gateway.get(
        f"/session/attacker/say?times={times}",
        method="POST",
        headers=gateway.cookie("attacker"),
        data=data,
    )
    return answer.status


LINES = {
    "no JSON": b"{\n",
    "not Unicode": b"\xff\xfe\x00\n",
    "deep": b"[" * 200_000 + b"\n",
    "deep objects": b'{"type":' * 20_000 + b"\n",
    "a long field": (
        json.dumps({"type": "log", "level": "info", "message": "x" * 200_000}).encode() + b"\n"
    ),
    "a long line": b"x" * (2 * MEBIBYTE) + b"\n",
    "a long error": (
        json.dumps({"type": "error", "code": "config", "message": "x" * 5000}).encode() + b"\n"
    ),
    "no code": b'{"type":"error","code":"<script>","message":"x"}\n',
    "another stage": b'{"type":"progress","stage":"<script>","detail":"x"}\n',
    "a port": b'{"type":"ready","host":"127.0.0.1","port":8080}\n',
    "ready again": b'{"type":"ready","astro":"1","watch":{"mode":"native","reason":""}}\n',
    "built unasked": b'{"type":"built","changed":true,"ms":1}\n',
    "warm again": b'{"type":"warm"}\n' * 300,
    "numbers": (
        b'{"type":"update","kind":"css","path":"x","ms":1e400}\n{"type":"update","kind":"css","path":"x","ms":-0.1}\n'
    ),
    "kinds": b"".join(
        b'{"type":"update","kind":"k%d","path":"x","ms":1}\n' % number for number in range(20_000)
    ),
}


@pytest.mark.parametrize("name", LINES)
async def test_nothing_on_a_sites_channel_ends_its_reader(attacked: Gateway, name: str) -> None:
    """Refused or harmless; what is well-formed arrives afterwards, and the metrics have no more
    lines than before.
    """
    before = len((await attacked.api("GET", "/metrics")).text.splitlines())
    async with undisturbed(attacked):
        assert await say(attacked, LINES[name]) == 200
        mark = f"mark after {name}"
        assert (
            await say(
                attacked,
                json.dumps({"type": "log", "level": "info", "message": mark}).encode() + b"\n",
            )
            == 200
        )
        deadline = time.monotonic() + 20
        while mark not in (await attacked.api("GET", "/api/v1/sessions/attacker/logs")).text:
            assert time.monotonic() < deadline, attacked.tail()
            await asyncio.sleep(0.05)
    assert await attacked.state("attacker") == "ready"
    assert len((await attacked.api("GET", "/metrics")).text.splitlines()) <= before + 20


async def test_a_flood_on_the_channel_slows_the_site_alone(attacked: Gateway) -> None:
    """8 MiB of messages are read at a bounded rate; the control plane goes on with
    everything else.
    """
    line = json.dumps({"type": "update", "kind": "css", "path": "x", "ms": 1}).encode() + b"\n"
    async with undisturbed(attacked):
        flood = asyncio.create_task(say(attacked, line * 4000, times=40))
        await asyncio.sleep(3)
        flood.cancel()
    assert (await attacked.api("POST", "/api/v1/sessions/attacker/restart")).json[
        "state"
    ] == "ready"


SHORT = (
    b'{"type":"warm"}\n'
    b'{"type":"error","code":"build","message":"x"}\n'
    b'{"type":"build-ended","outcome":"failed","ms":1,"memoryMib":1}\n'
    b'{"type":"progress","stage":"build","detail":"x"}\n'
    b'{"type":"healed"}\n'
)


async def test_a_flood_of_short_messages_holds_up_no_start_and_fills_no_log(
    attacked: Gateway,
) -> None:
    """They are counted, not only their bytes: each cost the supervisor a message, or the task's log
    a line.
    """
    before = attacked.log.stat().st_size
    async with undisturbed(attacked):
        flood = asyncio.create_task(say(attacked, SHORT * 4000, times=40))
        await asyncio.sleep(1)
        began = time.monotonic()
        answer = await attacked.api("POST", "/api/v1/sessions", body={"id": "other"})
        assert answer.json["state"] == "ready", answer.text
        assert time.monotonic() - began < 15
        flood.cancel()
    assert (await attacked.api("DELETE", "/api/v1/sessions/other")).status == 204
    assert (await attacked.api("POST", "/api/v1/sessions/attacker/restart")).json[
        "state"
    ] == "ready"
    assert attacked.log.stat().st_size - before < 100_000


@pytest.mark.parametrize("which", ["dev server", "supervisor"])
async def test_what_a_signal_has_stopped_goes_on(attacked: Gateway, which: str) -> None:
    """SIGSTOP, which any site can send: the neighbour's pages and every start would
    wait for ever.
    """
    pid = (await attacked.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
    os.kill(pid if which == "dev server" else attacked.process.pid, signal.SIGSTOP)
    async with asyncio.timeout(60):
        assert (
            await attacked.get("/session/neighbour/", headers=attacked.cookie("neighbour"))
        ).status == 200
        assert (await attacked.api("POST", "/api/v1/sessions/attacker/restart")).json[
            "state"
        ] == "ready"
    assert (await attacked.api("GET", "/api/v1/sessions/neighbour")).json["pid"] == pid


async def test_a_site_does_not_name_its_own_memory_a_builds(attacked: Gateway) -> None:
    """It is still counted when the site says that it builds, in its own process group."""
    pid = (await attacked.api("GET", "/api/v1/sessions/attacker")).json["pid"]
    await say(
        attacked,
        json.dumps({"type": "production", "buildingPid": pid, "turn": "waiting"}).encode() + b"\n",
    )
    async with asyncio.timeout(60):
        while not (await attacked.api("GET", "/api/v1/sessions/attacker")).json["memory_mib"]:  # noqa: ASYNC110 - can only be asked
            await asyncio.sleep(0.2)


async def test_a_flood_of_output_slows_the_site_alone(attacked: Gateway) -> None:
    """The log keeps its size."""
    async with undisturbed(attacked):
        flood = asyncio.create_task(
            attacked.get(
                "/session/attacker/print?lines=200000", headers=attacked.cookie("attacker")
            )
        )
        await asyncio.sleep(3)
        flood.cancel()
    logs = (await attacked.api("GET", "/api/v1/sessions/attacker/logs")).text
    assert len(logs.splitlines()) <= 1000
    assert (await attacked.api("POST", "/api/v1/sessions/attacker/restart")).json[
        "state"
    ] == "ready"


async def test_a_dev_server_that_does_not_read_keeps_nobody_waiting(attacked: Gateway) -> None:
    """Writes through the API are answered although the notices of them cannot be delivered; it can
    be stopped.
    """
    pid = (await attacked.api("GET", "/api/v1/sessions/attacker")).json["pid"]

    async def keep_stopped() -> None:
        while alive({pid}):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(0.02)

    stopping = asyncio.create_task(keep_stopped())  # the gateway makes it go on again and again
    async with undisturbed(attacked):
        async with asyncio.timeout(60):
            for number in range(60):
                path = "/".join(["d" * 200] * 4)
                answer = await attacked.api(
                    "PUT", f"/api/v1/sessions/attacker/files/{path}/{number}.txt", data=b"x"
                )
                assert answer.status == 201
        async with asyncio.timeout(20):
            assert (await attacked.api("POST", "/api/v1/sessions/attacker/stop")).json[
                "state"
            ] == "stopped"
    await stopping
    assert alive({pid}) == set()
    assert (await attacked.api("POST", "/api/v1/sessions/attacker/start")).json["state"] == "ready"


@pytest.mark.parametrize(
    "plan",
    [{"listen": False}, {"link": "neighbour"}, {"link": "control.sock"}],
    ids=["nowhere", "neighbour", "gateway"],
)
async def test_a_dev_server_is_not_believed_about_where_it_listens(
    attacked: Gateway, plan: dict[str, object]
) -> None:
    """Ready without listening, or with the socket of a neighbour or of the gateway: not one request
    goes there.
    """
    own = (
        await attacked.get("/session/neighbour/start", headers=attacked.cookie("neighbour"))
    ).json["socketPath"]
    targets = {"neighbour": own, "control.sock": str(Path(own).with_name("control.sock"))}
    plan = {name: targets.get(str(value), value) for name, value in plan.items()}
    name = f"liar-{len(list(attacked.sites.iterdir()))}"
    async with undisturbed(attacked):
        attacked.make_site(name, plan)
        started = (await attacked.api("POST", f"/api/v1/sessions/{name}/start")).json
        assert (started["state"], started["error"]["code"]) == ("backing-off", "internal")
        assert "does not listen where it was told to" in started["error"]["message"]
        answer = await attacked.get(f"/session/{name}/echo", headers=attacked.cookie(name))
        assert answer.status == 503
        await attacked.api("POST", f"/api/v1/sessions/{name}/stop")


async def test_a_link_outlives_a_visit_that_cannot_be_signed_in(attacked: Gateway) -> None:
    """The projects' disk is away: the page says so and the link stays good."""
    token = (await attacked.api("POST", "/api/v1/sessions/neighbour/tokens")).json["token"]
    path = f"/session/asleep/?astro_live_token={(await _token(attacked, 'asleep'))}"
    away = attacked.sites.with_name("away")
    attacked.sites.rename(away)
    try:
        refused = await attacked.get(path)
        assert (refused.status, "Set-Cookie" in refused.headers) == (503, False)
    finally:
        away.rename(attacked.sites)
    assert (await attacked.get(path)).status == 303
    assert (await attacked.get(path)).status == 404, "once"
    assert token


async def _token(gateway: Gateway, name: str) -> str:
    gateway.make_site(name)
    return str((await gateway.api("POST", f"/api/v1/sessions/{name}/tokens")).json["token"])


async def test_a_full_task_gives_the_cookie_with_its_refusal(attacked: Gateway) -> None:
    """The link is used up, but the browser is signed in: a reload works as soon as there is room,
    without another link.
    """
    for name in ("third", "fourth"):
        attacked.make_site(name)
    await attacked.api("POST", "/api/v1/sessions/asleep/stop")
    assert (await attacked.api("POST", "/api/v1/sessions/third/start")).status == 200
    token = (await attacked.api("POST", "/api/v1/sessions/fourth/tokens")).json["token"]
    opened = await attacked.get(f"/session/fourth/?astro_live_token={token}")
    assert (opened.status, opened.headers["Location"]) == (303, "/session/fourth/")
    cookies = {
        "Cookie": "; ".join(line.partition(";")[0] for line in opened.headers.getall("Set-Cookie"))
    }
    page = await attacked.get("/session/fourth/", headers=cookies)
    assert (page.status, "3 is the limit" in page.text) == (429, True)
    await attacked.api("POST", "/api/v1/sessions/third/stop")
    await attacked.get("/session/fourth/", headers=cookies)
    await attacked.until("fourth", "ready")
    await attacked.api("POST", "/api/v1/sessions/fourth/stop")


def left_in(sites: Path) -> list[str]:
    """Projects and half-made things, and what is kept for sessions beside them."""
    return sorted(
        path.name
        for folder in (sites, sites / ".sessions")
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name != ".sessions"
    )


async def test_a_refused_create_leaves_nothing(attacked: Gateway) -> None:
    """No folder, no session; and it succeeds when there is room."""
    attacked.make_site("filler")
    assert (await attacked.api("POST", "/api/v1/sessions/filler/start")).status == 200
    before = left_in(attacked.sites)
    answers = await asyncio.gather(
        *(
            attacked.api("POST", "/api/v1/sessions", body={"id": f"created-{number}"})
            for number in range(4)
        )
    )
    assert [answer.status for answer in answers] == [429] * 4
    assert left_in(attacked.sites) == before
    await attacked.api("POST", "/api/v1/sessions/filler/stop")
    answers = await asyncio.gather(
        *(
            attacked.api("POST", "/api/v1/sessions", body={"id": f"created-{number}"})
            for number in range(4)
        )
    )
    assert sorted(answer.status for answer in answers) == [201, 429, 429, 429]
    left = left_in(attacked.sites)
    made, *records = sorted(set(left) - set(before))
    assert records == [f"{made}.epoch", f"{made}.source"]
    assert (await attacked.api("DELETE", f"/api/v1/sessions/{made}")).status == 204
    assert left_in(attacked.sites) == before


async def test_start_is_idempotent_and_restart_is_not(attacked: Gateway) -> None:
    pid = (await attacked.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
    answers = await asyncio.gather(
        *(attacked.api("POST", "/api/v1/sessions/neighbour/start") for _ in range(3))
    )
    assert [answer.json["pid"] for answer in answers] == [pid] * 3
    assert (await attacked.api("POST", "/api/v1/sessions/attacker/restart")).json["pid"] not in (
        None,
        pid,
    )


def envoys(gateway: Gateway) -> set[int]:
    """Process ids of Envoy: one, or none while it is started again."""
    return {
        pid
        for pid in alive(descendants(gateway.process.pid))
        if b"bootstrap.json" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


async def test_an_envoy_that_a_signal_has_stopped_goes_on_with_its_sockets(
    attacked: Gateway,
) -> None:
    """Sooner than it is taken for one that hangs (`test_envoy_probe.py`), which would break every
    socket off.
    """
    [envoy] = envoys(attacked)
    cookie = attacked.cookie("neighbour")
    async with (
        websocket(attacked, "/session/neighbour/socket", cookie) as socket,
        asyncio.timeout(60),
    ):
        os.kill(envoy, signal.SIGSTOP)
        assert (await attacked.get("/session/neighbour/", headers=cookie)).status == 200
        await socket.send_str("still there")
        assert await socket.receive_str() == "still there"
    assert envoys(attacked) == {envoy}
