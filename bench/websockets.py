"""How many idle WebSockets does one task hold, for how long, and what does each cost in memory? How
fast are chatty ones?

The real gateway with a stub dev server: what is measured is Envoy. An idle socket costs it two
descriptors, so the number is bounded by the limit on open files of this machine (a Fargate task has
65,536).
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.core import gateway, peers, processes, sockets
from bench.core.registry import Options
from bench.core.result import Curve, Measurement, Series, hold

QUESTION = (
    "How many idle WebSockets does one task hold for 10 minutes, what does each cost, and how long"
    " does a message of a chatty one take?"
)
BACKGROUND = True
WANTED: Final = 9000
HOLD_SECONDS: Final = 600
SPARE_DESCRIPTORS: Final = 1500
"""For everything in Envoy that is not a WebSocket, and to stay clear of the limit."""
CHATTY: Final = 500
KIB: Final = 1024


class Sockets:
    """The client process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, command: str) -> dict[str, Any]:
        """Raises `RuntimeError` when the client has ended; its last words are on stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the WebSocket client ended at {command!r}, see above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def client(host: str, port: int, path: str, headers: Mapping[str, str]) -> Iterator[Sockets]:
    """A client process for one address; its sockets are closed with it."""
    arguments = json.dumps({"host": host, "port": port, "path": path, "headers": dict(headers)})
    argv = [sys.executable, sockets.__file__, arguments]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Sockets(process)
        finally:
            process.kill()


def run(options: Options) -> Measurement:
    """Chatty first, then idle; the holding time runs beside the other benchmarks."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(options.pick(WANTED, 200), (limit - SPARE_DESCRIPTORS) // 2)
    settings = {
        "ASTRO_LIVE_SESSION_DESCRIPTORS": str(min(limit, 65536)),
        "ASTRO_LIVE_MAX_CONNECTIONS": "20000",
        "ASTRO_LIVE_SESSION_CONNECTIONS": "20000",
    }
    with gateway.running(options.scratch / "gateway", stub=True, settings=settings) as live:
        live.create("bench")
        path = live.contract.session_base("bench") + live.contract.hmr_path.lstrip("/")
        headers = {"Cookie": live.cookie("bench"), "Origin": live.contract.public_url}
        with client(live.address, live.port, path, headers) as through:
            trips = _chat(options, through)
            bare = _bare(options, count, path, headers)
            before = _warm(through, live.envoy_pid)
            descriptors = processes.descriptors(live.envoy_pid)
            opened = through.ask(f"open {count}")
            after = processes.pss_bytes(live.envoy_pid)
            opened_descriptors = processes.descriptors(live.envoy_pid) - descriptors
            options.settled.set()
            memory, lost = _hold(options, through, live.envoy_pid)
            checked = through.ask("check")
            checked_pss = processes.pss_bytes(live.envoy_pid)
            last = through.ask("lost")
    each = (after - before) / count / KIB
    peak = (max(size for _, size in memory) * processes.MIB - before) / count / KIB
    return Measurement(
        series=trips,
        checks=[
            hold(
                f"idle WebSockets held on one task for {options.pick(HOLD_SECONDS, 3)} s, each"
                " answering afterwards",
                float(checked["echoed"]),
                "sockets",
                "at least",
                float(options.pick(WANTED, 200)),
            ),
            hold("idle WebSockets lost", float(last["lost"]), "sockets", "at most", 0.0),
            hold(
                "memory per idle WebSocket, gateway against an Envoy with a router and no more",
                each / bare,
                "×",
                "at most",
                1.1,
            ),
        ],
        curves=[
            Curve(
                name="Envoy",
                x_label="seconds held",
                y_label=f"PSS of Envoy with {count:,} sockets, MiB",
                points=tuple(memory),
            )
        ],
        figures={
            "sockets_open": opened["open"],
            "opened_per_second": round(count / opened["seconds"]),
            "kib_per_socket_after_opening": round(each, 1),
            "kib_per_socket_highest_of_the_hold": round(peak, 1),
            "kib_per_socket_of_the_bare_envoy_after_opening": round(bare, 1),
            "kib_per_socket_after_a_message_on_each": round(
                (checked_pss - before) / count / KIB, 1
            ),
            "descriptors_per_socket": round(opened_descriptors / count, 2),
            "lost_during_the_hold": lost,
            "limit_of_open_files": limit,
        },
        notes=[
            f"{CHATTY} sockets of the chatty part send one message a second each and wait for its"
            " echo; 'directly' is without the gateway."
        ],
    )


def _warm(through: Sockets, envoy: int) -> int:
    """Bytes (PSS) of an Envoy that has had sockets and has none now."""
    through.ask("open 50")
    through.ask("close 100000")
    time.sleep(1)
    return processes.pss_bytes(envoy)


def _bare(options: Options, count: int, path: str, headers: Mapping[str, str]) -> float:
    """KiB per idle WebSocket in an Envoy that has one route and no filter but the router, for the
    same requests: the least that this proxy takes.
    """
    with (
        peers.stub_server(options.scratch) as stub,
        peers.envoy(options.scratch, stub.port) as envoy,
        client(envoy.address, envoy.port, path, headers) as through,
    ):
        before = _warm(through, envoy.process.pid)
        through.ask(f"open {count}")
        return (processes.pss_bytes(envoy.process.pid) - before) / count / KIB


def _hold(options: Options, through: Sockets, envoy: int) -> tuple[list[tuple[float, float]], int]:
    seconds, began = options.pick(HOLD_SECONDS, 3), time.monotonic()
    memory: list[tuple[float, float]] = []
    lost = 0
    while (passed := time.monotonic() - began) < seconds:
        memory.append((round(passed, 1), processes.pss_bytes(envoy) / processes.MIB))
        lost = through.ask("lost")["lost"]
        time.sleep(min(10, seconds / 3))
    return memory, lost


def _chat(options: Options, through: Sockets) -> list[Series]:
    """Round trips through the gateway and directly, in turns."""
    seconds, rounds, count = options.pick(4, 1), options.pick(3, 1), options.pick(CHATTY, 50)
    trips: dict[str, list[float]] = {"chatty, through the gateway": [], "chatty, directly": []}
    with (
        peers.stub_server(options.scratch) as stub,
        client(stub.address, stub.port, "/", {}) as direct,
    ):
        sides = dict(zip(trips, (through, direct), strict=True))
        for side in sides.values():
            side.ask(f"open {count}")
        for _ in range(rounds):
            for name, side in sides.items():
                trips[name] += side.ask(f"chat {count} {seconds} 1")["round_trips_ms"]
        through.ask(f"close {count}")
    return [Series(name=name, unit="ms", values=tuple(values)) for name, values in trips.items()]
