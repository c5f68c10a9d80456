"""What is in a tree, whether it may be in a project, and its files taken out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, Literal

from ..errors import BadRequest, TooLarge
from ..files.changes import Change, Delete, Take
from ..files.paths import open_folder, split_path
from ..files.unpacking import MOST_FILES
from .errors import GitFailed, GitUnsupported, UnknownRevision
from .program import Repository, run, streamed

LINK: Final = "120000"
SUBMODULE: Final = "160000"
EXECUTABLE: Final = "100755"
LFS: Final = b"version https://git-lfs.github.com/spec/v1\n"
LARGEST_POINTER: Final = 1024
LONGEST_LINK: Final = 1024
CHUNK: Final = 256 * 1024
ANY_SIZE: Final = 1 << 62
"""Of an entry whose size was not asked for."""
NOTHING: Final = "0" * 40
EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git knows it without having it."""
_OBJECT: Final = re.compile(r"[0-9a-f]{40}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]{0,199}")

State = Literal["added", "modified", "deleted"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or link of a tree."""

    path: str
    mode: str
    object: str
    bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What became of a path from one tree to another."""

    path: str
    state: State
    entry: Entry | None
    """In the other tree; None when it is gone."""


def is_object(name: str) -> bool:
    return _OBJECT.fullmatch(name) is not None


def revision(repository: Repository, name: str) -> str:
    """The commit that `name` means. `UnknownRevision` when there is none."""
    if not _NAME.fullmatch(name) or ".." in name or "@{" in name:
        raise BadRequest(
            f"the revision is {name[:80]!r}; allowed is a branch, a tag or a commit's id"
        )
    found = run(
        repository,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        name + "^{commit}",
        allowed=(0, 1, 128),
    )
    if not found:
        raise UnknownRevision(f"the repository has no revision {name[:80]!r}")
    return found.decode().strip()


def entries(repository: Repository, tree: str) -> list[Entry]:
    """All of a tree; `TooLarge` above `MOST_FILES`."""
    found: list[Entry] = []
    for record in run(repository, "ls-tree", "-r", "-l", "-z", "--full-tree", tree).split(b"\0"):
        if not record:
            continue
        head, _, path = record.partition(b"\t")
        mode, _, name, size = head.decode().split()
        found.append(
            Entry(
                path=path.decode("utf-8", "surrogateescape"),
                mode=mode,
                object=name,
                bytes=int(size) if size.isdigit() else 0,
            )
        )
        if len(found) > MOST_FILES:
            raise TooLarge(f"the tree has more than {MOST_FILES} files, the limit of a session")
    return found


def check(found: Iterable[Entry], total_bytes: int) -> None:
    """Raise for what may not be in a project: names that the API does not take, submodules, more
    bytes than a session may have.
    """
    total = 0
    for entry in found:
        if entry.mode == SUBMODULE:
            raise GitUnsupported(
                "submodules",
                f"{entry.path[:200]!r} is a submodule, which sessions do not have. Put its files"
                " into the repository, or use a repository without it",
            )
        try:
            split_path(entry.path)
        except BadRequest as error:
            raise GitUnsupported(
                "names", f"the repository has a file that cannot be one of a project: {error}"
            ) from None
        total += entry.bytes
        if total > total_bytes:
            raise TooLarge(
                f"the files of the repository have more than {total_bytes} bytes"
                " (ASTRO_LIVE_SESSION_FILES_MIB)"
            )


def check_link(path: str, target: bytes) -> str:
    """Where a link points; `GitUnsupported` when that may be outside of the project.

    Steps upwards are allowed at its beginning only, at most as many as the link is deep. A link's
    own folders are no links, so such steps stay inside; and what follows are names of the project,
    of which the same holds.
    """
    parts = target.decode("utf-8", "surrogateescape").split("/")
    ups = 0
    while ups < len(parts) and parts[ups] == "..":
        ups += 1
    out = target.startswith(b"/") or ".." in parts[ups:] or ups > path.count("/")
    if out or not target or len(target) > LONGEST_LINK or b"\0" in target:
        raise GitUnsupported(
            "links",
            f"{path[:200]!r} is a link to {'/'.join(parts)[:200]!r}, which is not certain to be"
            " within the repository. Replace it with a file, or with a link to a path below its"
            " own folder",
        )
    return os.fsdecode(target)


class Blobs:
    """Contents of objects, one after another, from one git process."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source

    def next(self, entry: Entry) -> Iterator[bytes]:
        """The content of the next object that was asked for, in pieces."""
        head = self._source.readline(200).split()
        if len(head) != 3 or not head[2].isdigit():
            raise GitFailed(f"{entry.path[:200]!r}: the object {entry.object} is missing")
        left = int(head[2])
        if left > entry.bytes:
            raise GitFailed(f"{entry.path[:200]!r} has another size than its tree says")
        while left:
            piece = self._source.read(min(left, CHUNK))
            if not piece:
                raise GitFailed(f"{entry.path[:200]!r}: the object {entry.object} ends early")
            left -= len(piece)
            yield piece
        self._source.read(1)


def _contents(
    repository: Repository, wanted: Sequence[Entry], *, pointers: bool
) -> Iterator[tuple[Entry, Iterator[bytes]]]:
    """Each file with its content. `GitUnsupported` for a pointer of LFS unless `pointers`."""
    data = "".join(f"{entry.object}\n" for entry in wanted).encode()
    with streamed(repository, "cat-file", "--batch", "--buffer", data=data) as output:
        blobs = Blobs(output)
        for entry in wanted:
            content = blobs.next(entry)
            if pointers or entry.bytes > LARGEST_POINTER:
                yield entry, content
                continue
            whole = b"".join(content)
            if whole.startswith(LFS):
                raise GitUnsupported(
                    "lfs",
                    f"{entry.path[:200]!r} is kept in Git LFS, which sessions do not fetch. Put the"
                    " file itself into the repository",
                )
            yield entry, iter((whole,))


def _write(
    folder: int, name: str, entry: Entry, content: Iterator[bytes], *, any_link: bool = False
) -> None:
    """One entry as a new file or link of an open folder."""
    if entry.mode == LINK:
        target = b"".join(content)
        os.symlink(
            os.fsdecode(target) if any_link else check_link(entry.path, target),
            name,
            dir_fd=folder,
        )
        return
    mode = 0o755 if entry.mode == EXECUTABLE else 0o644
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, mode, dir_fd=folder), "wb") as file:
        for piece in content:
            file.write(piece)


def write_out(repository: Repository, wanted: Sequence[Entry], root: Path) -> None:
    """Put a checked tree into an empty folder."""
    for entry, content in _contents(repository, wanted, pointers=False):
        parts = entry.path.split("/")
        with open_folder(root, parts[:-1], create=True) as folder:
            _write(folder, parts[-1], entry, content)


def differences(
    repository: Repository, before: str, after: str, *, sizes: bool = True
) -> list[Difference]:
    """From one tree to another, by path. Renames are a path that goes and one that comes. Without
    `sizes` each entry may be of any.
    """
    fields = run(
        repository, "diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", before, after
    ).split(b"\0")
    found: list[Difference] = []
    for head, name in zip(fields[0::2], fields[1::2], strict=False):
        _, mode, _, blob, kind = head.decode().split()
        path = name.decode("utf-8", "surrogateescape")
        gone = blob == NOTHING
        entry = None if gone else Entry(path=path, mode=mode, object=blob, bytes=ANY_SIZE)
        state: State = "deleted" if gone else "added" if kind == "A" else "modified"
        found.append(Difference(path=path, state=state, entry=entry))
        if len(found) > MOST_FILES:
            raise TooLarge(f"more than {MOST_FILES} files differ, the limit of a session")
    return _with_sizes(repository, found) if sizes else found


def _with_sizes(repository: Repository, found: Sequence[Difference]) -> list[Difference]:
    asked = [each.entry for each in found if each.entry and each.entry.mode != SUBMODULE]
    data = "".join(f"{entry.object}\n" for entry in asked).encode()
    answers = run(
        repository, "cat-file", "--batch-check=%(objectsize)", "--buffer", data=data
    ).split(b"\n")
    known = {
        entry.path: int(size) if size.isdigit() else 0
        for entry, size in zip(asked, answers, strict=False)
    }
    return [
        replace(each, entry=replace(each.entry, bytes=known.get(each.path, 0)))
        if each.entry
        else each
        for each in found
    ]


def as_changes(
    repository: Repository, wanted: Sequence[Difference], folder: Path, *, own: bool = False
) -> list[Change]:
    """Differences as changes of a project, the new contents as files of `folder`, which is on the
    project's disk. Those that go are first. `own` is for what was in the project before: links
    lead where they did, and pointers of LFS are files as others are.
    """
    changes: list[Change] = [
        Delete(path=each.path, missing=True) for each in wanted if each.entry is None
    ]
    new = [each.entry for each in wanted if each.entry is not None]
    with open_folder(folder, []) as stage:
        for number, (entry, content) in enumerate(_contents(repository, new, pointers=own)):
            name = f"g{number}"
            _write(stage, name, entry, content, any_link=own)
            changes.append(
                Take(
                    path=entry.path,
                    file=folder / name,
                    mode=0o755 if entry.mode == EXECUTABLE else 0o644,
                    links=True,
                )
            )
    return changes
