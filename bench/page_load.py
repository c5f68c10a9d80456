"""How much longer does a page of 300 modules take to load through the gateway than from a bare
`astro dev` asked directly?

The browser and every process on the way share the machine's processors, so what a proxy spends is
missing elsewhere: the processor time that it takes for a load is measured too.
configurable-http-proxy, which checks nothing, is before the bare dev server for comparison: a
session's dev server answers the gateway only. A visitor's browser is not on the server: afterwards
it gets its own processor, and the rest the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, StorageState

from bench.core import browser, gateway, peers, processes, site, stack
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare

QUESTION = (
    "How long does a page of 300 modules take to load, against a bare `astro dev` asked directly?"
)
MODULES: Final = 300
QUICK_MODULES: Final = 10
DIRECT, GATEWAY, PEER = "bare astro dev directly", "gateway", "configurable-http-proxy"
APART: Final = "browser on its own processor"
BOUND: Final = 1.1


@dataclass(kw_only=True)
class Way:
    """One way to the page."""

    name: str
    url: str
    entry: str
    """A link that signs in, or the URL itself."""
    proxy: int | None = None
    """Process between browser and dev server."""
    state: StorageState | None = None
    times: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    """Milliseconds of the proxy's processor time for each load."""
    apart: list[float] = field(default_factory=list)
    """Times when the browser has its own processor."""

    def measure(self, chromium: Browser, modules: int) -> None:
        before = 0.0 if self.proxy is None else processes.cpu_seconds(self.proxy)
        self.times.append(_load(chromium, self, modules))
        if self.proxy is not None:
            self.spent.append((processes.cpu_seconds(self.proxy) - before) * 1000)


def run(options: Options) -> Measurement:
    """Every load in a fresh browser context, so without cache, in turns."""
    with ExitStack() as exits:
        live = exits.enter_context(
            gateway.running(options.scratch / "gateway", settings={"ASTRO_LIVE_WARM_RUNNERS": "0"})
        )
        modules = options.pick(MODULES, QUICK_MODULES)
        _make(live.sites / "bench", modules)
        live.api("POST", "/sessions/bench/start")
        _make(options.scratch / "bare", modules, packages=True)
        bare = exits.enter_context(peers.astro_dev(options.scratch, options.scratch / "bare"))
        direct = f"http://{bare.address}:{bare.port}/"
        peer = exits.enter_context(
            peers.configurable_http_proxy(options.scratch, direct.rstrip("/"))
        )
        whole = None if options.quick else exits.enter_context(stack.running(options.scratch))
        chromium = exits.enter_context(browser.chromium())
        proxied = f"http://{peer.address}:{peer.port}/"
        ways = [
            Way(name=DIRECT, url=direct, entry=direct),
            Way(
                name=GATEWAY,
                url=live.contract.session_url("bench"),
                entry=live.link("bench"),
                proxy=live.envoy_pid,
            ),
            Way(name=PEER, url=proxied, entry=proxied, proxy=peer.process.pid),
        ]
        if whole is not None:  # no aim names it
            _make(whole.sites / "bench", modules)
            whole.api("POST", "/sessions/bench/start")
            url, entry = f"{whole.origin}/session/bench/", whole.link("bench")
            ways.append(Way(name="whole local path", url=url, entry=entry))
        for way in ways:
            _sign_in(chromium, way)
            _load(chromium, way, modules)  # everything is transformed and bundled by then
        rounds = options.pick(15, 1)
        for way in _in_turns(ways, rounds):
            way.measure(chromium, modules)
        compared = [way for way in ways if way.name in (DIRECT, GATEWAY)]
        with _browser_apart() as is_apart:
            for way in _in_turns(compared, rounds if is_apart else 0):
                way.apart.append(_load(chromium, way, modules))
    series = {way.name: Series(name=way.name, unit="ms", values=tuple(way.times)) for way in ways}
    spent = [
        Series(name=f"{way.name}: processor time", unit="CPU ms", values=tuple(way.spent))
        for way in ways
        if way.spent
    ]
    apart = {
        way.name: Series(name=f"{way.name}, {APART}", unit="ms", values=tuple(way.apart))
        for way in ways
        if way.apart
    }
    claim = (
        f"load of a page of {MODULES} modules, gateway against a bare `astro dev` asked directly"
    )
    checks = [compare(claim, series[GATEWAY], series[DIRECT], "at most", BOUND)]
    if apart:
        checks.append(compare(f"{claim}, {APART}", apart[GATEWAY], apart[DIRECT], "at most", BOUND))
    return Measurement(
        series=[*series.values(), *apart.values(), *spent],
        checks=checks,
        figures={
            "gateway against configurable-http-proxy": round(
                series[GATEWAY].summary.median / series[PEER].summary.median, 2
            )
        },
        notes=[
            (
                "Time from navigation to the load event, empty cache, each module a request."
                " Directly means HTTP/1.1 with six connections, as through the gateway alone and"
                " through configurable-http-proxy; the whole local path has TLS and HTTP/2, and a"
                " second Envoy."
            ),
            (
                "Browser, proxy and dev server share two processors here, and the browser wants"
                " more than one of them for itself. On its own processor it is slower, but takes"
                " nothing from the servers, as a visitor's does."
            ),
        ],
    )


