"""Every call of the API with every scope (S30): what a credential may do is what the table in
docs/credentials.md says, and the audit log says who did it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from container.gateway.access import operations
from container.gateway.caller_limit import MOST_REQUESTS
from container.gateway.openapi import document
from contract.api import API_ROOT

from .event_stream import reading
from .harness import API_TOKEN, Gateway, running_gateway

TABLE: Final = (Path(__file__).resolve().parents[2] / "docs" / "credentials.md").read_text()
ROW: Final = re.compile(r"^\| `([A-Z]+) (/\S+)` (\w+) \| (.*) \|$", re.MULTILINE)
SCOPES: Final = ("service", "read", "write", "view")
CALLS: Final = {
    (method, path): {
        scope for scope, mark in zip(SCOPES, marks.split("|"), strict=True) if mark.strip() == "yes"
    }
    for method, path, _, marks in ROW.findall(TABLE)
}
"""Which scopes may make a call, as the documentation says."""
PLACES: Final = {"{path}": "src/none.txt", "{number}": "1", "{credential}": "a" * 16}
MCP: Final = ("POST", "/sessions/{id}/mcp")
"""An agent's calls come to the API again, with its own credential."""
ONLY_LOOKING: Final = {("GET", "/sessions/{id}"), ("POST", "/sessions/{id}/tokens"), MCP}
ONLY_SERVICE: Final = {
    ("GET", "/credentials"), ("POST", "/credentials"), ("DELETE", "/credentials/{credential}"),
    ("GET", "/sessions"), ("POST", "/sessions"), ("DELETE", "/sessions/{id}"),
    ("DELETE", "/sessions/{id}/tokens"),
}  # fmt: skip
STREAMS: Final = {("GET", "/sessions/{id}/events")}
"""Their answers do not end."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with two sessions."""
    with running_gateway(tmp_path_factory.mktemp("gw")) as gateway:
        for name in ("own", "other"):
            asyncio.run(gateway.start(name))
        yield gateway


async def credential(gateway: Gateway, *scopes: str, **members: Any) -> dict[str, Any]:
    """A new one, for the session `own` unless it is for all."""
    sessions = [] if scopes == ("service",) else ["own"]
    body = {"name": "+".join(scopes), "scopes": scopes, "sessions": sessions, **members}
    answer = await gateway.api("POST", f"{API_ROOT}/credentials", body=body)
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def address(path: str, session_id: str) -> str:
    for name, value in {"{id}": session_id, **PLACES}.items():
        path = path.replace(name, value)
    return API_ROOT + path


async def ask(gateway: Gateway, method: str, path: str, token: str) -> tuple[int, dict[str, Any]]:
    """Status and problem of a call whose body is never right, so that nothing comes of it."""
    query = "?nothing=1" if method == "GET" else ""
    data = b"{}" if method in ("PUT", "PATCH", "POST") else None
    answer = await gateway.api(method, path + query, data=data, token=token)
    problem = answer.headers["Content-Type"] == "application/problem+json" if answer.body else False
    return answer.status, answer.json if problem else {}


def test_the_table_has_every_call_of_the_description() -> None:
    """And no other; each is what the description's `security` says."""
    described = {
        (method.upper(), path): operation["security"]
        for path, found in document()["paths"].items()
        for method, operation in found.items()
        if method != "parameters"
    }
    assert set(CALLS) == {*described, MCP}
    for call, security in described.items():
        [[needed]] = [role for entry in security for role in entry.values()]
        assert needed in CALLS[call]
        assert "service" in CALLS[call]
        assert needed in SCOPES


def test_who_looks_can_do_little_and_who_edits_can_do_nothing_for_others() -> None:
    """Written out here: a call that moves from one side to the other is a decision."""
    assert {call for call, scopes in CALLS.items() if "view" in scopes} == ONLY_LOOKING
    assert {call for call, scopes in CALLS.items() if scopes == {"service"}} >= ONLY_SERVICE
    for (method, path), scopes in CALLS.items():
        if "{id}" not in path:
            assert scopes == {"service"}, path
        elif method != "GET" and (method, path) not in ONLY_LOOKING:
            assert "read" not in scopes, (method, path)


