"""One build context for each image: a copy of exactly the files that decide it, the same on every
machine.

pulumi-docker builds and pushes again whenever its digest of the context changes, and that covers
every file's mode: another umask, or a file that does not belong to the image, would push other
bytes under a tag that exists. Here the context holds the files that the tag is a hash of, with
modes and times that do not depend on the machine, under a path that depends on nothing but that
hash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.build_context import (
    context_files,
    context_hash,
    files_hash,
    ignore_patterns,
    is_executable,
)

STAGING = Path(".local/build")
"""Where contexts are copied to, in the program's directory: the path is an input of the image, so
it is relative.
"""

KEPT_SECONDS = 7 * 24 * 3600
"""Contexts that no program has used for so long are removed."""

MODIFIED = 315532800
"""Time of every copied file, 1980-01-01: the earliest that every archive format knows."""


@dataclass(frozen=True, kw_only=True)
class StagedContext:
    """A context to build from."""

    hash: str
    """Hash of its files, the Dockerfile and the platform: 32 hexadecimal digits."""
    context: str
    """Relative path of the directory."""
    dockerfile: str
    """Relative path of the Dockerfile, beside the context."""


def stage(
    context: Path,
    dockerfile: Path,
    *,
    platform: str,
    files: Sequence[str] | None = None,
    staging: Path = STAGING,
) -> StagedContext:
    """Copy what an image of `platform` is built from below `staging`.

    Without `files` that is everything in `context` that its `.dockerignore` leaves in; with `files`
    (relative to `context`) only those. Running it again, or in two programs at once, gives the same
    directory. Raises `FileNotFoundError` for a missing file.
    """
    if files is None:
        names = list(context_files(context, ignore_patterns(context, dockerfile), without=staging))
        found = context_hash(context, dockerfile, platform=platform, files=names)
    else:
        found = files_hash([dockerfile, *(context / name for name in files)], platform=platform)
        names = list(files)
    target = staging / found
    with _one_at_a_time(staging):
        if not _complete(target, context, names):
            _copy(target, context, dockerfile, names)
        os.utime(target)
        _remove_unused(staging)
    return StagedContext(
        hash=found,
        context=(target / "context").as_posix(),
        dockerfile=(target / "Dockerfile").as_posix(),
    )


@contextlib.contextmanager
def _one_at_a_time(staging: Path) -> Iterator[None]:
    """Hold the directory: without it a program could move a copy aside that another one has just
    put in place.

    The kernel lets go of the lock when the process ends, however that happens.
    """
    staging.mkdir(parents=True, exist_ok=True)
    with (staging / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _complete(target: Path, context: Path, names: Sequence[str]) -> bool:
    """Whether `target` is a whole copy: a directory is put in place at once, but somebody may have
    changed it since.
    """
    base = target / "context"
    if not (target / "Dockerfile").is_file():
        return False
    there = [path for path in base.rglob("*") if path.is_symlink() or not path.is_dir()]
    return len(there) == len(names) and all(_same(base / name, context / name) for name in names)


def _same(copy: Path, original: Path) -> bool:
    if original.is_symlink():
        return copy.is_symlink() and copy.readlink() == original.readlink()
    if copy.is_symlink() or not copy.is_file():
        return False
    return (
        copy.stat().st_mode & 0o777 == _mode(original)
        and copy.read_bytes() == original.read_bytes()
    )


def _mode(file: Path) -> int:
    return 0o755 if is_executable(file) else 0o644


def _copy(target: Path, context: Path, dockerfile: Path, names: Sequence[str]) -> None:
    staging = target.parent
    (staging / ".gitignore").write_text("*\n")
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=staging))
    try:
        base = part / "context"
        base.mkdir()
        shutil.copyfile(dockerfile, part / "Dockerfile")
        for name in names:
            _copy_file(context / name, base / name)
        for directory in [
            base,
            *(path for path in base.rglob("*") if path.is_dir() and not path.is_symlink()),
        ]:
            directory.chmod(0o755)
            os.utime(directory, (MODIFIED, MODIFIED))
        part.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy_file(original: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    if original.is_symlink():
        copy.symlink_to(original.readlink())
        return
    shutil.copyfile(original, copy)
    copy.chmod(_mode(original))
    os.utime(copy, (MODIFIED, MODIFIED))


def _remove_unused(staging: Path) -> None:
    for directory in staging.iterdir():
        if directory.is_dir() and time.time() - directory.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(directory, ignore_errors=True)
