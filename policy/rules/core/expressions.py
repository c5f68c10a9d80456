"""Regular expressions that somebody else wrote, tried on a text in bounded work.

Python's `re` goes back over a text as often as nested repetitions allow, which is for ever on
`^(.*.*.*)*x$`. Here the positions that each part of an expression can end at are computed once for
each position that it can begin at: at most parts times length squared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

LONGEST: Final = 128
"""Most characters of an expression:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_PathPatternConditionConfig.html
"""

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_ATOM: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^xuUN0-9])|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\()\[|*+?]",
    re.DOTALL,
)
_OPEN: Final = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_COUNT: Final = re.compile(r"(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})\??(?!\+)")
_DEEPEST: Final = 16

_Ends: TypeAlias = Callable[[str, int], frozenset[int]]
"""Where a part of an expression can end in a text when it begins at a position."""


class ExpressionError(ValueError):
    """An expression is not valid, is longer than AWS takes, or looks ahead, back or for what it has
    matched before.
    """


class Expression:
    """One expression, without regard to case; a dot takes every character. Raises
    `ExpressionError`.
    """

    def __init__(self, text: str) -> None:
        self.pattern = text
        if len(text) > LONGEST:
            raise ExpressionError(f"has more than {LONGEST} characters")
        try:
            re.compile(text, _FLAGS)
        except (re.error, OverflowError) as error:
            raise ExpressionError("is not a regular expression") from error
        self._rest, self._depth = text.removeprefix("(?i)"), 0
        self._forget: list[Callable[[], None]] = []
        self._whole = self._branches()
        if self._rest:
            raise ExpressionError("is more than a plain expression")

    def search(self, text: str) -> bool:
        """Whether the expression matches anywhere in `text`."""
        for forget in self._forget:
            forget()
        return any(self._whole(text, start) for start in range(len(text) + 1))

    def _take(self, part: re.Pattern[str]) -> str | None:
        found = part.match(self._rest)
        if found is None:
            return None
        self._rest = self._rest[found.end() :]
        return found[0]

    def _branches(self) -> _Ends:
        branches = [self._sequence()]
        while self._rest.startswith("|"):
            self._rest = self._rest[1:]
            branches.append(self._sequence())
        return self._known(
            lambda text, start: frozenset[int]().union(*(each(text, start) for each in branches))
        )

    def _sequence(self) -> _Ends:
        parts: list[_Ends] = []
        while self._rest and self._rest[0] not in "|)":
            parts.append(self._counted(self._part()))

        def ends(text: str, start: int) -> frozenset[int]:
            reached = frozenset({start})
            for part in parts:
                reached = _step(part, text, reached)
            return reached

        return self._known(ends)

    def _part(self) -> _Ends:
        if self._take(_OPEN):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ExpressionError(f"has more than {_DEEPEST} groups inside each other")
            inner = self._branches()
            self._rest, self._depth = self._rest.removeprefix(")"), self._depth - 1
            return inner
        atom = self._take(_ATOM)
        if atom is None:
            raise ExpressionError("is more than a plain expression")
        one = re.compile(atom, _FLAGS)

        def ends(text: str, start: int) -> frozenset[int]:
            found = one.match(text, start)
            return frozenset({found.end()} if found else ())

        return self._known(ends)

    def _counted(self, part: _Ends) -> _Ends:
        count = self._take(_COUNT)
        if count is None:
            return part
        least, most = _bounds(count.rstrip("?") or "?")

        def ends(text: str, start: int) -> frozenset[int]:
            reached = frozenset({start})
            for _ in range(
                min(least, len(text) + 1)
            ):  # more than there are characters are empty ones, and change nothing
                reached = _step(part, text, reached)
            found = new = reached
            for _ in range(min(most - least, len(text) + 1)):
                new = _step(part, text, new) - found
                found |= new
            return found

        return self._known(ends)

    def _known(self, ends: _Ends) -> _Ends:
        """`ends`, worked out once for each position of a text."""
        known: dict[int, frozenset[int]] = {}
        self._forget.append(known.clear)

        def lookup(text: str, start: int) -> frozenset[int]:
            if start not in known:
                known[start] = ends(text, start)
            return known[start]

        return lookup


def _step(part: _Ends, text: str, starts: frozenset[int]) -> frozenset[int]:
    return frozenset[int]().union(*(part(text, start) for start in starts))


def _bounds(count: str) -> tuple[int, int]:
    """Fewest and most repetitions."""
    if count in ("*", "+", "?"):
        return int(count == "+"), 1 if count == "?" else _ENDLESS
    least, comma, most = count[1:-1].partition(",")
    return int(least or 0), int(most) if most else _ENDLESS if comma else int(least)


_ENDLESS: Final = 1 << 40
