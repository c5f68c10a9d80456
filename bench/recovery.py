"""How long is a session out after each fault: its dev server, Envoy or the control plane killed?

Each is killed with SIGKILL, and the time taken until a signed-in page is answered again. WebSockets
that the fault need not touch are expected to stay open.
"""

from __future__ import annotations

import http.client
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bench.core import gateway, processes
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Measurement, Series, hold
from bench.core.visit import Visitor

QUESTION = "How long is a session out after each fault?"
PATIENCE_SECONDS: Final = 60.0
STEP_SECONDS: Final = 0.005
STEADY_SECONDS: Final = 1.0


def run(options: Options) -> Measurement:
    """Faults in turns, against real Astro."""
    times: dict[str, list[float]] = {}
    cut = 0
    with ExitStack() as exits:
        live = exits.enter_context(gateway.running(options.scratch / "gateway"))
        live.create("bench")
        visitor = exits.enter_context(Visitor.of(live, "bench"))
        visitor.get()
        for _ in range(options.pick(5, 1)):
            with visitor.socket() as socket:
                times.setdefault("control plane killed → API answers", []).append(
                    _fault(_control(live), lambda: _api_answers(live))
                )
                cut += not _is_open(socket)
            times.setdefault("Envoy killed → page", []).append(
                _fault(live.envoy_pid, lambda: _page(visitor))
            )
            server = int(live.api("GET", "/sessions/bench")["pid"])
            times.setdefault("dev server killed → page", []).append(
                _fault(server, lambda: _page(visitor))
            )
            _steady(live)
        restarts = live.api("GET", "/sessions/bench")["restarts"]
    return Measurement(
        series=[
            Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()
        ],
        checks=[
            hold(
                "WebSockets cut by a death of the control plane",
                float(cut),
                "sockets",
                "at most",
                0.0,
            )
        ],
        figures={"restarts_of_the_dev_server": restarts},
        notes=[
            "A dev server that dies again soon is started later each time; the gateway's back-off"
            " is part of the time."
        ],
    )


def _fault(pid: int, recovered: Callable[[], bool]) -> float:
    """Kill, and wait until the process is gone and the answer is back."""
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    while processes.alive([pid]):
        time.sleep(STEP_SECONDS)
    while not recovered():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError(
                f"nothing was back {PATIENCE_SECONDS:.0f} s after process {pid} was killed"
            )
        time.sleep(STEP_SECONDS)
    return time.monotonic() - began


def _control(live: LiveGateway) -> int:
    found = processes.named(processes.tree(live.process.pid), "container.gateway.control")
    if not found:
        raise RuntimeError(f"no control plane below the gateway\n{live.tail()}")
    return found[0]


def _api_answers(live: LiveGateway) -> bool:
    try:
        return bool(live.api("GET", "/sessions/bench")["state"] == "ready")
    except (OSError, http.client.HTTPException, RuntimeError):
        return False


def _page(visitor: Visitor) -> bool:
    try:
        return visitor.get().status == 200
    except (OSError, http.client.HTTPException):
        return False


def _is_open(socket: ClientConnection) -> bool:
    try:
        socket.ping().wait(5)
        while True:
            socket.recv(timeout=0)
    except TimeoutError:
        return True
    except ConnectionClosed:
        return False


def _steady(live: LiveGateway) -> None:
    """Let the gateway take note of everything before the next fault."""
    time.sleep(STEADY_SECONDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _api_answers(live):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the session did not settle\n{live.tail()}")
        time.sleep(0.05)
