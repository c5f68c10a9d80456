"""Where a session's project came from, beside the projects on the shared disk:
`{sites}/.sessions/{id}.source`.

It is written when the API makes the project and compared when another request creates the same
session: a client that asks for another site gets a conflict, not the old site.

Three kinds of project have no record: a folder that was put there by other means, a project of an
earlier release, and one whose record is of a folder that has been replaced. What they came from is
not known, so any request gets them. Their Git configuration does not decide: code of the site can
change it, and the address of a renamed repository differs from the one that was asked for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .codes import Code
from .errors import Conflict
from .records import read_record, remove_record, write_record
from .session_options import FOLDER, MAX_BYTES

SHOWN: Final = 200
Template = Literal["starter", "empty"]


class SessionExists(Conflict):
    """The session came from somewhere else than the request asks for."""

    code = Code.SESSION_EXISTS


class RepositorySource(BaseModel):
    """A repository, as a request named it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: Annotated[str, Field(max_length=1000)]
    ref: Annotated[str, Field(max_length=200)] = ""
    depth: int = 1
    branch: Annotated[str, Field(max_length=200)] = ""
    """The branch that was checked out first; empty for a tag."""


class Source(BaseModel):
    """What a project is made from: a repository, or else a template."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    template: Template = "starter"
    repository: RepositorySource | None = None


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    source: Source
    folder: int
    """The inode of the project's folder, which tells it from a later one of the same name."""


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.source"


def write_source(sites_dir: Path, session_id: str, source: Source, folder: Path) -> None:
    """Record what `folder`, which is or becomes the session's project, was made from."""
    record = _Record(source=source, folder=folder.stat().st_ino)
    write_record(sites_dir, _file(sites_dir, session_id), json.dumps(record.model_dump()))


def read_source(sites_dir: Path, session_id: str) -> Source | None:
    """What the session's project was made from; None when that is not known. `OSError` when the
    disk cannot be asked.
    """
    try:
        data = read_record(_file(sites_dir, session_id), MAX_BYTES) or b""
        record = _Record.model_validate_json(data)
        current = (sites_dir / session_id).stat(follow_symlinks=False).st_ino
    except (ValidationError, FileNotFoundError):
        return None
    return record.source if record.folder == current else None


def remove_source(sites_dir: Path, session_id: str) -> None:
    """Forget the record of a session that is gone."""
    remove_record(sites_dir, _file(sites_dir, session_id))


def check_same(session_id: str, asked: Source, made: Source) -> None:
    """`SessionExists` when a request asks for something else than the session was made from.

    A member with its default value counts as left out: typed clients send the defaults with every
    request. So nobody asks for the starter (`CreateRequest.source`), and an empty `ref` fits any.
    With a `repository` the template is not used, so it is not compared. Fewer commits than were
    fetched are fine.
    """
    there = made.repository
    if asked.repository is None:
        if there is not None or made.template != asked.template:
            raise _exists(session_id, "template", asked.template, _described(made))
        return
    wanted = asked.repository
    if there is None or _place(wanted.url) != _place(there.url):
        raise _exists(session_id, "repository.url", wanted.url, _described(made))
    if _short(wanted.ref) not in ("", _short(there.ref), there.branch):
        name = there.ref or there.branch
        raise _exists(session_id, "repository.ref", wanted.ref, f"the ref {_quoted(name)}")
    if wanted.depth > there.depth:
        has = f"a depth of {there.depth}"
        raise _exists(session_id, "repository.depth", wanted.depth, has)


def _place(url: str) -> tuple[str, str, str]:
    """The same for two spellings of one address."""
    parts = urlsplit(url)
    netloc = parts.netloc.lower()
    if parts.scheme == "https":
        netloc = netloc.removesuffix(":443")
    return parts.scheme, netloc, parts.path.rstrip("/").removesuffix(".git")


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def _described(source: Source) -> str:
    if source.repository is not None:
        return f"the repository {_quoted(source.repository.url)}"
    return f"the template {_quoted(source.template)}"


def _quoted(value: str | int) -> str:
    return json.dumps(value[:SHOWN] if isinstance(value, str) else value, ensure_ascii=False)


def _exists(session_id: str, member: str, asked: str | int, made_from: str) -> SessionExists:
    error = SessionExists(
        f"session {session_id!r} exists already and was made from {made_from}; the request asks"
        f" for `{member}` {_quoted(asked)}. Delete the session first (DELETE"
        f" /api/v1/sessions/{session_id}), use another id, or leave `{member}` out to get the"
        " session as it is"
    )
    error.details = {"member": member}
    return error
