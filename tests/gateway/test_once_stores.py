"""Where requests with an `Idempotency-Key` are kept: memory and table do the same (S26, S30)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import boto3
import pytest
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from container.gateway.credentials.model import ENVIRONMENT, Caller, Scope
from container.gateway.links import Busy
from container.gateway.once import limit
from container.gateway.once.dynamo import TableStore
from container.gateway.once.limit import KeyLimit, TooManyKeys
from container.gateway.once.model import (
    KEPT_SECONDS,
    MOST_ANSWER_BYTES,
    Answer,
    Entry,
    Slip,
    State,
)
from container.gateway.once.store import NOTE, MemoryStore, Notes, OnceStore
from container.gateway.ownership.dynamo import DynamoStore
from container.gateway.ownership.model import BadItem, StoreUnavailable
from container.gateway.ownership.service import Unowned
from contract.messages.supervisor import Entry as Remembered
from tests.gateway.table import dynamodb, table

__all__ = ["dynamodb", "table"]

ONCE = {"total_max_attempts": 1}
Make = Callable[..., OnceStore]


@pytest.fixture(params=["memory", "table"])
def make_store(request: pytest.FixtureRequest) -> Make:
    """What makes a store as each task has one, on the same requests."""
    if request.param == "memory":
        only = MemoryStore()

        def same(clock: Callable[[], float] = time.time) -> OnceStore:
            only._clock = clock
            return only

        return same
    name, options = request.getfixturevalue("table"), request.getfixturevalue("dynamodb")
    patient = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **options)
    return lambda **more: TableStore(name, DynamoStore(name, patient), **more)


def entry(slip: Slip, number: int = 0, **values: Any) -> Entry:
    now = int(time.time())
    return Entry(
        **{
            "id": slip.id, "print": slip.print, "claim": f"{number:016x}", "task": "t", "run": "r",
            "state": State.RUNNING, "status": 0, "begun_at": now, "expires_at": now + 60, **values,
        }
    )  # fmt: skip


def slip(
    key: str = "key", *, credential: str = "secret", path: str = "/a", body: bytes = b""
) -> Slip:
    return Slip.of(credential, key, "POST", path, body)


async def test_the_first_begins_and_the_others_see_it(make_store: Make) -> None:
    """Also those that come at the same moment, from another task."""
    one, two = make_store(), make_store()
    entries = [entry(slip(), number) for number in range(8)]
    found = await asyncio.gather(
        *((one, two)[number % 2].begin(each) for number, each in enumerate(entries))
    )
    (won,) = {each.claim for each in found}
    assert len([each for each in entries if each.claim == won]) == 1
    assert {each.claim for each in found} == {won}


async def test_an_answer_is_kept_as_it_is(make_store: Make) -> None:
    """With every member, and only by who runs the request."""
    one, two, mine = make_store(), make_store(), slip()
    begun = await one.begin(entry(mine))
    answer = Answer(status=201, headers={"ETag": '"é"'}, body=bytes(range(256)))
    done = replace(begun, state=State.DONE, status=201, answer=mine.seal(answer))
    await two.end(replace(done, claim="f" * 16))
    assert (await two.begin(entry(mine, 2))).state is State.RUNNING
    await one.end(done)
    found = await two.begin(entry(mine, 3))
    assert found == done == await two.find(mine.id)
    assert await two.find(slip("other").id) is None
    assert mine.opened(found.answer) == answer


async def test_what_came_to_nothing_begins_again(make_store: Make) -> None:
    here, mine = make_store(), slip()
    first = await here.begin(entry(mine, 1))
    await here.drop(replace(first, claim="f" * 16))
    assert (await here.begin(entry(mine, 2))).claim == first.claim
    await here.drop(first)
    assert (await here.begin(entry(mine, 2))).claim == entry(mine, 2).claim


async def test_an_expired_request_is_none(make_store: Make) -> None:
    """Also before DynamoDB deletes it, which may take days."""
    now = time.time()
    mine = slip()
    await make_store().begin(entry(mine, 1, expires_at=int(now) + 60))
    later = make_store(clock=lambda: now + 61)
    assert (await later.begin(entry(mine, 2, expires_at=int(now) + 120))).claim.endswith("2")


async def test_a_lost_request_is_replaced_by_one_only(make_store: Make) -> None:
    """Of those that have seen it lost at the same moment."""
    here, mine = make_store(), slip()
    lost = await here.begin(entry(mine, 1))
    found = await asyncio.gather(*(here.begin(entry(mine, n), lost) for n in (2, 3, 4)))
    assert len({each.claim for each in found}) == 1
    assert found[0].claim != lost.claim


async def test_one_that_has_been_carried_out_meanwhile_is_not_replaced(make_store: Make) -> None:
    """It was read while it ran, and taken for lost when nobody ran it any more."""
    here, mine = make_store(), slip()
    begun = await here.begin(entry(mine, 1))
    done = replace(begun, state=State.DONE, status=201)
    await here.end(done)
    assert await here.begin(entry(mine, 2), begun) == done
    lost = replace(entry(slip("other"), 3), state=State.LOST)
    await here.end(await here.begin(lost))
    assert (await here.begin(entry(slip("other"), 4), lost)).claim.endswith("4")


async def test_a_damaged_item_is_no_answer(table: str, dynamodb: dict[str, Any]) -> None:
    """The request is not carried out on the strength of it."""
    client = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **dynamodb)
    store, mine = TableStore(table, DynamoStore(table, client)), slip()
    key = {"pk": {"S": f"once#{mine.id}"}, "sk": {"S": "answer"}}
    client.put_item(TableName=table, Item={**key, "state": {"S": "done"}})
    with pytest.raises(BadItem):
        await store.begin(entry(mine))


async def test_nothing_of_a_request_can_be_read_in_the_table(
    table: str, dynamodb: dict[str, Any]
) -> None:
    """Neither the credential, the key, the path, the body nor the answer."""
    client = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **dynamodb)
    store = TableStore(table, DynamoStore(table, client))
    mine = slip("the-key", credential="al_credential", path="/the-path", body=b"the-body")
    begun = await store.begin(entry(mine))
    answer = Answer(status=201, headers={"X": "y"}, body=b'{"secret": "the-answer"}')
    await store.end(replace(begun, state=State.DONE, status=201, answer=mine.seal(answer)))
    text = repr(client.scan(TableName=table)["Items"])
    for word in ("al_credential", "the-key", "the-path", "the-body", "the-answer", "secret"):
        assert word not in text


# One request and another


def test_another_request_is_another_one() -> None:
    """By credential, key, method and path; a body tells it from another with the same key."""
    mine = slip()
    others = [
        slip("other"), slip(credential="other"), slip(path="/b"), Slip.of("secret", "key", "PATCH", "/a", b""),
    ]  # fmt: skip
    assert len({each.id for each in (mine, *others)}) == 5
    assert (slip().id, slip().print) == (mine.id, mine.print)
    body = slip(body=b"x")
    assert (body.id, body.print != mine.print) == (mine.id, True)
    answer = mine.seal(Answer(status=200, headers={}, body=b"x"))
    assert mine.opened(answer) is not None
    for each in (*others, body):
        assert each.opened(answer) is None
    for damaged in (b"", answer[:-1], answer[:20], b"\0" * len(answer)):
        assert mine.opened(damaged) is None


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    """By its compressed size, the largest that is kept included."""
    import os

    mine = slip()
    assert mine.seal(Answer(status=200, headers={}, body=os.urandom(MOST_ANSWER_BYTES))) == b""
    text = mine.seal(Answer(status=200, headers={}, body=b"a" * 10_000_000))
    assert 0 < len(text) < MOST_ANSWER_BYTES
    fits = mine.seal(Answer(status=200, headers={}, body=os.urandom(MOST_ANSWER_BYTES - 1024)))
    assert MOST_ANSWER_BYTES - 1024 < len(fits) < 400 * 1000, "an item of DynamoDB"


async def test_memory_keeps_a_bounded_number_of_bytes() -> None:
    """The oldest answers go first; that they were given stays known."""
    store = MemoryStore(most_bytes=2500)
    slips = [slip(str(number)) for number in range(4)]
    for number, each in enumerate(slips):
        begun = await store.begin(entry(each, number))
        await store.end(replace(begun, state=State.DONE, status=200, answer=bytes(1000)))
    kept = [await store.begin(entry(each, 9)) for each in slips]
    assert [len(each.answer) for each in kept] == [0, 0, 1000, 1000]
    assert {each.state for each in kept} == {State.DONE}
    full = MemoryStore(most_entries=1)
    await full.begin(entry(slips[0]))
    with pytest.raises(Exception, match="are kept already"):
        await full.begin(entry(slips[1]))


async def test_memory_that_is_full_forgets_what_was_answered_long_ago() -> None:
    """And nothing of the last hour, and nothing that runs: callers are not refused for a day."""
    supervisor: Any = Supervisor()
    clock = SimpleNamespace(now=1_000_000.0)
    store = MemoryStore(Notes(supervisor), most_entries=3, clock=lambda: clock.now)

    def new(key: str, number: int) -> Entry:
        return entry(slip(key), number, expires_at=int(clock.now) + KEPT_SECONDS)

    await store.begin(new("runs", 1))
    for number, key in enumerate(("first", "second"), 2):
        begun = await store.begin(new(key, number))
        await store.end(replace(begun, state=State.DONE, status=200))
    clock.now += 3599
    with pytest.raises(Busy, match="last hour"):
        await store.begin(new("next", 4))
    clock.now += 1
    assert (await store.begin(new("next", 4))).claim == new("next", 4).claim
    assert NOTE + slip("first").id not in supervisor.memory
    assert (await store.begin(new("second", 5))).state is State.DONE
    assert (await store.begin(new("runs", 5))).claim == new("runs", 1).claim


class Supervisor:
    """What a supervisor keeps for the next control plane."""

    def __init__(self) -> None:
        self.memory: dict[str, Remembered] = {}

    def remember(self, key: str, value: str = "", *, until: int | None = None) -> None:
        self.memory[key] = Remembered(key=key, value=value, until=until)

    def forget(self, key: str) -> None:
        self.memory.pop(key, None)


async def test_a_table_that_is_away_leaves_no_notes() -> None:
    """Clients ask again and again, each time with another claim; nothing is carried out."""
    supervisor: Any = Supervisor()
    away: Any = SimpleNamespace(
        client=SimpleNamespace(put_item=None), call=AsyncMock(side_effect=StoreUnavailable("away"))
    )
    store = TableStore("t", away, Notes(supervisor))
    for number in range(3):
        with pytest.raises(Unowned):
            await store.begin(entry(slip("a"), number))
    assert away.call.await_count == 3
    assert supervisor.memory == {}


@pytest.mark.parametrize("kind", ["memory", "table"])
async def test_the_next_control_plane_knows_what_was_under_way(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """In memory also what was done, without its answer; the table has that."""
    supervisor: Any = Supervisor()

    def make() -> OnceStore:
        notes = Notes(supervisor)
        if kind == "memory":
            return MemoryStore(notes)
        name, options = request.getfixturevalue("table"), request.getfixturevalue("dynamodb")
        client = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **options)
        return TableStore(name, DynamoStore(name, client), notes)

    before = make()
    running, done, gone = [await before.begin(entry(slip(key), 1)) for key in ("a", "b", "c")]
    await before.begin(entry(slip("a"), 2))  # a second one takes no note of the first away
    await before.end(replace(done, state=State.DONE, status=201, answer=b"sealed"))
    await before.drop(gone)
    after = make()
    await after.recover()
    assert (await after.begin(entry(slip("a"), 3))).state is State.LOST
    found = await after.begin(entry(slip("b"), 3))
    assert (found.state, found.status, found.answer) == (
        State.DONE, 201, b"sealed" if kind == "table" else b"",
    )  # fmt: skip
    assert (await after.begin(entry(slip("c"), 3))).state is State.RUNNING
    assert running.print == slip("a").print
    assert all(len(key) <= 100 for key in supervisor.memory), "what the supervisor takes"
    assert all(key.startswith(NOTE) for key in supervisor.memory)


def test_the_keys_of_a_credential_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an hour; another credential has its own number, the service's a larger one."""
    monkeypatch.setattr(limit, "MOST_OF_SESSIONS", 3)
    monkeypatch.setattr(limit, "MOST_OF_SERVICE", 5)
    clock = SimpleNamespace(now=0.0)
    keys = KeyLimit(lambda: clock.now)
    one, two = (
        Caller(id=name, name="", scopes=frozenset({Scope.WRITE})) for name in ("one", "two")
    )
    for caller, most in ((one, 3), (two, 3), (ENVIRONMENT, 5)):
        for _ in range(most):
            keys.check(caller)
            keys.count(caller)
        with pytest.raises(TooManyKeys, match=f"sent {most} requests"):
            keys.check(caller)
    clock.now = limit.WINDOW_SECONDS
    keys.check(one)


