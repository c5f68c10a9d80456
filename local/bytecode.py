"""Keep compiled Python where the environment forbids to.

Pulumi's SDK for AWS is thousands of modules: compiling the 500 that the program imports takes
longer than running it. Python keeps the result beside the sources, unless `PYTHONDONTWRITEBYTECODE`
is set or the folder is read-only, as in many containers; then `.local/` has it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path


def keep(directory: Path) -> None:
    """Use `directory` for bytecode, in this process and its children, where Python would not keep
    any.
    """
    if not sys.dont_write_bytecode and os.access(sysconfig.get_path("purelib"), os.W_OK):
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(directory)
    sys.dont_write_bytecode = False
