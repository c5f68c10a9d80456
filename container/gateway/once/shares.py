"""How what is kept is shared: where there is no room for all, who has the most gives first, the
oldest first. So one with no more than an equal part of the room never loses anything to others.
"""

from __future__ import annotations

from collections.abc import Iterator


class Shares:
    """What each owner has of something, by an id, with a size."""

    def __init__(self) -> None:
        self.total = 0
        self._sizes: dict[str, dict[str, int]] = {}
        """By owner, the oldest first."""
        self._sums: dict[str, int] = {}
        self._owner: dict[str, str] = {}

    def add(self, owner: str, identifier: str, size: int = 1) -> None:
        """As the newest; what there was of this id is taken out."""
        self.take_out(identifier)
        self._sizes.setdefault(owner, {})[identifier] = size
        self._sums[owner] = self._sums.get(owner, 0) + size
        self._owner[identifier] = owner
        self.total += size

    def take_out(self, identifier: str) -> None:
        owner = self._owner.pop(identifier, None)
        if owner is None:
            return
        size = self._sizes[owner].pop(identifier)
        self._sums[owner] -= size
        self.total -= size
        if not self._sizes[owner]:
            del self._sizes[owner], self._sums[owner]

    def oldest(self) -> str:
        """Of who has the most."""
        return next(iter(self._sizes[max(self._sums, key=self._sums.__getitem__)]))

    def in_turn(self) -> Iterator[str]:
        """The oldest first, of who has the most, then of who has the most of the others."""
        for owner in sorted(self._sums, key=self._sums.__getitem__, reverse=True):
            yield from self._sizes[owner]
