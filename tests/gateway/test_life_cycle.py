# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""A session's life as its visitors see it: waiting, failing, healing, crashing, idling, growing
(S5).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from container.gateway.session_run import BACK_OFF_SECONDS

from .harness import Gateway, alive, running_gateway, websocket


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Short times and small limits."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_SESSION_IDLE_SECONDS="8",
        ASTRO_LIVE_SESSION_MEMORY_MIB="128",
        ASTRO_LIVE_START_TIMEOUT_SECONDS="10",
        ASTRO_LIVE_MAX_SESSIONS="6",
    ) as gateway:
        yield gateway


async def ask_status(gateway: Gateway, session: str, seen: str = "") -> dict[str, str]:
    answer = await gateway.get(
        f"/session/{session}/__astro_live/status?seen={quote(seen)}",
        headers=gateway.cookie(session),
    )
    result: dict[str, str] = answer.json
    return result


async def follow(
    gateway: Gateway, session: str, *states: str, seconds: float = 60
) -> dict[str, str]:
    """Ask as the waiting page does until the session is in one of `states`."""
    now = await ask_status(gateway, session)
    try:
        async with asyncio.timeout(seconds):
            while now["state"] not in states:
                now = await ask_status(gateway, session, now["seen"])
    except TimeoutError:
        pytest.fail(f"not {' or '.join(states)} in {seconds} s: {now}\n{gateway.tail()}")
    return now


async def test_the_waiting_page_shows_what_goes_on(quick: Gateway) -> None:
    """An install that takes a while appears with its detail, then the site."""
    quick.make_site("install", {"start": "progress", "delay": 1.0})
    await quick.get("/session/install/", headers=quick.cookie("install"))
    now = await ask_status(quick, "install")
    while "Installing" not in now["text"]:
        now = await ask_status(quick, "install", now["seen"])
    assert now["text"] == "Installing the site's packages: 3 of 7 packages"
    await follow(quick, "install", "ready")
    await quick.api("POST", "/api/v1/sessions/install/stop")


async def test_a_site_that_cannot_start_says_why_and_heals_by_an_edit(quick: Gateway) -> None:
    """The config's error is on the page; an edit on disk, seen by nobody but the open page, starts
    it again by itself.
    """
    error = {
        "code": "config",
        "message": "astro.config.mjs: unexpected <token>",
        "fix": "Correct line 3.",
        "stack": "at line 3",
    }
    folder = quick.make_site("broken", {"start": "error", "error": error})
    cookie = quick.cookie("broken")
    await quick.get("/session/broken/", headers=cookie)
    now = await follow(quick, "broken", "failed")
    assert (now["title"], now["stack"]) == ("The site does not start", "at line 3")
    page = (await quick.get("/session/broken/", headers=cookie)).text
    assert "<token>" not in page, "a site's text must be escaped"
    now = await follow(quick, "broken", "failed")
    waiting = asyncio.create_task(ask_status(quick, "broken", now["seen"]))
    await asyncio.sleep(0.5)
    (folder / "fake.json").write_text("{}")
    assert (await asyncio.wait_for(waiting, 10))["state"] in ("starting", "ready")
    await follow(quick, "broken", "ready")
    await quick.api("POST", "/api/v1/sessions/broken/stop")


async def test_a_write_through_the_api_heals_a_failed_site(quick: Gateway) -> None:
    """The correcting write itself starts the session."""
    quick.make_site("healed", {"start": "error", "error": {"code": "config", "message": "no"}})
    assert (await quick.api("POST", "/api/v1/sessions/healed/start")).json["state"] == "failed"
    assert (await quick.api("GET", "/api/v1/sessions/healed")).json["error"]["code"] == "config"
    await quick.api("PUT", "/api/v1/sessions/healed/files/fake.json", data=b"{}")
    await quick.until("healed", "ready")
    await quick.api("POST", "/api/v1/sessions/healed/stop")


async def test_a_crashed_dev_server_comes_back(quick: Gateway) -> None:
    """Another process, the same address; the page in between says what happened and
    polls for it.
    """
    cookie = await quick.start("crash")
    first = (await quick.get("/session/crash/echo", headers=cookie)).json["pid"]
    await quick.get("/session/crash/crash", headers=cookie)
    await quick.until("crash", "backing-off", "starting")
    await quick.until("crash", "ready")
    assert (await quick.get("/session/crash/echo", headers=cookie)).json["pid"] != first
    assert (await quick.api("GET", "/api/v1/sessions/crash")).json["restarts"] == 1
    assert (
        "ended by itself with status 7"
        in (await quick.api("GET", "/api/v1/sessions/crash/logs")).text
    )
    await quick.api("POST", "/api/v1/sessions/crash/stop")


