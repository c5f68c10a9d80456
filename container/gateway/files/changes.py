"""Several changes of a project, all or none.

First every change is tried on what would be there after the changes before it, without touching the
project. Then the new contents are written beside the project, and the files that will be replaced
get a second name there. A journal names them. Only then are files renamed into place. When one
cannot be, or the process dies halfway, what was there before is put back: at once, or before the
next change.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contract.messages import FileEvent

from ..errors import BadRequest, Conflict, SessionError, TooLarge
from ..records import clear_way, read_record
from ..session_options import FOLDER
from .edits import Edit, edited
from .locks import remove_lock
from .paths import (
    OpenFolders,
    check_replaceable,
    open_folder,
    split_path,
    status_of,
    translated,
    unknown_file,
)
from .plain import read_file, write_new
from .versions import Changed, Precondition, Version, version_of, version_with

MAX_CHANGES: Final = 1000
JOURNAL: Final = "journal.json"
OLD: Final = re.compile(r"o[0-9]{1,6}")
"""Names of files that may have to be put back."""
MAX_JOURNAL_BYTES: Final = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Write:
    path: str
    content: bytes
    expect: Precondition = field(default_factory=Precondition)


@dataclass(frozen=True, kw_only=True)
class Take:
    """Put a file there that was made beside the project, on the same disk."""

    path: str
    file: Path
    mode: int = 0o644
    links: bool = False
    """Whether it may be a symbolic link, and may replace one."""
    expect: Precondition = field(default_factory=Precondition)


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """Exact-text edits of a file."""

    path: str
    edits: list[Edit]
    expect: Precondition = field(default_factory=Precondition)


@dataclass(frozen=True, kw_only=True)
class Delete:
    path: str
    missing: bool = False
    """Whether it need not be there."""
    expect: Precondition = field(default_factory=Precondition)


@dataclass(frozen=True, kw_only=True)
class Move:
    """Of one file."""

    path: str
    to: str
    overwrite: bool = False
    expect: Precondition = field(default_factory=Precondition)


Change = Write | Take | Rewrite | Delete | Move


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of one path."""

    event: FileEvent
    path: str
    version: Version | None
    """None: it is gone."""


@dataclass(frozen=True)
class _Source:
    """Content that is in a file already."""

    path: str | Path
    mode: int | None = None


_State = bytes | _Source | None


class Plan:
    """What a project would have after some changes."""

    def __init__(self, root: Path, limit: int) -> None:
        self._root = root
        self._limit = limit
        self.after: dict[str, _State] = {}

    def add(self, change: Change) -> None:
        """Raises what makes the change impossible."""
        split_path(change.path)
        if change.expect.given:
            change.expect.check(change.path, self._version(change.path))
        match change:
            case Write(path=path, content=content):
                if len(content) > self._limit:
                    raise TooLarge(
                        f"{path!r} has {len(content)} bytes; allowed are {self._limit}"
                        " (ASTRO_LIVE_MAX_FILE_MIB)"
                    )
                self._check_target(path)
                self.after[path] = content
            case Take(path=path, file=file, mode=mode, links=links):
                self._check_target(path, links=links)
                self.after[path] = _Source(file, mode)
            case Rewrite(path=path, edits=edits):
                content = self._content(path)
                self._check_target(path)
                status = None if path in self.after else self._status(path)
                current = version_with(path, content, status)
                self.after[path] = edited(path, content, edits, current, self._limit)
            case Delete(path=path, missing=missing):
                if missing and path not in self.after and self._status(path) is None:
                    return
                self._check_there(path)
                self.after[path] = None
            case Move(path=path, to=to, overwrite=overwrite):
                split_path(to)
                self._check_there(path)
                self._check_target(to)
                if to == path:
                    raise BadRequest(f"{path!r} cannot be moved to itself")
                if not overwrite and (there := self._version(to)) is not None:
                    raise Changed(
                        f'{to!r} exists already. Choose another name, or send "overwrite": true',
                        to,
                        there,
                    )
                known = self.after.get(path, _Source(path))
                self.after[to] = known
                self.after[path] = None

    def check(self) -> None:
        """No file can be a folder of another one."""
        written = {path for path, state in self.after.items() if state is not None}
        for path in written:
            parents = path.split("/")[:-1]
            for depth in range(1, len(parents) + 1):
                if (parent := "/".join(parents[:depth])) in written:
                    raise Conflict(
                        f"{parent!r} would be a file and, for {path!r}, a folder. Choose another"
                        " path"
                    )

    def _version(self, path: str) -> Version | None:
        if path not in self.after:
            return version_of(self._root, path)
        state = self.after[path]
        if state is None:
            return None
        return version_with(path, self._content(path))

    def _content(self, path: str) -> bytes:
        state = self.after.get(path, _Source(path))
        if state is None:
            raise unknown_file(path)
        if isinstance(state, bytes):
            return state
        return (
            state.path.read_bytes()
            if isinstance(state.path, Path)
            else read_file(self._root, state.path, self._limit)
        )

    def _status(self, path: str) -> os.stat_result | None:
        """Of what is on the disk."""
        parts = split_path(path)
        try:
            with (
                translated(self._root, path, "read"),
                open_folder(self._root, parts[:-1]) as folder,
            ):
                return status_of(folder, parts[-1])
        except SessionError as error:
            if error.code == "unknown-file":
                return None
            raise

    def _check_target(self, path: str, *, links: bool = False) -> None:
        if path in self.after:
            return
        status = self._status(path)
        if not (links and status is not None and stat.S_ISLNK(status.st_mode)):
            check_replaceable(status, path)

    def _check_there(self, path: str) -> None:
        if path in self.after:
            if self.after[path] is None:
                raise unknown_file(path)
            return
        status = self._status(path)
        if status is None:
            raise unknown_file(path)
        if stat.S_ISDIR(status.st_mode):
            raise Conflict(f"{path!r} is a folder; a batch changes files")


