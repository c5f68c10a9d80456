"""Conditional writes of many writers at once: each that is accepted counts one up, so one that is
lost would show.

    python -m tests.gateway.races [--writes 10000]

prints what came of them on one task, and through two tasks with and without an owner.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.gateway.harness import API_TOKEN, Gateway, running_gateway
from tests.gateway.table import client_options, new_table, running_api

WRITERS: Final = 8
WRITES: Final = 10_000
FILE: Final = "race.txt"
PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Race:
    """What became of the writes."""

    sent: int
    accepted: int
    refused: int
    """With 412: somebody else was first."""
    lost: int
    """Accepted, and written over by somebody who had not read it."""
    seconds: float

    def row(self, where: str) -> str:
        return (
            f"| {where} | {WRITERS} | {self.sent:,} | {self.accepted:,} | {self.refused:,}"
            f" | {self.lost} | {self.seconds:.1f} |"
        )


HEAD: Final = (
    "| where | writers | sent | accepted | refused (412) | lost | seconds |\n"
    "|---|---|---|---|---|---|---|"
)


async def race(tasks: Sequence[Gateway], session: str, writes: int) -> Race:
    """Each writer reads the file's number and version, from one of the tasks in turns, and sends
    the next number with `If-Match`: as a whole file or as an exact edit.
    """
    path = f"/api/v1/sessions/{session}/files/{FILE}"
    made = await tasks[0].api("PUT", path, data=b"<0>")
    assert made.status in (200, 201), made.text
    left = writes
    accepted, refused = Counter[int](), 0
    began = time.monotonic()

    async def write(client: aiohttp.ClientSession, number: int) -> None:
        nonlocal left, refused
        url = tasks[number % len(tasks)].api_url + path
        while left > 0:
            async with client.get(url) as read:
                if read.status == 503:  # the table or the owner was slow on a busy machine
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                assert read.status == 200, await read.text()
                text, headers = await read.text(), {"If-Match": read.headers["ETag"]}
            value = int(text.strip("<>"))
            left -= 1
            edit = {"edits": [{"old": text, "new": f"<{value + 1}>"}]}
            request = (
                client.put(url, data=f"<{value + 1}>".encode(), headers=headers)
                if left % 2
                else client.patch(url, json=edit, headers=headers)
            )
            async with request as answer:
                if answer.status == 200:
                    accepted[value + 1] += 1
                elif answer.status == 503:  # nothing was written
                    left += 1
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    assert answer.status == 412, await answer.text()
                    refused += 1

    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {API_TOKEN}"}, timeout=aiohttp.ClientTimeout(120)
    ) as client:
        await asyncio.gather(*(write(client, number) for number in range(WRITERS)))
    last = (tasks[0].sites / session / FILE).read_text()
    done = sum(accepted.values())
    return Race(
        sent=done + refused,
        accepted=done,
        refused=refused,
        lost=done - min(int(last.strip("<>")), len(accepted)),
        seconds=time.monotonic() - began,
    )


def main() -> int:
    """1 when an update was lost."""
    from tests.gateway.tasks.conftest import running_fleet

    parser = argparse.ArgumentParser(prog="python -m tests.gateway.races")
    parser.add_argument("--writes", type=int, default=WRITES, help="of each row (%(default)s)")
    writes = parser.parse_args().writes
    found: list[Race] = []

    def row(where: str, tasks: Sequence[Gateway], session: str) -> None:
        found.append(asyncio.run(race(tasks, session, writes)))
        print(found[-1].row(where), flush=True)

    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="races-") as folder, running_api() as port:
        with running_gateway(Path(folder) / "one") as gateway:
            asyncio.run(gateway.start("demo"))
            row("one task", [gateway], "demo")
        options = client_options(port)
        with running_fleet(Path(folder), new_table(options), options, 2) as fleet:
            asyncio.run(fleet.tasks[0].start("owned"))
            row("two tasks, one of which owns the session", fleet.tasks, "owned")
            fleet.tasks[0].make_site("still")
            row("two tasks, and the session does not run", fleet.tasks, "still")
    return int(any(each.lost for each in found))


if __name__ == "__main__":
    sys.exit(main())