async def test_a_dev_server_that_dies_at_each_start_is_given_longer_and_longer(
    quick: Gateway,
) -> None:
    """Capped back-off instead of a busy loop; a fixed site is up after the current wait."""
    folder = quick.make_site("loop", {"start": "exit"})
    await quick.get("/session/loop/", headers=quick.cookie("loop"))
    began = time.monotonic()
    await follow(quick, "loop", "backing-off")
    async with asyncio.timeout(60):
        while await restarts_of(quick, "loop") < 2:
            await quick.get("/session/loop/", headers=quick.cookie("loop"))
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    taken = time.monotonic() - began
    waits = [sum(BACK_OFF_SECONDS[:number]) for number in range(1, len(BACK_OFF_SECONDS) + 1)]
    restarts = await restarts_of(quick, "loop")
    assert waits[restarts - 1] <= taken + 1, f"{restarts} restarts in {taken:.1f} s"
    assert (await follow(quick, "loop", "backing-off"))["title"].startswith(
        "The dev server stopped"
    )
    (folder / "fake.json").write_text("{}")
    while await quick.state("loop") != "ready":
        await quick.get("/session/loop/", headers=quick.cookie("loop"))
        await asyncio.sleep(0.3)
    await quick.api("POST", "/api/v1/sessions/loop/stop")


async def restarts_of(gateway: Gateway, session: str) -> int:
    restarts: int = (await gateway.api("GET", f"/api/v1/sessions/{session}")).json["restarts"]
    return restarts


async def test_a_start_without_progress_is_given_up(quick: Gateway) -> None:
    """The error names the time and the process is gone."""
    quick.make_site("hang", {"start": "hang"})
    cookie = quick.cookie("hang")
    await quick.get("/session/hang/", headers=cookie)
    pid = (await quick.api("GET", "/api/v1/sessions/hang")).json["pid"]
    now = await follow(quick, "hang", "backing-off")
    assert "No progress for 10 s" in now["text"]
    await quick.api("POST", "/api/v1/sessions/hang/stop")
    assert alive({pid}) == set()


async def test_stop_during_start_leaves_nothing(quick: Gateway) -> None:
    """Asked to stop while starting, at whatever moment, the session ends stopped and without a
    process.
    """
    quick.make_site("hasty", {"delay": 0.3})
    for pause in (0.0, 0.05, 0.2, 0.4, 0.6):
        start = asyncio.create_task(quick.api("POST", "/api/v1/sessions/hasty/start"))
        await asyncio.sleep(pause)
        pid = (await quick.api("GET", "/api/v1/sessions/hasty")).json["pid"]
        assert (await quick.api("POST", "/api/v1/sessions/hasty/stop")).json["state"] == "stopped"
        await start
        assert alive({pid} if pid else set()) == set()
    await quick.api("POST", "/api/v1/sessions/hasty/stop")


async def test_an_open_tab_alone_does_not_keep_a_session(quick: Gateway) -> None:
    """Heartbeats on the socket and reconnect attempts are no activity; page requests
    and edits are.
    """
    cookie = await quick.start("tab")
    await quick.start("used")
    used = quick.cookie("used")
    async with websocket(quick, "/session/tab/socket", cookie) as socket:
        deadline = time.monotonic() + 60
        while await quick.state("tab") != "stopped":
            assert time.monotonic() < deadline, quick.tail()
            with contextlib.suppress(aiohttp.ClientError):  # it ends when the session does
                await socket.send_str('{"type":"custom","event":"heartbeat"}')
            assert (await quick.get("/session/used/", headers=used)).status == 200
            await asyncio.sleep(0.5)
    assert await quick.state("used") == "ready"
    for _ in range(3):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with websocket(
                quick, "/session/tab/", {**cookie, "Sec-WebSocket-Protocol": "vite-ping"}
            ):
                pass
    assert await quick.state("tab") == "stopped", "a reconnect attempt must not wake a session"
    assert (await quick.get("/session/tab/", headers=cookie)).status == 503
    await quick.until("tab", "ready")
    for name in ("tab", "used"):
        await quick.api("POST", f"/api/v1/sessions/{name}/stop")


