"""How long does the offline preview of the dev stack with all policies take?"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from bench.core.machine import ROOT
from bench.core.registry import Options
from bench.core.result import Measurement, Series, hold

QUESTION = "How long does the offline preview of a stack with all policies take?"
BOUND_SECONDS: Final = 3.0
STACKS: Final = ("dev", "prod")
IMPORTS: Final = "import pulumi, pulumi_aws, pulumi_awsx, pulumi_docker, pulumi_policy"


def run(options: Options) -> Measurement:
    """The command as a person or CI runs it, in its own process each time."""
    times: dict[str, list[float]] = {}
    resources: dict[str, int] = {}
    for _ in range(options.pick(7, 1)):
        times.setdefault("imports of the Pulumi SDKs alone", []).append(_timed(["-c", IMPORTS]))
        for stack in STACKS:
            report = options.scratch / stack
            times.setdefault(f"preview {stack}", []).append(
                _timed(["-m", "local", "preview", stack, "--report", str(report)])
            )
            resources[stack] = len(json.loads((report / "preview.json").read_text())["resources"])
    series = [Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()]
    return Measurement(
        series=series,
        checks=[
            hold(
                "offline preview of the dev stack with all policies",
                series[1].summary.median,
                "s",
                "at most",
                BOUND_SECONDS,
            )
        ],
        figures={f"resources_of_{stack}": count for stack, count in resources.items()},
    )


def _timed(arguments: list[str], cwd: Path = ROOT) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    taken = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(arguments)} ended with {done.returncode}:"
            f" {(done.stderr or done.stdout)[-800:]}"
        )
    return taken
