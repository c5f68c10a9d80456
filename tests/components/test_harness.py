"""The harness of these tests."""

from __future__ import annotations

import asyncio

import pulumi
from pulumi.runtime.settings import SETTINGS

from tests.components.harness import run


def test_a_run_waits_for_no_output_of_another() -> None:
    """One that was cancelled with its event loop, as a program that fails leaves it."""

    async def leave() -> None:
        task = asyncio.create_task(asyncio.sleep(60))
        SETTINGS.outputs.add(task)
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    assert SETTINGS.outputs
    try:
        graph = run(lambda: {"answer": pulumi.Output.from_input(42)})
    finally:
        SETTINGS.outputs.clear()
    assert graph.outputs == {"answer": 42}
