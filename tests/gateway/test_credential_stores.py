"""Where credentials are kept: the file and the table do the same (S30)."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from container.gateway.credentials import dynamo, store
from container.gateway.credentials.dynamo import TableStore
from container.gateway.credentials.keyring import FRESH_SECONDS, Keyring
from container.gateway.credentials.model import (
    KEPT_SECONDS,
    MOST_CREDENTIALS,
    Record,
    Scope,
    hash_of,
    id_of,
    is_ours,
    make_credential,
    make_id,
)
from container.gateway.credentials.store import CredentialStore, FileStore, TooManyCredentials
from container.gateway.errors import SessionError, StorageFull
from container.gateway.files.locks import lock_path
from container.gateway.ownership.dynamo import DynamoStore
from container.gateway.storage import Storage
from contract.ownership import CREDENTIALS, EDITION, PARTITION_KEY, SORT_KEY
from tests.gateway.table import dynamodb, table

__all__ = ["dynamodb", "table"]

MAC_KEY = b"k" * 32
ONCE = {"total_max_attempts": 1}


@pytest.fixture
def storage() -> Iterator[Storage]:
    made = Storage()
    yield made
    made.close()


def file_store(folder: Path, storage: Storage, **options: Any) -> FileStore:
    return FileStore(folder, storage, options.pop("keys", [MAC_KEY]), **options)


@pytest.fixture(params=["file", "table"])
def make_store(
    request: pytest.FixtureRequest, tmp_path: Path, storage: Storage
) -> Callable[[], CredentialStore]:
    """What makes a store as each task has one, on the same records."""
    if request.param == "file":
        return lambda: file_store(tmp_path, storage)
    name, options = request.getfixturevalue("table"), request.getfixturevalue("dynamodb")
    # A client with time: one that asks again after its own time is up is told by the stand-in that
    # its first request has been met already, where DynamoDB knows the request by its token.
    patient = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **options)
    return lambda: TableStore(name, DynamoStore(name, patient))


def record(key: bytes, **values: Any) -> Record:
    return Record(
        **{
            "id": make_id(key), "name": "x", "scopes": (Scope.READ,), "sessions": ("demo",),
            "created_at": int(time.time()), "expires_at": None, "hash": "0" * 64, **values,
        }
    )  # fmt: skip


async def test_a_record_is_kept_for_all_tasks_and_removed_for_all(
    make_store: Callable[[], CredentialStore],
) -> None:
    """With every member; the edition changes each time, and the ids are made with its key."""
    first, second = make_store(), make_store()
    assert (await first.edition()).key == b""
    assert await first.page("", 10) == []
    full = {
        "scopes": (Scope.READ, Scope.WRITE),
        "sessions": ("a", "b"),
        "name": "Zoë's é \U0001f600",
    }
    added = await first.add(lambda key: record(key, expires_at=int(time.time()) + 600, **full))
    edition = await second.edition()
    assert is_ours(added.id, edition.key)
    assert await second.find(added.id) == added
    await second.forget_session("b")
    assert (await first.edition()).version > edition.version
    assert (await first.page("", 10))[0].sessions == ("a",)
    assert await second.remove(added.id)
    assert not await first.remove(added.id)
    await first.forget_session("a")
    await first.edition()
    assert await first.find(added.id) is None


async def test_pages_are_in_the_order_of_ids(make_store: Callable[[], CredentialStore]) -> None:
    """Every record once, whatever the size of a page."""
    here = make_store()
    made = sorted([(await here.add(record)).id for _ in range(7)])
    found: list[str] = []
    while page := await here.page(found[-1] if found else "", 3):
        found += [each.id for each in page]
    assert found == made


async def test_adding_at_the_same_time_loses_none(
    make_store: Callable[[], CredentialStore],
) -> None:
    """By two tasks, which change the edition at the same moment."""
    stores = [make_store(), make_store()]
    made = await asyncio.gather(*(stores[number % 2].add(record) for number in range(8)))
    assert {each.id for each in await make_store().page("", 100)} == {each.id for each in made}


async def test_the_limit_holds_and_expired_ones_make_room(
    make_store: Callable[[], CredentialStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that expired long ago is not counted, also where DynamoDB has deleted it."""
    for module in (store, dynamo):
        monkeypatch.setattr(module, "MOST_CREDENTIALS", 3)
    here = make_store()
    old = int(time.time()) - KEPT_SECONDS - 10
    await here.add(lambda key: record(key, expires_at=old))
    kept = [await here.add(record) for _ in range(2)]
    kept.append(await here.add(record))
    with pytest.raises(TooManyCredentials, match="is the limit"):
        await here.add(record)
    assert await here.remove(kept[0].id)
    await here.add(record)


