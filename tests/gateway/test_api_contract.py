"""The API against its own description, with generated requests, and its promises one by
one (S5).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance

from container.gateway.errors import SessionError
from container.gateway.files import plain as files
from container.gateway.openapi import document
from container.gateway.project_folders import list_projects
from container.gateway.registry import SessionRegistry
from container.gateway.storage import Storage

from .harness import API_TOKEN, Gateway, running_gateway

schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one session, and room for many."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_MAX_SESSIONS="200", ASTRO_LIVE_MAX_FILE_MIB="1"
    ) as gateway:
        asyncio.run(gateway.start("demo"))
        yield gateway


@pytest.fixture(scope="module")
def tokens(served: Gateway) -> dict[str, str]:
    """A credential of each scope."""

    async def make(scope: str) -> str:
        body = {
            "name": scope,
            "scopes": [scope],
            "sessions": ["demo"] if scope != "service" else [],
        }
        answer = await served.api("POST", "/api/v1/credentials", body=body)
        return str(answer.json["secret"])

    return {scope: asyncio.run(make(scope)) for scope in SCOPES}


def test_the_description_is_valid_openapi() -> None:
    """By the official meta-schema."""
    validate(document())


async def test_the_description_is_served(served: Gateway) -> None:
    """To those with the credential."""
    assert (await served.api("GET", "/api/v1/openapi.json")).json == document()


GENERATED = [
    "listSessions", "showSession", "mintToken", "readLogs", "readFile", "writeFile", "deleteFile", "editFile", "moveFile", "changeFiles",
    "listFiles", "searchFiles", "downloadArchive", "uploadArchive", "listProblems", "listViewers",
    "listCredentials", "createCredential", "revokeCredential",
]  # fmt: skip
SCOPES = ("service", "read", "write", "view")


@schema.include(operation_id=GENERATED).parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_generated_requests_get_described_answers(
    served: Gateway, tokens: dict[str, str], case: Any
) -> None:
    """No 500, no undescribed status, type or shape, whatever the request and the credential's
    scope. The dev server is not started or stopped in here.
    """
    if "id" in case.path_parameters and len(case.body.__repr__()) % 2:
        case.path_parameters["id"] = "demo"
    if case.query and case.query.get("follow") == "1":
        case.query["follow"] = "0"
    scope = SCOPES[len(repr((case.path_parameters, case.query, case.body))) % len(SCOPES)]
    case.call_and_validate(
        base_url=f"{served.api_url}/api/v1",
        headers={"Authorization": f"Bearer {tokens[scope]}"},
        timeout=20,
        # Which file names are fit is more than a schema's pattern can say; the answer is then a
        # described 400.
        excluded_checks=[positive_data_acceptance],
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400), ("[]", 400), ("{}", 400), ('{"id": 1}', 400), ('{"id": "../x"}', 400), ('{"id": "A"}', 400), ('{"id": "a b"}', 400),
        ('{"id": "x", "template": "other"}', 400), ('{"id": "x", "extra": 1}', 400), ('{"id": "%s"}' % ("a" * 64), 400),
        ('{"id": "%s"}' % ("a" * 70_000), 413), ("[" * 50_000, 400), ('{"id": "x\\u0000"}', 400), ('{"id": null}', 400),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_refused_with_what_is_allowed(
    served: Gateway, body: str, status: int
) -> None:
    """And no project is made of it."""
    answer = await served.api("POST", "/api/v1/sessions", data=body.encode())
    assert answer.status == status
    assert answer.json["detail"]
    assert list_projects(served.sites) == ["demo"]
    assert {path.name for path in served.sites.iterdir()} <= {"demo", ".sessions", ".credentials"}


async def test_life_cycle_over_the_api(served: Gateway) -> None:
    """Create, look, restart (another process), stop, delete."""
    with_starter = await served.api("POST", "/api/v1/sessions", body={"id": "life"})
    assert (with_starter.status, with_starter.json["state"]) == (201, "ready")
    first = with_starter.json["pid"]
    assert (await served.api("POST", "/api/v1/sessions", body={"id": "life"})).status == 200
    again = (await served.api("POST", "/api/v1/sessions/life/restart")).json
    assert again["state"] == "ready"
    assert again["pid"] != first
    assert (await served.api("POST", "/api/v1/sessions/life/stop")).json["state"] == "stopped"
    assert (await served.api("DELETE", "/api/v1/sessions/life")).status == 204
    assert (await served.api("GET", "/api/v1/sessions/life")).status == 404
    assert not (served.sites / "life").exists()


async def test_files_are_written_whole_and_announced(served: Gateway) -> None:
    """Create, replace, read back, delete; the dev server hears add, change and unlink."""
    path = "/api/v1/sessions/demo/files/src/pages/new.astro"
    assert (await served.api("PUT", path, data=b"one")).status == 201
    assert (await served.api("PUT", path, data=b"two")).status == 200
    assert (await served.api("GET", path)).body == b"two"
    assert (await served.api("DELETE", path)).status == 204
    assert (await served.api("GET", path)).status == 404
    heard = (await served.get("/session/demo/changes", headers=served.cookie("demo"))).json
    assert [entry["event"] for entry in heard][-3:] == ["add", "change", "unlink"]
    assert heard[-1]["path"] == str(served.sites / "demo/src/pages/new.astro")
    assert [entry.name for entry in (served.sites / "demo/src/pages").iterdir()] == []


@pytest.mark.parametrize(
    "path",
    [
        "../other/x", "..%2fother%2fx", "a/../../x", "%2e%2e/x", ".git/config", "a/.GIT/hooks/x", "node_modules/x/index.js", "a%00b",
        "a%5cb", "a//b", "link/x", "linkfile", "x" * 300, "a/" * 40 + "x",
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_the_project(served: Gateway, path: str) -> None:
    """Parents, links, generated and version-control folders: refused for reading, writing and
    deleting.
    """
    outside = served.sites.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "x").write_text("secret")
    for name, target in (("link", outside), ("linkfile", outside / "x")):
        if not (served.sites / "demo" / name).is_symlink():
            (served.sites / "demo" / name).symlink_to(target)
    for method in ("PUT", "GET", "DELETE"):
        if (method, path) == ("DELETE", "linkfile"):
            continue  # removes the link itself, which is within the project
        answer = await served.api(
            method, f"/api/v1/sessions/demo/files/{path}", data=b"x" if method == "PUT" else None
        )
        assert answer.status in (400, 404, 409), (method, path)
        assert "secret" not in answer.text
    assert (outside / "x").read_text() == "secret"
    assert len(list(outside.iterdir())) == 1


async def test_a_file_above_the_limit_is_refused(served: Gateway) -> None:
    """413 names the limit; nothing half-written stays."""
    answer = await served.api("PUT", "/api/v1/sessions/demo/files/big", data=bytes(1024 * 1024 + 1))
    assert answer.status == 413
    assert "1 MiB" in answer.text
    assert not (served.sites / "demo" / "big").exists()


async def test_logs_can_be_followed(served: Gateway) -> None:
    """A line that the dev server prints later arrives on the open answer."""
    import aiohttp

    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"}) as session,
        session.get(f"{served.api_url}/api/v1/sessions/demo/logs?follow=1") as answer,
    ):
        assert b"fake dev server" in await answer.content.readline()
        await served.api("POST", "/api/v1/sessions/demo/restart")
        async with asyncio.timeout(5):
            assert b"fake dev server" in await answer.content.readline()


async def test_metrics_have_sessions_by_state(served: Gateway) -> None:
    """In Prometheus's text format."""
    text = (await served.api("GET", "/metrics")).text
    assert 'astro_live_session_count{state="ready"} 1.0' in text
    assert "astro_live_session_start_seconds_bucket" in text


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_as_path_stays_inside(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever is asked to be written lands below the project or is refused."""
    root = tmp_path_factory.getbasetemp() / "fuzz" / "project"
    root.mkdir(parents=True, exist_ok=True)
    before = {path for path in root.parent.rglob("*") if not path.is_relative_to(root)}
    try:
        files.write_file(root, text, b"x")
    except SessionError:
        pass
    else:
        assert files.read_file(root, text, 10) == b"x"
    assert {path for path in root.parent.rglob("*") if not path.is_relative_to(root)} == before


async def test_half_made_projects_are_no_sessions(tmp_path: Path) -> None:
    """Temporary and hidden folders, files and links in the sites folder are not sessions."""
    from types import SimpleNamespace

    for name in (".new-1", ".gone-1", "UPPER", "ok"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "ok")
    settings = SimpleNamespace(sites_dir=tmp_path, project_dir=lambda name: tmp_path / name)
    registry = SessionRegistry(SimpleNamespace(settings=settings, storage=Storage()))  # type: ignore[arg-type]
    names = ("new-1", "gone-1", ".new-1", "UPPER", "upper", "ok", "file", "link", "..", "")
    assert [name for name in names if await registry.known(name)] == ["ok"]
    assert list_projects(tmp_path) == ["ok"]


def test_the_description_serialises() -> None:
    """It is plain JSON."""
    json.dumps(document())
