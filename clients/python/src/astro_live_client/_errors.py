"""Errors of the clients.

ApiError            the API refused; `status`, `code` and `problem` say why
├── NotModified     304: `if_none_match` names the version that is there
└── NotShown        an edit was made, and open pages do not show it; `verdict` says why
httpx.TransportError  the API cannot be reached, or the answer did not come in time
"""

from __future__ import annotations

from typing import Any

import httpx

from ._generated.models.changes_view import ChangesView
from ._generated.models.verdict_view import VerdictView
from ._generated.models.written_view import WrittenView


class ApiError(Exception):
    """The API refused a request."""

    def __init__(self, status: int, code: str, message: str, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        """Stable, such as `unknown-session`; the documentation explains each."""
        self.problem = problem
        """Everything that the answer says, such as `current` when a version does not match."""


class NotModified(ApiError):
    """The version that `if_none_match` names is the one that is there."""


class NotShown(Exception):
    """An edit was made, and pages do not show it."""

    def __init__(self, verdict: VerdictView) -> None:
        problems = "; ".join(
            f"{problem.file}:{problem.line}: {problem.message}" for problem in verdict.problems
        )
        super().__init__(f"{verdict.outcome}: {problems}" if problems else verdict.outcome)
        self.verdict = verdict


def shown(answer: WrittenView | ChangesView) -> VerdictView:
    """The verdict of a write that was sent with `wait`. Raises `NotShown` unless open pages show
    the edit, or the server renders it where none is open.
    """
    verdict = answer.verdict
    if not isinstance(verdict, VerdictView):
        raise ValueError("the answer has no verdict: send the write with `wait`")
    if verdict.outcome not in ("shown", "rendered"):
        raise NotShown(verdict)
    return verdict


def error_of(response: httpx.Response) -> ApiError:
    """The error that a response is, whose body has been read: a problem of RFC 9457, or (`http`)
    what something before the API answers.
    """
    try:
        body = response.json()
    except ValueError:
        body = None
    problem: dict[str, Any] = body if isinstance(body, dict) else {}
    message = problem.get("detail") or response.reason_phrase
    kind = NotModified if response.status_code == 304 else ApiError
    code = str(problem.get("code") or ("not-modified" if kind is NotModified else "http"))
    return kind(response.status_code, code, str(message), problem)
