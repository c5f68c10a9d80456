"""One site, tried in a session and with bare `astro dev`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from bench.core import processes
from bench.core.gateway import LiveGateway, running, stop
from container.gateway.programs import node_executable
from container.gateway.registry_access import registry_environment

from .edits import Kind
from .source import Source
from .visit import measure_edits, open_page, settle, tab

START_SECONDS: Final = 900
BARE_SECONDS: Final = 180
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
    complaints: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    live: bool | None = None
    error: str = ""


@dataclass(kw_only=True)
class Trial:
    """All that was seen of one site."""

    name: str
    astro: str = ""
    manager: str = ""
    install: float | None = None
    session: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def first_error(self) -> str:
        """The first thing that went wrong in the session and does not with bare Astro."""
        if self.session.error:
            return self.session.error
        if self.session.live is False:
            return "the page has no live connection"
        lost = [kind for kind, taken in self.session.edits.items() if taken is None and self.bare.edits.get(kind) is not None]
        if lost:
            return f"an edit of {' and '.join(lost)} does not show"
        return next((complaint for complaint in self.session.complaints if complaint not in self.bare.complaints), "")


def attempt(source: Source, browser: Browser, folder: Path) -> Trial:
    """Try one site below `folder`; never raises for a fault of the site."""
    trial = Trial(name=source.name)
    with running(folder, settings=SETTINGS) as gateway:
        repo = gateway.sites / source.session_id
        try:
            source.copy_to(repo)
        except (OSError, subprocess.SubprocessError) as error:
            trial.session.error = f"cannot be fetched: {getattr(error, 'stderr', None) or error}"[:200]
            return trial
        site = _session(trial, source, gateway, browser)
        if site is not None:
            _second_start(trial, source, gateway, browser)
            gateway.api("POST", f"/sessions/{source.session_id}/stop")
    if site is not None:
        bring_packages(repo)
        _bare(trial, site, browser, folder)
    return trial


def _session(trial: Trial, source: Source, gateway: LiveGateway, browser: Browser) -> Path | None:
    side, repo = trial.session, gateway.sites / source.session_id
    began = time.monotonic()
    try:
        state = _start(gateway, source)
    except RuntimeError as error:
        side.error = _short(str(error))
        return None
    side.ready = time.monotonic() - began
    trial.astro = state.get("versions", {}).get("astro", "")
    packages = state.get("packages") or {}
    trial.manager = f"{packages.get('manager', '')} {packages.get('version', '')}".strip()
    trial.install = packages.get("seconds")
    site = repo / (packages.get("root") or source.root)
    base = gateway.contract.session_url(source.session_id)
    with tab(browser, base) as heard:
        try:
            side.page = open_page(heard, gateway.link(source.session_id))
            side.live = settle(heard)
            side.edits = measure_edits(heard, site, "live")
        except Exception as error:
            side.error = _short(str(error))
        side.complaints, side.strays = list(dict.fromkeys(heard.complaints)), heard.strays()
    side.memory_mib = processes.tree_memory_mib(gateway.api("GET", f"/sessions/{source.session_id}")["pid"] or 0)
    return site


def _start(gateway: LiveGateway, source: Source) -> dict[str, Any]:
    """Create the session and wait until it is ready. Raises `RuntimeError` with its own error."""
    body: dict[str, str] = {"id": source.session_id, **({"root": source.root} if source.root else {})}
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
            raise RuntimeError(f"not ready after {START_SECONDS} s: {state['state']} {state.get('stage')}")
        time.sleep(0.25)


def _second_start(trial: Trial, source: Source, gateway: LiveGateway, browser: Browser) -> None:
    """Stop, and start again with the packages in place: seconds to the page."""
    gateway.api("POST", f"/sessions/{source.session_id}/stop")
    time.sleep(8)  # until the next warm runner waits, as it does when somebody comes back
    base = gateway.contract.session_url(source.session_id)
    with tab(browser, base) as heard, contextlib.suppress(Exception):
        began = time.monotonic()
        _start(gateway, source)
        open_page(heard, gateway.link(source.session_id))
        trial.session.again = time.monotonic() - began


def bring_packages(repo: Path) -> None:
    """Put the installed packages where the links to them are: bare Astro serves no file from outside the repository."""
    for parent, folders, _files in os.walk(repo):
        folders[:] = [name for name in folders if name not in ("node_modules", ".git")]
        modules = Path(parent) / "node_modules"
        if not modules.is_symlink() or not modules.exists():
            continue
        target = modules.resolve()
        modules.unlink()
        if "dependencies" in target.parts and target.is_dir():
            target.rename(modules)
        else:  # the packages that come with the runner
            shutil.copytree(target, modules, symlinks=True)


def _bare(trial: Trial, site: Path, browser: Browser, folder: Path) -> None:
    side = trial.bare
    for again in (False, True):
        with _bare_server(site, folder) as server, tab(browser, server.base) as heard:
            try:
                began = time.monotonic()
                server.wait()
                side.ready = time.monotonic() - began
                taken = open_page(heard, server.base)
                if again:
                    side.again = time.monotonic() - began
                    return
                side.page = taken
                side.live = settle(heard)
                side.edits = measure_edits(heard, site, "bare")
                side.memory_mib = processes.tree_memory_mib(server.process.pid)
            except Exception as error:
                side.error = _short(str(error))
                return
            finally:
                side.complaints = list(dict.fromkeys([*side.complaints, *heard.complaints]))


@dataclass(kw_only=True)
class BareServer:
    """`astro dev` as the site's owner starts it."""

    process: subprocess.Popen[bytes]
    base: str
    port: int
    log: Path

    def wait(self) -> None:
        """Until it answers. Raises `RuntimeError` with its last lines when it ends or takes too long."""
        deadline = time.monotonic() + BARE_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"bare astro dev did not start: {self.log.read_text(errors='replace')[-400:]}")
            time.sleep(0.05)


@contextlib.contextmanager
def _bare_server(site: Path, folder: Path) -> Iterator[BareServer]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    astro = (site / "node_modules" / "astro").resolve()
    program = json.loads((astro / "package.json").read_text())["bin"]["astro"]
    log, home = folder / "bare.log", folder / "bare-home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": f"{node_executable().parent}:/usr/bin:/bin", "HOME": str(home), "ASTRO_TELEMETRY_DISABLED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(node_executable()), str(astro / program), "dev", "--port", str(port), "--host", "127.0.0.1"],
            cwd=site,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield BareServer(process=process, base=f"http://127.0.0.1:{port}{_own_base(site)}", port=port, log=log)
    finally:
        stop(process)


def _own_base(site: Path) -> str:
    """The site's own `base`, where its configuration names one plainly."""
    import re

    for config in site.glob("astro.config.*"):
        if found := re.search(r"^\s*base:\s*['\"](/[^'\"]*)['\"]", config.read_text(), re.MULTILINE):
            return found[1].rstrip("/") + "/"
    return "/"


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def clear(folder: Path) -> None:
    """Remove a site's copy and packages."""
    shutil.rmtree(folder, ignore_errors=True)
