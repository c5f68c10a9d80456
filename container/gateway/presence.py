"""Who looks at a session: its open pages, as its dev server reports them (`Viewers`).

Code of the site runs where the reports come from, so they prove nothing: that a page is visible
keeps a session only as long as Envoy, too, sees a connection (`Housekeeping`).
"""

from __future__ import annotations

import time
from typing import Any

from contract import messages

from .errors import BadRequest
from .event_models import ViewerChange, ViewerList, ViewerView
from .tokens import LONGEST_NAME


def viewer_name(text: str) -> str:
    """A name that a sign-in link gives. `BadRequest` says what is allowed."""
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise BadRequest(
            f"name is {text[:80]!r}; allowed are at most {LONGEST_NAME} characters that can be"
            " printed"
        )
    return text


class Presence:
    """The open pages of one session."""

    def __init__(self) -> None:
        self._open: dict[str, ViewerView] = {}
        self._more = 0
        self._watched_at = float("-inf")

    @property
    def visible(self) -> int:
        """Pages that a browser shows."""
        return sum(each.visible for each in self._open.values())

    @property
    def pages(self) -> list[str]:
        """Their addresses below the session's, as they say themselves, those that a browser shows
        first.
        """
        shown_first = sorted(self._open.values(), key=lambda each: not each.visible)
        return list(dict.fromkeys(each.page for each in shown_first))

    @property
    def unwatched_seconds(self) -> float:
        """Since a browser was last seen to show one."""
        return time.monotonic() - self._watched_at

    def connected(self) -> None:
        """Envoy has a connection to the session open."""
        if self.visible:
            self._watched_at = time.monotonic()

    def view(self) -> ViewerList:
        return ViewerList(viewers=list(self._open.values()), more=self._more)

    def take(self, report: messages.Viewers) -> list[dict[str, Any]]:
        """Take in what is open now; data of the `viewer` events that follow."""
        before = self._open
        self._open = {each.id: ViewerView(**each.model_dump()) for each in report.viewers}
        self._more = report.more
        # With pages that are not listed, one that is missing may only have made room.
        gone = [] if self._more else [each for key, each in before.items() if key not in self._open]
        return [
            *(self._event("left", each) for each in gone),
            *(
                self._event("came" if key not in before else "changed", each)
                for key, each in self._open.items()
                if before.get(key) != each
            ),
        ]

    def _event(self, change: ViewerChange, viewer: ViewerView) -> dict[str, Any]:
        return {
            "change": change,
            "viewer": viewer,
            "viewers": len(self._open) + self._more,
            "visible": self.visible,
        }
