"""Fixtures of the runner's tests. Each test gets its own project; the ones that only read share one
live site per module.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .driver import ASTRO_DIR, LiveSite, StartArgs, copy_starter, live_site


@pytest.fixture(scope="session", autouse=True)
def _astro_is_installed() -> None:
    if not (ASTRO_DIR / "node_modules" / "astro").is_dir():
        pytest.fail(
            "container/astro/node_modules is missing: run scripts/setup.sh test", pytrace=False
        )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the starter site, without node_modules."""
    return copy_starter(tmp_path / "project")


@pytest.fixture
def args(project: Path, tmp_path: Path) -> StartArgs:
    return StartArgs(root=project, scratch=tmp_path / "scratch")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """One live starter site for a module's tests; they leave its files as they found them or use
    their own files.
    """
    folder = tmp_path_factory.mktemp("site")
    root = copy_starter(folder / "project")
    (root / ".env").write_text("SECRET=kept\n")
    with live_site(StartArgs(root=root, scratch=folder / "scratch")) as live:
        yield live
