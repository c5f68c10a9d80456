"""Archives in: tar, tar.gz and zip, unpacked beside the project and then put into place like any
batch, whole or not at all.

Nothing in an archive is believed: names are checked as the paths of the API are, links and devices
are refused, what is unpacked is counted as it comes, and so are the headers.
"""

from __future__ import annotations

import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from ..errors import BadRequest, SessionError, TooLarge
from .changes import Take
from .paths import is_hidden, split_path

MOST_FILES: Final = 20_000
MOST_ENTRIES: Final = 50_000
"""Folders and what is left out among them."""
LARGEST_HEADER: Final = 1 << 20
"""Of one entry: a long name, or extended attributes."""
LARGEST_DIRECTORY: Final = 16 << 20
"""Of a zip file: the list of its entries, which is read whole."""
LARGEST_HEADERS: Final = 32 << 20
"""Of all entries of a tar file."""
CHUNK_BYTES: Final = 256 * 1024
END_OF_ZIP: Final = b"PK\x05\x06"
END_BYTES: Final = 22 + 65_535


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What an archive may unpack to."""

    file_bytes: int
    total_bytes: int


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    files: list[Take]
    bytes: int
    skipped: int
    """Entries that the API does not know: `.git` and `node_modules`, with what is in them."""


class _Unpacking:
    def __init__(self, folder: Path, path: str, bounds: Bounds) -> None:
        self._folder = folder
        self._path = path
        self._bounds = bounds
        self.files: dict[str, Take] = {}
        self.bytes = 0
        """Of files that are kept."""
        self._passed = 0
        self.entries = 0
        self.skipped = 0

    def target(self, name: str) -> str | None:
        """Where an entry goes; None when it is left out. `BadRequest` when it may not."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise TooLarge(f"the archive has more than {MOST_ENTRIES} entries. Send it in parts")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts:
            raise BadRequest(
                f"the archive has an entry {name[:120]!r}, which leads out of the folder. Names are"
                " relative, without '..'"
            )
        if not parts:
            return None
        if any(is_hidden(part) for part in parts):
            self.skipped += 1
            return None
        path = "/".join([self._path, *parts] if self._path else parts)
        try:
            split_path(path)
        except BadRequest as error:
            raise BadRequest(
                f"the archive has an entry that cannot be a file of a project: {error}"
            ) from None
        return path

    def count(self, more: int) -> None:
        """So many bytes are unpacked."""
        self._passed += more
        if self._passed > self._bounds.total_bytes:
            raise TooLarge(
                f"the archive unpacks to more than {self._bounds.total_bytes} bytes"
                " (ASTRO_LIVE_SESSION_FILES_MIB)"
            )

    def take(self, path: str, source: IO[bytes], *, executable: bool) -> None:
        """Write one file's content beside the project."""
        if path not in self.files and len(self.files) >= MOST_FILES:
            raise TooLarge(f"the archive has more than {MOST_FILES} files. Send it in parts")
        file = (
            self._folder / f"f{len(self.files)}"
            if path not in self.files
            else self.files[path].file
        )
        size = 0
        with file.open("wb") as target:
            while data := source.read(CHUNK_BYTES):
                size += len(data)
                self.count(len(data))
                self.bytes += len(data)
                if size > self._bounds.file_bytes:
                    raise TooLarge(
                        f"{path!r} of the archive is larger than {self._bounds.file_bytes} bytes"
                        " (ASTRO_LIVE_MAX_FILE_MIB)"
                    )
                target.write(data)
        self.files[path] = Take(path=path, file=file, mode=0o755 if executable else 0o644)


