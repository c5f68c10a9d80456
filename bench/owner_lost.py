"""How long is a session's page away when the task that runs it is killed, and when it ends as in a
deployment? Gateways on one table (moto's), a stub dev server.

The page is asked for through another task, again and again. What counts is the time between the
last answer of the one dev server and the first of the other.
"""

from __future__ import annotations

import http.client
import os
import signal
import time
from contextlib import ExitStack, suppress
from typing import Final

from bench.core import gateway, processes
from bench.core.registry import Options
from bench.core.result import Measurement, Series, hold
from bench.forwarded import running_task, shared_settings, until_routed
from container.gateway.ownership.model import LEASE_SECONDS

QUESTION = "How long is a page away when its task is killed, and when it hands its sessions over?"
KILLED, ENDED = "owner killed → page", "planned hand-over → page"
START_SECONDS: Final = 3.0
"""What a start of the stub, and the next visit, may add to a lease."""
PATIENCE_SECONDS: Final = 90.0
STEP_SECONDS: Final = 0.01


def run(options: Options) -> Measurement:
    """Rounds in turns; each has its own owner, the task that is asked stays."""
    times: dict[str, list[float]] = {KILLED: [], ENDED: []}
    with ExitStack() as stack:
        settings = shared_settings(stack, options.scratch)
        edge = stack.enter_context(running_task(options.scratch / "edge", settings))
        edge.create("bench")
        for number in range(options.pick(7, 1)):
            for kind, signal_ in ((KILLED, signal.SIGKILL), (ENDED, signal.SIGTERM)):
                folder = options.scratch / f"{number}-{signal_}"
                with running_task(folder, settings) as owner:
                    edge.api("POST", "/sessions/bench/stop")
                    owner.api("POST", "/sessions/bench/start")
                    headers = {"Cookie": edge.cookie("bench")}
                    until_routed(edge, headers)
                    times[kind].append(_away(edge, owner, headers, signal_))
    series = [Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()]
    return Measurement(
        series=series,
        checks=[
            hold(
                "owner killed → page follows again, median",
                series[0].summary.median,
                "s",
                "at most",
                LEASE_SECONDS + START_SECONDS,
            ),
            hold(
                "planned hand-over: time without a page, median",
                series[1].summary.median,
                "s",
                "at most",
                1.0,
            ),
        ],
        notes=["The stub starts in some tenths of a second; a site adds its own start."],
    )


def _away(
    edge: gateway.LiveGateway, owner: gateway.LiveGateway, headers: dict[str, str], number: int
) -> float:
    """Longest time between two pages through `edge` from before the signal until the other dev
    server serves.
    """
    tree = [process.pid for process in processes.tree(owner.process.pid)]
    deadline = time.monotonic() + PATIENCE_SECONDS
    answered, longest, sent = time.monotonic(), 0.0, False
    while True:
        if _page(edge, headers):
            now = time.monotonic()
            longest, answered = max(longest, now - answered), now
            if sent and not processes.alive(tree):
                return longest
            if not sent:
                for pid in tree if number == signal.SIGKILL else tree[:1]:
                    with suppress(ProcessLookupError):
                        os.kill(pid, number)
                sent, longest = True, 0.0
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"no page {PATIENCE_SECONDS:.0f} s after signal {number}\n{edge.tail()}"
            )
        time.sleep(STEP_SECONDS)


def _page(edge: gateway.LiveGateway, headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection(edge.address, edge.port, timeout=10)
    path = edge.contract.session_base("bench") + "x.js"
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
