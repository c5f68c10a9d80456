"""Events of a session that another task has, and of one that moves (S26, S32)."""

from __future__ import annotations

import signal

from tests.gateway.event_stream import reading

from .conftest import Fleet
from .test_hand_over import ended


async def test_events_come_through_any_task_and_follow_the_session(fleet: Fleet) -> None:
    """As they happen, not at the end of a buffer. A hand-over ends the stream; the next connection,
    at the same task, says that events may be lost and goes on with the new owner's.
    """
    first, second, third = fleet.tasks
    first.make_site("late")
    async with reading(second, "late") as waiting:
        await waiting.first("state", state="stopped")
        await first.start("page")
        async with reading(second, "page") as stream:
            await stream.first("state", state="ready")
            await third.api("POST", "/api/v1/sessions/page/restart")
            await stream.first("state", state="stopping")
            await stream.first("state", state="starting")
            await first.api("POST", "/api/v1/sessions/late/start")
            await waiting.first("end", reason="moved")
            await waiting.until(lambda stream: stream.ended)
            first.process.send_signal(signal.SIGTERM)
            await stream.first("end", reason="moved")
            await stream.until(lambda stream: stream.ended)
            last = stream.got[-1].id
        async with reading(second, "page", last_id=last) as stream:
            await stream.first("lost", reason="unknown")
            await stream.first("state", state="ready")
    await ended(first)