async def test_ten_thousand_are_kept_and_one_more_is_refused(
    tmp_path: Path, storage: Storage
) -> None:
    """The longest there are; reading them again takes moments."""
    here = file_store(tmp_path, storage)
    first = await here.add(record)
    key = (await here.edition()).key
    names = tuple(f"{number:063d}".replace("0", "a", 1) for number in range(20))
    contents = here._contents
    for _ in range(MOST_CREDENTIALS - 1):
        more = record(key, name="n" * 80, sessions=names)
        contents.records[more.id] = more
    await storage.call("x", here._write, contents, seconds=60)
    other = file_store(tmp_path, storage)
    with pytest.raises(TooManyCredentials):
        await other.add(record)
    assert await other.find(first.id) == first
    assert len(await other.page("", MOST_CREDENTIALS + 1)) == MOST_CREDENTIALS
    assert await other.remove(first.id)
    await other.add(record)


async def test_a_file_that_another_wrote_is_not_taken(tmp_path: Path, storage: Storage) -> None:
    """Code of a site can write there: neither an invented file nor an older one gives anything,
    and one that is removed comes back with the next change.
    """
    versions: list[int] = []
    here = file_store(tmp_path, storage, save_floor=versions.append)
    file = tmp_path / ".credentials" / "records"
    gone, stays = await here.add(record), await here.add(record)
    before = file.read_bytes()
    assert await here.remove(gone.id)
    for forged in (
        before,
        b"",
        b"\xff",
        before.replace(gone.id.encode(), stays.id.encode()),
        b"0" * 64 + b"\n" + before.partition(b"\n")[2],
        json.dumps({"version": 99, "key": "", "records": []}).encode(),
    ):
        file.write_bytes(forged)
        await here.edition()
        assert [each.id for each in await here.page("", 9)] == [stays.id], forged[:80]
        fresh = file_store(tmp_path, storage, floor=versions[-1])
        assert await fresh.page("", 9) == [], "a later control plane knows the version"
    file.unlink()
    file.mkdir()
    assert [each.id for each in await here.page("", 9)] == [stays.id]
    new = await here.add(record)
    later = file_store(tmp_path, storage, floor=versions[-1])
    assert {each.id for each in await later.page("", 9)} == {stays.id, new.id}


async def test_the_file_outlives_a_rotation_of_the_signing_keys(
    tmp_path: Path, storage: Storage
) -> None:
    """While both keys are there a control plane that starts signs it with the new one."""
    old, new = b"o" * 32, b"n" * 32
    made = await file_store(tmp_path, storage, keys=[old]).add(record)
    both = file_store(tmp_path, storage, keys=[new, old])
    await both.begin()
    assert [each.id for each in await both.page("", 9)] == [made.id]
    after = file_store(tmp_path, storage, keys=[new])
    assert [each.id for each in await after.page("", 9)] == [made.id]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_revocation_holds_elsewhere_after_less_than_half_a_second(
    make_store: Callable[[], CredentialStore],
) -> None:
    """By the other task's clock; here at once. Until then the other asks nothing."""
    clock = Clock()
    here = Keyring(make_store(), ["s" * 32])
    there = Keyring(make_store(), ["s" * 32], clock)
    made, secret = await here.create("agent", [Scope.READ], ["demo"], None)
    assert (await there.caller(secret)) == made.caller() == await here.caller(secret)
    assert await here.revoke(made.id)
    assert await here.caller(secret) is None
    clock.now += FRESH_SECONDS
    assert await there.caller(secret) is None
    assert FRESH_SECONDS <= 0.5
    again, secret = await here.create("agent", [Scope.READ], ["demo"], None)
    clock.now += FRESH_SECONDS
    assert (await there.caller(secret)) == again.caller()