async def test_a_dev_server_that_grows_is_restarted(quick: Gateway) -> None:
    """Far above its memory it is replaced at once; the log says so."""
    cookie = await quick.start("fat")
    pid = (await quick.get("/session/fat/echo", headers=cookie)).json["pid"]
    await quick.get("/session/fat/ballast?mib=300", headers=cookie)
    deadline = time.monotonic() + 60
    while (await quick.api("GET", "/api/v1/sessions/fat")).json["pid"] in (pid, None):
        assert time.monotonic() < deadline, quick.tail()
        await quick.get("/session/fat/", headers=cookie)
        await asyncio.sleep(0.3)
    assert (
        "MiB; above 128 MiB it is restarted"
        in (await quick.api("GET", "/api/v1/sessions/fat/logs")).text
    )
    await quick.api("POST", "/api/v1/sessions/fat/stop")


async def test_a_read_that_meets_a_restart_is_asked_again_and_a_write_is_not(
    quick: Gateway,
) -> None:
    """The dev server breaks its connections off when its configuration restarts. A form that was
    sent may have been taken.
    """
    await quick.start("torn")
    read = await quick.get("/session/torn/torn?times=2", headers=quick.cookie("torn"))
    assert (read.status, read.json) == (200, ["GET", "GET"])
    write = await quick.get(
        "/session/torn/torn?times=3", method="POST", headers=quick.cookie("torn"), data=b"x"
    )
    assert write.status == 503
    assert (await quick.get("/session/torn/torn?times=0", headers=quick.cookie("torn"))).json == [
        "GET",
        "GET",
        "POST",
    ]
    await quick.api("POST", "/api/v1/sessions/torn/stop")


async def test_a_page_that_is_not_ready_asks_again_by_itself(quick: Gateway) -> None:
    await quick.start("later")
    write = await quick.get(
        "/session/later/torn?times=1", method="POST", headers=quick.cookie("later"), data=b"x"
    )
    assert (write.status, write.headers["Refresh"], write.headers["Retry-After"]) == (503, "1", "1")
    assert "tries again by itself" in write.text
    await quick.api("POST", "/api/v1/sessions/later/stop")


async def test_a_module_of_an_open_page_waits_for_the_session(quick: Gateway) -> None:
    """A module that failed once stays failed until somebody reloads the page, so it waits; a page
    visit gets the waiting page at once.
    """
    quick.make_site("waits", {"delay": 1.0})
    cookie = quick.cookie("waits")
    page = await quick.get("/session/waits/", headers={**cookie, "Sec-Fetch-Mode": "navigate"})
    assert page.status == 503
    module = await quick.get(
        "/session/waits/src/a.js?t=1", headers={**cookie, "Sec-Fetch-Mode": "cors"}
    )
    assert (module.status, module.headers["Location"]) == (303, "/session/waits/src/a.js?t=1")
    assert await quick.state("waits") == "ready"
    await quick.api("POST", "/api/v1/sessions/waits/stop")


async def test_the_limit_of_running_sessions_is_kept(quick: Gateway) -> None:
    """One more is refused with a page that says why, and admitted when another stops."""
    for session in (await quick.api("GET", "/api/v1/sessions")).json["sessions"]:
        await quick.api("POST", f"/api/v1/sessions/{session['id']}/stop")
    names = [f"many-{number}" for number in range(7)]
    for name in names:
        quick.make_site(name)
    answers = await asyncio.gather(
        *(quick.api("POST", f"/api/v1/sessions/{name}/start") for name in names)
    )
    assert sorted(answer.status for answer in answers) == [200] * 6 + [429]
    left = next(name for name, answer in zip(names, answers, strict=True) if answer.status == 429)
    page = await quick.get(f"/session/{left}/", headers=quick.cookie(left))
    assert (page.status, "6 is the limit" in page.text) == (429, True)
    other = next(name for name in names if name != left)
    await quick.api("POST", f"/api/v1/sessions/{other}/stop")
    assert (await quick.api("POST", f"/api/v1/sessions/{left}/start")).status == 200


