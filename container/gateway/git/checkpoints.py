"""States of a project that can be gone back to: `{sites}/.sessions/{id}.checkpoints`, a bare
repository that the project's own Git does not know of. On the shared disk, so every task has them.

A checkpoint is a tree of the project's files, byte for byte, without what is generated. What is
known of it besides is in its commit's message. `parent` is the checkpoint from which the project
came: undo goes there, also after other states were gone back to.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import stat
import struct
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from ..codes import Code
from ..disk_use import folder_bytes
from ..files.changes import Change
from ..records import (
    clear_way,
    ensure_folder,
    read_record,
    remove_record,
    trash_name,
    write_record,
)
from ..session_options import FOLDER
from . import trees
from .cloning import skeleton
from .errors import GitConflict, GitFailed, GitSlow, NotARepository, UnknownCheckpoint
from .lineage import left_of, read_gone, write_gone
from .listing import files_of
from .program import FILES, GIT_SECONDS, Repository, check, opened, run
from .repository import Person, below, patch_between

MOST: Final = 100
"""Checkpoints of a session; the oldest go, those without a name first."""
STORE_SHARE: Final = 0.25
"""Of what a session may have on the disk."""
PACKED_EVERY: Final = 25
"""Checkpoints between two times that objects are packed and those that nothing names are removed.
"""
WALK_SECONDS: Final = 2.0
PATHS_AT_ONCE: Final = 2000
"""Files that one git process puts into the index, which it writes at its end: when the time for
all of them is up (`GIT_SECONDS`: a batch waits for it), the next checkpoint goes on from there.
"""
PATHS_PACKED: Final = 100
"""New files from which on they are written as a pack."""
PACK_AT_ONCE: Final = {
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bigFileThreshold", "GIT_CONFIG_VALUE_0": "1",
}  # fmt: skip
"""Have `update-index` write one pack rather than a file for each object: on EFS every file that is
made costs several round trips.
"""
GROWTH: Final = 1.25
"""A store that could not be made smaller than its share is left until it has grown by so much."""
MOST_FLOORS: Final = 4
"""And never to more than so many shares."""
INDEX_HEADER: Final = struct.Struct(">4sII")
"""Signature, version, number of entries."""
POSITION: Final = "position"
FLOOR: Final = "floor"
"""Record of the bytes that were left when the store was made small at last."""
LAST: Final = "last"
"""Record of the highest number that was removed: numbers are not used twice."""
HIGHEST: Final = 10**7
HEAD: Final = b"ref: refs/heads/main\n"
WHO: Final = Person(name="astro-live", email="astro-live@localhost")

Kind = Literal["named", "batch", "before-restore", "before-pull"]
Apply = Callable[[Sequence[Change]], Any]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    number: int
    name: str
    kind: Kind
    parent: int | None
    at: float
    tree: str


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore has come to."""

    checkpoint: Checkpoint
    saved: Checkpoint | None
    """What was there before, when no checkpoint had it."""


def beside() -> ThreadPoolExecutor:
    """Runs git beside what the caller does: somebody waits before an open page for an undo, and
    most of its time is that of starting git processes.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="checkpoints")


def store_folder(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.checkpoints"


def take_away(sites_dir: Path, session_id: str, trash: Path) -> bool:
    """Move a session's checkpoints to the trash; False when there are none."""
    folder = store_folder(sites_dir, session_id)
    try:
        folder.rename(trash)
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        clear_way(sites_dir, folder.parent)
        return False
    return True


