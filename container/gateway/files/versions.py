"""Versions of a file: its entity tag is the SHA-256 of its content, so the same content has the
same tag on every task.

Preconditions follow RFC 9110: `If-Match` and `If-None-Match` in a header, and the same in the
members `if_sha256` and `if_absent` of a change in a body. A header that does not hold is answered
412 (RFC 9110, section 13.1.1), a member 409; both answers tell what is there.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Final

from ..codes import Code
from ..details import Details, VersionView
from ..errors import BadRequest, Conflict, SessionError, UnknownFile
from .plain import opened

CHUNK_BYTES: Final = 1 << 20
_TAG: Final = re.compile(r'(?P<weak>W/)?"(?P<value>[\x21\x23-\x7e\x80-\xff]*)"')
WEAK: Final = "W/"
MAX_SHOWN: Final = 80
MAX_TAGS: Final = 32
MAX_HEADER: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Version:
    """A plain file as it is."""

    path: str
    bytes: int
    modified_at: float
    """Unix time."""
    sha256: str

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag, "Last-Modified": formatdate(self.modified_at, usegmt=True)}

    def known(self, tags: tuple[str, ...]) -> bool:
        """Whether one of the tags of If-None-Match is this version's, or all are (`*`). They
        compare weakly (RFC 9110, section 13.1.2).
        """
        return not tags or self.sha256 in tags or WEAK + self.etag in tags

    def describe(self) -> VersionView:
        """As JSON."""
        return {
            "path": self.path,
            "bytes": self.bytes,
            "modified_at": self.modified_at,
            "sha256": self.sha256,
        }


class PreconditionFailed(SessionError):
    """A header's condition does not hold: somebody else has changed the file."""

    code = Code.PRECONDITION_FAILED

    def __init__(self, message: str, current: Version | None) -> None:
        super().__init__(message)
        self.details = {"current": current.describe() if current else None}


class Changed(Conflict):
    """A change expects another file than the one that is there."""

    code = Code.CHANGED

    def __init__(
        self, message: str, path: str, current: Version | None, more: Details | None = None
    ) -> None:
        super().__init__(message)
        self.details = {"path": path, "current": current.describe() if current else None}
        self.details |= more or {}


def hash_of(descriptor: int) -> str:
    digest = hashlib.sha256()
    while data := os.read(descriptor, CHUNK_BYTES):
        digest.update(data)
    return digest.hexdigest()


def version_of(root: Path, path: str) -> Version | None:
    """The version of a plain file that is there; None when there is none. Raises as `read_file`
    does for anything else.
    """
    try:
        with opened(root, path) as descriptor:
            status = os.fstat(descriptor)
            return Version(
                path=path,
                bytes=status.st_size,
                modified_at=round(status.st_mtime, 3),
                sha256=hash_of(descriptor),
            )
    except UnknownFile:
        return None


def version_with(path: str, content: bytes, status: os.stat_result | None = None) -> Version:
    """The version that `content` is; without the status of a file it is as old as this moment."""
    modified_at = round(status.st_mtime if status is not None else time.time(), 3)
    return Version(
        path=path,
        bytes=len(content),
        modified_at=modified_at,
        sha256=hashlib.sha256(content).hexdigest(),
    )


@dataclass(frozen=True, kw_only=True)
class Precondition:
    """What has to be there for a change to be made. Nothing is expected by default."""

    sha256s: tuple[str, ...] | None = None
    """One of these; empty: any file at all (`If-Match: *`)."""
    absent: bool = False
    header: bool = True

    @property
    def given(self) -> bool:
        return self.absent or self.sha256s is not None

    def check(self, path: str, current: Version | None) -> None:
        """Raise `PreconditionFailed` or `Changed` unless it holds."""
        if self.absent and current is not None:
            self._fail(path, current, "exists already")
        if self.sha256s is None:
            return
        if current is None:
            self._fail(path, current, "is not there")
        elif self.sha256s and current.sha256 not in self.sha256s:
            weak = next((tag for tag in self.sha256s if tag.startswith(WEAK)), None)
            if weak is not None:
                raise PreconditionFailed(_never_matches(weak, path, current), current)
            self._fail(path, current, "is another version than the one that is expected")

    def _fail(self, path: str, current: Version | None, what: str) -> None:
        message = f"{path!r} {what}. Read it again, and repeat the change on what is there now"
        raise (
            PreconditionFailed(message, current) if self.header else Changed(message, path, current)
        )


def _never_matches(weak: str, path: str, current: Version) -> str:
    """Proxies that compress answers make tags weak, so the version may be the right one."""
    same = weak == WEAK + current.etag
    fix = "Send it" if same else f"Read {path!r} again, and send its ETag"
    return (
        f"If-Match has the weak entity tag {weak[:MAX_SHOWN]}, which no version of {path!r} matches:"
        f" If-Match compares strongly (RFC 9110, section 13.1.1). {fix} without {WEAK}"
    )


def from_headers(if_match: str | None, if_none_match: str | None) -> Precondition:
    """Of a request that changes a file. `BadRequest` when a header is not what RFC 9110 allows."""
    if if_none_match is not None and if_none_match.strip() != "*":
        raise BadRequest(
            f"If-None-Match is {if_none_match[:80]!r}; allowed for a change is '*': only if the"
            " file does not exist"
        )
    return Precondition(
        sha256s=None if if_match is None else tags(if_match, "If-Match"),
        absent=if_none_match is not None,
    )


def tags(text: str, name: str) -> tuple[str, ...]:
    """The entity tags of a header; none for `*`. A strong one is the text between its quotes; a
    weak one stays as it is, which equals no hash.
    """
    if text.strip() == "*":
        return ()
    found = [_TAG.fullmatch(part.strip()) for part in text.split(",")]
    if len(text) > MAX_HEADER or len(found) > MAX_TAGS or not all(found):
        raise BadRequest(
            f"{name} is {text[:80]!r}; allowed are '*' or up to {MAX_TAGS} entity tags such as"
            " those of the ETag header"
        )
    return tuple(match["value"] if match["weak"] is None else match[0] for match in found if match)
