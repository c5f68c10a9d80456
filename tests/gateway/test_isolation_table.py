"""What one site can do to another of the same task: tried from a real site, and compared with the
table in the docs (S38).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil
import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import ROOT, Gateway, running_gateway
from .test_hostile_site import WITHOUT_CAPABILITIES

pytestmark = [
    pytest.mark.skipif(
        not (ASTRO_DIR / "node_modules").is_dir(),
        reason="container/astro/node_modules is missing: run `make setup`",
    ),
    pytest.mark.skipif(
        os.getuid() == 0 and shutil.which("setpriv") is None,
        reason="root without setpriv: capabilities cannot be dropped",
    ),
]

TABLE: Final = ROOT / "docs" / "isolation.md"
ATTEMPTED, NEIGHBOUR = "attempting", "neighbour"


def documented() -> dict[str, str]:
    """`attempt → got in | contained`, of the first column of outcomes."""
    rows = (
        re.fullmatch(r"\| ([a-z/]+: [^|]+?) \| (got in|contained)[^|]*\|.*", line)
        for line in TABLE.read_text().splitlines()
    )
    return {row[1]: row[2] for row in rows if row}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Two real Astro sites in one task, of one user without capabilities; one of them has the
    attempts as an endpoint.
    """
    with running_gateway(
        tmp_path_factory.mktemp("gw"), launcher=WITHOUT_CAPABILITIES, ASTRO_LIVE_RUNNER_COMMAND=""
    ) as running:
        for session in (ATTEMPTED, NEIGHBOUR):
            site = running.sites / session
            shutil.copytree(
                ASTRO_DIR / "starter",
                site,
                ignore=shutil.ignore_patterns("node_modules", ".astro", "dist"),
            )
        shutil.copy(
            Path(__file__).with_name("attempts.ts"),
            running.sites / ATTEMPTED / "src" / "pages" / "attempts.ts",
        )
        yield running


async def describe(gateway: Gateway, session: str) -> dict[str, Any]:
    """The session, started."""
    answer = await gateway.api("POST", f"/api/v1/sessions/{session}/start")
    assert answer.json["state"] == "ready", answer.text + gateway.tail()
    found: dict[str, Any] = answer.json
    return found


async def target(gateway: Gateway) -> dict[str, Any]:
    """Where the neighbour and the gateway are: a hostile site finds that out by itself."""
    server = int((await describe(gateway, NEIGHBOUR))["pid"])
    children = {
        " ".join(child.cmdline()): child.pid
        for child in psutil.Process(gateway.process.pid).children()
    }
    folder = next((gateway.scratch).glob("gateway-*"))
    with (folder / "cds.json").open() as file:
        clusters = json.load(file)["resources"]
    cluster = next(entry for entry in clusters if entry["name"].startswith(f"session.{NEIGHBOUR}."))
    name = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"][
        "pipe"
    ]["path"]
    return {
        "server": server,
        "supervisor": gateway.process.pid,
        "control": next(
            pid for line, pid in children.items() if "container.gateway.control" in line
        ),
        "envoy": next(pid for line, pid in children.items() if "envoy" in line),
        "ports": listening(server),
        "socket": str(folder / name),
        "gateway": str(folder),
        "root": str(gateway.sites / NEIGHBOUR),
        "scratch": str(gateway.scratch / "sessions" / NEIGHBOUR),
        "home": str(gateway.scratch / "runners" / cluster["name"].rpartition(".")[2]),
        "sites": str(gateway.sites),
        "session": NEIGHBOUR,
        "address": gateway.address,
        "host": gateway.public_url.partition("://")[2],
    }


async def test_the_table_in_the_docs_says_what_a_site_can_do(gateway: Gateway) -> None:
    """Each attempt is a row and each row an attempt; the outcome is the one that is written there.
    The neighbour serves on.
    """
    await describe(gateway, ATTEMPTED)
    to = await target(gateway)
    page = await gateway.get(f"/session/{NEIGHBOUR}/", headers=gateway.cookie(NEIGHBOUR))
    assert page.status == 200  # its first answer takes long; an attempt counts when it is answered
    headers = {
        **gateway.cookie(ATTEMPTED),
        "Origin": gateway.public_url,
        "Content-Type": "application/json",
    }
    answer = await gateway.get(
        f"/session/{ATTEMPTED}/attempts",
        method="POST",
        headers=headers,
        data=json.dumps(to).encode(),
    )
    assert answer.status == 200, answer.text[:2000] + gateway.tail()
    outcome = {
        name: "got in" if text == "got in" else "contained"
        for name, text in answer.json["outcome"].items()
    }
    assert outcome == documented(), json.dumps(answer.json["outcome"], indent=1)
    page = await gateway.get(f"/session/{NEIGHBOUR}/", headers=gateway.cookie(NEIGHBOUR))
    assert page.status == 200
    assert (await describe(gateway, NEIGHBOUR))["pid"] == to["server"]


async def test_a_loopback_port_answers_nobody_else(gateway: Gateway) -> None:
    """Vite opens one; what is not from its own process gets no answer: neither a page, nor a write,
    nor a socket.
    """
    await tried_in_vain(gateway, NEIGHBOUR)


def test_a_built_sites_loopback_port_answers_nobody_else(tmp_path: Path) -> None:
    """Nor does the one of Astro's preview server in production mode. Its pages are there all the
    same.
    """
    with running_gateway(
        tmp_path,
        ASTRO_LIVE_RUNNER_COMMAND="",
        NODE_ENV="production",
        ASTRO_LIVE_START_TIMEOUT_SECONDS="120",
    ) as running:
        site = running.sites / NEIGHBOUR
        shutil.copytree(
            ASTRO_DIR / "starter",
            site,
            ignore=shutil.ignore_patterns("node_modules", ".astro", "dist"),
        )
        asyncio.run(tried_in_vain(running, NEIGHBOUR))
        page = asyncio.run(running.get(f"/session/{NEIGHBOUR}/", headers=running.cookie(NEIGHBOUR)))
        assert page.status == 200


async def tried_in_vain(gateway: Gateway, session: str) -> None:
    """Ask the session's loopback ports as another site's process could."""
    ports = listening(int((await describe(gateway, session))["pid"]))
    assert ports, "nothing to try; the guard in front.mjs could go"
    page, host = f"/session/{session}/", gateway.public_url.partition("://")[2]
    key = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "YXN0cm8tbGl2ZS1wcm9iZQ=="}
    tried: list[tuple[str, dict[str, str]]] = [
        ("GET", {}),
        ("POST", {}),
        ("GET", {"Expect": "100-continue"}),
        ("GET", {"Connection": "Upgrade", "Upgrade": "websocket", **key}),
        ("GET", {"x-astro-live-own": "1"}),
    ]
    async with aiohttp.ClientSession() as client:
        for port in ports:
            for method, headers in tried:
                with pytest.raises(aiohttp.ClientError):
                    await client.request(
                        method, f"http://127.0.0.1:{port}{page}", headers={"Host": host, **headers}
                    )


def listening(pid: int) -> list[int]:
    """TCP ports of a dev server and of all that it started."""
    server = psutil.Process(pid)
    connections = [
        item
        for process in (server, *server.children(recursive=True))
        for item in process.net_connections("inet")
    ]
    return sorted({item.laddr.port for item in connections if item.status == psutil.CONN_LISTEN})