@pytest.mark.parametrize("scope", SCOPES)
async def test_every_call_with_every_scope(served: Gateway, scope: str) -> None:
    """For the session that it names: what the table says, or 403. For another: what a session that
    does not exist gets, in every word.
    """
    token = (await credential(served, scope))["secret"]
    for (method, path), allowed in sorted(CALLS.items()):
        if (method, path) in STREAMS and scope in allowed:
            continue
        if (method, path, scope) != ("DELETE", "/sessions/{id}", "service"):
            status, problem = await ask(served, method, address(path, "own"), token)
            if scope in allowed:
                assert status not in (401, 403), (method, path, problem)
            else:
                assert (status, problem["code"]) == (403, "forbidden"), (method, path, problem)
                assert problem["needs"] in allowed
        if "{id}" in path and scope != "service":
            foreign = await ask(served, method, address(path, "other"), token)
            nobody = await ask(served, method, address(path, "never"), token)
            assert foreign[0] == nobody[0] == 404, (method, path)
            assert foreign[1]["code"] == "unknown-session"
            assert json.dumps(foreign[1]).replace("other", "never") == json.dumps(nobody[1])


async def test_what_a_foreign_session_gets_is_what_a_missing_one_gets(served: Gateway) -> None:
    """The service's own answer for a session that does not exist has the same words."""
    token = (await credential(served, "read"))["secret"]
    path = f"{API_ROOT}/sessions/other"
    foreign = (await served.api("GET", path, token=token)).json
    missing = (await served.api("GET", path.replace("other", "never"))).json
    assert json.dumps(foreign).replace("other", "never") == json.dumps(missing)


@pytest.mark.parametrize("scope", ["read", "write", "view"])
async def test_paths_outside_of_the_description_are_the_service_s(
    served: Gateway, scope: str
) -> None:
    """Metrics and what tasks ask each other; the description is for every credential."""
    token = (await credential(served, scope))["secret"]
    assert (await served.api("GET", "/metrics", token=token)).status == 403
    assert (await served.api("GET", "/peers/cut-off", token=token)).status == 403
    assert (await served.api("GET", "/nothing", token=token)).status == 404
    assert (await served.api("PUT", f"{API_ROOT}/sessions", token=token)).status == 405
    assert (await served.api("GET", f"{API_ROOT}/openapi.json", token=token)).status == 200


async def test_two_scopes_are_both(served: Gateway) -> None:
    """An agent reads and writes, and leaves the session itself alone."""
    token = (await credential(served, "read", "write"))["secret"]
    file = f"{API_ROOT}/sessions/own/files/src/a.txt"
    assert (await served.api("PUT", file, data=b"x", token=token)).status == 201
    assert (await served.api("GET", file, token=token)).body == b"x"
    assert (await served.api("DELETE", f"{API_ROOT}/sessions/own", token=token)).status == 403


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": "x"}, {"name": "x", "scopes": []}, {"name": "", "scopes": ["service"]},
        {"name": "x", "scopes": ["read"]}, {"name": "x", "scopes": ["read"], "sessions": []},
        {"name": "x", "scopes": ["service"], "sessions": ["own"]},
        {"name": "x", "scopes": ["service", "read"], "sessions": []},
        {"name": "x", "scopes": ["admin"], "sessions": ["own"]},
        {"name": "x", "scopes": ["read", "read"], "sessions": ["own"]},
        {"name": "x", "scopes": ["read"], "sessions": ["own", "own"]},
        {"name": "x", "scopes": ["read"], "sessions": ["../own"]},
        {"name": "x", "scopes": ["read"], "sessions": [f"s{n}" for n in range(21)]},
        {"name": "a\nb", "scopes": ["service"]}, {"name": "x" * 81, "scopes": ["service"]},
        {"name": "x", "scopes": ["service"], "expires_in_seconds": 0},
        {"name": "x", "scopes": ["service"], "expires_in_seconds": 1e12},
        {"name": "x", "scopes": ["service"], "secret": "mine"},
    ],
)  # fmt: skip
async def test_a_credential_that_cannot_be_is_refused(
    served: Gateway, body: dict[str, Any]
) -> None:
    """With the member's name, and nothing is made."""
    path = f"{API_ROOT}/credentials"
    before = (await served.api("GET", path)).json
    answer = await served.api("POST", path, body=body)
    assert (answer.status, answer.json["code"]) == (400, "bad-request"), answer.text
    assert (await served.api("GET", path)).json == before


