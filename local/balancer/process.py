"""Run the load balancer's Envoy."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from container.gateway.programs import envoy_executable
from local.children import Child


def start(configuration: dict[str, Any], directory: Path) -> Child:
    """Envoy on `configuration`, which is written to `directory` beside its log. It ends with this
    process.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "load-balancer.json"
    file.write_text(json.dumps(configuration, indent=1))
    return Child.start(
        "load balancer",
        _command(file),
        environment=dict(os.environ),
        log=directory / "load-balancer.log",
        cwd=directory,
    )


def validate(configuration: dict[str, Any], directory: Path) -> str | None:
    """What Envoy finds wrong with `configuration`, or None."""
    file = directory / "validate.json"
    file.write_text(json.dumps(configuration))
    result = subprocess.run(
        [*_command(file), "--mode", "validate"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return None if result.returncode == 0 else result.stderr


def _command(file: Path) -> list[str]:
    # Hot restart is off: it would share memory between the Envoys on this machine.
    return [
        str(envoy_executable()),
        "-c",
        str(file),
        "--disable-hot-restart",
        "--concurrency",
        "2",
        "--log-level",
        "warning",
    ]
