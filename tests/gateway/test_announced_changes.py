"""A dev server hears of a batch before the system tells of its first file (S31, S32)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

from container.gateway.changing import Apply, Changing
from container.gateway.cleaner import Cleaner
from container.gateway.files.changes import Done, Write
from container.gateway.storage import Storage


async def test_changes_are_announced_before_the_first_file_is_there(tmp_path: Path) -> None:
    """Also by an event loop that is busy: the announcement is its work."""
    root = tmp_path / "own"
    root.mkdir()
    there: list[bool] = []
    session: Any = SimpleNamespace(
        id="own",
        root=root,
        report_changes=Mock(),
        expect_changes=lambda: there.append((root / "a.txt").exists()),
    )
    environment: Any = SimpleNamespace(
        settings=SimpleNamespace(sites_dir=tmp_path, max_file_mib=1),
        storage=Storage(60),
        files=SimpleNamespace(admit=AsyncMock()),
    )
    cleaner = Cleaner()
    changing = Changing(environment, cleaner)

    async def busy() -> None:
        while True:
            time.sleep(0.05)  # noqa: ASYNC251 - a loop that is kept busy
            await asyncio.sleep(0)

    at_work = asyncio.create_task(busy())
    try:
        for number in range(5):
            (root / "a.txt").unlink(missing_ok=True)
            change = Write(path="a.txt", content=str(number).encode())

            def work(apply: Apply, _folder: Path, change: Write = change) -> list[Done]:
                return apply([change])

            await changing.transform(session, work)
            assert (root / "a.txt").read_text() == str(number)
    finally:
        at_work.cancel()
        cleaner.close()
        environment.storage.close()
    assert there == [False] * 5
