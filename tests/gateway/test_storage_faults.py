"""The projects' disk fails: full, read-only, gone, hanging. Each is said clearly, and all recovers
without a restart (S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from container.gateway.errors import StorageError
from container.gateway.storage import Storage

from .harness import Gateway, alive, descendants, running_gateway


def _mountable() -> bool:
    return (
        os.getuid() == 0
        and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode
        == 0
    )


needs_mounts = pytest.mark.skipif(
    not _mountable(), reason="mounting a small disk needs root and mount rights"
)


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose sites folder is a disk with room for 1 MiB."""
    sites = tmp_path / "sites"
    sites.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(sites)], check=True)
    try:
        with running_gateway(tmp_path) as gateway:
            yield gateway
    finally:
        subprocess.run(["umount", "-l", str(sites)], check=True)


def fill(path: Path) -> None:
    """Write until nothing fits any more."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def listing(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@needs_mounts
async def test_a_full_disk_is_said_and_recovers(cramped: Gateway) -> None:
    """A write answers 507 and leaves the old file whole; the session goes on; with space it works
    again.
    """
    cookie = await cramped.start("demo")
    path = "/api/v1/sessions/demo/files/page.astro"
    assert (await cramped.api("PUT", path, data=b"old")).status == 201
    answer = await cramped.api("PUT", path, data=bytes(2 * 1024 * 1024))
    assert (answer.status, "the disk is full" in answer.text) == (507, True)
    assert (await cramped.api("GET", path)).body == b"old"
    assert listing(cramped.sites / "demo") == ["fake.json", "page.astro"]
    assert (await cramped.get("/session/demo/", headers=cookie)).status == 200
    ballast = cramped.sites / "ballast"
    fill(ballast)
    created = await cramped.api("POST", "/api/v1/sessions", body={"id": "second"})
    assert (created.status, "the disk is full" in created.text) == (507, True)
    assert listing(cramped.sites) == [".sessions", "ballast", "demo"]
    ballast.unlink()
    assert (await cramped.api("PUT", path, data=b"new")).status == 200


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


@needs_mounts
async def test_a_read_only_disk_is_said_and_recovers(cramped: Gateway) -> None:
    """Writes answer 503 with the reason; pages are served all the while."""
    cookie = await cramped.start("demo")
    remount(cramped.sites, "ro")
    for method, path in (
        ("PUT", "sessions/demo/files/new"),
        ("DELETE", "sessions/demo/files/fake.json"),
        ("DELETE", "sessions/demo"),
    ):
        answer = await cramped.api(
            method, f"/api/v1/{path}", data=b"x" if method == "PUT" else None
        )
        assert (answer.status, "the disk is read-only" in answer.text) == (503, True), answer.text
    await cramped.api("POST", "/api/v1/sessions/demo/start")
    assert (await cramped.get("/session/demo/", headers=cookie)).status == 200
    remount(cramped.sites, "rw")
    assert (await cramped.api("PUT", "/api/v1/sessions/demo/files/new", data=b"x")).status == 201


async def test_a_vanished_sites_folder_is_said_and_recovers(gateway: Gateway) -> None:
    """Running sessions go on; others answer 503 with the reason, after sign-in only; health is not
    ready.
    """
    cookie = await gateway.start("running")
    gateway.make_site("asleep")
    away = gateway.sites.with_name("away")
    gateway.sites.rename(away)
    try:
        assert (await gateway.get("/session/running/", headers=cookie)).status == 200
        page = await gateway.get("/session/asleep/", headers=gateway.cookie("asleep"))
        assert (page.status, "the sites folder is not there" in page.text) == (503, True)
        assert (await gateway.get("/session/asleep/")).status == 404
        answer = await gateway.api("GET", "/api/v1/sessions")
        assert (answer.status, answer.json["code"]) == (503, "storage")
        assert (await gateway.api("GET", "/health/ready", token=None)).status == 503
        assert (await gateway.api("GET", "/health/live", token=None)).status == 200
        assert (
            await gateway.api("PUT", "/api/v1/sessions/running/files/x", data=b"x")
        ).status == 503
    finally:
        away.rename(gateway.sites)
    assert (await gateway.api("GET", "/health/ready", token=None)).status == 200
    assert (await gateway.get("/session/asleep/", headers=gateway.cookie("asleep"))).status == 503
    await gateway.until("asleep", "ready")


async def test_a_disk_that_hangs_is_given_up_on() -> None:
    """A call that never returns ends in an error in time, and does not use the pool up for the rest
    of the process.
    """
    storage, release = Storage(answer_seconds=0.2), threading.Event()
    with pytest.raises(StorageError, match="the disk does not answer"):
        await storage.call("a file", release.wait)
    assert await storage.call("another file", lambda: 7) == 7
    release.set()
    storage.close()


async def test_a_scratch_disk_without_room_is_said_and_recovers(gateway: Gateway) -> None:
    """A dev server that finds no place for its caches is a failed start with the reason, tried
    again later.
    """
    gateway.make_site("homeless")
    runners, away = gateway.scratch / "runners", gateway.scratch / "away"
    if runners.exists():
        runners.rename(away)
    runners.write_text("in the way")
    await gateway.get("/session/homeless/", headers=gateway.cookie("homeless"))
    await gateway.until("homeless", "backing-off")
    error = (await gateway.api("GET", "/api/v1/sessions/homeless")).json["error"]
    assert "the dev server cannot be started" in error["message"]
    runners.unlink()
    if away.exists():
        away.rename(runners)
    await gateway.until("homeless", "ready")


@pytest.fixture
def narrow() -> Iterator[Gateway]:
    """A gateway whose scratch folder is a disk with room for 4 MiB. Its path is short: otherwise
    the gateway keeps its sockets in /tmp.
    """
    with tempfile.TemporaryDirectory(prefix="disk-") as name:
        scratch = Path(name) / "scratch"
        scratch.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(scratch)], check=True)
        try:
            with running_gateway(Path(name), ASTRO_LIVE_WARM_RUNNERS="1") as gateway:
                assert list(scratch.glob("gateway-*/rds.json"))
                yield gateway
        finally:
            subprocess.run(["umount", "-l", str(scratch)], check=True)


def control_plane(gateway: Gateway) -> int:
    return next(
        pid
        for pid in alive(descendants(gateway.process.pid))
        if b"gateway.control" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


async def health(gateway: Gateway) -> tuple[int, str, str]:
    answer = await gateway.api("GET", "/health/ready", token=None)
    return answer.status, answer.json["status"], " ".join(answer.json["problems"])


@needs_mounts
@pytest.mark.parametrize("fault", ["full", "read-only"])
async def test_a_scratch_disk_that_fails_wedges_nothing(narrow: Gateway, fault: str) -> None:
    """Sessions that run go on, through a death of the control plane too, and can be stopped,
    restarted and deleted; sign-ins work; starts fail with the reason; health names the disk.
    Afterwards all is as before, and nothing is left on the disk.
    """
    cookies = {
        name: await narrow.start(name) for name in ("stopped", "restarted", "deleted", "kept")
    }
    pids = {
        name: (await narrow.api("GET", f"/api/v1/sessions/{name}")).json["pid"] for name in cookies
    }
    token = (await narrow.api("POST", "/api/v1/sessions/kept/tokens")).json["token"]
    ballast = narrow.scratch / "ballast"
    if fault == "full":
        fill(ballast)
    else:
        remount(narrow.scratch, "ro")
    said = "the scratch disk is " + fault
    status, word, problems = await health(narrow)
    assert (status, word, said in problems) == (200, "degraded", True), problems
    assert (await narrow.api("POST", "/api/v1/sessions/stopped/stop")).json["state"] == "stopped"
    assert (await narrow.api("DELETE", "/api/v1/sessions/deleted")).status == 204
    await narrow.api("POST", "/api/v1/sessions/restarted/restart")
    assert alive({pids["stopped"], pids["deleted"], pids["restarted"]}) == set()
    if fault == "read-only":
        await narrow.until("restarted", "backing-off")
        error = (await narrow.api("GET", "/api/v1/sessions/restarted")).json["error"]
        assert (error["code"], "read-only" in error["message"].lower()) == ("storage", True)
    for name in ("stopped", "deleted"):
        assert (await narrow.get(f"/session/{name}/echo", headers=cookies[name])).status in (
            404,
            503,
        )
    control = control_plane(narrow)
    os.kill(control, signal.SIGKILL)
    assert (await narrow.get("/session/kept/", headers=cookies["kept"])).status == 200
    await narrow.ready()
    assert (await narrow.get(f"/session/kept/?astro_live_token={token}")).status == 303
    assert (await narrow.api("GET", "/api/v1/sessions/kept")).json["pid"] == pids["kept"]
    if fault == "full":
        ballast.unlink()
    else:
        remount(narrow.scratch, "rw")
    for name in ("stopped", "restarted"):
        deadline = time.monotonic() + 60
        while (answer := await narrow.api("POST", f"/api/v1/sessions/{name}/start")).json[
            "state"
        ] != "ready":
            assert time.monotonic() < deadline, answer.text
        assert (await narrow.get(f"/session/{name}/", headers=cookies[name])).status == 200
    for name in ("stopped", "restarted", "kept"):
        await narrow.api("POST", f"/api/v1/sessions/{name}/stop")
    deadline = time.monotonic() + 30
    while (await health(narrow))[1] != "ready" or len(
        listing(narrow.scratch / "runners")
    ) > 1:  # the one that waits warm
        assert time.monotonic() < deadline, (
            await health(narrow),
            listing(narrow.scratch / "runners"),
            narrow.tail(),
        )
        await asyncio.sleep(0.2)


async def test_a_project_removed_under_a_running_session(gateway: Gateway) -> None:
    """Reading and writing its files says so; the other sessions do not care."""
    await gateway.start("doomed")
    await asyncio.to_thread(shutil.rmtree, gateway.sites / "doomed")
    assert (await gateway.api("PUT", "/api/v1/sessions/doomed/files/x", data=b"x")).status == 503
    assert (await gateway.api("POST", "/api/v1/sessions/doomed/stop")).status == 200
    assert (await gateway.api("GET", "/api/v1/sessions/doomed")).status == 404
