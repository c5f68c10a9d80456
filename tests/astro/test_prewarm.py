"""A runner that waited in the warm pool has started and stopped a site before: its session must not
notice (S1, S2, S5, S10).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .driver import LiveSite, Runner, StartArgs, copy_starter, open_page
from .test_edits import EDITS, receive, token, wait_until_restarted


@pytest.fixture(scope="module")
def prewarmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site whose runner had all the time it wanted before it was told to start."""
    folder = tmp_path_factory.mktemp("prewarmed")
    args = StartArgs(root=copy_starter(folder / "project"), scratch=folder / "scratch")
    runner = Runner(home=folder / "home")
    try:
        runner.wait_for("warm")
        runner.send(args.message())
        yield LiveSite(runner=runner, args=args, ready=runner.wait_for("ready"))
    finally:
        runner.stop()


def listening(pid: int) -> list[int]:
    return [
        entry.laddr.port
        for entry in psutil.Process(pid).net_connections("tcp")
        if entry.status == psutil.CONN_LISTEN
    ]


def test_a_waiting_runner_has_prewarmed_and_cleared_away(tmp_path: Path) -> None:
    """Neither port nor file of the prewarming is left, and nothing was said about it."""
    runner = Runner(home=tmp_path / "home")
    try:
        runner.wait_for("warm")
        assert [message["type"] for message in runner.messages] == ["warm"]
        assert listening(runner.process.pid) == []
        assert list((tmp_path / "home").rglob("prewarming-*")) == []
    finally:
        assert runner.stop() == 0


def test_a_session_after_prewarming_has_its_own_prefix_and_listener(prewarmed: LiveSite) -> None:
    assert len(listening(prewarmed.runner.process.pid)) == 1, (
        "Vite's own, behind the session's socket"
    )
    html = prewarmed.request().text
    assert "/session/demo/@vite/client" in html
    assert "prewarming" not in html
    assert not (prewarmed.args.root / ".astro").exists()


@pytest.mark.parametrize("kind", list(EDITS))
def test_edits_reach_the_page_after_prewarming(prewarmed: LiveSite, kind: str) -> None:
    """The content layer and Vite's watcher are the session's, not those of the trial start."""
    file, old, new, message = EDITS[kind]
    with open_page(prewarmed) as socket:
        prewarmed.edit(file, old, new)
        receive(socket, message)
        if kind in ("astro", "content"):
            assert new in prewarmed.request().text


def test_a_restart_of_the_configuration_works_after_prewarming(prewarmed: LiveSite) -> None:
    """Collections listen to the watcher of the new server."""
    old_token = token(prewarmed)
    prewarmed.edit("astro.config.mjs", "integrations:", "trailingSlash: 'ignore',\n  integrations:")
    wait_until_restarted(prewarmed, old_token)
    with open_page(prewarmed) as socket:
        prewarmed.edit(
            "src/content/notes/write-here.md", "title: Write here", "title: Written after a restart"
        )
        # A restart may ask for its own reload, so the first one need not be the edit's.
        receive(socket, "full-reload")
        while "Written after a restart" not in prewarmed.request().text:
            receive(socket, "full-reload")


def test_a_start_in_the_middle_of_prewarming_is_served_after_it(args: StartArgs) -> None:
    """The message is neither lost nor mixed up with the trial start's site."""
    runner = Runner(home=args.scratch / "home")
    try:
        deadline = 600
        while not list((args.scratch / "home").rglob("prewarming-*")) and deadline:
            deadline -= 1
            runner.process.poll()
            time.sleep(0.05)
        assert deadline, "the prewarming did not begin"
        runner.send(args.message())
        site = LiveSite(runner=runner, args=args, ready=runner.wait_for("ready"))
        assert "/session/demo/@vite/client" in site.request().text
        assert len(listening(runner.process.pid)) == 1
    finally:
        runner.stop()
