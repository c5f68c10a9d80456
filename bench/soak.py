"""Does memory stay flat over 2,000 edits and 200 opened and closed tabs, and is anything left when
a session ends?

One session. Each edit waits for its HMR message on an open WebSocket, which says hello as the
page's script does; after an edit of markup or content the page is fetched again, as a browser
would. A tab is a page with its modules and a WebSocket. Memory is read after each block of edits or
tabs.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from websockets.sync.client import ClientConnection

from bench.core import gateway, processes, site
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Check, Curve, Measurement, Series, hold
from bench.core.site import KINDS
from bench.core.stats import Estimate, slope
from bench.core.visit import Visitor

QUESTION = (
    "Does memory stay flat over 2,000 edits and 200 opened and closed tabs, and what is left when a"
    " session ends?"
)
HELLO: Final = json.dumps({"type": "custom", "event": "astro-live:hello", "data": {}})
"""A page that says nothing is told to reload, and not again within 1.5 s: it is on its way."""
BLOCK: Final = 50
FLAT_SHARE: Final = 0.05
"""Growth over the second half of the edits, as a share of the median, that still counts as flat."""
MESSAGE_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = 0.055
"""chokidar drops a second change of a file within 50 ms; edits of one file are three apart, so this
is ample.
"""
REST_SECONDS: Final = 35.0
"""More than the pause after which a dev server collects its garbage
(`container/astro/lib/memory.mjs`): what is left is what it keeps.
"""


@dataclass(kw_only=True)
class Readings:
    """Memory and descriptors of the processes over time."""

    xs: list[float] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)
    descriptors: dict[str, list[float]] = field(default_factory=dict)

    def take(self, live: LiveGateway, x: float) -> None:
        self.xs.append(x)
        tree = processes.tree(live.process.pid)
        groups = {
            "dev server": processes.named(tree, "runner.mjs"),
            "Envoy": processes.named(tree, "envoy/_bin/envoy"),
        }
        taken = {pid for pids in groups.values() for pid in pids}
        groups["control plane"] = [process.pid for process in tree if process.pid not in taken]
        for name, pids in groups.items():
            self.memory.setdefault(name, []).append(
                sum(processes.memory_bytes(pid) for pid in pids) / processes.MIB
            )
            self.descriptors.setdefault(name, []).append(
                float(sum(max(0, processes.descriptors(pid)) for pid in pids))
            )


def run(options: Options) -> Measurement:
    """Edits, then tabs, then the end of the session."""
    edits, tabs = options.pick(2000, 24), options.pick(200, 6)
    block = options.pick(BLOCK, 4)
    rest = 0.5 if options.quick else REST_SECONDS
    with gateway.running(
        options.scratch / "gateway", settings={"ASTRO_LIVE_WARM_RUNNERS": "0"}
    ) as live:
        empty = _left(live)
        folder = site.make(live.sites / "bench", modules=False)
        live.api("POST", "/sessions/bench/start")
        with Visitor.of(live, "bench") as visitor:
            visitor.load_pages()
            rested = [_at_rest(live, rest)]
            edited, times = _edit(live, visitor, folder, edits, block)
            opened = _open_and_close(live, visitor, tabs, max(1, block // 10))
            rested.append(_at_rest(live, rest))
        live.api("POST", "/sessions/bench/stop")
        time.sleep(1)
        ended = _left(live)
    checks = [
        _flat(name, edited, f"{edits:,} edits") for name in ("dev server", "Envoy", "control plane")
    ]
    checks += [
        _flat(name, opened, f"{tabs} opened and closed tabs")
        for name in ("dev server", "Envoy", "control plane")
    ]
    checks += [
        hold(
            "processes left when the session has ended",
            float(ended[0] - empty[0]),
            "processes",
            "at most",
            0.0,
        ),
        hold(
            "descriptors of gateway and Envoy left when the session has ended",
            float(ended[1] - empty[1]),
            "descriptors",
            "at most",
            2.0,
        ),
    ]
    return Measurement(
        series=[Series(name="edit → HMR message, over the soak", unit="ms", values=tuple(times))],
        checks=checks,
        curves=[
            *_curves(edited.xs, edited.memory, "edits", "PSS over edits, MiB"),
            *_curves(opened.xs, opened.memory, "tabs", "PSS over opened and closed tabs, MiB"),
            *_curves(edited.xs, edited.descriptors, "edits", "open descriptors over edits"),
        ],
        figures={
            "edits": edits,
            "tabs": tabs,
            **{
                f"{name.replace(' ', '_')}_mib_per_1000_edits": _interval(
                    _slope(edited.xs, values, 1000)
                )
                for name, values in edited.memory.items()
            },
            **{
                f"dev_server_mib_at_rest_{when}": round(value)
                for when, value in zip(
                    ("before_the_edits", "after_edits_and_tabs"), rested, strict=True
                )
            },
            "files_in_scratch_after_the_end": ended[2],
        },
        notes=[
            (
                "Flat: over the second half, the Theil-Sen slope times its length is at most a"
                " twentieth of the median."
            ),
            (
                "At rest: after a pause in which the dev server collects its garbage. What is left"
                " is what it keeps."
            ),
        ],
    )


def _at_rest(live: LiveGateway, seconds: float) -> float:
    """Memory of the dev server in MiB when it has been left alone for so long."""
    time.sleep(seconds)
    return (
        sum(
            processes.memory_bytes(pid)
            for pid in processes.named(processes.tree(live.process.pid), "runner.mjs")
        )
        / processes.MIB
    )


def _edit(
    live: LiveGateway, visitor: Visitor, folder: Path, edits: int, block: int
) -> tuple[Readings, list[float]]:
    """All edits, with the socket dropped and regained after every fourth block."""
    readings, times = Readings(), []
    for first in range(1, edits + 1, block * 4):
        with visitor.socket() as socket:
            socket.recv(timeout=MESSAGE_SECONDS)
            socket.send(HELLO)
            for number in range(first, min(first + block * 4, edits + 1)):
                times.append(_edit_once(visitor, socket, folder, number))
                time.sleep(PAUSE_SECONDS)
                if number % block == 0:
                    readings.take(live, float(number))
    return readings, times


def _edit_once(visitor: Visitor, socket: ClientConnection, folder: Path, number: int) -> float:
    """Milliseconds until the HMR message that brings the edit. Raises `RuntimeError` when a page
    that is reloaded does not show it.
    """
    kind = KINDS[number % len(KINDS)]
    _drain(socket)
    began = time.monotonic()
    site.edit(folder, kind, number)
    while True:
        try:
            socket.recv(timeout=MESSAGE_SECONDS)
        except TimeoutError:
            raise RuntimeError(
                f"no message told the page of {kind} {number} within {MESSAGE_SECONDS} s"
            ) from None
        taken = (time.monotonic() - began) * 1000
        # A message may be of something else, such as packages that Vite has just bundled.
        if kind == "css" or _shows(visitor.get().text, number):
            return taken


def _shows(text: str, number: int) -> bool:
    return f"bench {number}" in text or f'value="{number}"' in text


def _drain(socket: ClientConnection) -> None:
    """Forget messages that came after the one waited for."""
    while True:
        try:
            socket.recv(timeout=0)
        except TimeoutError:
            return


def _open_and_close(live: LiveGateway, visitor: Visitor, tabs: int, block: int) -> Readings:
    readings = Readings()
    for number in range(1, tabs + 1):
        visitor.load_pages()
        with visitor.socket() as socket:
            socket.recv(timeout=MESSAGE_SECONDS)
        if number % block == 0:
            readings.take(live, float(number))
    return readings


def _slope(xs: Sequence[float], ys: Sequence[float], per: float) -> Estimate:
    found = slope(xs, ys)
    return Estimate(value=found.value * per, low=found.low * per, high=found.high * per)


def _interval(found: Estimate) -> str:
    return f"{found.value:.1f} ({found.low:.1f} to {found.high:.1f})"


def _flat(name: str, readings: Readings, over: str) -> Check:
    half = len(readings.xs) // 2
    xs, ys = readings.xs[half:], readings.memory[name][half:]
    middle = sorted(ys)[len(ys) // 2]
    growth = _slope(xs, ys, (xs[-1] - xs[0]) / middle * 100)
    return Check(
        aim=f"growth of the {name}'s memory over the second half of {over}",
        measured=growth,
        unit="%",
        direction="at most",
        bound=FLAT_SHARE * 100,
    )


def _curves(
    xs: Sequence[float], lines: dict[str, list[float]], x_label: str, y_label: str
) -> list[Curve]:
    return [
        Curve(name=name, x_label=x_label, y_label=y_label, points=tuple(zip(xs, ys, strict=True)))
        for name, ys in lines.items()
    ]


def _left(live: LiveGateway) -> tuple[int, int, int]:
    """Processes, descriptors of gateway and Envoy, and files on the scratch disk."""
    tree = processes.tree(live.process.pid)
    descriptors = sum(max(0, processes.descriptors(process.pid)) for process in tree)
    files = sum(len(names) for _, _, names in os.walk(live.folder / "scratch"))
    return len(tree), descriptors, files
