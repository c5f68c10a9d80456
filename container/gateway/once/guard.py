"""Around the handlers of the API: a request with an `Idempotency-Key` is carried out once.

The task that carries a request out is the one that keeps it: for a session its owner, after the
request was forwarded. So the client, and the task that it has asked, may go away in the middle, and
a session may move between two attempts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Protocol, TypeVar

from aiohttp import web

from ..access import CALLER, CREDENTIAL, operation_of
from ..bodies import MAX_BODY_BYTES, body_bytes
from ..codes import Code
from ..errors import BadRequest, Conflict, SessionError
from ..openapi import document
from ..openapi_parts import KEY_NAME, KEY_PATTERN, KEY_REFERENCE
from ..ownership.model import BadItem
from ..problems import CODE
from .limit import KeyLimit, TooManyKeys
from .model import KEPT_SECONDS, LEFT_OUT, RUN_SECONDS, Answer, Entry, Slip, State
from .store import OnceStore

REPLAYED: Final = "Idempotent-Replayed"
"""In an answer that was given before, as Stripe's API has it."""
PRECONDITIONS: Final = ("If-Match", "If-None-Match")
LARGE: Final = frozenset({"changeFiles", "editFile"})
"""Operations whose body may be as large as a file."""
STREAMED: Final = frozenset({"uploadArchive"})
"""Operations whose body is not read before it is used: its length stands for it."""
SAFE_AGAIN: Final = frozenset({"createSession"})
"""Operations that are carried out again when it is not known whether they were: the session has
the name that the client gave, so there is one in any case.
"""
PASSING: Final = frozenset({408, 413, 421, 429})
"""Refusals, besides those from 500 on, that are not kept: the same request may be taken later."""
PAUSES: Final = (0.5, 2.0, 8.0, 30.0)
"""Seconds before the end of a request is written again, when the store did not take it."""
_KEY: Final = re.compile(KEY_PATTERN)

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal = Callable[[Exception, web.Request], web.Response | None]


class Place(Protocol):
    """Which task this is, and which others run (`Ownership`)."""

    @property
    def me(self) -> tuple[str, str]:
        """Id and run of this task."""

    async def runs(self, task: str, run: str, /) -> bool:
        """Whether a run of another task goes on, as far as is known."""


class KeyInProgress(Conflict):
    code = Code.KEY_IN_PROGRESS

    def __init__(self) -> None:
        super().__init__(
            "the first request with this Idempotency-Key has not ended yet. Send the request again"
            " in a moment"
        )


class KeyReused(SessionError):
    code = Code.KEY_REUSED

    def __init__(self) -> None:
        super().__init__(
            "another request with this Idempotency-Key was sent to this path: its query, body or"
            " preconditions were not the same. Send a new key with a new request"
        )


class OutcomeUnknown(Conflict):
    code = Code.OUTCOME_UNKNOWN

    def __init__(self) -> None:
        super().__init__(
            "the first request with this Idempotency-Key was interrupted, and may have been carried"
            " out. Read the current state; if the change is not there, send the request with a new"
            " key"
        )


class AnswerNotKept(Conflict):
    code = Code.ANSWER_NOT_KEPT

    def __init__(self, status: int) -> None:
        super().__init__(
            f"the first request with this Idempotency-Key was answered with {status}, and the rest"
            " of its answer is not kept. Read the current state"
        )
        self.details = {"first_status": status}


@cache
def keyed() -> frozenset[str]:
    """Names of the operations that take a key, by the description."""
    return frozenset(
        operation["operationId"]
        for described in document()["paths"].values()
        for method, operation in described.items()
        if method != "parameters" and KEY_REFERENCE in operation.get("parameters", [])
    )


def key_of(request: web.Request) -> str | None:
    """The key, without its quotes; None when there is none. `BadRequest` for one that cannot be."""
    values = request.headers.getall(KEY_NAME, [])
    if not values:
        return None
    value = values[0].strip(" \t")
    if len(values) > 1 or not _KEY.fullmatch(value):
        raise BadRequest(
            f"{KEY_NAME} is {', '.join(values)[:40]!r}; allowed is one of 1 to 128 letters, digits"
            " and ._:~+/=@-, with or without quotes, such as a UUID"
        )
    return value.strip('"')


@dataclass(frozen=True)
class _Attempt:
    """A request of which this task has to say how it ends."""

    slip: Slip
    entry: Entry


