"""Builds the container image with buildah, once, and runs it as a container runtime would."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PUBLISHED_BASE: Final = "docker.io/library/python:3.13-slim-bookworm"
DEBIAN: Final = "http://deb.debian.org/debian"
PACKAGES: Final = "python3,python3-venv,ca-certificates"
"""Without git, as the published base is: the image's own step installs it."""
USER: Final = 1000


@dataclass(frozen=True)
class Buildah:
    """buildah with its own store."""

    folder: Path
    driver: str = "overlay"

    def __call__(self, *arguments: str, seconds: float = 600) -> str:
        command = [
            "buildah",
            "--root",
            str(self.folder / "store"),
            "--runroot",
            str(self.folder / "run"),
            "--storage-driver",
            self.driver,
        ]
        done = subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, (
            f"buildah {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
        return done.stdout.strip()


@pytest.fixture(scope="session")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """Skips where an image cannot be built."""
    if shutil.which("buildah") is None:
        pytest.skip("buildah is not installed")
    if os.getuid() != 0:
        pytest.skip("building with chroot isolation and mounting the result needs root")
    if (
        subprocess.run(
            ["unshare", "-m", "-p", "--fork", "true"], capture_output=True, check=False
        ).returncode
        != 0
    ):
        pytest.skip("this machine does not allow new mount and process namespaces")
    folder = tmp_path_factory.mktemp("buildah")
    tool = _working(folder)
    try:
        yield tool
    finally:
        tool("umount", "--all")
        shutil.rmtree(folder, ignore_errors=True)


def _working(folder: Path) -> Buildah:
    """Overlay where it can be mounted; vfs, which copies every layer whole, where it cannot (on an
    overlay itself, say).
    """
    probe = Buildah(folder / "probe")
    try:
        probe("mount", probe("from", "scratch"))
        probe("umount", "--all")
    except AssertionError:
        return Buildah(folder, driver="vfs")
    return Buildah(folder)


@pytest.fixture(scope="session")
def base(buildah: Buildah) -> str:
    """The published base image where its registry can be reached; else a stand-in of Debian's
    packages (its Python is 3.11).
    """
    try:
        buildah("pull", "--quiet", "--retry", "0", PUBLISHED_BASE, seconds=60)
    except (AssertionError, subprocess.TimeoutExpired):
        return _stand_in(buildah)
    return PUBLISHED_BASE


def _stand_in(buildah: Buildah) -> str:
    if shutil.which("debootstrap") is None:
        pytest.skip(
            f"{PUBLISHED_BASE} cannot be pulled here, and debootstrap, which would make a stand-in,"
            " is not installed"
        )
    root = buildah.folder / "base"
    archive = (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        / "astro-live"
        / "base-bookworm-without-git.tar"
    )
    if not archive.exists():
        made = subprocess.run(
            [
                "debootstrap",
                "--variant=minbase",
                f"--include={PACKAGES}",
                "bookworm",
                str(root),
                DEBIAN,
            ],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if made.returncode != 0:
            pytest.skip(
                f"{PUBLISHED_BASE} cannot be pulled here, and Debian's packages neither:"
                f" {made.stdout[-300:]}"
            )
        archive.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-C", str(root), "-cf", f"{archive}.new", "."], check=True)
        archive.with_name(archive.name + ".new").rename(archive)
        shutil.rmtree(root)
    recipe = buildah.folder / "context" / "Dockerfile"
    recipe.parent.mkdir()
    recipe.write_text("FROM scratch\nADD base.tar /\n")
    shutil.copy(archive, recipe.parent / "base.tar")
    buildah("bud", "--isolation", "chroot", "-t", "localhost/stand-in", str(recipe.parent))
    return "localhost/stand-in"


def certificates() -> Sequence[str]:
    """This machine's certificates for the build, when it is told to use some: it may sit behind a
    proxy that re-signs TLS.
    """
    for variable in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        if (path := os.environ.get(variable)) and Path(path).is_file():
            return ["--secret", f"id=ca,src={path}"]
    return []


@pytest.fixture(scope="session")
def image(buildah: Buildah, base: str) -> str:
    """The image of this checkout."""
    arguments = [
        "bud",
        "--isolation",
        "chroot",
        "--format",
        "docker",
        "--build-arg",
        f"BASE={base}",
    ]
    buildah(
        *arguments, *certificates(), "-f", "container/Dockerfile", "-t", "localhost/astro-live", "."
    )
    return "localhost/astro-live"


@pytest.fixture(scope="session")
def root(buildah: Buildah, image: str) -> Path:
    """The image's file system, mounted."""
    return Path(buildah("mount", buildah("from", image)))
