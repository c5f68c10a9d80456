"""A session is a repository: which folder of it is the site can be set with the session, and later
(S27).
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from container.gateway.errors import BadRequest
from container.gateway.session_options import (
    SessionOptions,
    check_folder,
    options_with,
    read_options,
    remove_options,
    write_options,
)

from .harness import Gateway, running_gateway

SESSION = "/api/v1/sessions/demo"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("docs", "docs"), ("apps/web/", "apps/web"), ("./docs", "docs"), ("", ""), (".", "")],
)
def test_a_folder_of_the_repository_is_taken(given: str, kept: str) -> None:
    assert options_with(given).root == kept


@pytest.mark.parametrize(
    "given", ["/etc", "../other", "docs/../../other", "a\\b", "a\0b", "x" * 2000]
)
def test_what_leads_out_of_the_repository_is_refused(given: str) -> None:
    with pytest.raises(BadRequest, match="allowed is the site's folder within the repository"):
        options_with(given)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a folder, a file, and links."""
    folder = tmp_path / "demo"
    (folder / "docs" / "src").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "inside").symlink_to("docs")
    (folder / "outside").symlink_to("/")
    (folder / "loop").symlink_to("loop")
    return folder


@pytest.mark.parametrize("root", ["", "docs", "docs/src", "inside", "inside/src"])
def test_a_folder_that_is_there_is_taken(project: Path, root: str) -> None:
    check_folder(project, root)


@pytest.mark.parametrize(
    "root",
    [
        "doc",
        "docs/pages",
        "package.json",
        "package.json/src",
        "outside",
        "outside/etc",
        "loop",
        "x" * 300,
        "\ud800",
    ],
)
def test_a_folder_that_is_not_there_is_refused(project: Path, root: str) -> None:
    with pytest.raises(BadRequest, match="and the repository has no such folder"):
        check_folder(project, root)


def test_a_disk_that_refuses_is_not_a_folder_that_is_missing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, strict: bool = False) -> Path:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(Path, "resolve", refuse)
    with pytest.raises(OSError, match="broken"):
        check_folder(project, "docs")


async def test_it_is_refused_and_nothing_changes(gateway: Gateway) -> None:
    """By PATCH, and where a session that exists is created again: the dev server that runs stays,
    and so does what was set.
    """
    (gateway.sites / "demo" / "docs").mkdir(parents=True)
    set_ = await gateway.api("PATCH", SESSION, body={"root": "docs"})
    assert set_.status == 200, set_.text
    started = (await gateway.api("POST", f"{SESSION}/start")).json
    for method, path, body in (
        ("PATCH", SESSION, {"root": "dosc"}),
        ("POST", "/api/v1/sessions", {"id": "demo", "root": "dosc"}),
    ):
        refused = await gateway.api(method, path, body=body)
        assert (refused.status, refused.json["code"]) == (400, "bad-request")
        assert refused.json["detail"].startswith("root is 'dosc', and the repository has no such")
        now = (await gateway.api("GET", SESSION)).json
        assert (now["state"], now["pid"]) == ("ready", started["pid"])
        assert read_options(gateway.sites, "demo").root == "docs"


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Gateway]:
    """With room for one session."""
    with running_gateway(tmp_path, ASTRO_LIVE_MAX_SESSIONS="1") as running:
        yield running


async def test_without_room_nothing_is_set(full: Gateway) -> None:
    project = full.sites / "demo"
    (project / "docs").mkdir(parents=True)
    error = {"code": "config", "message": "no", "fix": ""}
    (project / "fake.json").write_text(json.dumps({"start": "error", "error": error}))
    assert (await full.api("POST", f"{SESSION}/start")).json["state"] == "failed"
    await full.start("other")
    refused = await full.api("PATCH", SESSION, body={"root": "docs"})
    assert refused.status == 429, refused.text
    assert read_options(full.sites, "demo").root == ""
    assert (await full.api("POST", "/api/v1/sessions/other/stop")).status == 200
    assert (await full.api("PATCH", SESSION, body={"root": "docs"})).status == 200
    assert read_options(full.sites, "demo").root == "docs"


async def test_a_new_session_from_the_starter_needs_a_folder_of_the_starter(
    gateway: Gateway,
) -> None:
    body = {"id": "new", "root": "docs"}
    refused = await gateway.api("POST", "/api/v1/sessions", body=body)
    assert (refused.status, refused.json["code"]) == (400, "bad-request")
    assert not (gateway.sites / "new").exists()
    made = await gateway.api("POST", "/api/v1/sessions", body={**body, "template": "empty"})
    assert made.status == 201, made.text  # its files are yet to come


def test_options_are_kept_beside_the_projects_and_forgotten_with_the_session(
    tmp_path: Path,
) -> None:
    assert read_options(tmp_path, "demo") == SessionOptions()
    write_options(tmp_path, "demo", SessionOptions(root="docs"))
    assert read_options(tmp_path, "demo").root == "docs"
    assert read_options(tmp_path, "other") == SessionOptions()
    remove_options(tmp_path, "demo")
    assert read_options(tmp_path, "demo") == SessionOptions()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"root": 1}', '{"root": "../x"}', '{"root": "/x"}', "\0" * 100]
)
def test_a_file_that_is_no_options_counts_as_none(tmp_path: Path, text: str) -> None:
    write_options(tmp_path, "demo", SessionOptions(root="docs"))
    (tmp_path / ".sessions" / "demo.json").write_text(text)
    assert read_options(tmp_path, "demo") == SessionOptions()


def test_options_of_a_newer_gateway_are_read(tmp_path: Path) -> None:
    write_options(tmp_path, "demo", SessionOptions())
    (tmp_path / ".sessions" / "demo.json").write_text('{"root": "docs", "later": true}')
    assert read_options(tmp_path, "demo").root == "docs"
