"""What is set for one session besides its files, beside the projects on the shared disk:
`{sites}/.sessions/{id}.json`.

A project folder whose session has no such file has the defaults: putting a folder there makes a
session.
"""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from .errors import BadRequest
from .records import read_record, remove_record, write_record

FOLDER: Final = ".sessions"
MAX_BYTES: Final = 16 * 1024
LONGEST_ROOT: Final = 1024
NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""What the disk answers about a path that leads to nothing."""


def _inside(root: str) -> str:
    """A path below the repository, as written by a person: no absolute path, no way out of it."""
    parts = root.split("/")
    if root.startswith("/") or "\0" in root or "\\" in root or ".." in parts:
        raise ValueError("not a folder of the repository")
    return "/".join(part for part in parts if part not in ("", "."))


class SessionOptions(BaseModel):
    """Settings of one session."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    root: Annotated[str, StringConstraints(max_length=LONGEST_ROOT), AfterValidator(_inside)] = ""
    """The site's folder in the repository, such as `docs`; empty has it found."""


def options_with(root: str) -> SessionOptions:
    """Options from what a client sent. `BadRequest` says what is allowed."""
    try:
        return SessionOptions(root=root)
    except ValidationError:
        raise BadRequest(
            f"root is {root[:80]!r}; allowed is the site's folder within the repository, such as"
            " 'docs' or 'apps/web', without '..' and not from '/'. An empty text has the only site"
            " found"
        ) from None


def check_folder(project: Path, root: str) -> None:
    """Raise `BadRequest` unless `root` is a folder of the project at `project`, which is where the
    dev server starts. A link counts if it leads to one.
    """
    try:
        folder = (project / root).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; no encoding has it
        if isinstance(error, OSError) and error.errno not in NOT_THERE:
            raise
        raise no_such_folder(root) from None
    if not folder.is_dir() or not folder.is_relative_to(project.resolve()):
        raise no_such_folder(root)


def no_such_folder(root: str) -> BadRequest:
    return BadRequest(
        f"root is {root[:80]!r}, and the repository has no such folder. Send a folder that it has,"
        " or an empty text, which has the only site found"
    )


def _file(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.json"


def read_options(sites_dir: Path, session_id: str) -> SessionOptions:
    """The options of a session; the defaults when there are none, or none that can be read.

    Raises `OSError` when the disk cannot be asked.
    """
    try:
        return SessionOptions.model_validate_json(
            read_record(_file(sites_dir, session_id), MAX_BYTES) or b"{}"
        )
    except ValidationError:
        return SessionOptions()


def write_options(sites_dir: Path, session_id: str, options: SessionOptions) -> None:
    """Replace the options of a session in one step."""
    write_record(sites_dir, _file(sites_dir, session_id), json.dumps(options.model_dump()))


def remove_options(sites_dir: Path, session_id: str) -> None:
    """Forget the options of a session that is gone."""
    remove_record(sites_dir, _file(sites_dir, session_id))
