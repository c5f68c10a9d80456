"""Every call of the API works on a task that is not the session's owner, and is carried out by the
owner (S26, S30).
"""

from __future__ import annotations

import asyncio
import io
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from container.gateway.peers.headers import ANSWERED
from contract.api import API_ROOT
from tests.gateway.event_stream import reading
from tests.gateway.git_server import GitServer, git_reason, git_server
from tests.gateway.harness import API_TOKEN, Gateway, descendants
from tests.gateway.table import dynamodb, table
from tests.gateway.test_scopes import CALLS

from .conftest import running_fleet

__all__ = ["dynamodb", "table"]
pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

SESSION = "/sessions/shop"
JSON = {"Content-Type": "application/json"}
AUTHOR = {"name": "Ada", "email": "ada@example.com"}


def packed() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("packed.txt")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"hi"))
    return target.getvalue()


@dataclass(frozen=True)
class Call:
    """`done` are the statuses of a call that was made; what production mode only has is refused by
    the owner with 409.
    """

    method: str
    path: str
    done: tuple[int, ...] = (200,)
    at: str = ""
    """Where the path has parameters, and with its query."""
    body: Any = None
    data: bytes | None = None

    @property
    def address(self) -> str:
        return API_ROOT + (self.at or self.path).replace("{id}", "shop")


def calls() -> list[Call]:
    """In an order in which each has what it needs."""
    one, files = "/sessions/{id}", "/sessions/{id}/files/{path}"
    checkpoint, git = f"{one}/checkpoints/{{number}}", f"{one}/git"
    mcp = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    batch = {"operations": [{"op": "write", "path": "b.txt", "content": "b"}]}
    return [
        Call("GET", "/credentials"),
        Call("POST", "/credentials", (201,), body={"name": "x", "scopes": ["view"], "sessions": ["shop"]}),
        Call("GET", "/sessions"),
        Call("POST", "/sessions", body={"id": "shop"}),
        Call("GET", one),
        Call("GET", f"{one}/archive", at=f"{one}/archive?path=src"),
        Call("POST", f"{one}/archive", at=f"{one}/archive?path=packed", data=packed()),
        Call("POST", f"{one}/batch", body=batch),
        Call("PUT", files, (201,), at=f"{one}/files/a.txt?wait=20", data=b"one"),
        Call("GET", files, at=f"{one}/files/a.txt"),
        Call("PATCH", files, at=f"{one}/files/a.txt", body={"edits": [{"old": "one", "new": "two"}]}),
        Call("POST", f"{one}/move", body={"path": "a.txt", "to": "moved.txt"}),
        Call("DELETE", files, (200, 204), at=f"{one}/files/moved.txt"),
        Call("GET", f"{one}/tree"),
        Call("GET", f"{one}/search", at=f"{one}/search?q=one"),
        Call("GET", f"{one}/problems"),
        Call("GET", f"{one}/viewers"),
        Call("GET", f"{one}/logs"),
        Call("POST", f"{one}/mcp", body=mcp),
        Call("POST", f"{one}/checkpoints", (201,), body={"name": "here"}),
        Call("GET", f"{one}/checkpoints"),
        Call("GET", f"{checkpoint}/diff", at=f"{one}/checkpoints/1/diff"),
        Call("POST", f"{one}/undo"),
        Call("POST", f"{checkpoint}/restore", at=f"{one}/checkpoints/1/restore"),
        Call("DELETE", checkpoint, (204,), at=f"{one}/checkpoints/1"),
        Call("GET", git),
        Call("GET", f"{git}/branches"),
        Call("GET", f"{git}/diff"),
        Call("GET", f"{git}/log"),
        Call("POST", f"{git}/commit", (201,), body={"message": "x", "author": AUTHOR}),
        Call("POST", f"{git}/pull"),
        Call("POST", f"{git}/push"),
        Call("POST", f"{git}/switch", body={"branch": "next", "create": True}),
        Call("GET", f"{one}/builds", (200, 409)),
        Call("POST", f"{one}/builds/{{number}}/serve", (409,), at=f"{one}/builds/1/serve"),
        Call("POST", f"{one}/rebuild", (409,)),
        Call("POST", f"{one}/tokens", (201,), body={"may_post": False}),
        Call("DELETE", f"{one}/tokens", (204,)),
        Call("POST", f"{one}/stop"),
        Call("POST", f"{one}/start"),
        Call("POST", f"{one}/restart"),
        Call("PATCH", one, body={"root": ""}),
    ]  # fmt: skip


LAST = {("DELETE", "/credentials/{credential}"), ("DELETE", "/sessions/{id}")}
"""Sent at the end."""
STREAM = ("GET", "/sessions/{id}/events")


