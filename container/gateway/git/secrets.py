"""Credentials for remotes from secrets that the stack allows (`gitSecretNames`).

A secret is read when a call names it, and kept in this process's memory for a minute: so a rotation
needs no deployment, and no environment and no disk of a task has a value
(docs/adr/0025-git-without-its-configuration.md).
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from yarl import URL

from contract.git_secrets import FILE, GitSecret, parse

from ..codes import Code
from ..credentials.model import Caller
from ..errors import SessionError
from ..records import read_record
from .remote import Credential, place_of

KEPT_SECONDS: Final = 60.0
READ_SECONDS: Final = 15.0
CALL_SECONDS: Final = 4.0
"""For one attempt to ask Secrets Manager; it is tried three times."""
LONGEST: Final = 8000
"""Characters of a user name or password."""
MOST_SECRET_BYTES: Final = 65536
"""Of a secret (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html)."""
DEFAULT_USER: Final = "x-access-token"
REASONS: Final = {
    "ResourceNotFoundException": "it does not exist",
    "AccessDeniedException": "the task may not read it, or not use its key (gitSecretKeyArns)",
    "DecryptionFailure": "its key cannot be used",
    "InvalidRequestException": "it is marked for deletion, or has no current value",
    "ThrottlingException": "AWS has too many requests at this moment",
    "ExpiredTokenException": "the task's own credentials have expired",
}
"""By AWS's code (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html)."""

log = logging.getLogger(__name__)


class GitSecretUnavailable(SessionError):
    """The secret cannot be read, or is not one that a remote can be sent."""

    code = Code.GIT_SECRET


class GitSecretNotAllowed(SessionError):
    """The caller may not use a secret of this name, or not for this address."""

    code = Code.GIT_SECRET_NOT_ALLOWED


class Unreadable(Exception):
    """Why a source has no value; for callers, so without ARNs and paths."""


Read = Callable[[str], str]
"""The text of a source. Blocks; raises `Unreadable`."""


class GitSecrets:
    """The secrets of the settings, read when they are needed."""

    def __init__(
        self,
        entries: Sequence[str],
        read: Read | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = [parse(entry) for entry in entries]
        self._read = read or read_source
        self._clock = clock
        self._kept: dict[str, tuple[float, Credential]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    @property
    def names(self) -> list[str]:
        return sorted({each.name for each in self._entries})

    def check(self, name: str, url: URL, caller: Caller) -> None:
        """Raise unless the caller may have the secret sent to the remote. A credential of sessions
        is not told which others there are.
        """
        known = [each for each in self._entries if each.name == name]
        if not caller.may_use(name) or not known:
            allowed = self.names if caller.is_service else sorted(caller.git_secrets)
            raise GitSecretNotAllowed(
                f"the secret is {name[:40]!r}; this credential may name"
                f" {', '.join(allowed) or 'none'}. The stack's gitSecretNames and the credential's"
                " git_secrets say which"
            )
        if not any(_covers(each, url) for each in known):
            places = ", ".join(each.address for each in known)
            raise GitSecretNotAllowed(
                f"the secret {name!r} is for {places[:500]}, and the remote is at"
                f" {place_of(url)}{url.path[:200]}. Nothing was sent"
            )

    async def credential(self, name: str, url: URL) -> Credential:
        """For a remote that was checked. Raises `GitSecretUnavailable`."""
        known = [each for each in self._entries if each.name == name]
        source = known[0].source
        kept = self._kept.get(source)
        if kept is None or self._clock() - kept[0] > KEPT_SECONDS:
            kept = await self._fetched(name, source, after=kept[0] if kept else float("-inf"))
        found = kept[1]

        async def renew() -> Credential | None:
            """What the secret is now, if that is something else."""
            read = (await self._fetched(name, source, after=kept[0]))[1]
            same = (read.username, read.password) == (found.username, found.password)
            return None if same else made(read, None)

        def made(read: Credential, again: Any) -> Credential:
            return Credential(
                host=place_of(url),
                username=read.username,
                password=read.password,
                secret=name,
                covers=lambda target: any(_covers(each, target) for each in known),
                renew=again,
            )

        return made(found, renew)

    async def _fetched(self, name: str, source: str, after: float) -> tuple[float, Credential]:
        """Read again, unless somebody has done so since `after`."""
        async with self._turns.setdefault(source, asyncio.Lock()):
            kept = self._kept.get(source)
            if kept is not None and kept[0] > after:
                return kept
            self._kept.pop(source, None)
            began = self._clock()
            try:
                async with asyncio.timeout(READ_SECONDS):
                    text = await asyncio.to_thread(self._read, source)
                found = parsed(text)
            except TimeoutError:
                reason = "it cannot be read in time"
            except Unreadable as error:
                reason = str(error)
            else:
                self._kept[source] = (began, found)
                return began, found
        log.warning("the secret %r of gitSecretNames cannot be used: %s", name, reason)
        raise GitSecretUnavailable(
            f"the secret {name!r} cannot be used now: {reason}. Nothing was sent to the remote"
        )


def _covers(secret: GitSecret, url: URL) -> bool:
    """By the host as it is asked for: entries have names of other scripts in that form (xn--…)."""
    place = url.raw_host or ""
    if not url.is_default_port():
        place = f"{place}:{url.port}"
    return secret.covers(url.scheme, place, url.raw_path)


def parsed(text: str) -> Credential:
    """A token, or JSON with `username` and `password`. Raises `Unreadable`, which repeats nothing
    of it.
    """
    text = text.removeprefix("\ufeff").strip()  # as editors and shells leave it
    username, password = DEFAULT_USER, text
    if text.lstrip().startswith("{"):
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise Unreadable("it begins with { and is not valid JSON") from None
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            raise Unreadable('it is JSON without the texts "username" and "password"')
    if not text.strip() or not password:
        raise Unreadable("it is empty")
    if len(password) > LONGEST or len(username) > LONGEST:
        raise Unreadable(f"it is longer than {LONGEST} characters")
    if not username or ":" in username or re.search(r"[\x00-\x1f\x7f]", username + password):
        raise Unreadable(
            "it has control characters, or a user name that is empty or has a colon in it"
        )
    try:
        (username + password).encode()
    except UnicodeEncodeError:
        raise Unreadable("it is not valid Unicode") from None
    return Credential(host="", username=username, password=password)


def read_source(source: str) -> str:
    """From a file, or from Secrets Manager. Blocks; raises `Unreadable`."""
    return _file(source.removeprefix(FILE)) if source.startswith(FILE) else _secret(source)


def _file(path: str) -> str:
    try:
        data = read_record(Path(path), MOST_SECRET_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"its file cannot be read ({error.strerror})") from None
    if data is None:
        raise Unreadable("its file does not exist, or is not a plain file")
    if len(data) > MOST_SECRET_BYTES:
        raise Unreadable(f"its file is larger than {MOST_SECRET_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unreadable("its file is binary, not text") from None


def _secret(arn: str) -> str:
    # Imported here: a task without such secrets pays neither the time nor the memory of AWS's
    # library.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(
        connect_timeout=CALL_SECONDS,
        read_timeout=CALL_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    try:
        # Made for each reading, once a minute at most: a client's credentials may be old by then.
        client = boto3.client("secretsmanager", region_name=arn.split(":")[3], config=config)
        answer = client.get_secret_value(SecretId=arn)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))[:80]
        raise Unreadable(REASONS.get(code, f"AWS answers {code}")) from None
    except BotoCoreError as error:
        raise Unreadable(f"Secrets Manager cannot be reached ({type(error).__name__})") from None
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise Unreadable("it is binary, not text")
    return text