async def test_each_dev_server_has_its_own_limits(quick: Gateway) -> None:
    """Open files are capped, no core dumps, no new privileges; the kernel ends it before the
    gateway when memory is short, and runs it after the gateway when processors are.
    """
    for session in (await quick.api("GET", "/api/v1/sessions")).json["sessions"]:
        await quick.api("POST", f"/api/v1/sessions/{session['id']}/stop")
    await quick.start("limits")
    pid = (await quick.api("GET", "/api/v1/sessions/limits")).json["pid"]
    process = Path(f"/proc/{pid}")
    limits, status, score = [
        await asyncio.to_thread((process / name).read_text)
        for name in ("limits", "status", "oom_score_adj")
    ]
    assert "4096                 4096                 files" in limits
    assert "Max core file size        0 " in limits
    assert "NoNewPrivs:\t1" in status
    assert int(score) > 0
    nice, gateways = (os.getpriority(os.PRIO_PROCESS, each) for each in (pid, quick.process.pid))
    assert nice > gateways


async def until_draining(gateway: Gateway, cookie: dict[str, str]) -> None:
    """Health says so, and nobody is let in any more."""
    async with asyncio.timeout(15):
        while (health := await gateway.api("GET", "/health/ready", token=None)).status == 200:
            await asyncio.sleep(0.02)
        assert (health.status, "draining" in health.json["problems"]) == (503, True)
        while True:
            try:
                await gateway.get("/session/slow/", headers=cookie)
            except aiohttp.ClientConnectorError:
                return
            except aiohttp.ClientError:  # taken in just before
                continue


def test_requests_in_flight_end_before_the_gateway_does(tmp_path: Path) -> None:
    """SIGTERM while a slow page is being made: it is answered whole, sockets close, the exit status
    is 0, health says draining.
    """

    async def scenario(gateway: Gateway) -> None:
        cookie = await gateway.start("slow")
        async with websocket(gateway, "/session/slow/socket", cookie) as socket:
            held = f"/session/slow/hold?folder={tmp_path}"
            slow = asyncio.create_task(gateway.get(held, headers=cookie))
            async with asyncio.timeout(30):
                while not (tmp_path / "arrived").exists():
                    await asyncio.sleep(0.02)
            gateway.process.terminate()
            await until_draining(gateway, cookie)
            (tmp_path / "go").touch()
            answer = await slow
            assert (answer.status, "site" in answer.text) == (200, True)
            message = await socket.receive(timeout=10)
            assert message.type in (
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
                aiohttp.WSMsgType.CLOSING,
            )

    with running_gateway(tmp_path, ASTRO_LIVE_STOP_TIMEOUT_SECONDS="30") as gateway:
        asyncio.run(scenario(gateway))
        assert gateway.process.wait(40) == 0


def test_twenty_sessions_end_within_the_stop_timeout(tmp_path: Path) -> None:
    """Also when every dev server is deaf to its channel's end for a while: all at once, not one
    after the other.
    """

    async def scenario(gateway: Gateway) -> None:
        for number in range(20):
            gateway.make_site(f"s{number}")
        await asyncio.gather(
            *(gateway.api("POST", f"/api/v1/sessions/s{number}/start") for number in range(20))
        )
        listed = (await gateway.api("GET", "/api/v1/sessions")).json["sessions"]
        assert [session["state"] for session in listed] == ["ready"] * 20, json.dumps(listed)

    with running_gateway(tmp_path, ASTRO_LIVE_STOP_TIMEOUT_SECONDS="10") as gateway:
        asyncio.run(scenario(gateway))
        assert gateway.stop(seconds=10) == 0


async def test_a_warm_runner_is_taken_and_replaced(tmp_path: Path) -> None:
    """The pool's process becomes the session's, and another one waits soon after."""
    with running_gateway(tmp_path, wait=False, ASTRO_LIVE_WARM_RUNNERS="1") as gateway:
        await wait_for_pool(gateway)
        pool = runners(gateway)
        await gateway.start("first")
        assert (await gateway.api("GET", "/api/v1/sessions/first")).json["pid"] in pool
        await wait_for_pool(gateway)
        assert len(runners(gateway)) == 2


def runners(gateway: Gateway) -> set[int]:
    from .harness import descendants

    return {
        pid
        for pid in alive(descendants(gateway.process.pid))
        if b"fake_runner" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


async def wait_for_pool(gateway: Gateway) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline, gateway.tail()
        await asyncio.sleep(0.1)
        try:
            if "astro_live_warm_runner_count 1.0" in (await gateway.api("GET", "/metrics")).text:
                return
        except aiohttp.ClientError:
            continue
