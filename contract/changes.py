"""`changes.json`, what a pull request changes in each stack: `local/` writes it, `scripts/release/`
checks and shows it.
"""

from __future__ import annotations

from typing import Final

FILE: Final = "changes.json"
OPERATIONS: Final = ("replace", "delete", "update", "create")
"""What is done to a resource, the gravest first."""
