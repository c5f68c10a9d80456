"""A project or one of its folders as an archive, made while it is read: nothing of it is kept in
memory or on a disk.
"""

from __future__ import annotations

import os
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import SessionError, TooLarge
from .listing import walk
from .paths import open_folder, split_folder, split_path, translated
from .plain import opened
from .unpacking import CHUNK_BYTES, MOST_ENTRIES

Format = Literal["tar", "tar.gz", "zip"]
MEDIA_TYPES: Final[dict[str, str]] = {
    "tar": "application/x-tar",
    "tar.gz": "application/gzip",
    "zip": "application/zip",
}
BLOCK: Final = 512
OLDEST_ZIP: Final = (1980, 1, 1, 0, 0, 0)


def archive(root: Path, path: str, form: Format) -> Iterator[bytes]:
    """The folder's files, folders and links, in pieces. Generated folders and `.git` are left out,
    as everywhere in the API.
    """
    parts = split_folder(path)
    with translated(root, path or ".", "read"), open_folder(root, parts):
        pass
    entries = _bounded(walk(root, parts, []), path)
    if form == "zip":
        return _zip(root, path, entries)
    return _gzip(_tar(root, path, entries)) if form == "tar.gz" else _tar(root, path, entries)


def _bounded(entries: Iterator[dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(entries):
        if number >= MOST_ENTRIES:
            raise TooLarge(
                f"{path or 'the project'!r} has more than {MOST_ENTRIES} files and folders. Ask for"
                " its folders one by one"
            )
        yield entry


def _name(path: str, entry: dict[str, Any]) -> str:
    return str(entry["path"])[len(path) + 1 if path else 0 :]


def _pieces(root: Path, path: str, size: int) -> Iterator[bytes]:
    """Exactly `size` bytes: a file that shrinks meanwhile is filled up, one that grows is cut."""
    left = size
    try:
        with opened(root, path) as descriptor:
            while left > 0 and (data := os.read(descriptor, min(CHUNK_BYTES, left))):
                left -= len(data)
                yield data
    except SessionError:  # it went away
        pass
    while left > 0:
        filling = bytes(min(left, CHUNK_BYTES))
        left -= len(filling)
        yield filling


def _tar(root: Path, path: str, entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for entry in entries:
        info = tarfile.TarInfo(_name(path, entry))
        info.mtime = max(0, int(entry["modified_at"]))
        info.mode = 0o755 if entry["type"] == "folder" else 0o644
        if entry["type"] == "folder":
            info.type = tarfile.DIRTYPE
        elif entry["type"] == "file":
            info.size = entry["bytes"]
        elif entry["type"] == "link" and (target := _target(root, str(entry["path"]))) is not None:
            info.type, info.linkname = tarfile.SYMTYPE, target
        else:
            continue
        yield info.tobuf(tarfile.PAX_FORMAT)
        if info.type == tarfile.REGTYPE:
            yield from _pieces(root, str(entry["path"]), info.size)
            yield bytes(-info.size % BLOCK)
    yield bytes(2 * BLOCK)


def _target(root: Path, path: str) -> str | None:
    parts = split_path(path)
    try:
        with open_folder(root, parts[:-1]) as folder:
            target = os.readlink(parts[-1], dir_fd=folder)
        target.encode()
    except (OSError, UnicodeEncodeError):
        return None
    return target


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(level=5, wbits=31)
    for piece in pieces:
        if data := compressor.compress(piece):
            yield data
    yield compressor.flush()


class _Sink:
    """What a zip file is written to."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def _zip(root: Path, path: str, entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    sink = _Sink()
    target: Any = sink
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for entry in entries:
            kind = entry["type"]
            info = zipfile.ZipInfo(
                _name(path, entry) + ("/" if kind == "folder" else ""), _time(entry["modified_at"])
            )
            info.external_attr = (
                stat.S_IFDIR | 0o755 if kind == "folder" else stat.S_IFREG | 0o644
            ) << 16
            if kind == "folder":
                archive.writestr(info, b"")
            elif kind == "file":
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=entry["bytes"] >= 1 << 31) as member:
                    for piece in _pieces(root, str(entry["path"]), entry["bytes"]):
                        member.write(piece)
                        if data := sink.taken():
                            yield data
            if data := sink.taken():
                yield data
    yield sink.taken()


def _time(modified_at: float) -> tuple[int, int, int, int, int, int]:
    """As a zip file has it: from 1980 on."""
    try:
        found = time.gmtime(modified_at)[:6]
    except (OverflowError, ValueError, OSError):
        return OLDEST_ZIP
    return found if 1980 <= found[0] <= 2107 else OLDEST_ZIP
