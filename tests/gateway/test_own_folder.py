"""Code of a site removes and replaces what is in the gateway's own folder: it is made again within
seconds (S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from .harness import Answer, Gateway, private_folder, running_gateway

ATTACKED, NEIGHBOUR = "attacked", "neighbour"
SECONDS = 60.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        for session in (ATTACKED, NEIGHBOUR):
            asyncio.run(running.start(session))
        yield running


@contextlib.asynccontextmanager
async def back_in_time(gateway: Gateway) -> AsyncIterator[None]:
    """Afterwards, and not much later, everybody is served again: pages of both sessions, a sign-in,
    a start, health.
    """
    yield
    deadline = time.monotonic() + SECONDS
    problem = "nothing asked yet"
    while problem:
        assert time.monotonic() < deadline, problem + gateway.tail()
        await asyncio.sleep(0.3)
        try:
            problem = await unserved(gateway)
        except (aiohttp.ClientError, KeyError, ValueError) as error:
            problem = repr(error)


async def unserved(gateway: Gateway) -> str:
    """What is amiss; empty when nothing is."""
    token = (await gateway.api("POST", f"/api/v1/sessions/{NEIGHBOUR}/tokens")).json["token"]
    asked: list[tuple[str, Answer, int]] = [
        *[
            (name, await gateway.get(f"/session/{name}/", headers=gateway.cookie(name)), 200)
            for name in (ATTACKED, NEIGHBOUR)
        ],
        ("sign-in", await gateway.get(f"/session/{NEIGHBOUR}/?astro_live_token={token}"), 303),
        ("no cookie", await gateway.get(f"/session/{NEIGHBOUR}/"), 404),
        ("health", await gateway.api("GET", "/health/ready", token=None), 200),
        ("start", await gateway.api("POST", "/api/v1/sessions", body={"id": "another"}), 201),
        ("delete", await gateway.api("DELETE", "/api/v1/sessions/another"), 204),
    ]
    return "; ".join(
        f"{what}: {answer.status} {answer.text[:80]}"
        for what, answer, status in asked
        if answer.status != status
    )


def socket_of(gateway: Gateway, session: str) -> Path:
    folder = private_folder(gateway)
    clusters = json.loads((folder / "cds.json").read_text())["resources"]
    found = next(entry for entry in clusters if entry["name"].startswith(f"session.{session}."))
    return folder / str(
        found["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["pipe"][
            "path"
        ]
    )


def replaced_by_a_socket(path: Path) -> None:
    """Anyone who connects there is the attacker's."""
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()


def replaced_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


async def test_sockets_and_routes_that_were_replaced_are_made_again(gateway: Gateway) -> None:
    """The session's, the control plane's and Envoy's own sockets; pipes in the place of what Envoy
    reads and of what is written next.
    """
    folder = private_folder(gateway)
    async with back_in_time(gateway):
        for path in (socket_of(gateway, ATTACKED), folder / "control.sock", folder / "admin.sock"):
            replaced_by_a_socket(path)
        for name in ("rds.json", "cds.json", "ecds.json", "spare/rds.json", "bootstrap.json"):
            replaced_by_a_pipe(folder / name)


async def test_routes_that_lead_past_the_cookie_do_not_last(gateway: Gateway) -> None:
    """Envoy takes them in; a moment later it has ours again."""
    folder = private_folder(gateway)
    table = json.loads((folder / "rds.json").read_text())
    table["version_info"] = "theirs"
    for route in table["resources"][0]["virtual_hosts"][0]["routes"]:
        route.pop("typed_per_filter_config", None)
    async with back_in_time(gateway):
        (folder / "theirs").write_text(json.dumps(table))
        (folder / "theirs").rename(folder / "rds.json")


async def test_a_folder_that_was_emptied_is_filled_again(gateway: Gateway) -> None:
    """`rm -rf` of everything that a site finds on the scratch disk."""
    async with back_in_time(gateway):
        await asyncio.to_thread(shutil.rmtree, private_folder(gateway))
    assert await gateway.state(NEIGHBOUR) == "ready"
