"""Where the records are kept: the protocol, and a file on the projects' disk for a service with one
task: `{sites}/.credentials/records`.

Code of a site writes to that disk as the same user. So the file has a MAC by a key that the signing
keys give, which no site knows, and a version that only grows: an older file in its place is not
taken for as long as the container lives (the supervisor keeps the version for later control
planes). A site that removes the file ends the credentials; it gives none.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

from ..codes import Code
from ..errors import Conflict, Crowded, StorageSilent
from ..files.locks import lock_path, on_disk
from ..records import read_record, trash_name, write_record
from ..storage import Storage
from .model import KEPT_SECONDS, KEY_BYTES, MOST_CREDENTIALS, Record

FOLDER: Final = ".credentials"
MAX_BYTES: Final = 32 * 1024 * 1024
"""10,000 records of the longest kind have 20 MB."""
DISK_SECONDS: Final = 20.0
LOCK_SECONDS: Final = 5.0
"""Another task holds the lock for as long as it writes the file: well below a second."""

log = logging.getLogger(__name__)


class TooManyCredentials(Conflict):
    """The service has as many credentials as it may have."""

    code = Code.TOO_MANY_CREDENTIALS

    def __init__(self) -> None:
        super().__init__(
            f"the service has {MOST_CREDENTIALS} credentials, and that is the limit. Revoke some,"
            " or give them a shorter life"
        )


@dataclass(frozen=True)
class Edition:
    """What changes with every change of a record."""

    version: int = 0
    key: bytes = b""
    """Makes ids; empty while there has never been a credential."""


class CredentialStore(Protocol):
    """Every method may raise a `SessionError` with status 503: the store does not answer."""

    async def begin(self) -> None:
        """What is to be done once, at the start of a control plane."""

    async def edition(self) -> Edition:
        """As of now, whichever task made the last change."""

    async def find(self, identifier: str) -> Record | None:
        """The record as of now."""

    async def page(self, after: str, most: int) -> list[Record]:
        """Up to `most` records with larger ids, by id."""

    async def add(self, make: Callable[[bytes], Record]) -> Record:
        """Keep the record that `make` makes with the edition's key. Raises
        `TooManyCredentials`.
        """

    async def remove(self, identifier: str) -> bool:
        """False when there is none."""

    async def forget_session(self, session_id: str) -> None:
        """Take the session out of all records, and remove those that name no other."""


@dataclass
class _Contents:
    version: int = 0
    key: bytes = b""
    records: dict[str, Record] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(
            {
                "version": self.version,
                "key": self.key.hex(),
                "records": [record.item() for record in self.records.values()],
            }
        )

    @classmethod
    def parse(cls, text: bytes) -> _Contents:
        body = json.loads(text)
        if not isinstance(body["version"], int) or isinstance(body["version"], bool):
            raise TypeError("the version is not a whole number")
        records = [Record.parse(item) for item in body["records"]]
        return cls(
            version=body["version"],
            key=bytes.fromhex(body["key"]),
            records={record.id: record for record in records if record is not None},
        )


class FileStore:
    """`CredentialStore` of a service with one task. Two tasks during a deployment are fine."""

    def __init__(
        self,
        sites_dir: Path,
        storage: Storage,
        keys: Sequence[bytes],
        *,
        floor: int = 0,
        save_floor: Callable[[int], None] = lambda _version: None,
    ) -> None:
        """`keys` verify the file, and the first signs it; `floor` is the version that an earlier
        control plane has seen.
        """
        self._sites = sites_dir
        self._file = sites_dir / FOLDER / "records"
        self._storage = storage
        self._keys = keys
        self._floor = floor
        self._save_floor = save_floor
        self._taking = threading.Lock()
        """Held while contents take the place of others: readers of the disk are several threads."""
        self._known: tuple[int, int, int] | None = None
        self._contents = _Contents()

    async def begin(self) -> None:
        """Sign the file with the first key, before the one that it was signed with is taken off
        the list.
        """

        def sign_again() -> None:
            text = read_record(self._file, MAX_BYTES + 1)
            mac, _, body = (text or b"").partition(b"\n")
            if text is not None and mac != self._mac(self._keys[0], body):
                with self._locked():
                    self._look()
                    if self._known is not None:
                        self._write(replace(self._contents, version=self._contents.version + 1))

        await self._call(sign_again)

    async def edition(self) -> Edition:
        await self._call(self._look)
        return Edition(self._contents.version, self._contents.key)

    async def find(self, identifier: str) -> Record | None:
        return self._contents.records.get(identifier)

    async def page(self, after: str, most: int) -> list[Record]:
        await self._call(self._look)
        names = sorted(name for name in self._contents.records if name > after)
        return [self._contents.records[name] for name in names[:most]]

    async def add(self, make: Callable[[bytes], Record]) -> Record:
        def change(contents: _Contents) -> Record:
            if len(contents.records) >= MOST_CREDENTIALS:
                raise TooManyCredentials
            contents.key = contents.key or secrets.token_bytes(KEY_BYTES)
            record = make(contents.key)
            contents.records[record.id] = record
            return record

        added: Record = await self._change(change)
        return added

    async def remove(self, identifier: str) -> bool:
        return (
            await self._change(lambda contents: contents.records.pop(identifier, None)) is not None
        )

    async def forget_session(self, session_id: str) -> None:
        await self._call(self._look)
        if not any(session_id in each.sessions for each in self._contents.records.values()):
            return

        def change(contents: _Contents) -> None:
            found = [each for each in contents.records.values() if session_id in each.sessions]
            for record in found:
                if left := record.without(session_id):
                    contents.records[record.id] = left
                else:
                    del contents.records[record.id]

        await self._change(change)

    async def _call(self, function: Callable[[], Any]) -> Any:
        return await self._storage.call(
            "the credentials cannot be reached", function, seconds=DISK_SECONDS
        )

    async def _change(self, change: Callable[[_Contents], Any]) -> Any:
        """One change, kept on the disk before it counts."""

        def make() -> tuple[Any, _Contents]:
            with self._locked():
                self._look()
                now = time.time()
                contents = replace(
                    self._contents,
                    records={
                        name: record
                        for name, record in self._contents.records.items()
                        if record.lives(now - KEPT_SECONDS)
                    },
                )
                result = change(contents)
                contents.version = max(contents.version, self._floor) + 1
                self._write(contents)
                return result, contents

        try:
            result, contents = await self._call(make)
        except StorageSilent as error:
            error.unsettled = True
            raise
        self._save_floor(contents.version)
        return result

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the file. One that is not given back is replaced: code of a site can
        hold it, too, and must not keep its own credential from being revoked.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(on_disk(self._sites, FOLDER, LOCK_SECONDS))
            except Crowded:
                log.warning("the lock of the credentials was not given back, and is replaced")
                with contextlib.suppress(FileNotFoundError):
                    lock_path(self._sites, FOLDER).rename(trash_name(self._sites))
                stack.enter_context(on_disk(self._sites, FOLDER, LOCK_SECONDS))
            yield

    def _look(self) -> None:
        """Take in what another task has written, or an earlier control plane."""
        try:
            status = self._file.stat(follow_symlinks=False)
        except OSError as error:
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                raise
            return
        mark = (status.st_ino, status.st_mtime_ns, status.st_size)
        if mark == self._known:
            return
        before = self._contents
        found = self._verified(read_record(self._file, MAX_BYTES + 1) or b"")
        with self._taking:
            self._known = mark
            if found is not None and found.version >= max(self._floor, self._contents.version):
                self._contents, self._floor = found, found.version
                return
            overtaken = self._contents is not before  # by another thread, while this one read
        if not overtaken:
            log.warning(
                "the file of credentials is not the last one that this service wrote, and is not"
                " used: credentials that were made through the API may have to be made again"
            )

    def _verified(self, text: bytes) -> _Contents | None:
        mac, _, body = text.partition(b"\n")
        if len(text) > MAX_BYTES or not any(
            hmac.compare_digest(mac, self._mac(key, body)) for key in self._keys
        ):
            return None
        try:
            return _Contents.parse(body)
        except (KeyError, TypeError, ValueError):
            return None

    def _write(self, contents: _Contents) -> None:
        body = contents.text()
        mac = self._mac(self._keys[0], body.encode()).decode()
        write_record(self._sites, self._file, f"{mac}\n{body}")
        status = self._file.stat(follow_symlinks=False)
        with self._taking:
            self._known = (status.st_ino, status.st_mtime_ns, status.st_size)
            self._contents, self._floor = contents, contents.version

    @staticmethod
    def _mac(key: bytes, body: bytes) -> bytes:
        return hmac.new(key, b"astro-live credentials\n" + body, "sha256").hexdigest().encode()
