"""Measure the line coverage of every Python process of this checkout: `python -m scripts.coverage
on|off|report`.

Most of what runs is not the test process: the control plane, its supervisor, the policy pack, the
local stack, release commands. They get their own environments, so the switch is a file of the
virtual environment that each start of its Python reads.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / ".local" / "coverage" / "data"
SWITCH: Final = Path(sysconfig.get_path("purelib")) / "astro_live_coverage.pth"


def switch_on() -> None:
    """From now on each start of this environment's Python is measured."""
    DATA.parent.mkdir(parents=True, exist_ok=True)
    for old in DATA.parent.glob("data*"):
        old.unlink()
    variables = {
        "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"),
        "COVERAGE_FILE": str(DATA),
        "COVERAGE_ROOT": str(ROOT),
    }
    # Only for the call: a process that looks at its environment, or hands it on, must find what it
    # was given.
    start = f"os.environ.update({variables!r}); coverage.process_startup()"
    line = f"import os, coverage; {start}; [os.environ.pop(name, 0) for name in {[*variables]!r}]"
    SWITCH.write_text(line + "\n")


def switch_off() -> None:
    """No start of Python is measured any more."""
    SWITCH.unlink(missing_ok=True)


def report() -> int:
    """Print what is not covered; 2 when less is covered than pyproject.toml asks for."""
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run(
        [*coverage, "combine", "--quiet", f"--data-file={DATA}", str(DATA.parent)],
        cwd=ROOT,
        check=True,
    )
    return subprocess.run(
        [*coverage, "report", f"--data-file={DATA}"], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit({"on": switch_on, "off": switch_off, "report": report}[sys.argv[1]]())
