"""Hash of a Docker build context, honouring `.dockerignore`, so that an image is tagged by what
goes into it. Pure but for reading files.

Patterns follow https://docs.docker.com/build/concepts/context/#dockerignore-files: rooted at the
context, `*` and `?` stay within a path segment, `**` crosses segments, a match excludes everything
below it, `!` takes back, and the last match decides.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TAG_LENGTH = 32


@dataclass(frozen=True)
class Pattern:
    """One line of `.dockerignore`."""

    expression: re.Pattern[str]
    exclude: bool
    stem: str
    """Leading path segments without a wildcard: every match lies at or below them."""


def parse_ignore(text: str) -> list[Pattern]:
    """Patterns of a `.dockerignore` file, in order."""
    patterns = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        exclude = not line.startswith("!")
        line = line.removeprefix("!").strip().strip("/").removeprefix("./")
        if line and line != ".":
            segments = itertools.takewhile(
                lambda segment: not re.search(r"[*?\[]", segment), line.split("/")
            )
            patterns.append(Pattern(re.compile(_expression(line)), exclude, "/".join(segments)))
    return patterns


def _expression(pattern: str) -> str:
    parts = []
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            parts.append("(?:.*/)?")
            index += 3
        elif pattern.startswith("**", index):
            parts.append(".*")
            index += 2
        elif pattern[index] == "*":
            parts.append("[^/]*")
            index += 1
        elif pattern[index] == "?":
            parts.append("[^/]")
            index += 1
        elif pattern[index] == "[" and (end := pattern.find("]", index + 2)) > 0:
            parts.append(pattern[index : end + 1])
            index = end + 1
        else:
            parts.append(re.escape(pattern[index]))
            index += 1
    return "".join(parts) + "(?:/.*)?"


def is_ignored(path: str, patterns: list[Pattern]) -> bool:
    """Whether the context leaves out `path` (relative, `/`-separated)."""
    ignored = False
    for pattern in patterns:
        if pattern.exclude != ignored and pattern.expression.fullmatch(path):
            ignored = pattern.exclude
    return ignored


def may_hold(directory: str, patterns: list[Pattern]) -> bool:
    """Whether a directory can hold anything of the context: it is not ignored, or a `!` that comes
    after what ignores it may reach into it.
    """
    ignored = -1  # what ignores the directory ignores all in it
    for index, pattern in enumerate(patterns):
        if pattern.exclude != (ignored >= 0) and pattern.expression.fullmatch(directory):
            ignored = index if pattern.exclude else -1
    if ignored < 0:
        return True
    below = directory + "/"
    stems = [pattern.stem for pattern in patterns[ignored + 1 :] if not pattern.exclude]
    return any(
        not stem or f"{stem}/".startswith(below) or below.startswith(f"{stem}/") for stem in stems
    )


def ignore_patterns(context: Path, dockerfile: Path) -> list[Pattern]:
    """What leaves files out of `context`. As in BuildKit, an ignore file that belongs to the
    Dockerfile comes before the context's.
    """
    candidates = (
        dockerfile.with_name(dockerfile.name + ".dockerignore"),
        context / ".dockerignore",
    )
    return next((parse_ignore(file.read_text()) for file in candidates if file.exists()), [])


def is_executable(file: Path) -> bool:
    """Whether the file's owner may run it; other bits follow the umask of its creator."""
    return bool(file.stat().st_mode & 0o100)


def context_files(
    context: Path, patterns: list[Pattern], *, without: Path | None = None
) -> Iterator[str]:
    """Relative paths of the context's regular files and links, sorted. Sockets and pipes never
    enter an image.

    `without` is a directory that is left out even if no pattern names it.
    """
    found = []
    left_out = without.resolve() if without else None
    for directory, names, files in os.walk(context):
        base = Path(directory).relative_to(context).as_posix()
        prefix = "" if base == "." else base + "/"
        # A linked directory is a separate entry; os.walk lists it among the directories but does
        # not enter it.
        links = [name for name in names if Path(directory, name).is_symlink()]
        found += [
            prefix + name for name in (*files, *links) if not is_ignored(prefix + name, patterns)
        ]
        names[:] = [
            name
            for name in names
            if may_hold(prefix + name, patterns) and Path(directory, name).resolve() != left_out
        ]
    for path in sorted(found):
        file = context / path
        if file.is_symlink() or file.is_file():
            yield path


def context_hash(
    context: Path,
    dockerfile: Path,
    *,
    platform: str,
    without: Path | None = None,
    files: Sequence[str] | None = None,
) -> str:
    """Hash for an image built from `context` with `dockerfile` for `platform`: 32 hexadecimal
    digits.

    Covers each file's path, content and execute bit; times and owners do not count, so two
    checkouts of a commit agree. `files` is what `context_files` gives, where that is known already.
    Raises `FileNotFoundError` if the Dockerfile is missing.
    """
    hasher = _Hasher(platform.encode(), dockerfile.read_bytes())
    if files is None:
        files = list(context_files(context, ignore_patterns(context, dockerfile), without=without))
    for path in files:
        file = context / path
        if file.is_symlink():
            hasher.add(path.encode(), b"link", os.fsencode(file.readlink()))
        else:
            hasher.add(path.encode(), b"x" if is_executable(file) else b"-", file.read_bytes())
    return hasher.result


def files_hash(files: Iterable[Path], *, platform: str) -> str:
    """Hash of some files' contents in their order, for `platform`: 32 hexadecimal digits. Raises
    `FileNotFoundError`.
    """
    return _Hasher(platform.encode(), *(file.read_bytes() for file in files)).result


class _Hasher:
    """Hash of a sequence of texts in which no two sequences look the same."""

    def __init__(self, *parts: bytes) -> None:
        self._digest = hashlib.sha256()
        self.add(*parts)

    def add(self, *parts: bytes) -> None:
        for part in parts:
            self._digest.update(len(part).to_bytes(8, "big"))
            self._digest.update(part)

    @property
    def result(self) -> str:
        return self._digest.hexdigest()[:TAG_LENGTH]
