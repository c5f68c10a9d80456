"""Production mode: built once, served under the session's address, built again on demand, the last
good build kept (S6).
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from contract.messages import decode
from contract.messages.jobs import FromJob, ToJob

from .driver import ROOT, LiveSite, StartArgs, copy_starter, live_site

COMPAT = ROOT / "tests" / "sites" / "compat"
PRODUCTION = {"NODE_ENV": "production"}
RECORD_JOBS = ROOT / "tests" / "astro" / "record_jobs.mjs"
JOBS = "jobs.jsonl"
"""Beside the project: what `RECORD_JOBS` writes."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The starter site: static output."""
    folder = tmp_path_factory.mktemp("static")
    args = StartArgs(
        root=copy_starter(folder / "project"),
        scratch=folder / "scratch",
        mode="production",
        more={"frameAncestors": ["https://cms.example.com"]},
    )
    recorded = {"RECORD_JOBS": str(args.root.parent / JOBS)}
    with live_site(
        args,
        environment={**PRODUCTION, **recorded},
        node_arguments=("--import", RECORD_JOBS.as_uri()),
    ) as live:
        yield live


def test_the_built_page_is_served_under_the_base(built: LiveSite) -> None:
    page = built.request()
    assert page.status == 200
    assert "Your site is awake." in page.text
    assert "@vite/client" not in page.text
    urls = re.findall(r'(?:href|src|component-url|renderer-url)="([^"]+)"', page.text)
    assert urls
    for url in urls:
        assert url.startswith("/session/demo/"), url
        assert built.request(url.split("#")[0]).status == 200, url


def test_a_built_page_in_a_frame_has_the_script_that_answers_there(built: LiveSite) -> None:
    """With the origins that it may answer; what scripts fetch has none."""
    page = built.request(headers={"sec-fetch-dest": "iframe"}).text
    (script,) = re.findall(r'<script type="module" data-astro-live="frame" src="([^"]+)"', page)
    assert script.startswith("/session/demo/@astro-live/")
    begin = built.request(script)
    assert begin.status == 200
    assert '"https://cms.example.com"' in begin.text
    (following,) = re.findall(r'from "\./([\w-]+\.js)"', begin.text)
    assert built.request(script.replace("begin.js", following)).status == 200
    assert built.request(script.replace("begin.js", "../dev.mjs")).status == 404
    assert "astro-live/frame" not in built.request().text


def test_an_edit_alone_changes_nothing_and_a_rebuild_shows_it(built: LiveSite) -> None:
    built.edit("src/pages/index.astro", "Your site is awake.", "Your site is built again.")
    assert "Your site is awake." in built.request().text
    built.runner.send({"type": "rebuild"})
    assert built.runner.wait_for("built")["changed"] is True
    assert "Your site is built again." in built.request().text
    built.edit("src/pages/index.astro", "Your site is built again.", "Your site is awake.")
    built.runner.send({"type": "rebuild"})
    built.runner.wait_for("built")
    built.runner.send({"type": "rebuild"})
    assert built.runner.wait_for("built")["changed"] is False


@pytest.mark.parametrize("half", [True, False], ids=["half a request", "between two requests"])
def test_a_connection_that_was_open_gets_no_earlier_build(built: LiveSite, half: bool) -> None:
    """After the answer to the request to build: it is closed, so that Envoy asks again over a new
    one.
    """
    head = f"GET {built.args.base} HTTP/1.1\r\nHost: edit.example.com\r\nAccept: text/html\r\n"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(built.args.socket_path))
        connection.sendall(f"{head}\r\n{head if half else ''}".encode())
        assert b"Your site is" in connection.recv(1 << 16)
        built.edit("src/pages/index.astro", "Your site is", "Your  site is")
        built.runner.send({"type": "rebuild"})
        assert built.runner.wait_for("built")["changed"] is True
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"\r\n" if half else f"{head}\r\n".encode())
            # What was left of the first answer may come before the end.
            while data := connection.recv(1 << 16):
                assert b"HTTP/1.1 200" not in data
    assert "Your  site is" in built.request().text
    built.edit("src/pages/index.astro", "Your  site is", "Your site is")
    built.runner.send({"type": "rebuild"})
    assert built.runner.wait_for("built")["changed"] is True


