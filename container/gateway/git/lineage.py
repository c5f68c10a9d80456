"""Which checkpoint comes before which, also where those between were removed.

A record beside the checkpoints has, for each one that was removed and from which another one or the
project has come, the next older one that is left (0: none). The site's code can write there: a
number leads to a lower one only, so there is no circle.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ..records import read_record, write_record

RECORD: Final = "gone"
MOST_DIGITS: Final = 8
MOST_BYTES: Final = 4096
"""More than as many lines as there are checkpoints (`checkpoints.MOST`)."""


def read_gone(folder: Path) -> dict[int, int]:
    """What is known of those that were removed."""
    text = (read_record(folder / RECORD, MOST_BYTES) or b"").decode("ascii", "replace")
    pairs = [line.split(" ") for line in text.split("\n")]
    found = {
        int(pair[0]): int(pair[1])
        for pair in pairs
        if len(pair) == 2 and all(part.isdecimal() and len(part) <= MOST_DIGITS for part in pair)
    }
    return {number: older for number, older in found.items() if older < number}


def write_gone(sites_dir: Path, folder: Path, gone: Mapping[int, int]) -> None:
    lines = [f"{number} {older}\n" for number, older in sorted(gone.items())]
    write_record(sites_dir, folder / RECORD, "".join(lines))


def left_of(number: int | None, numbers: Sequence[int], gone: Mapping[int, int]) -> int | None:
    """The checkpoint with this number, or the next older one that is left: the nearest of its
    ancestors, as far as they are known, else the one that was made before. `numbers` are those that
    are left, in order.
    """
    kept = set(numbers)
    while number and number not in kept and number in gone:
        number = gone[number]
    if not number or number in kept:
        return number or None
    at = bisect.bisect_left(numbers, number)
    return numbers[at - 1] if at else None
