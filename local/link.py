"""`link`: another one-time link into the running local stack."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Final

from local.claims import DIRECTORY
from local.errors import LocalError

MOST_BYTES: Final = 65536
"""Of an answer that is an error."""


def new(session: str | None = None, directory: Path = DIRECTORY) -> str:
    """A sign-in link to `session` of the stack that runs in `directory`, by default to the session
    that `up` opened.

    Raises `LocalError` when nothing runs there, or the API refuses.
    """
    try:
        ready = json.loads((directory / "ready.json").read_text())
    except (OSError, ValueError):
        raise LocalError(f"no local stack runs in {directory}; start it with: make up") from None
    name = session or ready["session"]
    request = urllib.request.Request(  # noqa: S310 (the address is our own ready.json's)
        f"{ready['api_url']}/sessions/{name}/tokens",
        data=b"{}",
        headers={
            "Authorization": f"Bearer {ready['api_token']}",
            "Content-Type": "application/json",
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return str(json.load(response)["url"])
    except urllib.error.HTTPError as error:
        raise LocalError(
            f"the API refuses a link to session {name!r}: HTTP {error.code}{_detail(error)}"
        ) from error
    except OSError as error:
        raise LocalError(
            f"the local stack does not answer on {ready['api_url']} ({error}); is it stopping?"
        ) from error


def _detail(error: urllib.error.HTTPError) -> str:
    """What the answer says was wrong, and what to do about a session that does not exist."""
    try:
        detail = str(json.loads(error.read(MOST_BYTES))["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        detail = ""
    text = f", {detail}" if detail else ""
    if error.code == HTTPStatus.NOT_FOUND and not detail.endswith("?"):  # it may ask what was meant
        create = "" if "POST" in detail else ". Create it with POST /sessions"
        text += f"{create} (docs/api.md), or name one that exists"
    return text