async def test_the_list_has_no_secret_and_the_log_says_who(served: Gateway) -> None:
    """Who, what, which session, with which outcome; neither list nor log nor disk has a secret."""
    made = await credential(served, "write", name="importer of Ann")
    path = f"{API_ROOT}/sessions/own/files/src/audit.txt"
    assert (await served.api("PUT", path, data=b"body text", token=made["secret"])).status == 201
    assert (await served.api("GET", path, token=made["secret"])).status == 403
    assert (await served.api("GET", path, token="al_nobody")).status == 401
    listed = await served.api("GET", f"{API_ROOT}/credentials")
    assert {key: made[key] for key in made if key != "secret"} in listed.json["credentials"]
    lines = [
        json.loads(line)
        for line in served.log.read_text().splitlines()
        if '"event": "api_called"' in line
    ]
    mine = [line for line in lines if line["credential"] == made["id"]]
    assert [
        (line["operation"], line["session"], line["status"], line["code"]) for line in mine
    ] == [
        ("writeFile", "own", 201, ""),
        ("readFile", "own", 403, "forbidden"),
    ]
    assert {line["caller"] for line in mine} == {"importer of Ann"}
    assert any(line["code"] == "unauthorised" and not line["caller"] for line in lines)
    kept = (served.sites / ".credentials" / "records").read_text()
    for text in (listed.text, served.log.read_text(), kept):
        assert made["secret"] not in text
        assert made["secret"].removeprefix(f"al_{made['id']}_") not in text
        assert API_TOKEN not in text


async def test_reads_and_strangers_do_not_flood_the_log(served: Gateway) -> None:
    """Their lines are bounded, and the number of those that were left out is said."""
    made = await credential(served, "read")
    for _ in range(200):
        await served.api("GET", f"{API_ROOT}/sessions/own", token=made["secret"])
        await served.api("GET", f"{API_ROOT}/sessions/own", token="wrong")
        listed = await served.api(
            "POST",
            f"{API_ROOT}/sessions/own/mcp",
            body={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
            token=made["secret"],
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream",
            },
        )
        assert listed.status == 200
    lines = served.log.read_text().splitlines()
    for name in ("showSession", "mcp"):
        found = [line for line in lines if made["id"] in line and f'"{name}"' in line]
        assert 30 <= len(found) < 150
    assert sum('"code": "unauthorised"' in line for line in lines) < 150


async def test_revoked_is_refused_at_once_and_an_unknown_one_is_404(served: Gateway) -> None:
    """The other credentials of the session go on."""
    first, second = await credential(served, "read"), await credential(served, "read")
    path = f"{API_ROOT}/credentials/{first['id']}"
    assert (await served.api("DELETE", path)).status == 204
    again = await served.api("DELETE", path)
    assert (again.status, again.json["code"]) == (404, "unknown-credential")
    session = f"{API_ROOT}/sessions/own"
    assert (await served.api("GET", session, token=first["secret"])).status == 401
    assert (await served.api("GET", session, token=second["secret"])).status == 200