def _in_turns(ways: list[Way], rounds: int) -> Iterator[Way]:
    """There and back, so that none is always the one after the slowest."""
    for number in range(rounds):
        yield from ways[:: 1 if number % 2 else -1]


@contextmanager
def _browser_apart() -> Iterator[bool]:
    """Give the browser (with what drives it) one processor and every other process of this run the
    rest. False on a machine with one.
    """
    usable = os.sched_getaffinity(0)
    own = {max(usable)}
    if usable == own:
        yield False
        return
    everyone = processes.tree(os.getpid())
    browsing = {
        os.getpid(),
        *processes.named(everyone, "chromium"),
        *processes.named(everyone, "playwright"),
    }
    processes.confine((process.pid for process in everyone), usable - own)
    processes.confine(browsing, own)
    try:
        yield True
    finally:
        processes.confine((process.pid for process in everyone), usable)


def _make(folder: Path, count: int, *, packages: bool = False) -> None:
    """The starter with a page that imports so many scripts, each its own file."""
    site.make(folder, modules=packages)
    modules = folder / "src" / "modules"
    modules.mkdir()
    filler = "\n".join(
        f"export const line{number} = 'text of a module that is neither empty nor large {number}';"
        for number in range(30)
    )
    for number in range(count):
        (modules / f"m{number}.js").write_text(f"{filler}\nexport default {number};\n")
    imports = "\n".join(f"import m{number} from './m{number}.js';" for number in range(count))
    total = "+".join(f"m{number}" for number in range(count))
    (modules / "main.js").write_text(f"{imports}\nwindow.total = {total};\n")
    (folder / "src" / "pages" / "index.astro").write_text(
        "<html><head><title>modules</title><script>import"
        " '../modules/main.js';</script></head><body>modules</body></html>\n"
    )


def _sign_in(chromium: Browser, way: Way) -> None:
    """The first visit: use the link up, keep its cookies, let the dev server transform and bundle
    what it serves.
    """
    context = chromium.new_context(
        ignore_https_errors=True
    )  # the local stack's own certificate authority
    page = context.new_page()
    page.goto(way.entry, wait_until="load")
    page.wait_for_function("window.total !== undefined")
    way.state = context.storage_state()
    context.close()


def _load(chromium: Browser, way: Way, modules: int) -> float:
    """Milliseconds from navigation to the load event, in a fresh context. Raises `RuntimeError`
    when modules are missing.
    """
    context = chromium.new_context(ignore_https_errors=True, storage_state=way.state)
    try:
        page = context.new_page()
        page.add_init_script("performance.setResourceTimingBufferSize(2000)")  # 250 by default
        page.goto(way.url, wait_until="load")
        page.wait_for_function("window.total !== undefined")
        found = page.evaluate("""() => {
                const navigation = performance.getEntriesByType("navigation")[0];
                const modules = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/modules/m")).length;
                return { milliseconds: navigation.loadEventStart, modules };
            }""")
        if found["modules"] < modules:
            raise RuntimeError(
                f"{way.url}: the page loaded {found['modules']} modules, expected at least"
                f" {modules}"
            )
        return float(found["milliseconds"])
    finally:
        context.close()
