"""A control plane for tests that does nothing but redeem sign-in links, by the code that the real
one redeems them with.

`python -m tests.gateway.redeeming_control FOLDER COUNT`: redeems COUNT own links and, when an
earlier one of it did, finds all of that one's used up. Writes what it saw into FOLDER/{process
id}.json and serves until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

import psutil

from container.gateway.duty import repeat
from container.gateway.links import LINK, Busy, remembered_links
from container.gateway.processes import Processes
from container.gateway.tokens import TokenService

from .harness import KEYS

SIGNED: Final = 500
"""Of the links, which go the whole way with signature and verification; the others differ in that
alone.
"""
AFTERWARDS: Final = 2000
AT_ONCE: Final = 1000
"""Sign-ins in one turn of the event loop: far above what the socket holds."""


async def main(folder: Path, count: int) -> None:
    processes = Processes.from_environment()
    processes.greet()
    processes.listen()
    alive = asyncio.create_task(repeat(processes.report_alive, every_seconds=1))
    links = remembered_links(processes)
    tokens = TokenService(KEYS)
    known = [key.removeprefix(LINK) for key in processes.memory if key.startswith(LINK)]
    expires_at = int(time.time()) + 3600
    if known:  # the restart is what counts then
        count = AFTERWARDS
    again = sum(links.use_up(link, expires_at) for link in known)

    began = time.monotonic()
    busy = 0
    for number in range(1, count - SIGNED + 1):
        while True:
            try:
                assert links.use_up(f"{len(known)}-{number:017}", expires_at)
                break
            except Busy:  # this sign-in failed; nothing else did
                busy += 1
                await asyncio.sleep(0.01)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    signed = [tokens.sign("link", "demo", seconds=3600)[1] for _ in range(SIGNED)]
    assert all(links.use_up(claims.token_id, claims.expires_at) for claims in signed)
    refused = sum(not links.use_up(claims.token_id, claims.expires_at) for claims in signed)
    while processes._connection.waiting:  # noqa: ASYNC110 - the connection only shows its number
        await asyncio.sleep(0.001)
    report = {
        "known": len(known),
        "redeemed again": again,
        "used": len(links),
        "refused the second time": refused,
        "told to try again": busy,
        "seconds": round(time.monotonic() - began, 2),
        "control MiB": psutil.Process().memory_info().rss >> 20,
        "supervisor MiB": psutil.Process().parent().memory_info().rss >> 20,
    }
    (folder / "report.new").write_text(json.dumps(report))
    (folder / "report.new").rename(folder / f"{psutil.Process().pid}.json")
    await alive


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
