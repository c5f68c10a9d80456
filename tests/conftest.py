"""What holds for a whole run of the tests: nothing of it stays behind in the folder for temporary
files.
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
