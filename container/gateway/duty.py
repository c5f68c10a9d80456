"""What the control plane does again and again for as long as it lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

log = logging.getLogger(__name__)


async def repeat(action: Callable[[], Awaitable[None]], *, every_seconds: float) -> NoReturn:
    """Do `action`, wait, do it again, until cancelled. A round that fails is logged, and the next
    one comes all the same.
    """
    while True:
        try:
            await action()
        except Exception:
            log.exception(
                "a round of %s failed; it is tried again in %s s",
                getattr(action, "__qualname__", action),
                every_seconds,
            )
        await asyncio.sleep(every_seconds)