class Once:
    """All requests of this task."""

    def __init__(
        self,
        store: OnceStore,
        place: Place,
        refusal: Refusal,
        *,
        seconds: float,
        largest: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`refusal` is the answer for an error of a handler, None for one that is not the API's;
        `seconds` is the time for a body to arrive, `largest` the bytes of one that has files.
        """
        self._store = store
        self._place = place
        self._refusal = refusal
        self._seconds = seconds
        self._largest = largest
        self._clock = clock
        self._limit = KeyLimit()
        self._running: set[str] = set()
        """Claims of this process."""
        self._later: set[asyncio.Task[None]] = set()

    async def lifetime(self, _application: web.Application) -> AsyncIterator[None]:
        """For `cleanup_ctx`. A store that does not answer keeps nobody from starting."""
        try:
            await self._store.recover()
        except SessionError as error:
            log.warning("requests that were under way are not marked yet: %s", error)
            self._keep(asyncio.create_task(self._recover_later()))
        yield
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's answer, or the one that it gave to the same request before."""
        name, _ = operation_of(request)
        if name not in keyed() or (key := key_of(request)) is None:
            return await handler(request)
        limit = self._largest if name in LARGE else MAX_BODY_BYTES
        body = b""
        if name not in STREAMED:
            body = await body_bytes(request, self._seconds, limit)
            if len(body) > limit:  # the handler refuses it
                return await handler(request)
        others = _others(request, streamed=name in STREAMED)
        slip = await _by_size(
            len(body),
            lambda: Slip.of(
                request[CREDENTIAL], key, request.method, request.path, others + b"\n" + body
            ),
        )
        found = await self._begin(request, slip, again=name in SAFE_AGAIN)
        if isinstance(found, web.Response):
            return found
        try:
            return await self._carry_out(request, handler, found, read=name not in STREAMED)
        finally:
            if not self._later_ends(found):
                self._running.discard(found.entry.claim)

    async def _begin(
        self, request: web.Request, slip: Slip, *, again: bool
    ) -> _Attempt | web.Response:
        """What this task has to carry out, or the answer that was given already."""
        now, (task, run) = int(self._clock()), self._place.me
        caller = request[CALLER]
        try:
            self._limit.check(caller)
        except TooManyKeys:  # answers are given again all the same, and nothing is written
            if (kept := await self._found(slip.id)) is None or kept.expires_at <= now:
                raise
            return await self._again(slip, kept)
        entry = Entry(
            id=slip.id,
            print=slip.print,
            claim=secrets.token_hex(8),
            task=task,
            run=run,
            state=State.RUNNING,
            status=0,
            begun_at=now,
            expires_at=now + KEPT_SECONDS,
            owner=caller.id,
        )
        self._running.add(entry.claim)
        mine = False
        try:
            found = await self._claimed(entry)
            other = found.claim != entry.claim
            if other and again and found.print == slip.print and await self._is_lost(found):
                found = await self._claimed(entry, found)
            mine = found.claim == entry.claim
        finally:
            if not mine:
                self._running.discard(entry.claim)
        if not mine:
            return await self._again(slip, found)
        self._limit.count(caller)
        return _Attempt(slip, entry)

    async def _found(self, identifier: str) -> Entry | None:
        try:
            return await self._store.find(identifier)
        except BadItem as problem:
            log.warning("%s", problem)
            raise OutcomeUnknown from problem

    async def _claimed(self, entry: Entry, instead_of: Entry | None = None) -> Entry:
        try:
            return await self._store.begin(entry, instead_of)
        except BadItem as problem:
            log.warning("%s", problem)
            raise OutcomeUnknown from problem
        except SessionError:
            # It may have been written all the same, and nothing was carried out.
            self._in_a_moment(_Attempt(Slip(entry.id, entry.print, b""), entry), self._store.drop)
            raise

    async def _again(self, slip: Slip, found: Entry) -> web.Response:
        """The answer to a request that is not the first with its key."""
        if found.print != slip.print:
            raise KeyReused
        if found.state is State.DONE:
            if (answer := slip.opened(found.answer)) is None:
                raise AnswerNotKept(found.status)
            response = web.Response(
                status=answer.status,
                body=answer.body,
                headers={**answer.headers, REPLAYED: "true"},
            )
            if answer.status >= 400:
                response[CODE] = _code_in(answer.body)
            return response
        if await self._is_lost(found):
            # Or it has ended since it was read: who ends one stops running it after that is kept.
            latest = await self._found(slip.id)
            if latest is not None and latest.claim == found.claim:
                if latest.state is State.DONE:
                    return await self._again(slip, latest)
                raise OutcomeUnknown
        raise KeyInProgress

    async def _is_lost(self, found: Entry) -> bool:
        """Whether nobody runs the request any more."""
        if found.state is not State.RUNNING:
            return found.state is State.LOST
        if found.claim in self._running:
            return False
        task, _ = self._place.me
        if found.task == task:
            return True
        if self._clock() - found.begun_at > RUN_SECONDS:
            return True
        return not await self._place.runs(found.task, found.run)

    async def _carry_out(
        self, request: web.Request, handler: Handler, attempt: _Attempt, *, read: bool
    ) -> web.StreamResponse:
        """`read`: the body has arrived already."""
        try:
            response = await handler(request)
        except Exception as error:
            refusal = self._refusal(error, request)
            if refusal is not None and _is_kept(refusal.status):
                await self._ended(attempt, refusal)
                return refusal
            # What nobody raises on purpose may come after the change, or with a body's connection.
            await self._came_to_nothing(attempt, error, doubtful=refusal is None and read)
            raise
        if isinstance(response, web.Response) and _is_kept(response.status):
            await self._ended(attempt, response)
        else:
            await self._settle(attempt, self._store.drop)
        return response

    async def _ended(self, attempt: _Attempt, response: web.Response) -> None:
        headers = {
            name: value for name, value in response.headers.items() if name.lower() not in LEFT_OUT
        }
        body = response.body
        answer = Answer(
            status=response.status,
            headers=headers,
            body=bytes(body) if isinstance(body, bytes | bytearray) else b"",
        )
        sealed = await _by_size(len(answer.body), lambda: attempt.slip.seal(answer))
        entry = replace(attempt.entry, state=State.DONE, status=response.status, answer=sealed)
        await self._settle(_Attempt(attempt.slip, entry), self._store.end)

    async def _came_to_nothing(
        self, attempt: _Attempt, error: Exception, *, doubtful: bool
    ) -> None:
        """The same request may be sent again, unless it may have been carried out all the same."""
        if doubtful or (isinstance(error, SessionError) and error.unsettled):
            lost = replace(attempt.entry, state=State.LOST)
            await self._settle(_Attempt(attempt.slip, lost), self._store.end)
        else:
            await self._settle(attempt, self._store.drop)

    async def _settle(self, attempt: _Attempt, write: Callable[[Entry], Awaitable[None]]) -> None:
        """Write how the request ended; the client gets its answer also where that fails."""
        try:
            await write(attempt.entry)
        except SessionError as error:
            log.warning("the end of a request with a key is not kept yet: %s", error)
            self._in_a_moment(attempt, write)

    def _in_a_moment(self, attempt: _Attempt, write: Callable[[Entry], Awaitable[None]]) -> None:
        name = attempt.entry.claim
        self._keep(asyncio.create_task(self._write_again(attempt, write), name=name))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _recover_later(self) -> None:
        for seconds in PAUSES:
            await asyncio.sleep(seconds)
            with contextlib.suppress(SessionError):
                await self._store.recover()
                return

    async def _write_again(
        self, attempt: _Attempt, write: Callable[[Entry], Awaitable[None]]
    ) -> None:
        """Others are told meanwhile that the request has not ended."""
        self._running.add(attempt.entry.claim)
        try:
            for seconds in PAUSES:
                await asyncio.sleep(seconds)
                with contextlib.suppress(SessionError):
                    await write(attempt.entry)
                    return
        finally:
            self._running.discard(attempt.entry.claim)

    def _later_ends(self, attempt: _Attempt) -> bool:
        return any(task.get_name() == attempt.entry.claim for task in self._later)


def _is_kept(status: int) -> bool:
    return status < 500 and status not in PASSING


async def _by_size(size: int, work: Callable[[], Result]) -> Result:
    """In a thread, where it takes longer than the event loop may be held up."""
    return work() if size <= MAX_BODY_BYTES else await asyncio.to_thread(work)


def _others(request: web.Request, *, streamed: bool) -> bytes:
    """What makes another request of it, beside the body."""
    conditions = (", ".join(request.headers.getall(name, [])) for name in PRECONDITIONS)
    parts = [request.query_string, *conditions]
    if streamed:
        parts.append(request.headers.get("Content-Length", ""))
    return json.dumps(parts).encode()


def _code_in(body: bytes) -> str:
    """Of a problem, for the audit log."""
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(body).get("code", ""))
    return ""