def plan(root: Path, changes: Sequence[Change], limit: int) -> Plan:
    """Try all changes in their order. What is raised has the number of the change in `details`."""
    found = Plan(root, limit)
    for number, change in enumerate(changes):
        try:
            found.add(change)
        except SessionError as error:
            error.details = {**error.details, "operation": number}
            raise
    found.check()
    return found


def stage_folder(sites_dir: Path, session_id: str) -> Path:
    """Where a session's changes are made ready: beside the projects, on the same disk."""
    return sites_dir / FOLDER / f"{session_id}.changes"


def apply(
    root: Path,
    stage: Path,
    planned: Plan,
    before: Callable[[], object] = lambda: None,
    made: Callable[[list[Done]], object] = lambda _done: None,
) -> list[Done]:
    """Make all changes, or none. The session's lock is held. `before` is called before the project
    is touched, `made` when all of them are in place: pages follow while what they have replaced is
    removed.
    """
    recover(root, stage)
    stage.mkdir(parents=True)
    try:
        with contextlib.closing(_Transaction(root, stage)) as transaction:
            done = [
                found
                for path, state in planned.after.items()
                if (found := transaction.prepare(path, state))
            ]
            before()
            transaction.commit()
        made(done)
        return done
    finally:
        recover(root, stage)


