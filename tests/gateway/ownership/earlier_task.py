"""A task of whichever release is on PYTHONPATH: its beats, and what it is told on stdin.

    {"do": "acquire" | "release" | "retire" | "hand_over" | "tasks" | "redeem", "on": …}

One JSON answer a line. It uses what every release of `container.gateway.ownership` has had, and
nothing of this one's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import container
from container.gateway.ownership.dynamo import DynamoStore, make_client
from container.gateway.ownership.model import Task
from container.gateway.ownership.owners import Mine, Owners, Theirs


async def do(owners: Owners, store: DynamoStore, work: str, on: str) -> Any:
    if work == "acquire":
        place = await owners.acquire(on)
        if isinstance(place, Mine):
            return {"owner": owners.task.id, "fence": place.lease.fence, "epoch": place.lease.epoch}
        assert isinstance(place, Theirs)
        return {"owner": place.task.id, "address": place.task.address}
    if work == "hand_over":
        session, _, other = on.partition(" ")
        to = (await store.read_tasks([other]))[other]
        return {"fence": (await owners.hand_over(session, to)).fence}
    if work == "tasks":
        return {task.id: [task.address, task.free] for task in await store.all_tasks()}
    if work == "redeem":
        return await store.redeem(on, 4_000_000_000)
    await getattr(owners, work)(on)
    return None


async def main(table: str, client: dict[str, str], task: dict[str, Any]) -> None:
    async def lost(_lease: object, _reason: str) -> None:
        """It has no dev servers."""

    store = DynamoStore(table, make_client(**client))
    owners = Owners(store, Task(**task), room=lambda: 5, on_lost=lost)
    beats = asyncio.create_task(owners.run())
    while owners.cut_off:  # noqa: ASYNC110 - until the first beat is written
        await asyncio.sleep(0.02)
    print(json.dumps({"code": container.__file__}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        try:
            answer = {"answer": await do(owners, store, order["do"], order["on"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    beats.cancel()


if __name__ == "__main__":
    asyncio.run(main(*(json.loads(argument) for argument in sys.argv[1:])))
