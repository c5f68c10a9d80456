"""What holds for a whole run of the tests: which of them are slow, and that nothing of it stays
behind in the folder for temporary files.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

OTHERS: Final = re.compile(
    r"node-compile-cache|node-jiti|v8-compile-cache|pnpm-store-|node-coverage-|org\.chromium\.|playwright|tmp\w+cacert\.pem|buildah-cache"
)
"""What Node.js, package managers, Chromium, buildah and certificate bundles keep there, however the
tests end them.
"""

SLOW: Final = [
    re.compile(line)
    for line in Path(__file__).with_name("slow.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
"""What stands at the start of the ids of slow tests, below tests/."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what slow.txt names. Raises `pytest.UsageError` for a line that names no test."""
    used = set()
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        for pattern in SLOW:
            if pattern.match(name):
                used.add(pattern)
                item.add_marker("slow")
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and (
        unused := [pattern.pattern for pattern in SLOW if pattern not in used]
    ):
        raise pytest.UsageError(
            f"tests/slow.txt names no test in {', '.join(unused)}: correct or delete these lines"
        )


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Gives the run a folder for temporary files, and names what is in it at the end. pytest's own
    folders stay where they were.
    """
    before = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DEBUG_TEMPROOT", before)
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield
    left = sorted(entry.name for entry in folder.iterdir() if not OTHERS.match(entry.name))
    shutil.rmtree(folder, ignore_errors=True)
    assert not left, (
        f"the tests left {len(left)} entries in the folder for temporary files:"
        f" {', '.join(left[:20])}"
    )
