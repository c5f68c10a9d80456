"""The builds of sessions in production mode, beside the projects: `{sites}/.builds/{id}`, outside
what the file API reaches.

The dev server makes and removes them (`container/astro/lib/production/builds.mjs` describes the
files); here they are listed, and chosen for a session that does not run.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from contract.messages.jobs import BuildSummary

from .records import clear_way, is_absent, read_record, write_record

FOLDER: Final = ".builds"
NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
MAX_RECORD_BYTES: Final = 64 * 1024
MOST_LISTED: Final = 200

Record = TypeVar("Record", bound=BaseModel)


class KeptBuild(BuildSummary):
    """The part of a good build's record that is shown. What else is in the file is the dev
    server's.
    """

    model_config = ConfigDict(extra="ignore")

    def describe(self, serving: int | None) -> dict[str, Any]:
        """What the API says about it."""
        return {**self.model_dump(by_alias=False), "serving": self.number == serving}


class Published(BaseModel):
    """Which build is served."""

    build: int
    pinned: bool = False


def builds_folder(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / session_id


def list_builds(sites_dir: Path, session_id: str) -> list[KeptBuild]:
    """The session's good builds, the newest first. `OSError` when the disk cannot be asked."""
    folder = builds_folder(sites_dir, session_id)
    try:
        numbers = sorted(
            (int(entry.name) for entry in folder.iterdir() if NUMBER.fullmatch(entry.name)),
            reverse=True,
        )
    except OSError as error:
        if is_absent(error):
            return []
        raise
    found = (
        _read(folder / str(number) / "build.json", KeptBuild) for number in numbers[:MOST_LISTED]
    )
    return [build for build in found if build is not None]


def published(sites_dir: Path, session_id: str) -> Published | None:
    """Which build was served last, and is served at the next start."""
    return _read(builds_folder(sites_dir, session_id) / "published.json", Published)


def choose(sites_dir: Path, session_id: str, number: int, *, pinned: bool) -> None:
    """Have the next start serve a build that is kept."""
    record = json.dumps({"build": number, "pinned": pinned})
    write_record(sites_dir, builds_folder(sites_dir, session_id) / "published.json", record)


def clear_builds(sites_dir: Path, session_id: str) -> None:
    """Move away what is in the place of the folder of the session's builds, or of all builds, and
    is none.
    """
    for folder in (sites_dir / FOLDER, builds_folder(sites_dir, session_id)):
        clear_way(sites_dir, folder)


def take_away(sites_dir: Path, session_id: str, trash: Path) -> bool:
    """Move the builds of a session that is gone to `trash`; False when there are none."""
    try:
        builds_folder(sites_dir, session_id).rename(trash)
    except OSError as error:
        if is_absent(error):
            return False
        raise
    return True


def _read(file: Path, model: type[Record]) -> Record | None:
    try:
        return model.model_validate_json(read_record(file, MAX_RECORD_BYTES) or b"")
    except ValidationError:
        return None
