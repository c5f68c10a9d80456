# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""What no task of the service would send or write is refused, logged and counted, and nothing
follows it (S26).
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest

from container.gateway.peers.certificates import client_context, peer_name
from tests.gateway.harness import API_TOKEN, Gateway, private_folder

from .conftest import Fleet, running_fleet
from .test_failures import pid_of

PEERS_PORT = 4322


@pytest.fixture
def pair(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Two tasks with room for one session each, which know in which network the others are."""
    with running_fleet(
        tmp_path,
        table,
        dynamodb,
        2,
        ASTRO_LIVE_MAX_SESSIONS="1",
        ASTRO_LIVE_PEER_RANGE="127.0.0.0/8",
    ) as fleet:
        yield fleet


def name_of(task: Gateway) -> str:
    """The task's id, of its log."""
    found = re.search(r"this is task ([0-9a-f]+)", task.log.read_text())
    assert found is not None
    return found[1]


async def ask(
    sender: Gateway, receiver: Gateway, path: str, body: Any, *, token: str = API_TOKEN
) -> tuple[int, str]:
    """A request to another task with a task's own certificate, which code of a site could read."""
    headers = {"Host": "api.astro-live", "Authorization": f"Bearer {token}"}
    connector = aiohttp.TCPConnector(ssl=client_context(private_folder(sender)))
    async with aiohttp.ClientSession(connector=connector) as client:
        url = f"https://{receiver.address}:{PEERS_PORT}{path}"
        async with client.post(
            url, headers=headers, json=body, server_hostname=peer_name(name_of(receiver))
        ) as answer:
            return answer.status, await answer.text()


async def refusals(task: Gateway, what: str) -> float:
    text = (await task.api("GET", "/metrics")).text
    found = re.search(rf'astro_live_peer_refusal_total{{what="{what}"}} ([0-9.]+)', text)
    return float(found[1]) if found else 0.0


async def test_forged_and_repeated_requests_change_nothing(pair: Fleet) -> None:
    """Without a certificate no connection; without the credential 401; what the table does not bear
    out 409, counted. Sessions go on.
    """
    first, second = pair.tasks
    cookie = await first.start("held")
    pid = await pid_of(first, "held", cookie)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.post(
                f"https://{second.address}:{PEERS_PORT}/peers/sessions/held/prepare",
                json={},
                ssl=trusting,
            )
    owner = {"owner": name_of(first), "fence": 1}
    steps = "/peers/sessions/held/"
    assert (
        await ask(
            first,
            second,
            steps + "prepare",
            {**owner, "wait": False},
            token="another-credential-0123456789",
        )
    )[0] == 401
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("prepare", {"owner": name_of(second), "fence": 1, "wait": False}),
        ("prepare", {**owner, "fence": 7, "wait": False}),
        ("accept", {"fence": 1, "changes": [], "again": False}),
        ("accept", {"fence": 2, "changes": [], "again": True}),
        ("changes", {"changes": [{"event": "change", "path": "src/a.txt"}]}),
        ("prepare", {"owner": 7}),
        ("render", {"owner": name_of(second), "fence": 1, "pages": [""]}),
        ("render", {**owner, "fence": 7, "pages": [""]}),
        ("render", {**owner, "pages": "blog/"}),
    ]
    for step, body in wrong:
        status, text = await ask(first, second, steps + step, body)
        assert status in (400, 409), (step, body, status, text)
    assert await refusals(second, "request") == len(wrong)
    assert "a request of another task was refused" in second.log.read_text()
    assert await second.state("held") == "ready"
    assert await pid_of(second, "held", cookie) == pid, "nothing has moved"


