"""What is kept of a request that has an `Idempotency-Key`
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).

Everything is derived from the credential and the key that the client sent, which are kept nowhere:
the id under which the request is found, the print by which another request is told from it, and the
key that seals the answer. So a credential never meets the requests of another one, and who reads
the table learns neither what was asked nor a secret of an answer (sign-in links, credentials).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..ownership.model import FORMAT, READABLE, TASK_ID, BadItem, check_format, counter

KEPT_SECONDS: Final = 86400
RUN_SECONDS: Final = 3600
"""A request that has not ended after so long never will."""
MOST_ANSWER_BYTES: Final = 96 * 1024
"""Sealed. DynamoDB's items have 400 KB at most, and each KB of one costs a write."""
NONCE_BYTES: Final = 12
LEFT_OUT: Final = frozenset({"content-length", "transfer-encoding", "date", "server", "connection"})
"""Headers that an answer gets when it is sent."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_PRINT: Final = re.compile(r"[0-9a-f]{64}")
_CLAIM: Final = re.compile(r"[0-9a-f]{16}")


class State(StrEnum):
    """Of a request."""

    RUNNING = "running"
    DONE = "done"
    LOST = "lost"
    """Whether it was carried out is not known."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is kept of one request."""

    id: str
    print: str
    claim: str
    """Random for each attempt: who runs it is the only one to say how it ended."""
    task: str
    """Id of the task that runs it; empty in a service with one task."""
    run: str
    """Of that task."""
    state: State
    status: int
    """Of the answer; 0 before there is one."""
    begun_at: int
    """Unix time."""
    expires_at: int
    """Unix time."""
    answer: bytes = b""
    """Sealed; empty when there is none, or it is not kept."""
    owner: str = ""
    """Id of the credential, for its share of a memory (`shares.py`). A table has room for all, and
    does not keep it.
    """

    def item(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "print": self.print,
            "claim": self.claim,
            "task": self.task,
            "run": self.run,
            "state": self.state.value,
            "status": self.status,
            "begun_at": self.begun_at,
            "expires_at": self.expires_at,
            "answer": self.answer,
            "format": FORMAT,
            "readable": READABLE,
        }

    @classmethod
    def parse(cls, identifier: str, item: Mapping[str, Any]) -> Entry:
        """Raises `BadItem` on anything that `item` would not write."""
        name = f"once#{identifier}"
        check_format(name, item)
        for member, form in (("print", _PRINT), ("claim", _CLAIM), ("state", None)):
            value = item.get(member)
            if not isinstance(value, str) or (form and not form.fullmatch(value)):
                raise BadItem(name, f"has no usable {member!r}")
        for member in ("task", "run"):
            value = item.get(member)
            if not isinstance(value, str) or (value and not TASK_ID.fullmatch(value)):
                raise BadItem(name, f"has no usable {member!r}")
        if item["state"] not in set(State):
            raise BadItem(name, "has no usable 'state'")
        answer = item.get("answer")
        if not isinstance(answer, bytes):
            raise BadItem(name, "has no usable 'answer' (bytes)")
        if not _ID.fullmatch(identifier):
            raise BadItem(name, "names no request")
        return cls(
            id=identifier,
            print=item["print"],
            claim=item["claim"],
            task=item["task"],
            run=item["run"],
            state=State(item["state"]),
            status=counter(name, item, "status"),
            begun_at=counter(name, item, "begun_at"),
            expires_at=counter(name, item, "expires_at"),
            answer=answer,
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Slip:
    """What stands for one request, and seals its answer."""

    id: str
    print: str
    _seal: bytes

    @classmethod
    def of(cls, credential: str, key: str, method: str, path: str, content: bytes) -> Slip:
        """`content` is all that makes another request of it: query, preconditions, body."""
        secret = hashlib.sha256(credential.encode("utf-8", "surrogateescape")).digest()
        derived = HKDF(
            algorithm=SHA256(),
            length=16 + 32 + 32,
            salt=None,
            info=f"astro-live once\n{method} {path}".encode("utf-8", "surrogateescape"),
        ).derive(secret + key.encode())
        return cls(
            derived[:16].hex(),
            hmac.digest(derived[16:48], content, "sha256").hex(),
            derived[48:],
        )

    def seal(self, answer: Answer) -> bytes:
        """The answer as it is kept; empty when it is too large for that."""
        head = json.dumps({"status": answer.status, "headers": answer.headers}).encode()
        text = zlib.compress(head + b"\n" + answer.body)
        if len(text) > MOST_ANSWER_BYTES:
            return b""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._seal).encrypt(nonce, text, self._about())

    def opened(self, sealed: bytes) -> Answer | None:
        """None for what was not sealed for this request."""
        try:
            text = AESGCM(self._seal).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._about()
            )
        except (InvalidTag, ValueError):
            return None
        head, _, body = zlib.decompress(text).partition(b"\n")
        found = json.loads(head)
        return Answer(status=found["status"], headers=found["headers"], body=body)

    def _about(self) -> bytes:
        return f"{self.id} {self.print}".encode()
