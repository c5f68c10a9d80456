"""How AWS names its regions."""

from __future__ import annotations

from typing import Final

REGION: Final = r"[a-z]{2}-(?:gov-|iso[a-z]?-)?[a-z]+-\d"
"""Expression that a region's name matches as a whole: `eu-central-1`, `us-gov-west-1`,
`us-isob-east-1`.
"""
