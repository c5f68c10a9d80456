"""Exact-text edits: replace a text that has to be there a known number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import BadRequest, TooLarge
from ..refusals import literal
from .versions import Changed, Version

MAX_EDITS: Final = 100
LONGEST_QUOTED: Final = 120
"""Characters of a text that was not found, in the error about it."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Replace `old`, which has to occur `count` times, by `new`."""

    old: str
    new: str
    count: int = 1


def edited(
    path: str, content: bytes, edits: list[Edit], current: Version | None, limit: int
) -> bytes:
    """`content` after all `edits`, in their order.

    Raises `Changed` when a text does not occur as often as expected, `BadRequest` when the file is
    not UTF-8, `TooLarge` above `limit` bytes.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{path!r} is not UTF-8 text. Write it whole") from None
    for number, edit in enumerate(edits):
        try:
            edit.old.encode(), edit.new.encode()
        except UnicodeEncodeError:
            raise BadRequest(
                f"edit {number} of {path!r} has a character that is not Unicode"
            ) from None
        found = text.count(edit.old)
        if found != edit.count:
            fix = (
                f"quote more of it, or send `count` {found}"
                if found
                else "read the file again, and quote what it has now"
            )
            message = (
                f"the text of edit {number} occurs {found} times in {path!r}, not {edit.count}:"
                f" {literal(edit.old, LONGEST_QUOTED)}. To fix it, {fix}"
            )
            raise Changed(message, path, current, {"edit": number, "found": found})
        if len(text) + found * (len(edit.new) - len(edit.old)) > limit:
            raise TooLarge(f"{path!r} would be larger than {limit} bytes (ASTRO_LIVE_MAX_FILE_MIB)")
        text = text.replace(edit.old, edit.new)
    return text.encode()
