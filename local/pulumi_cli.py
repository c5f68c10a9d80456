"""The `pulumi` command: how to get it, and a PATH on which it finds this checkout's Python.

The policy pack names no virtual environment, so that it works in any: the engine's language host
starts it with the first `python3` of PATH. A shell without an activated environment would offer
the system's, which has no Pulumi.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

INSTALL: Final = "https://www.pulumi.com/docs/iac/download-install/"


def search_path(path: str | None = None, python: str = sys.executable) -> str:
    """`path` (the process's PATH by default) with the folder of `python` in front."""
    rest = os.environ.get("PATH", os.defpath) if path is None else path
    return os.pathsep.join(part for part in (str(Path(python).parent), rest) if part)