async def test_only_the_whole_credential_is_one(make_store: Callable[[], CredentialStore]) -> None:
    """Not its id with another secret, nor an invented id, for which the store is not asked."""
    here = make_store()
    keyring = Keyring(here, ["s" * 32, "next" * 8])
    made, secret = await keyring.create("agent", [Scope.READ], ["demo"], 600)
    other = make_credential(made.id)
    invented = make_credential(make_id(b"another key" * 3))
    tried = [
        "",
        "al_",
        secret[:-1],
        secret + "x",
        secret.upper(),
        other,
        invented,
        "s" * 31,
        "é" * 32,
    ]
    asked: list[str] = []
    find = here.find

    async def counted(identifier: str) -> Record | None:
        asked.append(identifier)
        return await find(identifier)

    here.find = counted  # type: ignore[method-assign]
    for text in tried:
        assert await keyring.caller(text) is None, text
    assert set(asked) <= {made.id}
    assert await keyring.caller(secret) == made.caller()
    for token in ("s" * 32, "next" * 8):
        found = await keyring.caller(token)
        assert found is not None
        assert found.is_service


async def test_an_expired_credential_is_none(make_store: Callable[[], CredentialStore]) -> None:
    """It is still listed."""
    keyring = Keyring(make_store(), [])
    made, secret = await keyring.create("agent", [Scope.READ], ["demo"], 0)
    assert await keyring.caller(secret) is None
    assert [each.id for each in await keyring.page("", 9)] == [made.id]


async def test_a_deleted_session_leaves_every_credential(
    make_store: Callable[[], CredentialStore],
) -> None:
    """One that is for others, too, keeps those."""
    keyring = Keyring(make_store(), [])
    await keyring.create("app", [Scope.SERVICE], [], None)
    await keyring.create("one", [Scope.READ], ["gone"], None)
    await keyring.create("two", [Scope.READ], ["gone", "stays"], None)
    await keyring.forget_session("gone")
    assert {each.name: each.sessions for each in await keyring.page("", 9)} == {
        "app": (),
        "two": ("stays",),
    }


async def test_a_session_of_many_credentials_is_forgotten_in_one_step(
    tmp_path: Path, storage: Storage
) -> None:
    """Of 10,000, each step writes megabytes."""
    made = file_store(tmp_path, storage)
    keyring = Keyring(made, [])
    for _ in range(20):
        await keyring.create("one", [Scope.READ], ["gone"], None)
    before = (await made.edition()).version
    await keyring.forget_session("gone")
    await keyring.forget_session("gone")  # nothing names it any more
    assert await keyring.page("", 30) == []
    assert (await made.edition()).version == before + 1


async def fill(made: CredentialStore, count: int, sessions: tuple[str, ...]) -> None:
    """So many records, as if each had been made through the API."""
    first = await made.add(lambda key: record(key, sessions=sessions))
    key = (await made.edition()).key
    others = [record(key, sessions=sessions) for _ in range(count - 1)]
    if isinstance(made, FileStore):
        await made._change(
            lambda contents: contents.records.update({each.id: each for each in others})
        )
        return
    assert isinstance(made, TableStore)
    name, client = made._table, made._store.client
    for at in range(0, len(others), 25):
        puts = [{"PutRequest": {"Item": dynamo._item(each)}} for each in others[at : at + 25]]
        answer = client.batch_write_item(RequestItems={name: puts})
        assert answer["UnprocessedItems"] == {}
    client.update_item(
        TableName=name,
        Key=dynamo._key(EDITION),
        UpdateExpression="ADD #count :more",
        ExpressionAttributeNames={"#count": "count"},
        ExpressionAttributeValues={":more": {"N": str(count - 1)}},
    )
    assert await made.find(first.id) is not None


