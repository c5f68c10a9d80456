"""Bodies of the calls that run a session: what is set for it, sign-in links, builds. Their members
are described where the calls are (`openapi.py`, `openapi_builds.py`).
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from .file_models import Model
from .session_options import LONGEST_ROOT


class ChangeRequest(Model):
    """What is to be set for the session."""

    root: Annotated[str, Field(max_length=LONGEST_ROOT)]


class TokenRequest(Model):
    """A sign-in link."""

    name: str = ""
    may_post: bool = True


class RebuildRequest(Model):
    """A build of a site that has changed."""

    publish: bool = True
    force: bool = False


class ServeRequest(Model):
    """The path says which build."""


REQUESTS: Final = (ChangeRequest, TokenRequest, RebuildRequest, ServeRequest)
