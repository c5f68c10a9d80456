"""Whatever a site, a visitor or a client asks for without end has a bound, and a neighbour notices
nothing of who reaches it (S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from contract.settings.session import SessionSettings

from .harness import API_TOKEN, Gateway, alive, gone, running_gateway, websocket
from .test_storage_faults import needs_mounts

CONNECTIONS, PROCESSES, DISK_MIB, FILES_MIB = 12, 12, 96, 64
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Small shares. Session `neighbour` runs, which is watched."""
    folder = tmp_path_factory.mktemp("gw")
    (folder / "tmp").mkdir()
    with running_gateway(
        folder,
        ASTRO_LIVE_TMP_DIR=str(folder / "tmp"),
        ASTRO_LIVE_SESSION_FILES_MIB=str(FILES_MIB),
        ASTRO_LIVE_SESSION_CONNECTIONS=str(CONNECTIONS),
        ASTRO_LIVE_SESSION_PROCESSES=str(PROCESSES),
        ASTRO_LIVE_SESSION_DISK_MIB=str(DISK_MIB),
        ASTRO_LIVE_SESSION_MEMORY_MIB="200",
        ASTRO_LIVE_REQUEST_TIMEOUT_SECONDS="3",
    ) as running:
        asyncio.run(running.start("neighbour"))
        yield running


@contextlib.asynccontextmanager
async def undisturbed(gateway: Gateway) -> AsyncIterator[None]:
    """The neighbour's process, socket and pages are the same after what happens here."""
    cookie = gateway.cookie("neighbour")
    before = await described(gateway, "neighbour")
    async with websocket(gateway, "/session/neighbour/socket", cookie) as socket:
        yield
        began = time.monotonic()
        assert (await gateway.get("/session/neighbour/", headers=cookie)).status == 200
        assert time.monotonic() - began < 5
        await socket.send_str("still here")
        assert (await socket.receive(timeout=5)).data == "still here"
    after = await described(gateway, "neighbour")
    assert (after["pid"], after["state"], after["restarts"]) == (
        before["pid"],
        "ready",
        before["restarts"],
    )


async def described(gateway: Gateway, session: str) -> dict[str, object]:
    found: dict[str, object] = (await gateway.api("GET", f"/api/v1/sessions/{session}")).json
    return found


async def page(gateway: Gateway, session: str, path: str) -> object:
    answer = await gateway.get(f"/session/{session}/{path}", headers=gateway.cookie(session))
    assert answer.status == 200, answer.text
    return answer.json if "json" in answer.headers["Content-Type"] else answer.text


def control_plane(gateway: Gateway) -> psutil.Process:
    return next(
        child
        for child in psutil.Process(gateway.process.pid).children()
        if "container.gateway.control" in child.cmdline()
    )


async def test_a_session_has_so_many_connections_and_no_more(gateway: Gateway) -> None:
    """Sockets of one visitor: those above get a 503, the neighbour's opens; when they are closed
    there is room again.
    """
    cookie = await gateway.start("crowd")
    async with undisturbed(gateway), contextlib.AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            await stack.enter_async_context(websocket(gateway, "/session/crowd/socket", cookie))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(websocket(gateway, "/session/crowd/socket", cookie))
        assert refused.value.status == 503
        assert (await gateway.get("/session/crowd/", headers=cookie)).status == 503
        async with websocket(gateway, "/session/neighbour/socket", gateway.cookie("neighbour")):
            pass
    for _ in range(50):
        if (await gateway.get("/session/crowd/", headers=cookie)).status == 200:
            break
        await asyncio.sleep(0.1)
    assert (await gateway.get("/session/crowd/", headers=cookie)).status == 200


