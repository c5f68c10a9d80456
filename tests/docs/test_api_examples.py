"""The examples of docs/api.md and docs/credentials.md run against a real session, and there is one
for each operation of the API (S5, S25).
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from container.gateway.openapi import document
from container.gateway.settings import ASTRO_DIR
from tests.gateway.git_server import git_reason
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
LAST: Final = "## Take access back, and end\n"
"""Of api.md: what stands before it leaves the session there."""
_BEFORE, _, _AFTER = (DOCS / "api.md").read_text().partition(LAST)
PAGE: Final = _BEFORE + (DOCS / "credentials.md").read_text() + LAST + _AFTER
BLOCK: Final = re.compile(r"(<!-- not run: [^>]+ -->\n)?```sh\n(.*?)```", re.DOTALL)
GIT: Final = re.compile(r"/checkpoints|/undo")
"""Examples that need a git program."""
EXAMPLES: Final = [
    text
    for skipped, text in BLOCK.findall(PAGE)
    if not skipped and not (git_reason() and GIT.search(text))
]
CALL: Final = re.compile(
    r'(?:api|curl) (?:-\S+ )*?(?:-X (?P<method>[A-Z]+) )?(?:-H "[^"]*" )?"\$API(?P<path>[^"?]*)'
)
PLACES: Final = {"id": r"[a-z0-9-]+", "number": r"\d+", "path": r".+", "credential": r"\$ID"}
SECONDS: Final = 400
"""For all examples, which start a real site several times, on a machine that does other things
besides.
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the real runner and no session."""
    if not (ASTRO_DIR / "node_modules").is_dir():
        pytest.skip("container/astro/node_modules is missing: run `make setup`")
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as running:
        yield running


@pytest.mark.timeout(SECONDS + 100)
def test_each_example_succeeds_in_the_order_of_the_page(gateway: Gateway, tmp_path: Path) -> None:
    """All blocks as one script, which ends at the first command that fails."""
    environment = {
        **os.environ,
        "API": f"{gateway.api_url}/api/v1",
        "TOKEN": API_TOKEN,
        "no_proxy": "*",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(EXAMPLES)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert (
        "<h1>" in (tmp_path / "index.astro").read_text()
        or "---" in (tmp_path / "index.astro").read_text()
    )
    assert '"state": "ready"' in done.stdout
    assert "astro_live_token=" in done.stdout, "a sign-in link"
    sessions = asyncio.run(gateway.api("GET", "/api/v1/sessions"))
    assert sessions.json == {"sessions": []}, "the last example deletes the session"


def test_every_operation_of_the_api_has_an_example() -> None:
    """Method and path of each operation in the description."""
    shown = [(call["method"] or "GET", call["path"]) for call in CALL.finditer(PAGE)]
    described = [
        (method.upper(), path)
        for path, operations in document()["paths"].items()
        for method in operations
        if method != "parameters"
    ]
    missing = [
        f"{method} {path}"
        for method, path in described
        if not any(
            method == one and re.fullmatch(_pattern(path), address) for one, address in shown
        )
    ]
    assert missing == []


def _pattern(path: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", lambda place: PLACES[place[1]], re.escape(path))
