"""What the generated code is put together with: contents and paths."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from typing import IO, Final
from urllib.parse import quote
from uuid import uuid4

import httpx

Sendable = bytes | str | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]
"""The body of an upload. A text is sent as UTF-8; a file or an iterable is sent as it is read, and
never a second time.
"""


@dataclass(frozen=True)
class Content:
    """A file's bytes, or those of an archive."""

    data: bytes
    etag: str
    """Of a file: its version, for `if_match`. Empty for an archive."""
    media_type: str

    @property
    def text(self) -> str:
        return self.data.decode()

    @classmethod
    def of(cls, response: httpx.Response) -> Content:
        return cls(
            data=response.content,
            etag=response.headers.get("etag", ""),
            media_type=response.headers.get("content-type", ""),
        )


OWN_KEY: Final = "call-"
"""Begins the keys that the client makes: the caller does not know them, and cannot repeat a call
with them.
"""


def new_key() -> str:
    """An `Idempotency-Key` for one call: each of its attempts has it, and another call another."""
    return f"{OWN_KEY}{uuid4()}"


def in_path(value: object, *, folders: bool = False) -> str:
    """`value` as one segment of a URL's path, or (`folders`) as several.

    Raises `ValueError` for `.`, `..` and empty segments, which a URL library would resolve: the
    request would be another call's.
    """
    text = str(value)
    for segment in text.split("/") if folders else [text]:
        if segment in ("", ".", ".."):
            raise ValueError(f"{text!r} cannot be part of an address: it has a segment {segment!r}")
    return quote(text, safe="/" if folders else "")