async def test_so_many_requests_wait_for_a_session_and_no_more(gateway: Gateway) -> None:
    """While it starts, at the control plane."""
    gateway.make_site("slow", {"start": "hang"})
    cookie = {**gateway.cookie("slow"), "Sec-Fetch-Mode": "cors"}
    async with undisturbed(gateway):
        waiting = [
            asyncio.create_task(gateway.get("/session/slow/module.js", headers=cookie))
            for _ in range(CONNECTIONS)
        ]
        await asyncio.sleep(1.5)
        refused = await gateway.get("/session/slow/module.js", headers=cookie)
        assert (refused.status, "ASTRO_LIVE_SESSION_CONNECTIONS" in refused.text) == (503, True)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await gateway.api("POST", "/api/v1/sessions/slow/stop")


async def test_a_site_that_multiplies_is_ended(gateway: Gateway) -> None:
    """With all that it started; its page says why, and its next visit finds it well again."""
    await gateway.start("breeder")
    server = psutil.Process(int(str((await described(gateway, "breeder"))["pid"])))
    async with undisturbed(gateway):
        await page(gateway, "breeder", f"breed?count={PROCESSES + 3}")
        family = {server.pid, *(child.pid for child in server.children())}
        await gateway.until("breeder", "failed", seconds=15)
        assert await gone(family) == set()
    error = (await described(gateway, "breeder"))["error"]
    assert isinstance(error, dict)
    assert (error["code"], "ASTRO_LIVE_SESSION_PROCESSES" in error["message"]) == ("limit", True)
    await gateway.api("POST", "/api/v1/sessions/breeder/start")
    await page(gateway, "breeder", "")


@pytest.mark.parametrize("how", ["setsid", "orphan"])
async def test_processes_that_leave_the_group_count_with_their_site(
    gateway: Gateway, how: str
) -> None:
    """Its memory is that of all of them, and they end with it: by `setsid`, and by the death of
    their parent.
    """
    name = f"leaver-{how}"
    await gateway.start(name)
    async with undisturbed(gateway):
        left = await page(gateway, name, f"detach?how={how}&mib=420")
        assert isinstance(left, dict)
        server = (await described(gateway, name))["pid"]
        assert await gone({int(left["pid"]), int(str(server))}, seconds=30) == set()
        await gateway.until(name, "ready")
    assert "MiB" in (await gateway.api("GET", f"/api/v1/sessions/{name}/logs")).text
    await gateway.api("POST", f"/api/v1/sessions/{name}/stop")


async def test_a_process_that_hides_is_ended(gateway: Gateway) -> None:
    """It left group and parent between two looks: nobody can say whose it is. Its site and the
    neighbour go on.
    """
    await gateway.start("hider")
    server = (await described(gateway, "hider"))["pid"]
    async with undisturbed(gateway):
        left = await page(gateway, "hider", "detach?how=both&mib=1")
        assert isinstance(left, dict)
        assert await gone({int(left["pid"])}, seconds=15) == set()
    assert (await described(gateway, "hider"))["pid"] == server
    assert (
        'astro_live_session_reap_total{reason="stray"} 1.0'
        in (await gateway.api("GET", "/metrics")).text
    )


async def test_the_neighbours_orphans_outlive_a_dead_site(gateway: Gateway) -> None:
    """What a dead dev server left behind is ended; what a living one has in its session of
    processes is not.
    """
    await gateway.start("dying")
    kept = await page(gateway, "neighbour", "detach?how=orphan&mib=1")
    lost = await page(gateway, "dying", "detach?how=orphan&mib=1")
    assert isinstance(kept, dict)
    assert isinstance(lost, dict)
    await gateway.api("POST", "/api/v1/sessions/dying/stop")
    assert await gone({int(lost["pid"])}) == set()
    assert alive({int(kept["pid"])})


