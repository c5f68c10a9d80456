"""Releases of Astro for tests: installed from their lock files into a cache outside the checkout, and a site for each of them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from .stack import ROOT

FOLDER: Final = ROOT / "tests" / "sites" / "releases"
"""A package.json and lock file per release, and the site's sources: `site`, with what a line needs otherwise in `site-4`."""

SHORT: Final = ("5.0.9", "6.0.8", "7.0.9")
"""What `make test` runs; the newest release has its own tests (test_compat.py)."""

INSTALL_SECONDS: Final = 600


def all_releases() -> tuple[str, ...]:
    """Every release that has a lock file, oldest first."""
    found = [path.parent.name for path in FOLDER.glob("*/package-lock.json")]
    return tuple(sorted(found, key=lambda version: [int(part) for part in version.split(".")]))


def wanted_releases(short: tuple[str, ...] = SHORT) -> tuple[str, ...]:
    """ASTRO_LIVE_RELEASES: `all`, or releases separated by commas; by default a short selection."""
    wanted = os.environ.get("ASTRO_LIVE_RELEASES", "")
    if wanted == "all":
        return all_releases()
    return tuple(wanted.split(",")) if wanted else short


def installed_release(version: str) -> Path:
    """The folder with `node_modules` of a release. Installs it once per state of its lock file."""
    source = FOLDER / version
    lock = (source / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "astro-live" / "releases"
    folder = cache / f"{version}-{hashlib.sha256(lock).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{version}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / "installed").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            command = [str(ROOT / "scripts" / "npm.sh"), "install", "--no-save"]
            subprocess.run(command, cwd=folder, check=True, timeout=INSTALL_SECONDS)
            (folder / "installed").touch()
    return folder


def release_site(version: str, to: Path) -> Path:
    """A copy of the site as this release's line needs it, its packages linked from the cache."""
    shutil.copytree(FOLDER / "site", to)
    if version.startswith("4."):
        (to / "src" / "content.config.ts").unlink()
        shutil.copytree(FOLDER / "site-4", to, dirs_exist_ok=True)
    shutil.copy(FOLDER / version / "package.json", to / "package.json")
    (to / "node_modules").symlink_to(installed_release(version) / "node_modules")
    return to
