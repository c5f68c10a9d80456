"""A session from a repository, edited, broken, repaired, undone and pushed, while a person watches
(S30-S34); and what the documentation prints of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from container.gateway.settings import ASTRO_DIR
from tests.gateway.git_server import git_reason

from . import transcript
from .transcript import Scene

pytestmark = [
    pytest.mark.skipif(bool(git_reason()), reason=git_reason()),
    pytest.mark.skipif(
        not (ASTRO_DIR / "node_modules").is_dir(),
        reason="container/astro/node_modules is missing: run `make setup`",
    ),
]


@pytest.fixture(scope="module")
def scene(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with transcript.scene(tmp_path_factory.mktemp("scene"), chromium) as running:
        yield running


@pytest.mark.parametrize("mcp", [False, True], ids=["the Python client", "MCP"])
def test_an_agent_works_from_a_repository_to_a_push(scene: Scene, mcp: bool) -> None:
    """The page shows each step, the remote has the commit, and the documentation says so."""
    lines = transcript.play(scene, "mcp" if mcp else "client", mcp=mcp)
    assert transcript.masked(lines) == transcript.published()
