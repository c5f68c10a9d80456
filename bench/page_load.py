"""How much longer does a page of 300 modules take to load through the gateway than from the dev server asked directly?"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, StorageState

from bench.core import browser, gateway, site, stack
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare

QUESTION = "How long does a page of 300 modules take to load, against the same dev server asked directly?"
MODULES: Final = 300


@dataclass(kw_only=True)
class Way:
    """One way to the page."""

    name: str
    url: str
    entry: str
    """A link that signs in, or the URL itself."""
    state: StorageState | None = None


def run(options: Options) -> Measurement:
    """Every load in a fresh browser context, so without cache, in turns."""
    sides: dict[str, list[float]] = {}
    with ExitStack() as exits:
        live = exits.enter_context(gateway.running(options.scratch / "gateway"))
        _make(live.sites / "bench")
        live.api("POST", "/sessions/bench/start")
        whole = exits.enter_context(stack.running(options.scratch))
        _make(whole.sites / "bench")
        whole.api("POST", "/sessions/bench/start")
        chromium = exits.enter_context(browser.chromium())
        direct = f"http://127.0.0.1:{dev_server_port(live, 'bench')}{live.contract.session_base('bench')}"
        ways = [
            Way(name="dev server directly", url=direct, entry=direct),
            Way(name="gateway", url=live.contract.session_url("bench"), entry=live.link("bench")),
            Way(name="whole local path", url=f"{whole.origin}/session/bench/", entry=whole.link("bench")),
        ]
        for way in ways:
            _sign_in(chromium, way)
            _load(chromium, way)  # everything is transformed and bundled by then
        for _ in range(options.pick(15, 1)):
            for way in ways:
                sides.setdefault(way.name, []).append(_load(chromium, way))
    series = [Series(name=name, unit="ms", values=tuple(values)) for name, values in sides.items()]
    return Measurement(
        series=series,
        checks=[
            compare(
                f"load of a page of {MODULES} modules, gateway against its dev server asked directly", series[1], series[0], "at most", 1.1
            )
        ],
        notes=[
            "Time from navigation to the load event, empty cache, each module a request. Directly means HTTP/1.1 with six connections, "
            "as through the gateway alone; the whole local path has TLS and HTTP/2, and a second Envoy.",
        ],
    )


def dev_server_port(live: LiveGateway, session_id: str) -> int:
    """The loopback port that Envoy sends the session's traffic to, from the clusters file in its working directory."""
    clusters = json.loads(Path(f"/proc/{live.envoy_pid}/cwd/cds.json").read_text())["resources"]
    for cluster in clusters:
        if cluster["name"].startswith(f"session.{session_id}."):
            address = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
            return int(address["socket_address"]["port_value"])
    raise RuntimeError(f"no cluster of session {session_id} among {[cluster['name'] for cluster in clusters]}")


def _make(folder: Path) -> None:
    """The starter with a page that imports MODULES scripts, each a file of its own."""
    site.make(folder, modules=False)
    modules = folder / "src" / "modules"
    modules.mkdir()
    filler = "\n".join(f"export const line{number} = 'text of a module that is neither empty nor large {number}';" for number in range(30))
    for number in range(MODULES):
        (modules / f"m{number}.js").write_text(f"{filler}\nexport default {number};\n")
    imports = "\n".join(f"import m{number} from './m{number}.js';" for number in range(MODULES))
    total = "+".join(f"m{number}" for number in range(MODULES))
    (modules / "main.js").write_text(f"{imports}\nwindow.total = {total};\n")
    (folder / "src" / "pages" / "index.astro").write_text(
        "<html><head><title>modules</title><script>import '../modules/main.js';</script></head><body>modules</body></html>\n"
    )


def _sign_in(chromium: Browser, way: Way) -> None:
    """The first visit: use the link up, keep its cookies, let the dev server transform and bundle what it serves."""
    context = chromium.new_context(ignore_https_errors=True)  # the local stack's own certificate authority
    page = context.new_page()
    page.goto(way.entry, wait_until="load")
    page.wait_for_function("window.total !== undefined")
    way.state = context.storage_state()
    context.close()


def _load(chromium: Browser, way: Way) -> float:
    """Milliseconds from navigation to the load event, in a fresh context. Raises `RuntimeError` when modules are missing."""
    context = chromium.new_context(ignore_https_errors=True, storage_state=way.state)
    try:
        page = context.new_page()
        page.add_init_script("performance.setResourceTimingBufferSize(2000)")  # 250 by default
        page.goto(way.url, wait_until="load")
        page.wait_for_function("window.total !== undefined")
        found = page.evaluate(
            """() => {
                const navigation = performance.getEntriesByType("navigation")[0];
                const modules = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/modules/m")).length;
                return { milliseconds: navigation.loadEventStart, modules };
            }"""
        )
        if found["modules"] < MODULES:
            raise RuntimeError(f"{way.url}: the page loaded {found['modules']} modules, expected at least {MODULES}")
        return float(found["milliseconds"])
    finally:
        context.close()