async def test_a_site_that_fills_the_disk_is_ended_and_emptied(gateway: Gateway) -> None:
    """One that stays below its share is not."""
    await gateway.start("hoarder")
    async with undisturbed(gateway):
        await page(gateway, "neighbour", f"fill?path=mine&mib={DISK_MIB - 20}")
        for number in range(
            20
        ):  # on a shared disk, what others free in the same moment hides what it takes
            await gateway.get(
                f"/session/hoarder/fill?path=junk{number}&mib={DISK_MIB + 10}",
                headers=gateway.cookie("hoarder"),
            )
            with contextlib.suppress(AssertionError):
                await gateway.until("hoarder", "failed", seconds=6)
                break
        await gateway.until("hoarder", "failed", seconds=20)
    error = (await described(gateway, "hoarder"))["error"]
    assert isinstance(error, dict)
    assert (error["code"], "ASTRO_LIVE_SESSION_DISK_MIB" in error["message"]) == ("limit", True)
    folder = gateway.scratch / "sessions" / "hoarder"
    for _ in range(50):
        if not list(folder.glob("junk*")):
            break
        await asyncio.sleep(0.1)
    assert list(folder.glob("junk*")) == []
    assert (gateway.scratch / "sessions" / "neighbour" / "mine").exists()
    await gateway.api("POST", "/api/v1/sessions/hoarder/start")
    await page(gateway, "hoarder", "")


@needs_mounts
def test_a_site_has_a_share_of_the_inodes_too(tmp_path: Path) -> None:
    """Empty files take no room, and when all inodes are used nobody starts. The one above its share
    is ended, and its files go.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512m,nr_inodes=8192", "tmpfs", str(scratch)],
        check=True,
    )
    try:
        with running_gateway(tmp_path, ASTRO_LIVE_SESSION_DISK_MIB="256") as gateway:
            asyncio.run(use_up_inodes(gateway))
    finally:
        subprocess.run(["umount", "-l", str(scratch)], check=True)


async def use_up_inodes(gateway: Gateway) -> None:
    await gateway.start("neighbour")
    await gateway.start("hoarder")
    async with undisturbed(gateway):
        folder = gateway.scratch / "sessions" / "hoarder"
        with contextlib.suppress(OSError):
            for number in range(6000):
                (folder / f"empty{number}").touch()
        await gateway.until("hoarder", "failed", seconds=40)
        error = (await described(gateway, "hoarder"))["error"]
        assert isinstance(error, dict)
        assert (error["code"], "inodes" in error["message"]) == ("limit", True)
        async with asyncio.timeout(40):
            while list(folder.glob("empty*")):  # noqa: ASYNC110 - the gateway removes them
                await asyncio.sleep(0.2)
        assert (await gateway.api("POST", "/api/v1/sessions", body={"id": "third"})).json[
            "state"
        ] == "ready"


async def test_the_api_writes_no_more_than_a_share_of_the_shared_disk(gateway: Gateway) -> None:
    """The last file that fits is written, the next is refused with what is allowed; a removed one
    makes room, and kept builds count.
    """
    await gateway.start("author")
    files = "/api/v1/sessions/author/files"
    async with undisturbed(gateway):
        block = b"x" * (20 * MEBIBYTE)
        for number in range(3):
            assert (await gateway.api("PUT", f"{files}/{number}.bin", data=block)).status == 201
        refused = await gateway.api("PUT", f"{files}/3.bin", data=block)
        assert (refused.status, refused.json["code"]) == (507, "quota")
        assert "ASTRO_LIVE_SESSION_FILES_MIB" in refused.text
        assert not (gateway.sites / "author" / "3.bin").exists()
        assert (await gateway.api("PUT", f"{files}/small.txt", data=b"small")).status == 201
        assert (await gateway.api("DELETE", f"{files}/0.bin")).status == 204
        assert (await gateway.api("PUT", f"{files}/3.bin", data=block)).status == 201
        kept = gateway.sites / ".builds" / "author" / "1"
        kept.mkdir(parents=True)
        assert (await gateway.api("DELETE", f"{files}/3.bin")).status == 204
        (kept / "site").write_bytes(block)
        assert (await gateway.api("PUT", f"{files}/3.bin", data=block)).status == 507
        assert (
            await gateway.api("PUT", "/api/v1/sessions/neighbour/files/3.bin", data=block)
        ).status == 201
    await gateway.api("DELETE", "/api/v1/sessions/author")


async def test_a_site_that_fills_the_shared_disk_is_ended(gateway: Gateway) -> None:
    """Its page says why, and it does not start before files are deleted through the API, which
    still works.
    """
    gateway.make_site("filler")
    (gateway.sites / "filler" / "junk").write_bytes(b"x" * ((FILES_MIB + 2) * MEBIBYTE))
    async with undisturbed(gateway):
        await gateway.api("POST", "/api/v1/sessions/filler/start")
        await gateway.until("filler", "failed", seconds=30)
        for _ in range(2):
            error = (await described(gateway, "filler"))["error"]
            assert isinstance(error, dict)
            assert (error["code"], "ASTRO_LIVE_SESSION_FILES_MIB" in error["message"]) == (
                "limit",
                True,
            )
            assert (await gateway.api("POST", "/api/v1/sessions/filler/start")).json[
                "state"
            ] == "failed"
        assert (await gateway.api("DELETE", "/api/v1/sessions/filler/files/junk")).status == 204
        await gateway.api("POST", "/api/v1/sessions/filler/start")
        await gateway.until("filler", "ready", seconds=20)
    assert (
        'astro_live_session_files_bytes{session="filler"}'
        in (await gateway.api("GET", "/metrics")).text
    )


async def test_temporary_files_of_sites_have_a_bound(gateway: Gateway) -> None:
    """What lies outside every site's folders belongs to nobody: above one site's share it goes, and
    no site is ended for it.
    """
    folder = gateway.log.parent / "tmp"
    async with undisturbed(gateway):
        (folder / "kept").write_bytes(b"x" * MEBIBYTE)
        await asyncio.sleep(12)
        assert (folder / "kept").exists()
        (folder / "deep").mkdir()
        (folder / "deep" / "junk").write_bytes(b"x" * ((DISK_MIB + 2) * MEBIBYTE))
        for _ in range(250):
            if not list(folder.iterdir()):
                break
            await asyncio.sleep(0.1)
        assert list(folder.iterdir()) == []


@needs_mounts
def test_caches_of_stopped_sessions_make_room(tmp_path: Path) -> None:
    """A disk that is nearly full: those of the session that was stopped first go, those of running
    ones stay, and it ends with room.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", str(scratch)], check=True)
    try:
        with running_gateway(tmp_path) as gateway:
            asyncio.run(fill_up(gateway))
    finally:
        subprocess.run(["umount", "-l", str(scratch)], check=True)


