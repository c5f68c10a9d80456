"""`python -m local up` from start to end: the real program, policy pack, gateway, Envoys and Astro
(S23).
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.staged_context import STAGING
from local.engine import ROOT
from tests.addresses import own_address

pytestmark = pytest.mark.timeout(400)


@dataclass
class Up:
    """A running `up`."""

    process: subprocess.Popen[bytes]
    directory: Path
    address: str

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.directory / "ready.json").read_text())
        return found

    @property
    def output(self) -> str:
        return (self.directory.parent / "output").read_text()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers=headers or {}), context=context, timeout=30
            ) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def command(directory: Path, address: str, *more: str) -> list[str]:
    options = [
        "--directory",
        str(directory),
        "--address",
        address,
        "--config",
        f"publicUrl=https://{address}:8443",
    ]
    return [sys.executable, "-m", "local", "up", *options, *more]


def begin(directory: Path, address: str, *more: str) -> Up:
    """Start a run that ends with the tests, even when they are killed."""
    tied = [
        sys.executable,
        str(ROOT / "local" / "children.py"),
        str(os.getpid()),
        *command(directory, address, *more),
    ]
    with (directory.parent / "output").open("wb") as output:
        process = subprocess.Popen(
            tied, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return Up(process, directory, address)


def belonging(directory: Path) -> list[int]:
    """Processes that name the run's directory in their command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(directory).encode() in text:
            found.append(int(entry.name))
    return found


