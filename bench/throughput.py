"""How many requests per second does one processor carry with authentication, against proxies that
others use for this?

Each proxy is tied to one processor; the load generator and the stub dev server share the other.
Beside the rate, the requests per second of the proxy's own processor time are counted: that figure
holds on a busy machine too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bench.core import gateway, load, peers, processes
from bench.core.registry import Options, Unavailable
from bench.core.result import Measurement, Series, compare

QUESTION = (
    "How many requests per second does one processor carry, with authentication, against"
    " configurable-http-proxy and jupyter-server-proxy?"
)
CONNECTIONS: Final = 32
STUB, OURS, CHP, JSP = (
    "stub directly",
    "gateway, authenticated",
    "configurable-http-proxy",
    "jupyter-server-proxy",
)
FORWARDING: Final = "Envoy that only forwards"
LOGGED, EDITED = (
    "gateway, with an access-log line",
    "gateway, with an access-log line and edited cookies",
)
AIM: Final = (
    "authenticated requests per second on one core, against configurable-http-proxy without"
    " authentication"
)


@dataclass(kw_only=True)
class Side:
    """One proxy under load."""

    name: str
    host: str
    port: int
    path: str
    headers: Mapping[str, str]
    pids: tuple[int, ...]
    rates: list[float] = field(default_factory=list)
    per_cpu_second: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Forget what was measured so far."""
        for values in (self.rates, self.per_cpu_second, self.latencies):
            values.clear()


def run(options: Options) -> Measurement:
    """Rounds in turns: every side in every round, so that a busy minute meets all of them."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unavailable(
            "this benchmark needs two processors: one for the proxy, one for load and dev server"
        )
    seconds, warm_up = (0.3, 0.1) if options.quick else (3.0, 0.5)
    with ExitStack() as stack:
        sides = _sides(stack, options.scratch)
        for side in sides:
            tie(side.pids, cores[0])
        stubs = processes.named(psutil.Process().children(recursive=True), gateway.STUB[1])
        tie(stubs, cores[1])
        for side in sides:
            load_side(side, warm_up, cores[1])  # compiles what is compiled on the way
            side.clear()
        for _ in range(options.pick(7, 1)):
            for side in sides:
                load_side(side, seconds, cores[1])
    return _measurement(sides)


def _measurement(sides: list[Side]) -> Measurement:
    rates = {
        side.name: Series(name=side.name, unit="requests/s", values=tuple(side.rates))
        for side in sides
    }
    cpu = {
        side.name: Series(
            name=side.name, unit="requests per CPU second", values=tuple(side.per_cpu_second)
        )
        for side in sides[1:]
    }
    latencies = [Series(name=side.name, unit="ms", values=tuple(side.latencies)) for side in sides]

    def ratio(series: Mapping[str, Series], ours: str, theirs: str) -> float:
        return round(series[ours].summary.median / series[theirs].summary.median, 2)

    return Measurement(
        series=[*rates.values(), *cpu.values(), *latencies],
        checks=[
            compare(AIM, rates[OURS], rates[CHP], "at least", 2.5),
            compare(f"{AIM}, per second of processor time", cpu[OURS], cpu[CHP], "at least", 2.5),
        ],
        figures={
            "ratio_to_jupyter_server_proxy": ratio(rates, OURS, JSP),
            "envoy_that_only_forwards_to_configurable_http_proxy": ratio(cpu, FORWARDING, CHP),
            "ours_to_envoy_that_only_forwards": ratio(cpu, OURS, FORWARDING),
            "share_of_the_generators_ceiling": ratio(rates, OURS, STUB),
            "leaving_modules_out_of_the_access_log": ratio(cpu, OURS, LOGGED),
            "dropping_the_cookie_header_instead_of_editing_it": ratio(cpu, LOGGED, EDITED),
            "connections": CONNECTIONS,
            "answer_bytes": 4096,
        },
        notes=[
            (
                "The request is that of a page's module. The gateway verifies its Ed25519 token"
                " (cached), session claim and Origin, and keeps its cookies from the dev server;"
                " configurable-http-proxy checks nothing; jupyter-server-proxy checks a token."
            ),
            (
                "'Envoy that only forwards' is the same program with one route and no filter but"
                " its router: the most that this data plane can reach, whatever is checked."
            ),
            (
                "The two further gateway rows are how every request was served before: written to"
                " the access log, and with its cookies edited by a script, which now happens only"
                " to requests that bring a cookie of the site's own."
            ),
            (
                "'Stub directly' is the most that generator and dev server manage on their"
                " processor: the ceiling of this set-up."
            ),
        ],
    )


def _sides(stack: ExitStack, scratch: Path) -> list[Side]:
    live = stack.enter_context(
        gateway.running(
            scratch / "gateway", stub=True, settings={"ASTRO_LIVE_ENVOY_CONCURRENCY": "1"}
        )
    )
    live.create("bench")
    target = stack.enter_context(peers.stub_server(scratch))
    chp = stack.enter_context(peers.configurable_http_proxy(scratch, target.url))
    bare = stack.enter_context(peers.envoy(scratch, target.port))
    jsp = stack.enter_context(peers.jupyter_server_proxy(scratch, target.port))
    path, cookie, envoy = (
        live.contract.session_base("bench") + "x.js",
        live.cookie("bench"),
        (live.envoy_pid,),
    )
    module = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "script", "Accept": "*/*"}
    unnamed = {
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Dest": "script",
        "Accept": "*/*",
    }  # as many headers, but not a browser's module
    found = [
        Side(
            name=STUB,
            host=target.address,
            port=target.port,
            path="/",
            headers=module,
            pids=(target.process.pid,),
        )
    ]
    for name, headers in (
        (OURS, {**module, "Cookie": cookie}),
        (LOGGED, {**unnamed, "Cookie": cookie}),
        (EDITED, {**unnamed, "Cookie": f"{cookie}; theme=dark"}),
    ):
        found.append(
            Side(
                name=name, host=live.address, port=live.port, path=path, headers=headers, pids=envoy
            )
        )
    for name, peer in ((FORWARDING, bare), (CHP, chp), (JSP, jsp)):
        headers = {**module, **peer.headers}
        found.append(
            Side(
                name=name,
                host=peer.address,
                port=peer.port,
                path=peer.path,
                headers=headers,
                pids=(peer.process.pid,),
            )
        )
    return found


def tie(pids: Iterable[int], core: int) -> None:
    """Let all threads of the processes run on one processor only."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def load_side(side: Side, seconds: float, core: int, *, connections: int = CONNECTIONS) -> None:
    """Ask one side for so long, from `core`, and note what came of it."""
    arguments: dict[str, Any] = {
        "host": side.host,
        "port": side.port,
        "path": side.path,
        "headers": dict(side.headers),
        "connections": connections,
        "seconds": seconds,
    }
    before = sum(processes.cpu_seconds(pid) for pid in side.pids)
    done = subprocess.run(
        [sys.executable, load.__file__, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    if done.returncode:
        raise RuntimeError(f"load on {side.name}: {done.stderr.strip().splitlines()[-1]}")
    outcome = json.loads(done.stdout)
    # On a busy machine a short run may get less than one tick of the clock.
    used = max(0.01, sum(processes.cpu_seconds(pid) for pid in side.pids) - before)
    side.rates.append(outcome["requests"] / outcome["seconds"])
    # The warm-up costs the proxy too: count all it answered.
    side.per_cpu_second.append(outcome["all_requests"] / used)
    side.latencies += outcome["latencies_ms"][:200]
