"""Which image a deployment runs when somebody has pinned one.

A rollback, or an image built ahead, is pinned as `imageDigest` in the stack's file of the checkout
that did it. Another checkout, such as the runner of the next push, does not have that file. So each
update made under a pin says so in its message, which the backend keeps, and a later deployment from
a checkout whose file has not changed since keeps the pin. It ends when someone lifts it
(`make deploy UNPIN=1`) or commits another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_NONE: Final = "none"
_MESSAGE: Final = re.compile(
    r"astro-live: image pinned to (sha256:[0-9a-f]{64}) \(committed: (none|sha256:[0-9a-f]{64})\)"
)
_KINDS: Final = ("update", "resource-import")


@dataclass(frozen=True, kw_only=True)
class Held:
    """The pin under which the newest update ran."""

    digest: str
    committed: str
    """The value in the committed stack file at that time; empty for none."""

    @property
    def message(self) -> str:
        """The update's message, from which a later deployment reads the pin."""
        return f"astro-live: image pinned to {self.digest} (committed: {self.committed or _NONE})"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a deployment does about the image."""

    digest: str
    """Pinned image; empty when the checkout's own is built."""
    mark: Held | None
    """What the update's message must say for later deployments."""
    kept: bool = False
    """The checkout's file does not name the pin: it comes from the stack's last update."""


def decide(*, committed: str, work: str, held: Held | None, unpin: bool = False) -> Decision:
    """`committed` and `work` are `imageDigest` in the stack's file: as committed, and as it stands
    in the checkout.
    """
    if unpin:
        return Decision(digest="", mark=None)
    if work != committed:  # set here, by a command or by hand, and not committed yet
        return Decision(digest=work, mark=Held(digest=work, committed=committed) if work else None)
    if (
        held and committed == held.digest
    ):  # committed meanwhile: from here on the file alone decides
        return Decision(digest=committed, mark=Held(digest=committed, committed=committed))
    if held and committed == held.committed:
        return Decision(digest=held.digest, mark=held, kept=True)
    return Decision(digest=committed, mark=None)


def held_by(history: Iterable[Mapping[str, Any]]) -> Held | None:
    """The pin of the newest update in `pulumi stack history --json` (newest first)."""
    for update in history:
        kind = update.get("kind")
        if kind == "destroy":
            return None
        if kind not in _KINDS or update.get("result") == "in-progress":
            continue
        found = _MESSAGE.search(str(update.get("message") or ""))
        if found is None:
            return None
        return Held(digest=found[1], committed="" if found[2] == _NONE else found[2])
    return None