SENT = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 600)), min_size=1, max_size=120)


@given(SENT)
@settings(max_examples=60, deadline=None)
def test_no_credential_pushes_out_the_answers_of_another(sent: list[tuple[str, int]]) -> None:
    """Who has no more than an equal part of the memory loses nothing; others lose their oldest."""
    most = 4000

    async def play() -> None:
        store, told = MemoryStore(most_bytes=most), dict[str, list[Entry]]()
        for number, (owner, size) in enumerate(sent):
            made = entry(slip(f"k{number}"), number, owner=owner)
            await store.begin(made)
            done = replace(made, state=State.DONE, status=200, answer=bytes(size))
            await store.end(done)
            told.setdefault(owner, []).append(done)
            kept = {
                name: [bool(found.answer) for each in those if (found := await store.find(each.id))]
                for name, those in told.items()
            }
            total = 0
            for name, those in told.items():
                assert len(kept[name]) == len(those)
                assert kept[name] == sorted(kept[name]), "the oldest go first"
                total += sum(
                    len(each.answer)
                    for each, is_there in zip(those, kept[name], strict=True)
                    if is_there
                )
                if sum(len(each.answer) for each in those) <= most // len(set(dict(sent))):
                    assert all(kept[name])
            assert total <= most

    asyncio.run(play())


async def test_no_credential_has_the_requests_of_another_forgotten() -> None:
    """Beyond the number that is kept, the one with the most makes room."""
    clock = SimpleNamespace(now=1_000_000)
    store = MemoryStore(most_entries=10, clock=lambda: clock.now)
    few = entry(slip("few"), owner="few", expires_at=clock.now + KEPT_SECONDS)
    await store.begin(few)
    await store.end(replace(few, state=State.DONE, status=200))
    clock.now += 4000
    for number in range(30):
        each = entry(slip(f"m{number}"), number, owner="many", expires_at=clock.now + KEPT_SECONDS)
        await store.begin(each)
        await store.end(replace(each, state=State.DONE, status=200))
        clock.now += 400
        assert await store.find(few.id), number
