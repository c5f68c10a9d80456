"""One site, tried in a session under a path and on a host, and with bare `astro dev`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from bench.core import processes
from bench.core.browser import chromium
from bench.core.gateway import LiveGateway, running
from container.gateway.registry_access import registry_environment

from .bare import bare_copy, bare_server
from .edits import Kind
from .source import Source
from .visit import Tab, measure_edits, open_page, settle, tab

START_SECONDS: Final = 600
WARM_SECONDS: Final = 8
"""Until the next runner waits for a session, as it does when somebody comes back."""
SETTINGS: Final = registry_environment(os.environ) | {
    "ASTRO_LIVE_SESSION_MEMORY_MIB": "3072",
    "ASTRO_LIVE_WARM_RUNNERS": "1",
    "ASTRO_LIVE_START_TIMEOUT_SECONDS": "120",
}


@dataclass(kw_only=True)
class Side:
    """A site as one side serves it."""

    ready: float | None = None
    page: float | None = None
    again: float | None = None
    """Seconds from a start with the packages in place to the page."""
    memory_mib: float | None = None
    edits: dict[Kind, float | None] = field(default_factory=dict)
    """Milliseconds; None for an edit that only a fresh load shows."""
    absent: list[Kind] = field(default_factory=list)
    """Kinds whose file turned out not to be on the page."""
    complaints: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    live: bool | None = None
    error: str = ""

    @property
    def to_page(self) -> float | None:
        """Seconds from the start to the loaded page."""
        return None if self.ready is None or self.page is None else self.ready + self.page


@dataclass(kw_only=True)
class Trial:
    """All that was seen of one site."""

    name: str
    astro: str = ""
    manager: str = ""
    install: float | None = None
    session: Side = field(default_factory=Side)
    host: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def first_error(self) -> str:
        """The first thing that goes wrong in the session under a path and does not with
        bare Astro.
        """
        return fault(self.session, self.bare)

    @property
    def host_error(self) -> str:
        """The same for the session on a separate host."""
        return fault(self.host, self.bare)


def fault(side: Side, bare: Side) -> str:
    """The first thing that goes wrong on a side and does not with bare Astro; empty when there is
    none. A lost edit is a fault where bare Astro loses it, too.
    """
    if side.error:
        return f"bare Astro fails, too: {bare.error}" if bare.error else side.error
    if side.page is None:
        return "not tried"
    if side.live is False and bare.live:
        return "the page has no live connection"
    lost = [kind for kind, taken in side.edits.items() if taken is None]
    if lost:
        return f"an edit of {' and '.join(lost)} does not show"
    same = {without_query(complaint) for complaint in bare.complaints}
    return next(
        (complaint for complaint in side.complaints if without_query(complaint) not in same), ""
    )


def without_query(complaint: str) -> str:
    """A complaint about an address without what follows it: the address of a picture has the path
    of its file there, which is another on each side.
    """
    return re.sub(r"^(\d{3} [^?]*)\?.*", r"\1", complaint)


def attempt(
    source: Source, folder: Path, *, bare_first: bool = False, quick: bool = False
) -> Trial:
    """Try one site below `folder`; never raises for a fault of the site.

    The first starts go session, bare, host; of the second ones bare's comes first when `bare_first`
    says so. Alternated from site to site, neither side is always the one that finds the machine's
    caches warm. `quick` leaves the second starts out and edits each kind once.
    """
    edits = 1 if quick else 2
    trial = Trial(name=source.name)
    with running(folder, settings=SETTINGS) as gateway, chromium() as browser:
        repo = gateway.sites / source.session_id
        try:
            source.copy_to(repo)
        except (OSError, subprocess.SubprocessError) as error:
            trial.session.error = f"cannot be fetched: {getattr(error, 'stderr', None) or error}"[
                :200
            ]
            return trial
        root = _first_start(trial, source, gateway, browser, edits)
        gateway.api("POST", f"/sessions/{source.session_id}/stop")
        copy = folder / "bare" / source.session_id
        if bare := _packages_exist(repo, root):
            bare_copy(repo, copy)
            _bare(trial, copy / root, browser, folder, edits)
        if trial.session.page is not None and not quick:
            steps = [
                _again(trial, source, gateway, browser),
                _bare_again(trial, copy / root, browser, folder),
            ]
            for step in reversed(steps) if bare_first else steps:
                step()
    if bare and trial.session.ready is not None:
        with (
            running(folder, settings=SETTINGS, routing="host") as gateway,
            chromium(hosts_at=gateway.address) as browser,
        ):
            _visit(trial.host, source, gateway, browser, edits, repo / root)
    return trial


def _packages_exist(repo: Path, root: str) -> bool:
    return (repo / root / "node_modules" / "astro" / "package.json").is_file()


def _first_start(
    trial: Trial, source: Source, gateway: LiveGateway, browser: Browser, edits: int
) -> str:
    """The start that installs the packages. Gives the site's folder in its repository."""
    _visit(trial.session, source, gateway, browser, edits)
    state = gateway.api("GET", f"/sessions/{source.session_id}")
    packages = state.get("packages") or {}
    trial.astro = (state.get("versions") or {}).get("astro", "")
    trial.manager = f"{packages.get('manager', '')} {packages.get('version', '')}".strip()
    trial.install = packages.get("seconds")
    if trial.session.ready is not None:
        trial.session.ready -= trial.install or 0
    return packages.get("root") or source.root


