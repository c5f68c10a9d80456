"""Start, readiness, refusal and end of a runner (S1, S5, S10)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from .driver import ASTRO_DIR, NODE, WAIT_SECONDS, Message, Runner, StartArgs, live_site, open_page


def gone(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_runner_waits_warm_and_then_serves(args: StartArgs) -> None:
    runner = Runner(home=args.scratch / "home")
    try:
        runner.wait_for("warm")
        runner.send(args.message())
        ready = runner.wait_for("ready")
        assert (ready["astro"], ready["vite"]) == ("7.3.5", "8.3.8")
        assert ready["watch"]["mode"] in ("native", "hybrid", "polling")
        assert ready["watch"]["reason"]
    finally:
        assert runner.stop() == 0


def test_a_closed_channel_ends_the_runner_and_all_it_started(args: StartArgs) -> None:
    with live_site(args) as site:
        pid = site.runner.process.pid
        site.request()
    assert gone(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_runner(args: StartArgs, number: signal.Signals) -> None:
    with live_site(args) as site:
        site.runner.process.send_signal(number)
        # Vite installs its own handler for SIGTERM, which ends the process with 143.
        assert site.runner.process.wait(10) in (0, 128 + number)


def test_a_stop_message_ends_the_runner(args: StartArgs) -> None:
    with live_site(args) as site:
        site.runner.send({"type": "stop"})
        assert site.runner.process.wait(10) == 0


def test_open_sockets_are_closed_in_order_before_the_end(args: StartArgs) -> None:
    with live_site(args) as site, open_page(site) as socket:
        site.runner.send({"type": "stop"})
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012  # service restart
        assert site.runner.process.wait(10) == 0


def test_started_by_hand_it_says_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [NODE, ASTRO_DIR / "runner.mjs"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert "descriptor 3" in done.stderr
    assert "Error" not in done.stderr


def test_production_in_the_environment_does_not_turn_hmr_off(args: StartArgs) -> None:
    with live_site(args, environment={"NODE_ENV": "production"}) as site:
        assert "/@vite/client" in site.request().text


def own_astro(root: Path) -> Path:
    """Give the project a copy of the runner's Astro, beside links to all that it needs; returns the
    copy's folder.
    """
    modules = root / "node_modules"
    modules.mkdir()
    for package in (ASTRO_DIR / "node_modules").iterdir():
        if package.name == "astro":
            shutil.copytree(package, modules / package.name)
        elif not package.name.startswith("."):
            (modules / package.name).symlink_to(package)
    return modules / "astro"


def test_a_release_that_no_test_covers_starts_with_a_warning(args: StartArgs) -> None:
    """Its own Astro runs, whatever its version says, and its packages are the site's (S27)."""
    package = own_astro(args.root)
    manifest = json.loads((package / "package.json").read_text())
    (package / "package.json").write_text(json.dumps({**manifest, "version": "9.1.0"}))
    with live_site(args) as site:
        assert site.ready["astro"] == "9.1.0"
        assert any("9.1.0 is newer than" in warning for warning in site.ready["site"]["warnings"])
        assert site.request().status == 200


def test_a_place_that_moved_costs_an_acceleration_and_not_the_site(args: StartArgs) -> None:
    package = own_astro(args.root)
    store = package / "dist/content/mutable-data-store.js"
    store.write_text(store.read_text().replace("SAVE_DEBOUNCE_MS", "SAVE_AFTER_MS"))
    with live_site(args) as site:
        report = {entry["name"]: entry for entry in site.ready["site"]["accelerations"]}
        assert [name for name, entry in report.items() if not entry["active"]] == [
            "content-debounce"
        ]
        assert "half a second" in report["content-debounce"]["without"]
        assert site.request().status == 200


def test_without_any_acceleration_the_site_is_live(args: StartArgs) -> None:
    with (
        live_site(args, environment={"ASTRO_LIVE_ACCELERATIONS": "off"}) as site,
        open_page(site) as socket,
    ):
        assert not any(entry["active"] for entry in site.ready["site"]["accelerations"])
        assert site.ready["site"]["live"] is True
        site.edit(
            "src/content/notes/write-here.md", "Change this sentence", "I changed this sentence"
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while (
            json.loads(socket.recv(timeout=max(0.0, deadline - time.monotonic())))["type"]
            != "full-reload"
        ):
            pass
        # Collections do not outlive a restart within the process then: the parent is asked for
        # another one.
        path = args.root / "astro.config.mjs"
        path.write_text(path.read_text() + "\n// touched\n")
        assert "restart" in site.runner.wait_for("replace")["reason"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "export default { output: 'foo' };\n",
            "the configuration is not valid. output: Did not match union.",
        ),
        (
            "export default {\n  site: }\n",
            "astro.config.mjs:2:9: Parse failure: Parse failed with 1 error: Unexpected token",
        ),
        ("throw new Error('boo');\n", "astro.config.mjs: boo"),
        (
            "import './src/none.mjs';\n",
            "Failed to load url ./src/none.mjs (resolved id: ./src/none.mjs) in astro.config.mjs.",
        ),
    ],
    ids=["value", "syntax", "throws", "import"],
)
def test_a_broken_configuration_is_named_with_its_place(
    args: StartArgs, text: str, message: str
) -> None:
    (args.root / "astro.config.mjs").write_text(text)
    error = start_fails(args)
    assert error["code"] == "config"
    assert error["message"].startswith(message)
    assert str(args.root) not in error["message"] + error["stack"]
    assert error["fix"]


def test_a_missing_project_is_named(args: StartArgs) -> None:
    error = start_fails(replace(args, root=args.root / "nowhere"))
    assert error["code"] == "config"
    assert "nowhere" in error["message"]


def test_an_unknown_watch_mode_is_named(args: StartArgs) -> None:
    error = start_fails(replace(args, watch_mode="psychic"))
    assert "psychic" in error["message"]
    assert "polling" in error["message"]


def start_fails(args: StartArgs) -> Message:
    """Start, expect an error message, and the runner's end right after it."""
    runner = Runner(home=args.scratch / "home")
    try:
        runner.send(args.message())
        deadline = time.monotonic() + 60
        while runner.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(AssertionError):
            runner.wait_for("ready", seconds=5)
        assert runner.process.returncode == 1
        (error,) = (message for message in runner.messages if message["type"] == "error")
        return error
    finally:
        runner.stop()