MCP = f"{API_ROOT}{SESSION}/mcp"
FILES = f"{API_ROOT}{SESSION}/files"
ODD: list[tuple[str, str, dict[str, str], bytes | None]] = [
    ("POST", MCP, {}, b"{}"),
    ("POST", MCP, {**JSON, "Accept": "text/html"}, b"{}"),
    ("POST", MCP, JSON, b"{"),
    ("POST", MCP, {"Content-Type": "text/plain"}, b"hello"),
    ("GET", MCP, {}, None),
    ("PUT", MCP, {}, None),
    ("POST", f"{API_ROOT}{SESSION}/nothing", {}, None),
    ("GET", f"{FILES}/a%2Fb.txt", {}, None),
    ("GET", f"{FILES}/src%2Fpages%2Findex.astro", {}, None),
    ("GET", f"{FILES}/src/pages/%69ndex.astro", {}, None),
    ("GET", f"{FILES}/src//pages/index.astro", {}, None),
    ("GET", f"{FILES}/src/./pages/index.astro", {}, None),
    ("GET", f"{FILES}/src/../z.txt", {}, None),
    ("GET", f"{FILES}/src/%2e%2e/z.txt", {}, None),
    ("GET", f"{FILES}/src%5Cindex.astro", {}, None),
    ("GET", f"{FILES}/a%00b", {}, None),
    ("GET", f"{FILES}/a%0Ab", {}, None),
    ("GET", f"{FILES}/z.txt", {"X_Trace": "1"}, None),
    ("GET", f"{FILES}/z.txt", {"Traceparent": "1", "X-Long": "x" * 6000}, None),
    ("GET", f"{FILES}/z.txt", {f"X-{n}": "1" for n in range(90)}, None),
    ("GET", f"{FILES}/z.txt", {f"X-{n}": "1" for n in range(110)}, None),
    ("GET", f"{FILES}/z.txt", {f"X-{n}": "1" for n in range(140)}, None),
    ("GET", f"{FILES}/z.txt", {f"X-{n}": "x" * 7000 for n in range(4)}, None),
    ("GET", f"{FILES}/z.txt", {f"X-{n}": "x" * 7000 for n in range(6)}, None),
    ("GET", f"{FILES}/z.txt", {"X-Long": "x" * 9000}, None),
    ("GET", f"{FILES}/{'n' * 9000}", {}, None),
    ("GET", f"{FILES}/z.txt", {"Expect": "x"}, None),
    ("POST", f"{API_ROOT}{SESSION}/undo", {"Idempotency-Key": "x" * 400}, b""),
]
"""What the owner refuses, in several forms and as text too, and what Envoy would change on the way.
"""


def test_each_call_is_in_the_list() -> None:
    """One that is added is tried here, too."""
    assert {(call.method, call.path) for call in calls()} | LAST | {STREAM} == set(CALLS)


def test_every_call_through_a_task_that_is_not_the_owner(
    table: str, dynamodb: dict[str, Any], tmp_path: Path
) -> None:
    """With the owner's answer; what runs goes on running there, and nowhere else."""
    with git_server(tmp_path / "repositories") as server:
        server.make("site", {"src/pages/index.astro": "<h1>one</h1>\n"})
        with running_fleet(
            tmp_path, table, dynamodb, 2, ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address
        ) as fleet:
            owner, edge = fleet.tasks
            asyncio.run(through(owner, edge, server))


async def running_on(*tasks: Gateway) -> list[Gateway]:
    """The tasks that have the session's dev server among their processes."""
    seen = (await tasks[0].api("GET", f"{API_ROOT}{SESSION}")).json
    assert seen["state"] == "ready", seen
    return [task for task in tasks if seen["pid"] in descendants(task.process.pid)]


async def alike(owner: Gateway, edge: Gateway) -> None:
    """A strange request has the owner's answer, whichever task it is sent to."""
    async with aiohttp.ClientSession() as client:
        for method, path, headers, data in ODD:
            answers = []
            for task in (owner, edge):
                async with client.request(
                    method,
                    URL(task.api_url + path, encoded=True),
                    headers={"Authorization": f"Bearer {API_TOKEN}", **headers},
                    data=data,
                ) as answer:
                    assert ANSWERED not in answer.headers
                    # The path as the owner has got it: a slash may have been an escaped one.
                    text = re.sub(r', "instance": "[^"]*"', "", await answer.text())
                    text = re.sub(r"has [0-9]+ bytes", "", text)  # the Host is another one
                    answers.append((answer.status, answer.content_type, text))
            assert answers[0] == answers[1], (method, path, headers)
            if sum(map(len, headers.values())) > 8190 or len(headers) > 100:
                assert answers[0][0] in (200, 400), answers
                assert answers[0][0] == 200 or "allowed" in answers[0][2], answers


async def through(owner: Gateway, edge: Gateway, server: GitServer) -> None:
    made = await owner.api(
        "POST",
        f"{API_ROOT}/sessions",
        body={"id": "shop", "repository": {"url": server.url("site")}},
    )
    assert (made.status, made.json["state"]) == (201, "ready"), made.text
    await owner.api("PUT", f"{API_ROOT}{SESSION}/files/z.txt", data=b"z")

    credential = ""
    for call in calls():
        if call.path.endswith("/stop"):  # a later start may be on any task
            assert await running_on(owner, edge) == [owner]
        headers = JSON if call.body is not None else {}
        answer = await edge.api(
            call.method, call.address, body=call.body, data=call.data, headers=headers
        )
        where = f"{call.method} {call.address}: {answer.text[:500]}"
        assert answer.status in call.done, where
        if call.path == "/credentials" and call.method == "POST":
            credential = answer.json["id"]
        if answer.status == 409:
            assert "development" in answer.text or "production" in answer.text, where
    async with reading(edge, "shop") as stream:
        assert await stream.first("state", state="ready")
    await alike(owner, edge)
    assert len(await running_on(owner, edge)) == 1
    answer = await edge.api("DELETE", f"{API_ROOT}/credentials/{credential}")
    assert answer.status == 204
    answer = await edge.api("DELETE", f"{API_ROOT}{SESSION}")
    assert answer.status == 204, answer.text
    for task in (owner, edge):
        assert (await task.api("GET", f"{API_ROOT}{SESSION}")).status == 404