def _visit(
    side: Side,
    source: Source,
    gateway: LiveGateway,
    browser: Browser,
    edits: int,
    site: Path | None = None,
) -> None:
    """Start the session, open its page, and edit. `site` is its folder; None where the session says
    it first.
    """
    time.sleep(WARM_SECONDS)
    began = time.monotonic()
    try:
        state = _start(gateway, source)
    except RuntimeError as error:
        side.error = _short(str(error))
        return
    side.ready = time.monotonic() - began
    site = site or gateway.sites / source.session_id / (
        (state.get("packages") or {}).get("root") or source.root
    )
    base = gateway.contract.session_url(source.session_id)
    with tab(browser, base) as heard:
        _look(side, heard, gateway.link(source.session_id), site, "live", edits)
        side.strays = heard.strays()
    side.memory_mib = processes.tree_memory_mib(
        gateway.api("GET", f"/sessions/{source.session_id}")["pid"] or 0
    )


def _look(side: Side, heard: Tab, url: str, site: Path, mark: str, edits: int) -> None:
    try:
        side.page = open_page(heard, url)
        side.live = settle(heard)
        edited = measure_edits(heard, site, mark, edits)
        side.edits, side.absent = edited.times, edited.absent
    except Exception as error:
        side.error = _short(str(error))
    side.complaints = list(dict.fromkeys(heard.complaints))


def _start(gateway: LiveGateway, source: Source) -> dict[str, Any]:
    """Create the session and wait until it is ready. Raises `RuntimeError` with its own error."""
    body: dict[str, str] = {
        "id": source.session_id,
        **({"root": source.root} if source.root else {}),
    }
    with contextlib.suppress(TimeoutError):
        gateway.api("POST", "/sessions", body)
    deadline = time.monotonic() + START_SECONDS
    while True:
        state: dict[str, Any] = gateway.api("GET", f"/sessions/{source.session_id}")
        if state["state"] == "ready":
            return state
        if state["state"] in ("failed", "backing-off") and state["error"]:
            raise RuntimeError(f"{state['error']['code']}: {state['error']['message']}")
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"not ready after {START_SECONDS} s: {state['state']} {state.get('stage')}"
            )
        time.sleep(0.25)


def _again(trial: Trial, source: Source, gateway: LiveGateway, browser: Browser) -> Any:
    """A step: start again with the packages in place; seconds to the page."""

    def step() -> None:
        time.sleep(WARM_SECONDS)
        base = gateway.contract.session_url(source.session_id)
        with tab(browser, base) as heard, contextlib.suppress(Exception):
            began = time.monotonic()
            _start(gateway, source)
            open_page(heard, gateway.link(source.session_id))
            trial.session.again = time.monotonic() - began
        gateway.api("POST", f"/sessions/{source.session_id}/stop")

    return step


def _bare(trial: Trial, site: Path, browser: Browser, folder: Path, edits: int) -> None:
    side = trial.bare
    with bare_server(site, folder) as server, tab(browser, server.base) as heard:
        began = time.monotonic()
        try:
            server.wait()
        except RuntimeError as error:
            side.error = _short(str(error))
            return
        side.ready = time.monotonic() - began
        _look(side, heard, server.base, site, "bare", edits)
        side.memory_mib = processes.tree_memory_mib(server.process.pid)


def _bare_again(trial: Trial, site: Path, browser: Browser, folder: Path) -> Any:
    """A step: the same as `_again` for bare Astro."""

    def step() -> None:
        with (
            bare_server(site, folder) as server,
            tab(browser, server.base) as heard,
            contextlib.suppress(Exception),
        ):
            began = time.monotonic()
            server.wait()
            open_page(heard, server.base)
            trial.bare.again = time.monotonic() - began

    return step


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def clear(folder: Path) -> None:
    """Remove a site's copy and packages."""
    shutil.rmtree(folder, ignore_errors=True)