async def test_requests_under_way_are_bounded_for_each_credential(served: Gateway) -> None:
    """Logs can be followed for ever. Another credential's are not counted with them, and those that
    have ended are not counted any more.
    """
    made, other = await credential(served, "read"), await credential(served, "read")
    session = f"{API_ROOT}/sessions/own"
    headers = {"Authorization": f"Bearer {made['secret']}"}
    async with (
        httpx.AsyncClient(
            timeout=60, headers=headers, limits=httpx.Limits(max_connections=None)
        ) as client,
        contextlib.AsyncExitStack() as stack,
    ):
        address = f"{served.api_url}{session}/logs?follow=1"
        for _ in range(MOST_REQUESTS):
            opened = await stack.enter_async_context(client.stream("GET", address))
            assert opened.status_code == 200
        refused = await served.api("GET", session, token=made["secret"])
        assert (refused.status, refused.json["code"]) == (503, "crowded")
        assert (await served.api("GET", session, token=other["secret"])).status == 200
        await opened.aclose()
        async with asyncio.timeout(60):
            while (  # noqa: ASYNC110 - of another process
                await served.api("GET", session, token=made["secret"])
            ).status != 200:
                await asyncio.sleep(0.1)


async def test_streams_end_with_their_credential(served: Gateway) -> None:
    """Nothing that happens after the revocation is told; another's stream goes on."""
    made = await credential(served, "read")
    session = f"{API_ROOT}/sessions/own"
    headers = {"Authorization": f"Bearer {made['secret']}"}
    async with (
        reading(served, "own", token=made["secret"]) as stream,
        reading(served, "own") as other,
        httpx.AsyncClient(timeout=httpx.Timeout(60), headers=headers) as client,
        client.stream("GET", f"{served.api_url}{session}/logs?follow=1") as logs,
    ):
        await stream.first("state")
        await other.first("state")
        answer = await served.api("DELETE", f"{API_ROOT}/credentials/{made['id']}")
        assert answer.status == 204
        assert (await served.api("POST", f"{session}/restart")).status == 200
        await other.until(lambda seen: len(seen.of("state")) > 1)
        await stream.until(lambda seen: seen.ended)
        assert len(stream.of("state")) == 1
        assert not other.ended
        async with asyncio.timeout(60):  # it ends with the lines of the restart
            async for _ in logs.aiter_raw():
                pass


def test_credentials_outlive_the_container_and_end_with_their_session(tmp_path: Path) -> None:
    """A restart changes nothing; a later session of the same name is another one. Of two service
    credentials both are valid (a rotation).
    """
    old, new, session = "o" * 30, "n" * 30, f"{API_ROOT}/sessions/own"
    made: dict[str, str] = {}

    async def before(gateway: Gateway) -> None:
        gateway.make_site("own")
        answer = await gateway.api(
            "POST",
            f"{API_ROOT}/credentials",
            body={"name": "x", "scopes": ["read"], "sessions": ["own"]},
            token=new,
        )
        made.update(answer.json)
        assert (await gateway.api("GET", f"{API_ROOT}/sessions", token=old)).status == 200

    async def after(gateway: Gateway) -> None:
        assert (await gateway.api("GET", session, token=made["secret"])).status == 200
        assert (await gateway.api("GET", session, token=old)).status == 401
        assert (await gateway.api("DELETE", session, token=new)).status == 204
        gateway.make_site("own")
        assert (await gateway.api("GET", session, token=new)).status == 200
        assert (await gateway.api("GET", session, token=made["secret"])).status == 401

    for tokens, life in ((f"{old} {new}", before), (new, after)):
        with running_gateway(tmp_path, ASTRO_LIVE_API_TOKEN=tokens) as gateway:
            asyncio.run(life(gateway))


def test_every_operation_says_what_it_needs() -> None:
    """In the description, for people, too."""
    for path, found in document()["paths"].items():
        for method, operation in found.items():
            if method != "parameters":
                _, scope = operations()[(method.upper(), API_ROOT + path)]
                assert f"`{scope}`" in operation["description"]
