"""How long from SIGTERM with 20 live sessions until every process is gone, and are open WebSockets
told?
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from typing import Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bench.core import gateway, processes
from bench.core.registry import Options
from bench.core.result import Measurement, Series, hold
from bench.core.visit import Visitor

QUESTION = "How long from SIGTERM with 20 live sessions until every process is gone?"
SESSIONS: Final = 20
BOUND_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 120.0


def run(options: Options) -> Measurement:
    """One drain: starting 20 dev servers takes far longer than ending them."""
    sessions = options.pick(SESSIONS, 2)
    settings = {"ASTRO_LIVE_MAX_SESSIONS": str(sessions), "ASTRO_LIVE_STOP_TIMEOUT_SECONDS": "60"}
    with (
        gateway.running(options.scratch / "gateway", settings=settings) as live,
        ExitStack() as exits,
    ):
        sockets: list[ClientConnection] = []
        for number in range(sessions):
            live.create(f"s{number}")
            with Visitor.of(live, f"s{number}") as visitor:
                visitor.get()
                sockets.append(exits.enter_context(visitor.socket()))
        memory = processes.tree_memory_mib(live.process.pid)
        tree = {process.pid for process in processes.tree(live.process.pid)}
        servers = set(processes.named(processes.tree(live.process.pid), "runner.mjs"))
        began = time.monotonic()
        os.kill(live.process.pid, signal.SIGTERM)
        servers_gone = _gone(servers, began)
        all_gone = _gone(tree, began)
        codes = [_close_code(socket) for socket in sockets]
        left_behind = list((live.folder / "scratch").rglob("*.sock"))
    return Measurement(
        series=[Series(name="SIGTERM → last process gone", unit="s", values=(all_gone,))],
        checks=[
            hold(
                f"SIGTERM with {sessions} live sessions → all processes gone",
                all_gone,
                "s",
                "at most",
                BOUND_SECONDS,
            ),
            hold(
                "WebSockets left open after the drain",
                float(codes.count(None)),
                "sockets",
                "at most",
                0.0,
            ),
        ],
        figures={
            "sessions": sessions,
            "processes": len(tree),
            "dev_servers_gone_s": round(servers_gone, 2),
            "memory_before_mib": round(memory),
            "sockets_told_to_reconnect": sum(code in (1001, 1012) for code in codes),
            "sockets_cut": sum(code == 1006 for code in codes),
            "unix_sockets_left": len(left_behind),
        },
    )


def _gone(pids: set[int], began: float) -> float:
    while left := processes.alive(pids):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError(
                f"{len(left)} processes are still there {PATIENCE_SECONDS:.0f} s after SIGTERM"
            )
        time.sleep(0.01)
    return time.monotonic() - began


def _close_code(socket: ClientConnection) -> int | None:
    """The code that the other side closed with; 1006 when it said nothing, None when the socket is
    still open.
    """
    try:
        while True:
            socket.recv(timeout=2)
    except TimeoutError:
        return None
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006
