"""Units that settings and limits are given in."""

from __future__ import annotations

from typing import Final

MEBIBYTE: Final = 1024 * 1024