def until(condition: Callable[[], bool], up: Up, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, up.output
        time.sleep(0.1)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One run for the whole module, on its own address; ended by Ctrl-C, which has to leave
    nothing.
    """
    running = begin(tmp_path_factory.mktemp("up") / "stack", own_address())
    try:
        until(lambda: running.output != "", running)
        assert running.output.startswith("Evaluating the stack local and its policies ...\n")
        until(
            lambda: (
                "round trip" in running.output
                or "over the WebSocket" in running.output
                or running.process.poll() is not None
            ),
            running,
        )
        assert running.process.poll() is None, running.output
        yield running
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0, running.output
    assert belonging(running.directory) == []
    assert not (running.directory / "ready.json").exists()


def test_it_announces_a_session_that_opens(up: Up) -> None:
    """ready.json holds a one-time link; it shows the site, and a second use of it does not."""
    assert {"session_url", "site_dir", "ca_file", "api_url", "api_token"} <= up.ready.keys()
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=up.ready["ca_file"])),
        urllib.request.HTTPCookieProcessor(),
    )
    url = up.ready["session_url"]
    with opener.open(url, timeout=30) as response:
        page = response.read().decode()
        assert response.status == 200
    assert "/session/demo/@vite/client" in page
    assert up.fetch(url)[0] == 404
    assert Path(up.ready["site_dir"], "package.json").is_file()
    assert "came back over the WebSocket in" in up.output


def test_strangers_get_nothing(up: Up) -> None:
    """No cookie: neither a page nor Vite's client, and nothing on other paths."""
    base = f"https://{up.address}:8443"
    for path in (
        "/session/demo/",
        "/session/demo/@vite/client",
        "/session/nobody/",
        "/session/%2e%2e/",
        "/",
        "/health/ready",
    ):
        status, body = up.fetch(base + path)
        assert 400 <= status < 500, path
        assert "vite" not in body


def test_plain_http_is_redirected(up: Up) -> None:
    """Port 80 as declared, here 8480."""
    with socket.create_connection((up.address, 8480), timeout=10) as plain:
        plain.sendall(
            f"GET /session/demo/ HTTP/1.1\r\nHost: {up.address}:8480\r\nConnection: close\r\n\r\n".encode()
        )
        answer = plain.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 301")
    assert f"location: https://{up.address}:8443/session/demo/" in answer


def test_the_api_answers_with_its_token(up: Up) -> None:
    """The token comes from the declared secret."""
    request = urllib.request.Request(
        f"{up.ready['api_url']}/sessions",
        headers={"Authorization": f"Bearer {up.ready['api_token']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert [session["id"] for session in json.load(response)["sessions"]] == ["demo"]


def test_all_that_it_leaves_is_in_the_documentation(up: Up) -> None:
    """Files and folders of the run, what the checkout keeps for all runs, and the fields of
    ready.json.
    """
    page = (ROOT / "docs" / "local.md").read_text()
    (table,) = re.findall(
        r"## What `make up` leaves in `\.local/`\n(.*?)\n\n[^|\n]", page, re.DOTALL
    )
    named = {name.split("/")[0] for name in re.findall(r"^\| `(\S+?)` \|", table, re.MULTILINE)}
    kept = {STAGING.name, "bytecode"}
    assert {path.name for path in up.directory.iterdir()} | kept <= named
    assert {name for name in up.ready if f"`{name}`" not in table} == set()


def test_a_second_run_is_refused_in_one_line(up: Up) -> None:
    """It names the first one and touches nothing of it."""
    result = subprocess.run(
        command(up.directory, up.address),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert (
        result.stderr
        == f"astro-live: the local stack already runs in {up.directory} (process {up.process.pid}):"
        f" `.venv/bin/python -m local link --directory {up.directory}` gives a sign-in link to"
        " it, Ctrl-C in its terminal ends it\n"
    )
    link = [sys.executable, "-m", "local", "link", "--directory", str(up.directory)]
    given = subprocess.run(link, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert given.stdout.startswith(f"{up.ready['session_url'].split('?')[0]}?")


def test_a_busy_port_is_one_line(up: Up, tmp_path: Path) -> None:
    """Another run on the same address finds the first one's listener."""
    result = subprocess.run(
        command(tmp_path / "other", up.address),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert "which the load balancer needs, is taken by another program" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert belonging(tmp_path / "other") == []


@pytest.mark.parametrize("address", ["nonsense", "10.0.0.1", "localhost", "::1"])
def test_an_address_that_is_not_loopback_is_one_line(tmp_path: Path, address: str) -> None:
    """Nothing is evaluated before, and nothing listens where others could reach it."""
    result = subprocess.run(
        command(tmp_path / "other", address),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"astro-live: --address is {address!r}; allowed is an IPv4 address of loopback, from"
        " 127.0.0.1 to 127.255.255.254. Leave it out for 127.0.0.1\n"
    )


@pytest.mark.parametrize(
    "line", ["Evaluating the stack local", "policy pack", "load balancer", "session demo"]
)
def test_a_reader_that_leaves_ends_the_run_in_order(tmp_path: Path, line: str) -> None:
    """As `head` does: without a stack, and without a process that stays."""
    process = subprocess.Popen(
        command(tmp_path / "stack", own_address()),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    while line not in process.stdout.readline():
        assert process.poll() is None, process.stderr.read()
    process.stdout.close()
    if line == "session demo":  # what follows may be in the pipe already, and the stack runs
        process.send_signal(signal.SIGINT)
    try:
        assert process.wait(120) in ((0, 141) if line == "session demo" else (141,))
        assert process.stderr.read() == ""
        assert belonging(tmp_path / "stack") == []
    finally:
        process.stderr.close()
        process.kill()


@pytest.mark.parametrize("closed", ["read end", "descriptor"])
def test_a_preview_nobody_reads_is_quiet(closed: str) -> None:
    shell = {
        "read end": '"$0" -m local preview dev | true',
        "descriptor": '"$0" -m local preview dev >&-',
    }
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell[closed], sys.executable],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stderr) == (141 if closed == "read end" else 0, "")


def test_a_task_that_dies_is_replaced(up: Up) -> None:
    """As ECS would: the site comes back under the same cookie-less rules."""
    task = next(
        pid
        for pid in belonging(up.directory)
        if b"container.gateway\0" in Path(f"/proc/{pid}/cmdline").read_bytes() and _child(pid, up)
    )
    os.kill(task, signal.SIGKILL)
    until(lambda: "starting it again" in up.output, up, 60)
    until(lambda: _answers(up), up, 60)


def _child(pid: int, up: Up) -> bool:
    """Whether `pid` is a direct child of the run."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) == up.process.pid


def _answers(up: Up) -> bool:
    try:
        with urllib.request.urlopen(
            f"http://{up.address}:8080/health/ready", timeout=5
        ) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def test_production_mode_comes_up(tmp_path: Path) -> None:
    """The site is built and its page shown; nothing waits for a client that a build does not have
    (S6, S23).
    """
    running = begin(tmp_path / "stack", own_address(), "--config", "nodeEnv=production")
    try:
        until(
            lambda: "Ctrl-C ends the stack" in running.output or running.process.poll() is not None,
            running,
        )
        assert running.process.poll() is None, running.output
        assert "shown  build 1 (nodeEnv is production)" in running.output
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(
                context=ssl.create_default_context(cafile=running.ready["ca_file"])
            ),
            urllib.request.HTTPCookieProcessor(),
        )
        with opener.open(running.ready["session_url"], timeout=30) as response:
            page = response.read().decode()
        assert "Your site is awake." in page
        assert "@vite/client" not in page
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0, running.output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    """SIGKILL in the middle of the start."""
    running = begin(tmp_path / "stack", own_address())
    log = running.directory / "logs" / "task-1.log"
    until(
        lambda: (log.is_file() and log.stat().st_size > 0) or running.process.poll() is not None,
        running,
    )
    assert running.process.poll() is None, running.output
    running.process.kill()
    running.process.wait()
    until(lambda: belonging(running.directory) == [], running, 60)
