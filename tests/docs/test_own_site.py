"""The tutorial about one's own site: its program runs against a repository, and a clone in the
folder of sessions is a session (S25, S33, S34).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local import link
from tests.gateway.git_server import GitServer, git, git_reason, git_server
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "own-site.md").read_text()
API_PAGE: Final = (ROOT / "docs" / "api.md").read_text()
SITE: Final = {
    "package.json": '{"dependencies": {"astro": "7.3.5"}}',
    "src/pages/index.astro": "<h1>Shop</h1>\n",
}

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason() or "git is there")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with git_server(tmp_path / "repositories") as running:
        running.make("blog", SITE)
        yield running


@pytest.fixture
def gateway(tmp_path: Path, server: GitServer) -> Iterator[Gateway]:
    """A gateway whose address and credential are where `make up` writes them."""
    folder = tmp_path / "gw"
    with running_gateway(folder, ASTRO_LIVE_GIT_INTERNAL_HOSTS=server.address) as running:
        ready = {"api_url": f"{running.api_url}/api/v1", "api_token": API_TOKEN, "session": "demo"}
        (tmp_path / ".local").mkdir()
        (tmp_path / ".local" / "ready.json").write_text(json.dumps(ready))
        yield running


def run_program(here: Path, program: str) -> subprocess.CompletedProcess[str]:
    """The page's program, started in the folder `here`."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=here, capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "no_proxy": "*", "PYTHONPATH": str(ROOT / "clients/python/src")},
    )  # fmt: skip


def program_of_the_page() -> str:
    found: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (program,) = found
    return program


def variables_of_the_page() -> str:
    """What the API's page has for `make up`."""
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", API_PAGE, re.DOTALL)
    return next(block for block in blocks if "ready.json" in block)


def test_the_program_makes_a_session_from_a_repository_and_edits_it(
    gateway: Gateway, server: GitServer, tmp_path: Path
) -> None:
    program = program_of_the_page()
    here = program.replace("https://github.com/you/blog.git", server.url("blog"))
    assert here != program
    done = run_program(tmp_path, here)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "['src/pages/index.astro']" in done.stdout, "one file differs from the commit"
    page = (gateway.sites / "blog" / "src/pages/index.astro").read_text()
    assert page == '<h1 id="top">Shop</h1>\n'


def test_where_no_stack_runs_the_program_says_how_to_start_one(tmp_path: Path) -> None:
    """In one line, without a traceback; so do the lines of the API's page."""
    file = tmp_path / ".local" / "ready.json"
    done = run_program(tmp_path, program_of_the_page())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"{file} is missing: run `make up` in the checkout, wait for its link, start this there"
    ]
    shell = subprocess.run(
        ["bash", "-c", variables_of_the_page()],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert shell.stdout.splitlines() == [
        f"{file} is missing: run make up in the checkout, and this there"
    ]


def test_an_archive_becomes_a_session(gateway: Gateway, tmp_path: Path) -> None:
    """As the page has it, with the variables that the API's page takes from `ready.json`."""
    (archive,) = re.findall(r"```sh\n(tar .*?)```", PAGE, re.DOTALL)
    variables = variables_of_the_page()
    blocks = re.findall(r"```sh\n(.*?)```", API_PAGE, re.DOTALL)
    function = next(block for block in blocks if "api() {" in block)
    site = tmp_path / "menu"
    for name, text in SITE.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    for left_out in (site / "node_modules/astro", site / ".git"):
        left_out.mkdir(parents=True)
        (left_out / "file").write_text("left out")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".local").symlink_to(tmp_path / ".local")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", variables + function + archive],
        cwd=checkout, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "no_proxy": "*"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state": "ready"' in done.stdout
    put = gateway.sites / "menu"
    files = {str(path.relative_to(put)) for path in put.rglob("*") if path.is_file()}
    assert files == set(SITE)


def test_a_clone_in_the_folder_of_sessions_is_a_session(
    gateway: Gateway, server: GitServer, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", server.url("blog"), str(gateway.sites / "shop"))
    assert "/session/shop/" in link.new("shop", tmp_path / ".local")
