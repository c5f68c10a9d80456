"""Every member of every record that is kept in the ownership table or on the disk, with each type
that no task writes: the record is refused as a whole, and never read as one that allows more (S26,
S30).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.gateway.credentials import dynamo as credentials
from container.gateway.credentials.keyring import Keyring
from container.gateway.credentials.model import KEY_BYTES, Record, Scope, make_id
from container.gateway.credentials.store import FileStore, _Contents
from container.gateway.epochs import FIRST, new_epoch, read_epoch
from container.gateway.errors import SessionError
from container.gateway.once import dynamo as once
from container.gateway.once.model import Entry, State
from container.gateway.ownership.dynamo import marshal, plain
from container.gateway.ownership.model import BadItem, Lease, Task
from container.gateway.storage import Storage

RECORD: Final = Record(
    id=make_id(b"k" * KEY_BYTES),
    name="agent",
    scopes=(Scope.READ, Scope.WRITE),
    sessions=("demo", "shop"),
    created_at=1_700_000_000,
    expires_at=1_800_000_000,
    hash="0f" * 32,
    git_secrets=("acme", "other"),
)
TASK: Final = Task(
    id="task-1", run="aa11", address="10.0.0.1:4322", beat=3, free=2, draining=True, revision=7
)
LEASE: Final = Lease(session_id="demo", owner="task-1", fence=4, epoch=5)
ENTRY: Final = Entry(
    id="a" * 32,
    print="b" * 64,
    claim="c" * 16,
    task="task-1",
    run="aa11",
    state=State.DONE,
    status=201,
    begun_at=1_700_000_000,
    expires_at=1_700_086_400,
    answer=b"sealed",
)

VALUES: Final[dict[str, Any]] = {
    "S": "1", "N": "1", "BOOL": True, "NULL": True, "B": b"1", "L": [], "M": {}, "SS": ["1"],
    "NS": ["1"], "BS": [b"1"],
}  # fmt: skip
"""A value of each type that DynamoDB has."""
NO_NUMBERS: Final = ("1.5", "-1", "1e400", "9007199254740993", "NaN", "")
Item = dict[str, Any]


def _read_credential(item: Item) -> object:
    return credentials._record(item)


def _read_task(item: Item) -> object:
    return Task.parse("task#task-1", plain(item))


def _read_lease(item: Item) -> object:
    return Lease.parse("demo", plain(item))


def _read_entry(item: Item) -> object:
    values = plain(item)
    return Entry.parse(ENTRY.id, {**values, "expires_at": values.get("expires")})


KINDS: Final[dict[str, tuple[Item, Callable[[Item], object], object, set[str]]]] = {
    "credential": (credentials._item(RECORD), _read_credential, RECORD, {"git_secrets"}),
    "task": (marshal(TASK.item()), _read_task, TASK, set()),
    "lease": (marshal(LEASE.item()), _read_lease, LEASE, {"owner"}),  # nobody's has no owner
    "entry": (once._item(ENTRY), _read_entry, ENTRY, set()),
}
"""An item, what reads it, what it says, and attributes that may be absent."""
KEYS: Final = {"pk", "format"}
"""What no reader looks at: the partition, and the release that wrote it."""


def refused(read: Callable[[Item], object], item: Item) -> bool:
    try:
        return read(item) is None
    except BadItem:
        return True


def wrong() -> Iterator[tuple[str, str, str]]:
    for kind, (item, _, _, optional) in KINDS.items():
        for name, value in item.items():
            if name in KEYS or (kind, name) == ("entry", "sk"):
                continue
            (own,) = value
            for other in VALUES:
                if other != own:
                    yield kind, name, other
            if own == "N":
                for number in NO_NUMBERS:
                    yield kind, name, f"N:{number}"
            if name not in optional:
                yield kind, name, "absent"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read(kind: str) -> None:
    item, read, expected, _ = KINDS[kind]
    assert read(item) == expected


def test_no_wrong_type_is_taken_for_something_else() -> None:
    """Each attribute of each item, with each other type of DynamoDB, no whole number, and left
    out.
    """
    taken = []
    for kind, name, how in wrong():
        item, read, _, _ = KINDS[kind]
        sent = dict(item)
        if how == "absent":
            del sent[name]
        elif how.startswith("N:"):
            sent[name] = {"N": how.removeprefix("N:")}
        else:
            sent[name] = {how: VALUES[how]}
        if not refused(read, sent):
            taken.append((kind, name, how))
    assert taken == []


def test_a_credential_that_never_expires_says_so_twice() -> None:
    """Neither the time of expiry alone nor DynamoDB's own is taken away or changed unseen."""
    never = Record(**{**RECORD.__dict__, "expires_at": None})
    item = credentials._item(never)
    assert credentials._record(item) == never
    assert credentials._record({**item, "expires": {"N": "1800086400"}}) is None
    assert credentials._record({**item, "expires_at": {"N": "1800000000"}}) is None
    limited = credentials._item(RECORD)
    assert credentials._record({**limited, "expires": {"N": "1800086401"}}) is None


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(RECORD.item())), JSON)
def test_any_value_in_a_record_is_what_it_says_or_refused(name: str, value: Any) -> None:
    """Of the file on the disk: what is read, is written again as it was."""
    item = json.loads(json.dumps({**RECORD.item(), name: value}, default=str))
    found = Record.parse(item)
    assert found is None or json.loads(json.dumps(found.item())) == item
    missing = {key: each for key, each in item.items() if key != name}
    left = Record.parse(missing)
    if name == "git_secrets":  # an earlier release wrote none: the credential may name none
        assert left is not None
        assert left.git_secrets == ()
    else:
        assert left is None


@pytest.mark.parametrize("name", ["version", "key", "records"])
@pytest.mark.parametrize("value", [None, True, "x", 1.5, [], {}, [1], ["x"]])
async def test_a_file_of_another_shape_is_not_taken(
    tmp_path: Path, name: str, value: object
) -> None:
    """Though it is signed: an earlier or later release may have written it."""
    storage = Storage()
    try:
        store = FileStore(tmp_path, storage, [b"k" * 32])
        made, secret = await Keyring(store, []).create("agent", [Scope.READ], ["demo"], None)
        body = json.loads(store._contents.text()) | {name: value}
        if (name, value) in (("records", []), ("key", "")):
            return
        text = json.dumps(body)
        mac = store._mac(b"k" * 32, text.encode()).decode()
        (tmp_path / ".credentials" / "records").write_text(f"{mac}\n{text}")
        other = Keyring(FileStore(tmp_path, storage, [b"k" * 32]), ["s" * 32])
        assert await other.caller(secret) is None
        assert await other.caller("s" * 32) is not None
        assert _Contents.parse(store._contents.text().encode()).records == {made.id: made}
    except SessionError as error:
        raise AssertionError(str(error)) from error
    finally:
        storage.close()


@pytest.mark.parametrize("damage", [b"0", b"0" * 15, b"0" * 17, b"\xff" * 16, b"g" * 16, b"null"])
def test_a_damaged_epoch_brings_no_ended_cookie_back(tmp_path: Path, damage: bytes) -> None:
    """It is neither the first epoch nor the one before, and stays the same while the file does."""
    before = new_epoch(tmp_path, "demo")
    (tmp_path / ".sessions" / "demo.epoch").write_bytes(damage)
    found = read_epoch(tmp_path, "demo")
    assert found not in (FIRST, before)
    assert int(found, 16) >= 0
    assert len(found) == 16
    assert read_epoch(tmp_path, "demo") == found
