"""The stacks that have a file in this checkout, as a JSON list: what workflows preview. The local
stack is not one of AWS.

Standard library only: a workflow runs it without installing anything.

    python3 -m scripts.release.stacks
"""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "local"
_FILE = re.compile(r"Pulumi\.([A-Za-z0-9_.-]{1,100})\.yaml")


def names(root: Path = ROOT) -> list[str]:
    """Names of the stacks, sorted."""
    found = (_FILE.fullmatch(file.name) for file in root.iterdir())
    return sorted(match[1] for match in found if match and match[1] != LOCAL)


if __name__ == "__main__":
    print(json.dumps(names()))
