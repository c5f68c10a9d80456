"""What a site puts in the place of the gateway's small files on the shared disk: it holds up
nothing, in no task (S37).
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from container.gateway.cleaner import remove_tree
from container.gateway.epochs import FIRST, new_epoch, read_epoch, remove_epoch
from container.gateway.kept_builds import choose, list_builds, published, take_away
from container.gateway.project_folders import leftovers
from container.gateway.records import open_up, trash_name
from container.gateway.session_options import (
    SessionOptions,
    read_options,
    remove_options,
    write_options,
)

from .harness import Gateway, running_gateway


def a_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "file").write_text("x")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(path.parent, os.O_RDONLY)
        try:  # the path may be too long for a socket
            listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)


OBSTACLES: dict[str, Callable[[Path], None]] = {
    "pipe": lambda path: os.mkfifo(path),
    "folder": a_full_folder,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "socket": a_socket,
    "closed file": lambda path: path.touch(mode=0),
}


def in_time(function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's result, if it returns at all. A thread that hangs is left behind, as it would
    be in the gateway.
    """
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)), daemon=True)
    thread.start()
    thread.join(10)
    assert found, f"{function.__name__} has not returned"
    return found[0]


def choose_first(sites: Path) -> bool:
    choose(sites, "demo", 1, pinned=True)
    found = published(sites, "demo")
    return found is not None and found.build == 1


@pytest.mark.parametrize("kind", OBSTACLES)
def test_a_records_place_may_hold_anything(tmp_path: Path, kind: str) -> None:
    """Read as if there were none, replaced and removed like a file; what was there goes to the
    trash and from there.
    """
    place = OBSTACLES[kind]
    (tmp_path / ".sessions").mkdir()
    (tmp_path / ".builds" / "demo" / "1").mkdir(parents=True)
    epoch, options = (tmp_path / ".sessions" / f"demo.{suffix}" for suffix in ("epoch", "json"))
    for record in (
        epoch,
        options,
        tmp_path / ".builds/demo/published.json",
        tmp_path / ".builds/demo/1/build.json",
    ):
        place(record)
    assert in_time(read_epoch, tmp_path, "demo") == FIRST
    assert in_time(read_options, tmp_path, "demo") == SessionOptions()
    assert in_time(published, tmp_path, "demo") is None
    assert in_time(list_builds, tmp_path, "demo") == []
    in_time(write_options, tmp_path, "demo", SessionOptions(root="docs"))
    assert in_time(choose_first, tmp_path)
    assert (
        in_time(read_epoch, tmp_path, "demo")
        != in_time(new_epoch, tmp_path, "demo")
        == read_epoch(tmp_path, "demo")
    )
    assert read_options(tmp_path, "demo").root == "docs"
    for record in (epoch, options):
        record.unlink()
        place(record)
    in_time(remove_epoch, tmp_path, "demo")
    in_time(remove_options, tmp_path, "demo")
    assert list((tmp_path / ".sessions").iterdir()) == []
    for trash in leftovers(tmp_path):
        assert in_time(remove_tree, trash)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".builds", ".sessions"]


@pytest.mark.parametrize("kind", [kind for kind in OBSTACLES if kind != "folder"])
def test_a_folders_place_may_hold_anything(tmp_path: Path, kind: str) -> None:
    for name in (".sessions", ".builds"):
        OBSTACLES[kind](tmp_path / name)
    assert in_time(read_epoch, tmp_path, "demo") == FIRST
    assert in_time(list_builds, tmp_path, "demo") == []
    assert in_time(take_away, tmp_path, "demo", trash_name(tmp_path)) is False
    in_time(remove_options, tmp_path, "demo")
    in_time(write_options, tmp_path, "demo", SessionOptions(root="docs"))
    assert read_options(tmp_path, "demo").root == "docs"


@pytest.mark.skipif(os.getuid() == 0, reason="root may enter whatever the mode says")
def test_a_folder_that_was_closed_is_opened_up(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    assert open_up(tmp_path)


def test_a_tree_deeper_than_any_path_is_removed(tmp_path: Path) -> None:
    """1,200 levels: no path has room for them, and neither has a recursion."""
    top = tmp_path / "top"
    top.mkdir()
    current = os.open(top, os.O_RDONLY)
    for level in range(1200):
        name = "a folder with a long name" if level % 2 else f".deep-{level}"
        os.mkdir(name, dir_fd=current)
        below = os.open(name, os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    os.close(os.open("a file", os.O_WRONLY | os.O_CREAT, dir_fd=current))
    os.close(current)
    assert remove_tree(top)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with running_gateway(tmp_path) as running:
        yield running


async def test_pipes_on_the_shared_disk_hold_up_nobody(gateway: Gateway) -> None:
    """Each would hold a thread of the disk's pool, and a session's start, for ever. The session
    starts, and a neighbour does, too.
    """
    cookie = await gateway.start("evil")
    await gateway.start("neighbour")
    (gateway.sites / ".sessions").mkdir(exist_ok=True)
    for suffix in ("epoch", "json"):
        (gateway.sites / ".sessions" / f"evil.{suffix}").unlink(missing_ok=True)
        os.mkfifo(gateway.sites / ".sessions" / f"evil.{suffix}")
    began = time.monotonic()
    assert (await gateway.api("POST", "/api/v1/sessions/evil/restart")).json["state"] == "ready", (
        gateway.tail()
    )
    assert (await gateway.get("/session/evil/", headers=cookie)).status == 200
    assert (await gateway.api("POST", "/api/v1/sessions/neighbour/restart")).json[
        "state"
    ] == "ready"
    assert (await gateway.api("GET", "/health/ready", token=None)).json["status"] == "ready"
    assert (await gateway.api("DELETE", "/api/v1/sessions/evil")).status == 204
    for name in (".sessions", "evil"):
        await asyncio.to_thread(remove_tree, gateway.sites / name)
        os.mkfifo(gateway.sites / name)
    assert (await gateway.api("POST", "/api/v1/sessions", body={"id": "evil"})).json[
        "state"
    ] == "ready", gateway.tail()
    assert time.monotonic() - began < 120