def unpack(archive: Path, folder: Path, path: str, bounds: Bounds) -> Unpacked:
    """Unpack `archive` into files of `folder`, to be put below the folder `path` of a project.

    Raises `BadRequest` for an archive or entry that is not allowed, `TooLarge` above the bounds.
    """
    with archive.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        unpacking = _Unpacking(folder, path, bounds)
        try:
            _unzip(file, unpacking) if start[:2] == b"PK" else _untar(file, start, unpacking)
        except SessionError:
            raise
        except (
            tarfile.TarError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise BadRequest(
                f"the archive cannot be read: {str(error)[:200]}. Allowed are tar, tar.gz and zip"
                " files"
            ) from None
    if not unpacking.entries:
        raise BadRequest("the archive has no entries. Allowed are tar, tar.gz and zip files")
    return Unpacked(
        files=list(unpacking.files.values()), bytes=unpacking.bytes, skipped=unpacking.skipped
    )


# tar


class _Entry(tarfile.TarInfo):
    """Without maps of sparse files, which may be as long as the archive."""

    def _refuse(self, *_arguments: Any) -> Any:
        raise tarfile.ReadError("sparse files are not allowed")

    _proc_sparse = _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse


class _Forwards:
    """A file or gzip stream that is read forwards, in pieces of a bounded size: a header that
    pretends to be larger is refused.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._at = 0
        self._headers = 0
        self.in_content = False
        """Whether an entry's content is read, which its reader counts."""

    def tell(self) -> int:
        return self._at

    def seek(self, to: int, _whence: int = 0) -> int:
        """Forwards only. Each byte that is passed over is unpacked, so the caller has to have
        counted it.
        """
        while self._at < to and self._next(min(CHUNK_BYTES, to - self._at)):
            pass
        return self._at

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LARGEST_HEADER:
            raise BadRequest(f"the archive has a header larger than {LARGEST_HEADER} bytes")
        data = self._next(size)
        self._headers += 0 if self.in_content else len(data)
        if self._headers > LARGEST_HEADERS:
            raise TooLarge(
                f"the archive's headers take more than {LARGEST_HEADERS} bytes. Send it in parts"
            )
        return data

    def _next(self, size: int) -> bytes:
        found = [self._rest[:size]]
        self._rest = self._rest[size:]
        have = len(found[0])
        while have < size and (piece := next(self._pieces, b"")):
            found.append(piece[: size - have])
            self._rest = piece[size - have :]
            have += len(found[-1])
        self._at += have
        return b"".join(found)


def _raw(file: IO[bytes]) -> Iterator[bytes]:
    while data := file.read(CHUNK_BYTES):
        yield data


def _gunzipped(file: IO[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=31)
    while data := file.read(CHUNK_BYTES):
        while data:
            if piece := stream.decompress(data, CHUNK_BYTES):
                yield piece
            data = stream.unconsumed_tail
            if stream.eof:
                data, stream = stream.unused_data.lstrip(b"\0"), zlib.decompressobj(wbits=31)


def _untar(file: IO[bytes], start: bytes, unpacking: _Unpacking) -> None:
    source: Any = _Forwards(_gunzipped(file) if start[:2] == b"\x1f\x8b" else _raw(file))
    with tarfile.open(fileobj=source, mode="r:", errorlevel=1, tarinfo=_Entry) as archive:
        while (member := archive.next()) is not None:
            setattr(archive, "members", [])  # noqa: B010 - it keeps them all, and its types do not say so
            path = unpacking.target(member.name)
            if member.isdir():
                continue
            if not member.isreg() or member.issparse():
                if path is None:
                    continue
                raise BadRequest(
                    f"the archive has a link or device {member.name[:120]!r}. Only files and"
                    " folders are allowed"
                )
            content = archive.extractfile(member)
            if content is None:
                continue
            if path is None:
                unpacking.count(member.size)  # it is unpacked to be passed over
            else:
                source.in_content = True
                unpacking.take(path, content, executable=bool(member.mode & 0o100))
                source.in_content = False


# zip


def _check_directory(file: IO[bytes]) -> None:
    """The list of entries is read whole, so its size is looked at first, wherever in the end of the
    file it may be named.
    """
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - END_BYTES))
    tail = file.read()
    for found in re.finditer(re.escape(END_OF_ZIP), tail):
        record = tail[found.start() : found.start() + 22]
        directory = int.from_bytes(record[12:16], "little")
        if len(record) == 22 and directory > LARGEST_DIRECTORY:
            raise TooLarge(
                "the archive's list of entries is too long, or of a kind (zip64) that is not read."
                " Send it in parts, or as tar"
            )
    file.seek(0)


def _unzip(file: IO[bytes], unpacking: _Unpacking) -> None:
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            path = unpacking.target(info.filename)
            if path is None or info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise BadRequest(
                    f"the archive has a link or device {info.filename[:120]!r}. Only files and"
                    " folders are allowed"
                )
            if info.flag_bits & 1 or info.compress_type not in (
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            ):
                raise BadRequest(
                    f"{info.filename[:120]!r} of the archive is encrypted, or packed by another"
                    " method than deflate"
                )
            with archive.open(info) as content:
                unpacking.take(path, content, executable=bool((info.external_attr >> 16) & 0o100))