def recover(root: Path, stage: Path) -> None:
    """Put back what changes that were not finished have replaced, and remove what was made ready
    for them.
    """
    clear_way(stage.parent.parent, stage)
    try:
        data = read_record(stage / JOURNAL, MAX_JOURNAL_BYTES)
        journal = json.loads(data) if data is not None else {"files": [], "folders": []}
        for entry in reversed(journal["files"]):
            _restore(root, stage, entry["path"], entry["old"])
        for folder in reversed(journal["folders"]):
            _remove_folder(root, folder)
    except (ValueError, TypeError, KeyError):
        pass  # it was not written whole, so nothing was renamed
    with contextlib.suppress(OSError):
        (stage / JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _restore(root: Path, stage: Path, path: str, old: str | None) -> None:
    parts = split_path(path)
    if old is not None and not OLD.fullmatch(old):
        raise ValueError(old)
    with (
        contextlib.suppress(FileNotFoundError, NotADirectoryError),
        open_folder(root, parts[:-1]) as folder,
    ):
        if old is None:
            os.unlink(parts[-1], dir_fd=folder)
        else:
            os.rename(stage / old, parts[-1], dst_dir_fd=folder)


def _remove_folder(root: Path, path: str) -> None:
    parts = split_path(path)
    with contextlib.suppress(OSError), open_folder(root, parts[:-1]) as folder:
        os.rmdir(parts[-1], dir_fd=folder)


class _Transaction:
    """The changes of one batch, on the disk."""

    def __init__(self, root: Path, stage: Path) -> None:
        self._root = root
        self._stage = stage
        self._folders = OpenFolders(root)
        self._entries: list[tuple[str, str | None, str | None]] = []
        """Path, name of the new content in the stage (None: goes away), name of the old one."""

    def close(self) -> None:
        self._folders.close()

    def prepare(self, path: str, state: _State) -> Done | None:
        """Make one path's new content ready; None when it stays as it is."""
        number = len(self._entries)
        new, old = f"n{number}" if state is not None else None, f"o{number}"
        parts = split_path(path)
        status = None
        try:
            with translated(self._root, path, "changed"):
                folder = self._folders.of(parts[:-1])
                if (status := status_of(folder, parts[-1])) is not None:
                    os.link(parts[-1], self._stage / old, src_dir_fd=folder, follow_symlinks=False)
        except SessionError as error:
            if error.code != "unknown-file":
                raise
        if status is None and new is None:
            return None
        if new is not None and state is not None:
            self._stage_content(new, state, status)
        self._entries.append((path, new, old if status is not None else None))
        event: FileEvent = "unlink" if new is None else "change" if status is not None else "add"
        return Done(event=event, path=path, version=self._version(path, new) if new else None)

    def _stage_content(
        self, name: str, state: bytes | _Source, before: os.stat_result | None
    ) -> None:
        with translated(self._root, name, "made ready"), open_folder(self._stage, []) as stage:
            if isinstance(state, bytes):
                mode = 0o644 if before is None else stat.S_IMODE(before.st_mode) & 0o777
                write_new(stage, name, state, mode)
            elif isinstance(state.path, Path):
                os.rename(state.path, name, dst_dir_fd=stage)
                if not (self._stage / name).is_symlink():
                    os.chmod(name, state.mode or 0o644, dir_fd=stage)
            else:
                parts = split_path(state.path)
                with open_folder(self._root, parts[:-1]) as folder:
                    os.link(
                        parts[-1], name, src_dir_fd=folder, dst_dir_fd=stage, follow_symlinks=False
                    )

    def _version(self, path: str, name: str) -> Version | None:
        try:
            found = version_of(self._stage, name)
        except SessionError:  # a symbolic link that was moved
            return None
        return Version(**{**found.__dict__, "path": path}) if found else None

    def commit(self) -> None:
        """Rename everything into place. The journal is there as long as it may have to
        be undone.
        """
        folders = self._missing_folders()
        files = [{"path": path, "old": old} for path, _, old in self._entries]
        with open_folder(self._stage, []) as stage:
            write_new(
                stage, JOURNAL, json.dumps({"files": files, "folders": folders}).encode(), 0o600
            )
        self._folders.close()  # what is not there yet is made
        gone_first = sorted(self._entries, key=lambda entry: entry[1] is not None)
        for path, new, _ in gone_first:
            parts = split_path(path)
            with translated(self._root, path, "changed"):
                folder = self._folders.of(parts[:-1], create=new is not None)
                if new is None:
                    os.unlink(parts[-1], dir_fd=folder)
                else:
                    os.rename(self._stage / new, parts[-1], dst_dir_fd=folder)
        (self._stage / JOURNAL).unlink()

    def _missing_folders(self) -> list[str]:
        """Folders that the changes will create, those above first."""
        missing: dict[str, bool] = {}
        for path, new, _ in self._entries:
            parents = split_path(path)[:-1] if new is not None else []
            for depth in range(1, len(parents) + 1):
                folder = "/".join(parents[:depth])
                if folder not in missing:
                    missing[folder] = not os.path.lexists(self._root / folder)
        return [folder for folder, away in missing.items() if away]


def forget_changes(sites_dir: Path, session_id: str) -> None:
    """Remove what is left of the changes of a session that is gone, and the lock of them."""
    stage = stage_folder(sites_dir, session_id)
    clear_way(sites_dir, stage)
    shutil.rmtree(stage, ignore_errors=True)
    remove_lock(sites_dir, session_id)
