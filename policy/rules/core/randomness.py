"""How random a text looks."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log2
from typing import Final

LEAST_CHANGES: Final = 0.3
"""Share of neighbours of different kinds (lower, upper, digit). Random base 62 has two thirds, text
less.
"""


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


def changes(text: str) -> float:
    """Share of neighbours of different kinds."""
    kinds = [
        "d" if each.isdigit() else "u" if each.isupper() else "l" if each.islower() else "s"
        for each in text
    ]
    return sum(left != right for left, right in pairwise(kinds)) / (len(text) - 1)
