"""Releases of Astro for tests: installed from their lock files into a cache outside the checkout,
and a site for each of them.
"""

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
"""A package.json and lock file per release, and the site's sources: `site`, with what a line needs
otherwise in `site-4`.
"""

SHORT: Final = ("5.0.9", "6.0.8", "7.0.9")
"""What `make test` runs; the newest release has its own tests (test_compat.py)."""

MINORS: Final = (
    *(
        "5.1.10",
        "5.2.6",
        "5.3.1",
        "5.4.3",
        "5.5.6",
        "5.6.2",
        "5.7.14",
        "5.8.2",
        "5.9.4",
        "5.10.2",
        "5.11.2",
        "5.12.9",
        "5.13.11",
    ),
    *("5.14.8", "5.15.9", "5.16.16", "5.17.3", "6.1.10", "6.2.2", "6.3.8"),
)
"""The last release of each minor version that has no lock file here: installed without one, for the
wider matrix.
"""

INSTALL_SECONDS: Final = 600


def all_releases() -> tuple[str, ...]:
    """Every release that has a lock file, oldest first."""
    found = [path.parent.name for path in FOLDER.glob("*/package-lock.json")]
    return tuple(sorted(found, key=_numbers))


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def manifest_of(version: str) -> bytes:
    """The package.json of a release; without one here, that of the last release before it with this
    one's number.
    """
    if (own := FOLDER / version / "package.json").is_file():
        return own.read_bytes()
    before = [release for release in all_releases() if _numbers(release) < _numbers(version)][-1]
    return (
        (FOLDER / before / "package.json")
        .read_bytes()
        .replace(f'"astro": "{before}"'.encode(), f'"astro": "{version}"'.encode())
    )


def wanted_releases(short: tuple[str, ...] = SHORT) -> tuple[str, ...]:
    """ASTRO_LIVE_RELEASES: `all` that have a lock file, `minors` for those and every other minor
    version, or releases separated by commas; by default a short selection.
    """
    wanted = os.environ.get("ASTRO_LIVE_RELEASES", "")
    if wanted == "all":
        return all_releases()
    if wanted == "minors":
        return tuple(sorted((*all_releases(), *MINORS), key=_numbers))
    return tuple(wanted.split(",")) if wanted else short


def installed_release(version: str) -> Path:
    """The folder with `node_modules` of a release."""
    return installed(version, FOLDER / version, manifest_of(version))


def installed(name: str, source: Path, manifest: bytes = b"") -> Path:
    """The folder with `node_modules` of what the lock file in `source` has, or of `manifest` where
    there is none. Installs it once per state of that file.
    """
    made_from = (source / "package-lock.json").read_bytes() if source.is_dir() else manifest
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "astro-live" / "releases"
    )
    folder = cache / f"{name}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / "installed").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            if source.is_dir():
                shutil.copytree(source, folder)
            else:
                folder.mkdir()
                (folder / "package.json").write_bytes(made_from)
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
    (to / "package.json").write_bytes(manifest_of(version))
    (to / "node_modules").symlink_to(installed_release(version) / "node_modules")
    return to