class Store:
    """A session's checkpoints, open for some calls. The session's lock is held."""

    def __init__(
        self,
        sites_dir: Path,
        session_id: str,
        root: Path,
        most_bytes: int | None,
        repository: Repository,
    ) -> None:
        self._sites = sites_dir
        self._most_bytes = most_bytes
        self._root = root
        self._repository = repository
        self._folder = store_folder(sites_dir, session_id)
        self._known: list[Checkpoint] | None = None
        self._came_from: dict[int, int | None] = {}
        """The parent of each as it was when the checkpoint was made."""
        self._tree: str | None = None

    # What there is

    def all(self) -> list[Checkpoint]:
        """The oldest first."""
        if self._known is None:
            self._known = self._read()
        return list(self._known)

    def _read(self) -> list[Checkpoint]:
        try:
            output = self._listed("%(refname:lstrip=2)%00%(tree)%00%(contents:subject)")
        except GitSlow:
            raise
        except GitFailed:  # objects have been taken away
            self._forget_broken()
            output = self._listed("%(refname:lstrip=2)%00%(tree)%00%(contents:subject)")
        found = []
        for each in output.decode("utf-8", "replace").split("\n"):
            try:
                number, tree, text = each.split("\0", 2)
                if not trees.is_object(tree):
                    continue
                known = json.loads(text)
                made = Checkpoint(
                    number=int(number),
                    name=str(known["name"]),
                    kind=known["kind"],
                    parent=None if known["parent"] is None else int(known["parent"]),
                    at=float(known["at"]),
                    tree=tree,
                )
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue  # the end, or written by somebody else
            # The site's code can write here. Parents are older, or undo would go round and round.
            if math.isfinite(made.at) and (made.parent is None or made.parent < made.number):
                found.append(made)
        self._came_from = {each.number: each.parent for each in found}
        gone, numbers = read_gone(self._folder), sorted(self._came_from)
        return sorted(
            (replace(each, parent=left_of(each.parent, numbers, gone)) for each in found),
            key=lambda each: each.number,
        )

    def _listed(self, form: str) -> bytes:
        return run(self._repository, "for-each-ref", "refs/checkpoints", f"--format={form}")

    def _forget_broken(self) -> None:
        """Drop checkpoints whose commits are gone."""
        names = self._listed("%(objectname) %(refname)").decode("utf-8", "replace").splitlines()
        asked = "".join(f"{each.split()[0]}\n" for each in names).encode()
        answers = run(self._repository, "cat-file", "--batch-check", data=asked).splitlines()
        lines = [
            f"delete {each.split()[1]}\n"
            for each, answer in zip(names, answers, strict=False)
            if answer.endswith(b" missing")
        ]
        run(self._repository, "update-ref", "--no-deref", "--stdin", data="".join(lines).encode())

    def one(self, number: int) -> Checkpoint:
        known = self.all()
        for each in known:
            if each.number == number:
                return each
        kept = ", ".join(str(each.number) for each in known[-10:]) or "none"
        raise UnknownCheckpoint(f"there is no checkpoint {number}; the latest are {kept}")

    def position(self, known: Sequence[Checkpoint]) -> Checkpoint | None:
        """The checkpoint that the project was at last, or the next older one where that was
        removed; None where there is none.
        """
        text = (read_record(self._folder / POSITION, 20) or b"").decode("ascii", "replace")
        if not text.isdecimal():
            return known[-1] if known else None
        numbers = {each.number: each for each in known}
        left = left_of(int(text), sorted(numbers), read_gone(self._folder))
        return numbers[left] if left is not None else None

    # Making one

    def now(self) -> str:
        """The tree of the project as it is. Only files that have changed are read; all of them when
        the index, or what it names, was damaged. Looked at once for each opening of the store.
        """
        if self._tree is None:
            try:
                self._tree = self._now()
            except GitSlow:
                raise  # what was read is in the index, and the next call goes on from there
            except GitFailed:
                for name in ("index", "index.lock"):
                    (self._folder / ".git" / name).unlink(missing_ok=True)
                self._tree = self._now()
        return self._tree

    def _known_and_now(self) -> tuple[list[Checkpoint], str]:
        with beside() as other:
            listed = other.submit(self.all)
            now = self.now()
            return listed.result(), now

    def _now(self) -> str:
        index = self._repository
        with beside() as other:
            # Git replaces the index in one step: this lists it as it was, or with paths that there
            # are. Either way those that are not there any more are in it.
            listed = other.submit(run, index, "ls-files", "-z")
            paths = files_of(self._root, self._most_bytes)
            arguments = ("--add", "--remove", "--replace", "-z", "--stdin")
            extra = PACK_AT_ONCE if len(paths) - self.indexed() > PATHS_PACKED else {}
            deadline = time.monotonic() + GIT_SECONDS
            for first in range(0, len(paths), PATHS_AT_ONCE):
                data = b"\0".join(paths[first : first + PATHS_AT_ONCE])
                left = max(1.0, deadline - time.monotonic())
                run(index, "update-index", *arguments, data=data, extra=extra, seconds=left)
            before = set(listed.result().split(b"\0")) - {b""}
        if gone := before.difference(paths):
            run(index, "update-index", "-z", "--force-remove", "--stdin", data=b"\0".join(gone))
        return run(index, "write-tree").decode().strip()

    def indexed(self) -> int:
        """How many files the index has; 0 when there is none, or it is damaged. See
        https://git-scm.com/docs/index-format
        """
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self._folder / ".git" / "index", flags)
            try:
                head = os.read(descriptor, INDEX_HEADER.size)
            finally:
                os.close(descriptor)
            signature, _, count = INDEX_HEADER.unpack(head)
        except (OSError, struct.error):
            return 0
        return int(count) if signature == b"DIRC" else 0

    def keep(
        self, kind: Kind, name: str = "", needed: Checkpoint | None = None
    ) -> tuple[Checkpoint, bool]:
        """A checkpoint of the project as it is, and whether it is new: one with the same files is
        not made twice unless it gets a name. The one that is `needed` does not go for it.
        """
        known, tree = self._known_and_now()
        at = self.position(known)
        if at is not None and at.tree == tree and (not name or name == at.name):
            return at, False
        number = max([each.number for each in known[-1:]] + [self._record(LAST)]) + 1
        made = Checkpoint(
            number=number,
            name=name,
            kind=kind,
            parent=at.number if at else None,
            at=round(time.time(), 3),
            tree=tree,
        )
        self._write(made)
        self._move(number)
        self._known = [*known, made]
        self._came_from[number] = made.parent
        self._prune([*known, made], needed)
        return made, True

    def _write(self, made: Checkpoint) -> None:
        known = {"name": made.name, "kind": made.kind, "parent": made.parent, "at": made.at}
        text = json.dumps(known).encode()
        commit = run(
            self._repository,
            "commit-tree",
            "--no-gpg-sign",
            made.tree,
            data=text,
            extra=WHO.environment,
        )
        run(
            self._repository, "update-ref", "--no-deref", f"refs/checkpoints/{made.number:08}",
            commit.decode().strip(),
        )  # fmt: skip

    def _record(self, name: str, most: int = HIGHEST) -> int:
        """A number that was kept; 0 when there is none, or it was not written here."""
        text = (read_record(self._folder / name, 20) or b"").decode("ascii", "replace")
        return int(text) if text.isdecimal() and int(text) <= most else 0

    def _move(self, number: int) -> None:
        write_record(self._sites, self._folder / POSITION, str(number))

    # Keeping it small

    def remove(self, number: int) -> Checkpoint:
        found = self.one(number)
        if number == self.all()[-1].number:
            last = max(number, self._record(LAST))
            write_record(self._sites, self._folder / LAST, str(last))
        self._drop([found])
        self._pack()
        return found

    def _drop(self, those: Sequence[Checkpoint]) -> None:
        self._leave_out({each.number for each in those})
        self._known = None
        lines = "".join(f"delete refs/checkpoints/{each.number:08}\n" for each in those)
        run(self._repository, "update-ref", "--no-deref", "--stdin", data=lines.encode())

    def _leave_out(self, those: set[int]) -> None:
        """Keep in mind which checkpoints come after those before these are removed: undo goes on
        there.
        """
        known = self.all()
        gone = read_gone(self._folder) | {each.number: each.parent or 0 for each in known}
        numbers = sorted(each.number for each in known if each.number not in those)
        needed = {self._came_from.get(number) for number in numbers} | {self._record(POSITION)}
        missing = {each: left_of(each, numbers, gone) or 0 for each in needed if each}
        if missing := {each: older for each, older in missing.items() if each != older}:
            write_gone(self._sites, self._folder, missing)

    def _prune(self, known: list[Checkpoint], needed: Checkpoint | None) -> None:
        """Never the newest one, nor the one that is `needed`."""
        if len(known) > MOST:
            free = [each for each in known[:-1] if needed is None or each.number != needed.number]
            oldest = sorted(free, key=lambda each: (each.name != "", each.number))
            self._drop(oldest[: len(known) - MOST])
        if known[-1].number % PACKED_EVERY == 0:
            self._pack()

    def shrink(self, most_bytes: int) -> None:
        """Drop the older half until the store has its share of the disk, or one is left. What is
        left then may be more than the share, since the project itself is: it is packed again only
        when it has grown, not at each checkpoint.
        """
        floor = self._record(FLOOR, MOST_FLOORS * most_bytes)
        if self._bytes() <= max(most_bytes, floor * GROWTH):
            return
        self._pack()
        while (left := self._bytes()) > most_bytes and len(known := self.all()) > 1:
            self._drop(known[: len(known) // 2])
            self._pack()
        write_record(self._sites, self._folder / FLOOR, str(left))

    def _bytes(self) -> int:
        return folder_bytes(self._folder, seconds=WALK_SECONDS)

    def _pack(self) -> None:
        run(self._repository, "repack", "-a", "-d", "-q", "--no-write-bitmap-index")
        run(self._repository, "prune", "--expire=now")

    # Going back

    def restore(
        self, wanted: Checkpoint, paths: Sequence[str], stage: Path, apply: Apply
    ) -> Restored:
        """Have the project's files, or those in `paths`, as they were. What is there now is kept
        first, when no checkpoint has it.
        """
        now = self.now()

        def ready() -> list[Change]:
            found = trees.differences(self._repository, now, wanted.tree, sizes=False)
            those = [each for each in found if below(each.path, paths)]
            return trees.as_changes(self._repository, those, stage, own=True)

        with beside() as other:
            changes = other.submit(ready)
            saved, new = self.keep("before-restore", needed=wanted)
            apply(changes.result())
        if not paths:
            self._move(wanted.number)
        return Restored(checkpoint=wanted, saved=saved if new else None)

    def undo_target(self) -> Checkpoint:
        """The state before the last change. `GitConflict` when none is known."""
        known, now = self._known_and_now()  # says why there is none, when none can be made
        at = self.position(known)
        if at is not None and at.tree != now:
            return at
        numbers = {each.number: each for each in known}
        while at is not None and at.parent is not None and at.parent in numbers:
            before, at = at, numbers[at.parent]
            if at.tree != before.tree:
                return at
        why = (
            "no checkpoint that led to the present state has other files;"
            f" POST …/checkpoints/{known[-1].number}/restore goes to the latest"
            if known
            else "the session has no checkpoint"
        )
        raise GitConflict(
            f"there is no earlier state to go back to: {why}. A checkpoint is made before each"
            " batch, archive, restore, pull and switch of branches, and by POST …/checkpoints;"
            " single writes make none",
            Code.NOTHING_TO_UNDO,
        )

    def compare(self, wanted: Checkpoint, paths: Sequence[str]) -> tuple[list[Any], str, bool]:
        """What has changed since: differences, patch, and whether the patch is whole."""
        now = self.now()
        found = [
            each
            for each in trees.differences(self._repository, wanted.tree, now)
            if below(each.path, paths)
        ]
        text, complete = patch_between(
            self._repository, wanted.tree, now, [each.path for each in found]
        )
        return found, text, complete


class open_store:
    """Open a session's checkpoints; made when there are none. None is made of a project with more
    than `most_bytes`: its copy would leave the session no room.
    """

    def __init__(
        self,
        sites_dir: Path,
        scratch: Path,
        session_id: str,
        root: Path,
        most_bytes: int | None = None,
    ) -> None:
        folder = store_folder(sites_dir, session_id)
        ensure_folder(sites_dir, folder.parent)
        ensure_folder(sites_dir, folder)
        git_dir = folder / ".git"
        for name in FILES:
            with contextlib.suppress(OSError):
                if not stat.S_ISREG((git_dir / name).lstat().st_mode):
                    remove_record(sites_dir, git_dir / name)
        try:
            check(git_dir)
        except NotARepository:  # new, or not made to its end, or damaged
            if os.path.lexists(git_dir):
                git_dir.rename(trash_name(sites_dir))
            skeleton(folder, "", None)
        if read_record(git_dir / "HEAD", len(HEAD) + 1) != HEAD:
            write_record(sites_dir, git_dir / "HEAD", HEAD.decode())
        release(git_dir)
        self._opening = opened(scratch, git_dir, work_tree=root, exact=True)
        self._arguments = (sites_dir, session_id, root, most_bytes)

    def __enter__(self) -> Store:
        return Store(*self._arguments, self._opening.__enter__())

    def __exit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)


def release(git_dir: Path) -> None:
    """Remove locks of git processes that were ended. The session's lock is held, and nobody else
    works on a store.
    """
    for folder, pattern in ((git_dir, "*.lock"), (git_dir / "refs" / "checkpoints", "*.lock")):
        for lock in folder.glob(pattern):
            with contextlib.suppress(OSError):
                lock.unlink()
