"""Processes that are killed: what is started again, what stays, and that nothing is left behind
(S10, S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from .harness import Gateway, alive, descendants, gone, private_folder, running_gateway, websocket


def processes(gateway: Gateway) -> dict[str, set[int]]:
    """The gateway's processes by kind."""
    found: dict[str, set[int]] = {"control": set(), "envoy": set(), "runner": set()}
    for pid in alive(descendants(gateway.process.pid)):
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        for kind, mark in (
            ("control", b"container.gateway.control"),
            ("envoy", b"bootstrap.json"),
            ("runner", b"fake_runner"),
        ):
            if mark in line:
                found[kind].add(pid)
    return found


async def ready_again(gateway: Gateway, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if (await gateway.api("GET", "/health/ready", token=None)).status == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, gateway.tail()
        await asyncio.sleep(0.02)


KNOWN = (
    "pid",
    "state",
    "started_at",
    "restarts",
    "packages",
    "watch",
    "versions",
    "report",
    "root",
)
"""What a new control plane says of a session as the one before did."""


async def known(gateway: Gateway, session_id: str) -> dict[str, Any]:
    """What a control plane knows of a running session, when the dev server has told it."""
    deadline = time.monotonic() + 30
    while not (found := (await gateway.api("GET", f"/api/v1/sessions/{session_id}")).json)[
        "versions"
    ]:
        assert time.monotonic() < deadline, gateway.tail()
        await asyncio.sleep(0.02)
    return {name: found[name] for name in KNOWN}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway for a test that breaks it."""
    with running_gateway(
        tmp_path, ASTRO_LIVE_WARM_RUNNERS="1", ASTRO_LIVE_STOP_TIMEOUT_SECONDS="6"
    ) as gateway:
        yield gateway


async def test_a_killed_control_plane_comes_back_and_no_socket_notices(own: Gateway) -> None:
    """Open WebSockets, dev servers and Envoy stay; the new control plane knows the sessions and can
    stop them.
    """
    cookie = await own.start("stay")
    before = processes(own)
    described = (await own.api("GET", "/api/v1/sessions/stay")).json
    dev_server = described["pid"]
    assert described["packages"]["manager"] == "pnpm"
    async with websocket(own, "/session/stay/socket", cookie) as socket:
        os.kill(before["control"].pop(), signal.SIGKILL)
        await socket.send_str("during")
        assert (await socket.receive(timeout=5)).data == "during"
        assert (await own.get("/session/stay/", headers=cookie)).status == 200
        await ready_again(own)
        await socket.send_str("after")
        assert (await socket.receive(timeout=5)).data == "after"
        assert await known(own, "stay") == {name: described[name] for name in KNOWN}
    after = processes(own)
    assert (after["envoy"], len(after["control"])) == (before["envoy"], 1)
    # The pool's runner stays too, unless it was still on its way: then nobody knew of it yet, and
    # there is another.
    assert dev_server in before["runner"] & after["runner"]
    assert await own.state("stay") == "ready"
    assert (await own.api("POST", "/api/v1/sessions/stay/stop")).json["state"] == "stopped"
    assert (await own.get("/session/stay/", headers=cookie)).status == 503
    await own.start("another")
    assert "fake dev server" in (await own.api("GET", "/api/v1/sessions/another/logs")).text


async def test_a_session_that_was_just_made_ready_outlives_the_control_plane(own: Gateway) -> None:
    """What the control plane had said before it died counts, also when the supervisor gets to hear
    it only afterwards.
    """
    await own.start("old")
    tokens = [
        (await own.api("POST", "/api/v1/sessions/old/tokens")).json["token"] for _ in range(12)
    ]
    deadline = time.monotonic() + 30
    while "astro_live_warm_runner_count 1.0" not in (await own.api("GET", "/metrics")).text:
        assert time.monotonic() < deadline, own.tail()
        await asyncio.sleep(0.02)
    control = processes(own)["control"].pop()
    os.kill(own.process.pid, signal.SIGSTOP)
    try:
        for token in tokens:  # each is remembered, with the supervisor's help
            assert (await own.get(f"/session/old/?astro_live_token={token}")).status == 303
        await own.start("new")
        dev_server = (await own.api("GET", "/api/v1/sessions/new")).json["pid"]
        os.kill(control, signal.SIGKILL)
        with contextlib.suppress(
            psutil.NoSuchProcess
        ):  # on a slow machine the control plane may have made the supervisor go on
            while (
                psutil.Process(control).status() != psutil.STATUS_ZOMBIE
            ):  # dead, and the supervisor not told yet
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)
    finally:
        os.kill(own.process.pid, signal.SIGCONT)
    while control in processes(own)["control"]:
        assert time.monotonic() < deadline, own.tail()
        await asyncio.sleep(0.02)
    await ready_again(own)
    session = (await own.api("GET", "/api/v1/sessions/new")).json
    assert (session["state"], session["pid"]) == ("ready", dev_server)


async def test_a_link_stays_used_up_when_the_control_plane_dies(own: Gateway) -> None:
    """One-time tokens are remembered beyond the process that saw them."""
    await own.start("once")
    token = (await own.api("POST", "/api/v1/sessions/once/tokens")).json["token"]
    assert (await own.get(f"/session/once/?astro_live_token={token}")).status == 303
    os.kill(processes(own)["control"].pop(), signal.SIGKILL)
    await ready_again(own)
    assert (await own.get(f"/session/once/?astro_live_token={token}")).status == 404


async def test_a_killed_envoy_comes_back_with_its_routes(own: Gateway) -> None:
    """The dev servers keep running, and the new Envoy serves them by the files on disk."""
    cookie = await own.start("stay")
    before = processes(own)
    os.kill(before["envoy"].pop(), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while True:
        try:
            if (await own.get("/session/stay/", headers=cookie)).status == 200:
                break
        except OSError:
            pass
        assert time.monotonic() < deadline, own.tail()
        await asyncio.sleep(0.02)
    assert before["runner"] <= processes(own)["runner"]


async def test_a_killed_supervisor_leaves_nothing(own: Gateway) -> None:
    """kill -9 of the first process: no dev server, no Envoy, no grandchild deaf to TERM."""
    cookie = await own.start("one")
    await own.get("/session/one/spawn", headers=cookie)
    family, folder = descendants(own.process.pid), private_folder(own)
    own.process.kill()
    own.process.wait()
    assert await gone(family, 5) == set()
    assert not folder.exists()


async def test_everything_killed_at_once_leaves_nothing(own: Gateway) -> None:
    """Supervisor and control plane at the same moment: nobody is left to clean up, and still no
    process stays.
    """
    await own.start("one")
    family, folder = descendants(own.process.pid), private_folder(own)
    own.process.kill()
    for pid in processes(own)["control"]:
        os.kill(pid, signal.SIGKILL)
    own.process.wait()
    assert await gone(family, 5) == set()
    shutil.rmtree(folder, ignore_errors=True)  # the control plane may have had the time


async def test_what_a_dev_server_started_ends_with_it(own: Gateway) -> None:
    """A grandchild deaf to TERM dies when its dev server crashes, and when the session
    is stopped.
    """
    cookie = await own.start("one")
    first = (await own.get("/session/one/spawn", headers=cookie)).json["pid"]
    await own.get("/session/one/crash", headers=cookie)
    assert await gone({first}, 5) == set()
    await own.until("one", "ready")
    second = (await own.get("/session/one/spawn", headers=cookie)).json["pid"]
    await own.api("POST", "/api/v1/sessions/one/stop")
    assert await gone({second}, 5) == set()


async def test_a_second_signal_ends_at_once(own: Gateway) -> None:
    """Ctrl-C pressed twice does not wait."""
    await own.start("one")
    family = descendants(own.process.pid)
    folder = private_folder(own)
    own.process.terminate()
    own.process.send_signal(signal.SIGINT)
    assert own.process.wait(10) == 0
    assert not folder.exists()
    assert await gone(family, 3) == set()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "ASTRO_LIVE_MAX_SESSIONS",
            "many",
            "ASTRO_LIVE_MAX_SESSIONS is 'many'; allowed: a whole number: 1-200",
        ),
        ("ASTRO_LIVE_API_TOKEN", "short", "ASTRO_LIVE_API_TOKEN is 5 characters long"),
        (
            "ASTRO_LIVE_SIGNING_KEYS",
            '[{"kid":"k1","seed":"zzz"}]',
            "the seed of key 'k1' is not base64url of 32 bytes",
        ),
        (
            "ASTRO_LIVE_IDLE_TIMEOUT_SECONDS",
            "60",
            "ASTRO_LIVE_IDLE_TIMEOUT_SECONDS is '60'; allowed: a whole number: 120-4000 s",
        ),
        (
            "ASTRO_LIVE_SITES_DIR",
            "sites",
            "ASTRO_LIVE_SITES_DIR is 'sites'; allowed: an absolute path",
        ),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_line(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    """The line names variable, value and what is allowed; no secret, no stack, no restart loop."""
    with running_gateway(tmp_path, wait=False, **{variable: value}) as gateway:
        assert gateway.process.wait(20) == 1
        lines = gateway.log.read_text().splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert "zzz" not in lines[0]


def test_a_busy_port_ends_the_start_with_one_line(tmp_path: Path) -> None:
    """The second gateway on the same address says which port is taken."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        running_gateway(tmp_path / "a") as first,
        running_gateway(
            tmp_path / "b", wait=False, ASTRO_LIVE_BIND_ADDRESS=first.address
        ) as second,
    ):
        assert second.process.wait(20) == 1
        assert f"port 4321 of {first.address} cannot be opened" in second.log.read_text()