async def fill_up(gateway: Gateway) -> None:
    caches = gateway.scratch / "sessions"
    for name, mib in (("first", 30), ("second", 30), ("running", 30)):
        await gateway.start(name)
        await page(gateway, name, f"fill?path=cache&mib={mib}")
        if name != "running":
            await gateway.api("POST", f"/api/v1/sessions/{name}/stop")
    assert (caches / "first" / "cache").exists()
    await page(gateway, "running", "fill?path=more&mib=20")
    for _ in range(100):
        if not (caches / "first").exists():
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2.5)
    left = sorted(folder.name for folder in caches.iterdir())
    assert left == ["running", "second"]
    assert (caches / "running" / "more").exists()
    await gateway.api("POST", "/api/v1/sessions/first/start")
    await page(gateway, "first", "")


async def test_updates_without_end_fill_neither_metrics_nor_log(gateway: Gateway) -> None:
    """Kinds are a closed list, and so many reports per second are taken in: not a line of the log
    and a label each.
    """
    await gateway.start("chatty")
    made_up = b"".join(
        json.dumps({"type": "update", "kind": f"kind-{n}", "path": "/x", "ms": 1}).encode() + b"\n"
        for n in range(500)
    )
    real = (
        json.dumps({"type": "update", "kind": "css", "path": "/x", "ms": 1}).encode() + b"\n"
    ) * 2000
    log = gateway.log.stat().st_size
    memory = control_plane(gateway).memory_info().rss
    async with undisturbed(gateway):
        for body in (made_up, real):
            answer = await gateway.get(
                "/session/chatty/say?times=4",
                method="POST",
                headers=gateway.cookie("chatty"),
                data=body,
            )
            assert answer.status == 200
        await asyncio.sleep(1)
    metrics = (await gateway.api("GET", "/metrics")).text
    assert "kind-" not in metrics
    assert len(metrics) < 100_000
    assert gateway.log.stat().st_size - log < 100_000
    assert control_plane(gateway).memory_info().rss - memory < 30 * 1024 * 1024