async def test_a_session_that_thousands_name_is_forgotten_in_few_steps(
    make_store: Callable[[], CredentialStore],
) -> None:
    """And others are answered meanwhile. Fewer in the table: moto copies all of it for each
    transaction, so that 5,000 take minutes.
    """
    here, elsewhere = make_store(), make_store()
    part = 1 if isinstance(here, FileStore) else 20
    await fill(here, 4000 // part, ("gone",))
    await fill(here, 1000 // part, ("gone", "stays"))
    before, turns = (await elsewhere.edition()).version, 0
    forgetting = asyncio.create_task(here.forget_session("gone"))
    asking = asyncio.create_task(elsewhere.edition())
    while not forgetting.done():
        turns += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(forgetting, asking)
    left = await elsewhere.page("", 6000)
    assert (len(left), {each.sessions for each in left}) == (1000 // part, {("stays",)})
    assert (await elsewhere.edition()).version - before <= 6
    assert turns > 2  # the event loop's
    if isinstance(here, TableStore):
        item = await here._edition_item()
        assert item is not None
        assert item["count"] == {"N": "50"}


async def test_two_sessions_that_are_deleted_at_once_are_both_forgotten(
    make_store: Callable[[], CredentialStore],
) -> None:
    """Each task writes the records without its own session: neither brings the other's back."""
    here, elsewhere = make_store(), make_store()
    await fill(here, 60, ("one", "two"))
    await fill(here, 60, ("one", "two", "stays"))
    await asyncio.gather(here.forget_session("one"), elsewhere.forget_session("two"))
    left = await elsewhere.page("", 200)
    assert (len(left), {each.sessions for each in left}) == (60, {("stays",)})


async def test_a_store_that_does_not_answer_refuses_scopes_and_not_the_service() -> None:
    """Nobody is let in whom nobody vouches for."""

    class Dead(FileStore):
        def __init__(self) -> None:
            """No file."""

        async def edition(self) -> Any:
            raise SessionError("does not answer")

    keyring = Keyring(Dead(), ["s" * 32])
    assert await keyring.caller("s" * 32) is not None
    with pytest.raises(SessionError):
        await keyring.caller(make_credential("a" * 16))


async def test_requests_that_wait_for_a_store_that_hangs_are_told_together() -> None:
    """One after the other, a hundred would wait a hundred times as long as one."""
    asked, begun, answered = 0, asyncio.Event(), asyncio.Event()

    class Hangs(FileStore):
        def __init__(self) -> None:
            """No file."""

        async def edition(self) -> Any:
            nonlocal asked
            asked += 1
            begun.set()
            await answered.wait()
            raise SessionError("does not answer")

    keyring = Keyring(Hangs(), ["s" * 32])
    sent = make_credential("a" * 16)
    waiting = [asyncio.create_task(keyring.caller(sent)) for _ in range(100)]
    await begun.wait()  # all of them have come: tasks begin in one turn of the loop
    answered.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in found] == [SessionError] * 100
    assert asked == 1
    with pytest.raises(SessionError):
        await keyring.caller(sent)
    assert asked == 2


async def test_a_revocation_is_not_overtaken_by_an_older_answer(
    tmp_path: Path, storage: Storage
) -> None:
    """An edition that is on its way when a credential is revoked is not fresh afterwards."""
    on_its_way, go_on = asyncio.Event(), asyncio.Event()
    go_on.set()

    class Slow(FileStore):
        async def edition(self) -> Any:
            found = await super().edition()
            on_its_way.set()
            await go_on.wait()
            return found

    clock = Clock()
    keyring = Keyring(Slow(tmp_path, storage, [MAC_KEY]), ["s" * 32], clock)
    made, secret = await keyring.create("agent", [Scope.READ], ["demo"], None)
    assert await keyring.caller(secret) is not None
    clock.now += FRESH_SECONDS
    on_its_way.clear()
    go_on.clear()
    before = asyncio.create_task(keyring.caller(secret))
    await on_its_way.wait()
    assert await keyring.revoke(made.id)
    go_on.set()
    await before
    assert await keyring.caller(secret) is None


async def test_what_is_no_id_is_no_credential(make_store: Callable[[], CredentialStore]) -> None:
    """The table's own item among them."""
    keyring = Keyring(make_store(), ["s" * 32])
    made, secret = await keyring.create("agent", [Scope.READ], ["demo"], None)
    for text in ("#", "", "..", "a" * 80, "\ud800", made.id.upper()):
        assert not await keyring.revoke(text)
    assert await keyring.caller(secret) == made.caller()


@pytest.mark.parametrize(
    "damaged",
    [{}, {"version": {"N": "1"}}, {"version": {"S": "x"}, "key": {"S": "zz"}, "count": {"S": ""}}],
)
async def test_a_damaged_item_is_named_and_ends_nothing(
    table: str, dynamodb: dict[str, Any], damaged: dict[str, Any]
) -> None:
    """The service credential goes on; deleting the item is the way back."""
    patient = boto3.client("dynamodb", config=Config(read_timeout=60, retries=ONCE), **dynamodb)
    keyring = Keyring(TableStore(table, DynamoStore(table, patient)), ["s" * 32])
    key = {PARTITION_KEY: {"S": CREDENTIALS}, SORT_KEY: {"S": EDITION}}
    patient.put_item(TableName=table, Item={**key, **damaged})
    assert await keyring.caller("s" * 32) is not None
    with pytest.raises(SessionError, match="damaged"):
        await keyring.caller(make_credential("a" * 16))
    with pytest.raises(SessionError, match="damaged"):
        await keyring.create("agent", [Scope.READ], ["demo"], None)
    patient.delete_item(TableName=table, Key=key)
    made, secret = await keyring.create("agent", [Scope.READ], ["demo"], None)
    assert await keyring.caller(secret) == made.caller()


async def test_a_disk_that_is_full_keeps_no_credential_alive(
    tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it make half of one. The error says that the revocation is to be sent again."""
    keyring = Keyring(file_store(tmp_path, storage), ["s" * 32])
    made, secret = await keyring.create("agent", [Scope.WRITE], ["demo"], None)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        for change in (keyring.create("b", [Scope.READ], ["demo"], None), keyring.revoke(made.id)):
            with pytest.raises(StorageFull):
                await change
    assert await keyring.caller(secret) is None
    assert [each.id for each in await keyring.page("", 9)] == [made.id]
    assert await keyring.revoke(made.id)
    assert await file_store(tmp_path, storage).page("", 9) == []


async def test_a_lock_that_a_site_holds_keeps_no_credential_alive(
    tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.2)
    keyring = Keyring(file_store(tmp_path, storage), ["s" * 32])
    made, secret = await keyring.create("agent", [Scope.WRITE], ["demo"], None)
    with lock_path(tmp_path, store.FOLDER).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert await keyring.revoke(made.id)
        assert await keyring.caller(secret) is None


def test_a_credential_has_an_id_and_256_bits() -> None:
    """And its hash is not itself."""
    identifier = make_id(b"k" * 32)
    credential = make_credential(identifier)
    assert id_of(credential) == identifier
    assert len(credential.removeprefix(f"al_{identifier}_")) == 43
    assert credential[20:] not in hash_of(credential)
