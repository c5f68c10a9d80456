"""Builds of production mode on a disk that fails: what is kept is whole, what is served stays, and
all recovers (S6, S37).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from container.gateway.settings import ASTRO_DIR
from tests.node import NODE, recording

SCRIPT = Path(__file__).with_name("builds_faults.mjs")
MEMORY = Path("/dev/shm")


def every_fault(*extent: str) -> dict[str, Any]:
    """What the script found: `rows` and `problems`."""
    module = (ASTRO_DIR / "lib" / "production" / "builds.mjs").as_uri()
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        command = [NODE, str(SCRIPT), module, folder, *extent]
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            env={**os.environ, **recording()},
            timeout=500,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_failing_file_operation_loses_or_halves_a_build() -> None:
    """Each operation with one of the errors; `make faults` takes all four."""
    found = every_fault("one")
    assert len(found["rows"]) > 40
    assert found["problems"] == []
    assert any(outcome.get("keep") not in ("done", None) for _, _, outcome in found["rows"]), (
        "the faults are injected"
    )