async def test_a_strangers_path_is_cut_in_the_log(gateway: Gateway) -> None:
    """And written so that it can forge no line."""
    log = gateway.log.stat().st_size
    for number in range(20):
        path = f"/session/nobody/%0a%22{{{number}}}{'x' * 6000}"
        assert (await gateway.get(path)).status in (400, 404)
        assert (await gateway.get("/", method="X" * 2000)).status in (400, 404, 501)
    for _ in range(150):  # Envoy writes its log every ten seconds, or when there is much of it
        with gateway.log.open("rb") as file:
            file.seek(log)
            new = file.read()
        lines = [line for line in new.splitlines() if b"nobody" in line]
        if len(lines) == 20:
            break
        await asyncio.sleep(0.1)
    assert len(lines) == 20
    assert all(len(json.loads(line)["path"]) <= 300 for line in lines)
    assert len(new) < 60_000


async def slow(gateway: Gateway, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the API's port that sends so much and nothing more."""
    reader, writer = await asyncio.open_connection(gateway.address, gateway.contract.api_port)
    writer.write(head)
    return reader, writer


async def test_half_a_request_does_not_hold_a_connection_of_the_api(gateway: Gateway) -> None:
    """Nothing at all, half a head, a head after an answered request: closed after ten seconds.
    Health is answered meanwhile.
    """
    whole = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    started = time.monotonic()
    async with undisturbed(gateway):
        held = [await slow(gateway, head) for head in (b"", b"GET /health", whole, whole[:-2])]
        answered = await slow(gateway, whole)
        for reader, _ in (held[2], answered):
            await reader.readuntil(b"}")
        held[2][1].write(b"GET /hea")
        readings = [asyncio.create_task(reader.read()) for reader, _ in held]
        assert (await gateway.api("GET", "/health/ready", token=None)).status == 200
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(asyncio.gather(*readings, return_exceptions=True), 20)
        assert 8 < time.monotonic() - started < 20
        answered[1].write(whole)
        assert (await answered[0].readuntil(b"}")).count(b"200 OK") == 1
    for _, writer in [*held, answered]:
        writer.close()


async def test_connections_without_a_request_make_room(gateway: Gateway) -> None:
    """Above the port's limit the one that has been idle for longest goes. A health check is always
    answered.
    """
    async with undisturbed(gateway):
        held = [await slow(gateway, b"") for _ in range(540)]
        assert (await gateway.api("GET", "/health/ready", token=None)).status == 200
        assert await asyncio.wait_for(held[0][0].read(), 5) == b""
        for _, writer in held:
            writer.close()


async def test_half_a_body_does_not_hold_a_request_of_the_api(gateway: Gateway) -> None:
    """The credential is right, the body never complete: 408 after the time for a whole request."""
    for line in ("POST /api/v1/sessions", "PUT /api/v1/sessions/neighbour/files/x"):
        head = (
            f"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_TOKEN}\r\nContent-Length:"
            " 100\r\n\r\nhalf"
        )
        reader, writer = await slow(gateway, head.encode())
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(
            b"HTTP/1.1 408"
        )
        writer.close()


def test_each_bound_is_a_setting_or_a_constant_with_a_reason() -> None:
    """What a platform team may want to change is a stack key."""
    declared = {entry.variable for entry in SessionSettings.declared().values()}
    assert {
        f"ASTRO_LIVE_SESSION_{name}"
        for name in ("CONNECTIONS", "PROCESSES", "DISK_MIB", "MEMORY_MIB", "DESCRIPTORS")
    } <= declared
