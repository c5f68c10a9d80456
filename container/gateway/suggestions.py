"""The name that was probably meant by one that nothing has: a session, a file, a path of the API.

Only names that the caller may list are suggested: its own sessions, and files where it may read.
What is looked at is bounded: one folder, and so many of its names.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from aiohttp import web

from contract.api import API_ROOT
from contract.hmr import is_session_id

from .access import CALLER, DESCRIPTION, operations
from .codes import ERRORS_PATH
from .credentials.model import Scope
from .errors import SessionError, UnknownFile, UnknownSession
from .files.paths import is_hidden, open_folder, split_path, status_of
from .problems import LONGEST_PATH
from .project_folders import is_project
from .refusals import nearest
from .settings import GatewaySettings
from .storage import Storage

MOST_NAMES: Final = 300
"""Of a folder, which are compared."""
LONGEST_COMPARED: Final = 60
"""Of files, which are compared: the time that it takes grows with its square."""
MOST_ALIKE: Final = 3
ALIKE: Final = 0.6
"""Of two words, from which on one may be meant by the other (`difflib`)."""


class Suggestions:
    """Adds what was probably meant to errors."""

    def __init__(self, storage: Storage, settings: GatewaySettings) -> None:
        self._storage = storage
        self._settings = settings

    async def add(self, error: Exception, request: web.Request) -> None:
        """To an error that is about to be answered. A disk that does not answer adds nothing."""
        caller, session_id = request.get(CALLER), request.match_info.get("id", "")
        if caller is None:
            return
        with contextlib.suppress(SessionError):
            match error:
                case UnknownSession():
                    known = None if caller.is_service else sorted(caller.sessions)
                    error.suggest(await self._session(session_id, known))
                case UnknownFile() if caller.allows(Scope.READ, session_id):
                    error.suggest(await self._file(session_id, error.path))

    async def _session(self, session_id: str, known: Iterable[str] | None) -> str:
        return await self._storage.call(
            "the sites folder cannot be read",
            nearest_session,
            self._settings.sites_dir,
            session_id,
            known,
        )

    async def _file(self, session_id: str, path: str) -> str:
        root = self._settings.project_dir(session_id)
        return await self._storage.call("the project cannot be read", nearest_file, root, path)


def nearest_session(sites: Path, session_id: str, known: Iterable[str] | None) -> str:
    """Of the sessions that exist, those that are `known` to the caller, or all."""
    with contextlib.ExitStack() as stack:
        if known is None:
            entries = stack.enter_context(os.scandir(sites))
            known = (entry.name for entry in islice(entries, MOST_NAMES))
        names = [name for name in known if is_session_id(name) and is_project(sites, name)]
    return nearest(session_id, names)


def nearest_file(root: Path, path: str) -> str:
    """A file, or folder, of the project; empty when nothing is like `path`.

    One part of the path is compared: the first one that its folder does not have.
    """
    try:
        parts = split_path(path)
        for at in reversed(range(len(parts))):
            try:
                with open_folder(root, parts[:at]) as folder:
                    if status_of(folder, parts[at]) is not None:
                        return ""
                    last = at + 1 == len(parts)
                    name = _nearest_name(parts[at], _names(folder, folders=not last))
            except FileNotFoundError:
                continue
            if not name:
                return ""
            found = [*parts[:at], name]
            whole = [*found, *parts[at + 1 :]]
            return "/".join(whole if last or _is_there(root, whole) else found)
    except (OSError, SessionError):
        pass
    return ""


def _is_there(root: Path, parts: list[str]) -> bool:
    try:
        with open_folder(root, parts[:-1]) as folder:
            return status_of(folder, parts[-1]) is not None
    except OSError:
        return False


def _names(folder: int, *, folders: bool) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in islice(entries, MOST_NAMES):
            if is_hidden(entry.name) or not entry.name.isprintable():
                continue
            if entry.is_dir(follow_symlinks=False) or (
                not folders and entry.is_file(follow_symlinks=False)
            ):
                yield entry.name


def _nearest_name(name: str, known: Iterable[str]) -> str:
    """Like it with and without what follows the dot: `b.astro` is not meant by `a.astro`."""
    if len(name) > LONGEST_COMPARED:
        return ""
    names = {each.lower(): each for each in known if len(each) <= LONGEST_COMPARED}
    for found in difflib.get_close_matches(name.lower(), names, MOST_ALIKE, ALIKE):
        if _ratio(_stem(name.lower()), _stem(found)) >= ALIKE:
            return names[found]
    return ""


def _stem(name: str) -> str:
    return name.partition(".")[0] or name


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def nearest_path(path: str) -> str:
    """The API's path that is most like `path`, with the same names of sessions and files in it;
    empty when none is. A path without `/api/v1` is compared, too.
    """
    if len(path) > LONGEST_PATH:
        return ""
    parts = [part for part in path.split("/") if part]
    while parts and (parts[0] == "api" or re.fullmatch(r"v\d", parts[0])):
        del parts[0]
    best, found = 0.0, ""
    for template in _templates():
        alike, meant = _fit(parts, template)
        if alike > best:
            best, found = alike, "/".join([API_ROOT, *meant])
    return found


@cache
def _templates() -> list[list[str]]:
    paths = {ERRORS_PATH, DESCRIPTION, *(path for _, path in operations())}
    return [path.removeprefix(f"{API_ROOT}/").split("/") for path in sorted(paths)]


def _fit(parts: list[str], template: list[str]) -> tuple[float, list[str]]:
    """How much the words of a template are like those of a path, from 0 to 1, and the path with the
    template's words.
    """
    rest = template[-1] == "{path}"
    if len(parts) != len(template) and not (rest and len(parts) > len(template)):
        return 0.0, []
    meant, ratios = list(parts), []
    for at, word in enumerate(template):
        if word.startswith("{"):
            continue
        ratios.append(_ratio(word, parts[at].lower()))
        if ratios[-1] < ALIKE:
            return 0.0, []
        meant[at] = word
    return sum(ratios) / len(ratios), meant
