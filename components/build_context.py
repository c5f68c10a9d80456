"""Hash of a Docker build context, honouring `.dockerignore`, so that an image is tagged by what goes into it. Pure but for reading files.

Patterns follow https://docs.docker.com/build/concepts/context/#dockerignore-files: rooted at the context, `*` and `?` stay within a
path segment, `**` crosses segments, a match excludes everything below it, `!` takes back, and the last match decides.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TAG_LENGTH = 32


@dataclass(frozen=True)
class Pattern:
    """One line of `.dockerignore`."""

    expression: re.Pattern[str]
    exclude: bool


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
            patterns.append(Pattern(re.compile(_expression(line)), exclude))
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


def context_files(context: Path, patterns: list[Pattern]) -> Iterator[str]:
    """Relative paths of the files and links in the context, sorted. Ignored directories are entered only if a `!` may reach into them."""
    may_return = any(not pattern.exclude for pattern in patterns)
    found = []
    for directory, names, files in os.walk(context):
        base = Path(directory).relative_to(context).as_posix()
        prefix = "" if base == "." else base + "/"
        # A linked directory is an entry of its own; os.walk lists it among the directories but does not enter it.
        found += [prefix + name for name in (*files, *(n for n in names if Path(directory, n).is_symlink()))]
        if not may_return:
            names[:] = [name for name in names if not is_ignored(prefix + name, patterns)]
    yield from sorted(path for path in found if not is_ignored(path, patterns))


def context_hash(context: Path, dockerfile: Path, *, platform: str) -> str:
    """Tag for an image built from `context` with `dockerfile` for `platform`: 32 hexadecimal digits.

    Covers each file's path, content and execute bit; times and owners do not count, so two checkouts of a commit agree.
    Raises `FileNotFoundError` if the Dockerfile is missing.
    """
    ignore = next(
        (file for file in (dockerfile.with_name(dockerfile.name + ".dockerignore"), context / ".dockerignore") if file.exists()), None
    )
    patterns = parse_ignore(ignore.read_text()) if ignore else []
    digest = hashlib.sha256()

    def add(*parts: bytes) -> None:
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)

    add(platform.encode(), dockerfile.read_bytes() if dockerfile.exists() else b"")
    for path in context_files(context, patterns):
        file = context / path
        if file.is_symlink():
            add(path.encode(), b"link", os.fsencode(file.readlink()))
        else:
            add(path.encode(), b"x" if os.access(file, os.X_OK) else b"-", file.read_bytes())
    return digest.hexdigest()[:TAG_LENGTH]
