"""How long does a site with a lock file take to start again, against one that brings its packages
along?

Both sites have the same files and packages. One is installed from its lock file by its first start;
the other has its own `node_modules` folder, a copy of that installation, so there is nothing to
check. Starts take turns, each without a warm runner, and end with the first page. The smallest run
installs one package and uses the Astro that comes with the runner.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from bench.core import gateway, site
from bench.core.gateway import LiveGateway
from bench.core.machine import ROOT
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare
from bench.core.visit import Visitor
from container.gateway.registry_access import registry_environment

QUESTION = (
    "How long does a site with a lock file take to start again, against one that brings its"
    " packages along?"
)
AGAIN, BROUGHT, FIRST = (
    "installed from its lock file before → first page",
    "node_modules in place → first page",
    "first start, with the installation",
)
PACKAGES = ROOT / "container" / "astro"


def run(options: Options) -> Measurement:
    """One installation, then both sites in turns."""
    settings = registry_environment(os.environ) | {"ASTRO_LIVE_WARM_RUNNERS": "0"}
    with gateway.running(options.scratch, settings=settings) as live:
        installed = _site(live.sites / "installed", whole=not options.quick)
        first = _start(live, "installed")
        brought = _site(live.sites / "brought", whole=not options.quick)
        shutil.copytree(
            (installed / "node_modules").resolve(), brought / "node_modules", symlinks=True
        )
        _start(live, "brought")
        times: dict[str, list[float]] = {AGAIN: [], BROUGHT: []}
        for _ in range(options.pick(8, 1)):
            times[AGAIN].append(_start(live, "installed"))
            times[BROUGHT].append(_start(live, "brought"))
    series = [Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()]
    return Measurement(
        series=[*series, Series(name=FIRST, unit="s", values=(first,))],
        checks=[
            compare(
                "second start of an installed site, against node_modules in place",
                series[0],
                series[1],
                "at most",
                1.2,
            )
        ],
        notes=[
            "The first start fetches some 260 packages from the registry; nothing is kept of an"
            " earlier one."
        ],
    )


def _site(folder: Path, *, whole: bool) -> Path:
    """The starter with the runner's own dependencies and lock file as its own, or a page with one
    package of them.
    """
    if whole:
        site.make(folder, modules=False)
    else:
        (folder / "src" / "pages").mkdir(parents=True)
        (folder / "src" / "pages" / "index.astro").write_text(
            "<html><body><h1>A page</h1></body></html>\n"
        )
    manifest = json.loads((PACKAGES / "package.json").read_text())
    lock = json.loads((PACKAGES / "package-lock.json").read_text())
    if not whole:
        manifest["dependencies"] = {"semver": manifest["dependencies"]["semver"]}
        packages = lock["packages"]
        lock["packages"] = {
            "": {**packages[""], "dependencies": manifest["dependencies"]},
            "node_modules/semver": packages["node_modules/semver"],
        }
    (folder / "package.json").write_text(json.dumps({**manifest, "scripts": {"dev": "astro dev"}}))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


def _start(live: LiveGateway, session_id: str) -> float:
    with Visitor.of(live, session_id) as visitor:
        _, page = visitor.first_page()
    live.api("POST", f"/sessions/{session_id}/stop")
    return page