def test_a_failed_build_is_reported_and_the_last_good_one_stays(built: LiveSite) -> None:
    built.edit("src/pages/index.astro", "<h2>Notes</h2>", "<h2>{missing.name}</h2>")
    built.runner.send({"type": "rebuild"})
    with pytest.raises(AssertionError, match="missing is not defined"):
        built.runner.wait_for("built")
    assert built.runner.messages[-1]["code"] == "build"
    assert "Your site is awake." in built.request().text
    built.edit("src/pages/index.astro", "<h2>{missing.name}</h2>", "<h2>Notes</h2>")


def test_what_the_dev_server_and_its_processes_say_to_each_other_is_declared(
    built: LiveSite,
) -> None:
    """Both ends are JavaScript, which checks no message as it runs: a real conversation is held to
    the declarations here.
    """
    lines = (built.args.root.parent / JOBS).read_text().splitlines()
    adapters: dict[str, TypeAdapter[Any]] = {"ToJob": ToJob, "FromJob": FromJob}
    kinds = {
        decode(adapters[direction], json.dumps(message).encode()).type
        for direction, message in map(json.loads, lines)
    }
    assert {"build-job", "build-made", "serve-job", "server-up"} <= kinds


def test_a_restart_uses_the_last_good_build(tmp_path: Path) -> None:
    args = StartArgs(
        root=copy_starter(tmp_path / "project"), scratch=tmp_path / "scratch", mode="production"
    )
    with live_site(args, environment=PRODUCTION) as first:
        stages = [
            message["stage"] for message in first.runner.messages if message["type"] == "progress"
        ]
        assert list(dict.fromkeys(stages)) == ["build", "serve"]
    with live_site(args, environment=PRODUCTION) as second:
        assert {message.get("stage", "serve") for message in second.runner.messages} == {"serve"}
        second.edit("src/pages/index.astro", "<h2>Notes</h2>", "<h2>{missing.name}</h2>")
    with live_site(args, environment=PRODUCTION) as third:
        assert "Your site is awake." in third.request().text
        with pytest.raises(AssertionError, match="missing is not defined"):
            third.runner.wait_for("built")


def test_a_first_build_that_fails_is_an_error(args: StartArgs) -> None:
    (args.root / "src/pages/index.astro").write_text("<p>{missing.name}</p>\n")
    with (
        pytest.raises(AssertionError, match=r"'code': 'build'.*missing is not defined"),
        live_site(replace(args, mode="production"), environment=PRODUCTION),
    ):
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The compatibility site: server output through an adapter."""
    if not (COMPAT / "node_modules" / "astro").is_dir():
        pytest.fail(
            "tests/sites/compat/node_modules is missing: run scripts/setup.sh test", pytrace=False
        )
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(
        COMPAT, folder / "project", ignore=shutil.ignore_patterns("node_modules", ".astro")
    )
    (folder / "project" / "node_modules").symlink_to(COMPAT / "node_modules")
    args = StartArgs(
        root=folder / "project",
        scratch=folder / "scratch",
        mode="production",
        base="/session/compat/",
    )
    with live_site(args, environment=PRODUCTION) as live:
        yield live


def test_a_page_is_rendered_on_demand_with_its_public_address(server: LiveSite) -> None:
    page = server.request()
    assert page.status == 200
    assert page.headers["x-compat"] == "yes"
    assert re.search(r'id="address"[^>]*>https://edit\.example\.com/session/compat/?<', page.text)
    assert "Path=/session/compat" in page.headers["set-cookie"]
    for url in re.findall(r'(?:href|src|component-url|renderer-url)="(/[^"]*)"', page.text):
        assert url.startswith("/session/compat"), url


def test_an_endpoint_and_a_prerendered_page_answer(server: LiveSite) -> None:
    assert json.loads(server.request("api/echo?word=yes").body)["asked"] == "yes"
    assert "Markdown body of the first post." in server.request("posts/first/").text


def test_redirects_lead_within_the_session(server: LiveSite) -> None:
    for path in ("away", "old-post"):
        answer = server.request(path)
        assert answer.status in (200, 301, 302)
        target = answer.headers["location"] or answer.text
        assert "/session/compat/posts/first" in target


def test_a_form_of_the_page_itself_is_accepted_and_a_foreign_one_is_not(server: LiveSite) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    own = server.request(
        "forms",
        method="POST",
        body=b"plain=from+the+page",
        headers={**form, "origin": "https://edit.example.com"},
    )
    assert "from the page" in own.text
    foreign = server.request(
        "forms",
        method="POST",
        body=b"plain=from+elsewhere",
        headers={**form, "origin": "https://evil.example.net"},
    )
    assert foreign.status == 403