async def test_items_written_by_other_means_are_not_followed(pair: Fleet) -> None:
    """An owner at a public address, one outside the tasks' network, one with nonsense, a lease with
    nonsense: refused and counted; other sessions notice nothing, and the session is served as soon
    as the item is gone.
    """
    first, second = pair.tasks
    cookie = await first.start("good")
    raw = boto3.resource("dynamodb", **pair.dynamodb).Table(pair.table)
    task = {
        "run": "r",
        "beat": 1,
        "free": 5,
        "draining": False,
        "revision": 0,
        "format": 1,
        "readable": 1,
    }
    second.make_site("odd")
    odd = second.cookie("odd")
    items: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (
            "public",
            {"id": "public", "address": "203.0.113.9:4322"},
            {"owner": "public", "fence": 1, "epoch": 0},
        ),
        (
            "outside",
            {"id": "outside", "address": "10.0.0.9:4322"},
            {"owner": "outside", "fence": 1, "epoch": 0},
        ),
        (
            "metadata",
            {"id": "metadata", "address": "169.254.170.2:8080"},
            {"owner": "metadata", "fence": 1, "epoch": 0},
        ),
        (
            "nonsense",
            {"id": "nonsense", "address": "10.0.0.9:4322", "beat": "x"},
            {"owner": "nonsense", "fence": 1, "epoch": 0},
        ),
        (
            "negative",
            {"id": "negative", "address": "10.0.0.9:4322"},
            {"owner": "negative", "fence": -1, "epoch": 0},
        ),
    ]
    before = await refusals(second, "item")
    for name, fields, lease in items:
        raw.put_item(Item={"pk": "task", "sk": name, **task, **fields})
        raw.put_item(Item={"pk": "session#odd", "sk": "lease", "format": 1, "readable": 1, **lease})
        async with asyncio.timeout(30):
            answer = await second.get("/session/odd/echo", headers=odd)
            assert answer.status == 503, (name, answer.text)
            refused = await second.api("POST", "/api/v1/sessions/odd/start")
            assert (refused.status, refused.json["code"]) == (
                503,
                "ownership-unavailable",
            ), (name, refused.text)
        await pid_of(second, "good", cookie)
        for key in ({"pk": "task", "sk": name}, {"pk": "session#odd", "sk": "lease"}):
            raw.delete_item(Key=key)
    assert await refusals(second, "item") > before
    clusters = (private_folder(second) / "cds.json").read_text()
    assert "203.0.113.9" not in clusters
    assert "10.0.0.9" not in clusters
    assert "'address' outside 127.0.0.0/8" in second.log.read_text()
    assert "169.254.170.2" not in clusters
    assert "ownership table" in second.log.read_text()
    await pid_of(second, "odd", odd)


async def test_a_lease_that_no_task_writes_ends_nothing(pair: Fleet) -> None:
    """Under a session that runs: its owner says so and goes on, and writes the lease again once the
    item is gone.
    """
    first, _ = pair.tasks
    cookie = await first.start("held")
    pid = await pid_of(first, "held", cookie)
    leases = boto3.resource("dynamodb", **pair.dynamodb).Table(pair.table)
    key = {"pk": "session#held", "sk": "lease"}
    leases.put_item(Item={**leases.get_item(Key=key)["Item"], "fence": -1})
    async with asyncio.timeout(60):
        while await refusals(first, "item") == 0:
            await asyncio.sleep(0.2)
        leases.delete_item(Key=key)
        while "Item" not in leases.get_item(Key=key):
            await asyncio.sleep(0.2)
    assert await pid_of(first, "held", cookie) == pid


async def test_the_service_is_full_only_when_every_task_is(pair: Fleet) -> None:
    """A full task hands the start on; 429 comes when all are full, by page and by API, and goes
    when one has room again.
    """
    first, second = pair.tasks
    await first.start("one")
    second.make_site("two")
    second.make_site("three")
    started = await first.api("POST", "/api/v1/sessions/two/start")
    assert (started.status, started.json["state"]) == (200, "ready"), started.text
    three = first.cookie("three")
    for task in (first, second):
        refused = await task.api("POST", "/api/v1/sessions/three/start")
        assert (refused.status, refused.json["code"]) == (
            429,
            "too-many-sessions",
        ), refused.text
        async with asyncio.timeout(30):
            while (page := await task.get("/session/three/", headers=three)).status == 307:
                await asyncio.sleep(0.1)  # until the other task's beat
        assert page.status == 429, page.text
    assert (
        json.loads((await second.api("POST", "/api/v1/sessions/one/stop")).text)["state"]
        == "stopped"
    )
    for _ in range(100):
        answer = await second.api("POST", "/api/v1/sessions/three/start")
        if answer.status == 200:
            break
        await asyncio.sleep(0.2)  # until the beat that says that there is room
    assert answer.json["state"] == "ready", answer.text
