"""The records in the ownership table, for all tasks of a service: one partition, whose item `#` has
the number of records, the version that every change raises, and the key of the ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from contract.ownership import CREDENTIALS, EDITION, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE

from ..ownership.dynamo import NO_ITEM, DynamoStore, plain
from ..ownership.model import LostRace, StoreUnavailable
from ..ownership.service import Unowned
from .model import KEPT_SECONDS, KEY_BYTES, MOST_CREDENTIALS, Record
from .store import Edition, TooManyCredentials

RECOUNT_SECONDS: Final = 60.0
"""All records are read for a count: not for each of the requests that are refused."""
PAGE: Final = 1000
TOGETHER: Final = 99
"""Records that one transaction changes, beside the edition. DynamoDB takes 100 items
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
"""
TRIES: Final = 8
"""Of a change, when others change the edition at the same moment."""

log = logging.getLogger(__name__)


def _key(sk: str) -> dict[str, Any]:
    return {PARTITION_KEY: {"S": CREDENTIALS}, SORT_KEY: {"S": sk}}


def _item(record: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        **_key(record.id),
        "name": {"S": record.name},
        "scopes": {"S": " ".join(record.kept_scopes)},
        "sessions": {"S": " ".join(record.sessions)},
        "created_at": {"N": str(record.created_at)},
        "hash": {"S": record.hash},
    }
    if record.git_secrets:
        item["git_secrets"] = {"S": " ".join(record.git_secrets)}
    if record.expires_at is not None:
        item["expires_at"] = {"N": str(record.expires_at)}
        item[TTL_ATTRIBUTE] = {"N": str(record.expires_at + KEPT_SECONDS)}
    return item


def _record(item: dict[str, Any]) -> Record | None:
    """None for an item that no task writes."""
    values = plain(item)
    expires_at, forgotten_at = values.get("expires_at"), values.get(TTL_ATTRIBUTE)
    if ("expires_at" in values) != (TTL_ATTRIBUTE in values):
        return None
    if isinstance(expires_at, int) and forgotten_at != expires_at + KEPT_SECONDS:
        return None
    for name in ("scopes", "sessions", "git_secrets"):
        if isinstance(text := values.get(name), str):
            values[name] = text.split()
    return Record.parse(
        {"expires_at": None, **values, "id": item.get(SORT_KEY, {}).get("S")},
    )


class TableStore:
    """`CredentialStore` on the ownership table."""

    def __init__(self, table: str, store: DynamoStore) -> None:
        self._table = table
        self._store = store
        self._full_at = float("-inf")

    async def _call(self, name: str, **arguments: Any) -> Any:
        try:
            return await self._store.call(getattr(self._store.client, name), **arguments)
        except StoreUnavailable as error:
            raise Unowned(f"{error}, so the credential cannot be checked. Try again") from error

    async def begin(self) -> None:
        """Nothing."""

    async def edition(self) -> Edition:
        item = await self._edition_item()
        if item is None:
            return Edition()
        with _as_written():
            key = bytes.fromhex(item["key"]["S"])
            if len(key) != KEY_BYTES:
                raise ValueError("the key is not one")
            return Edition(int(item["version"]["N"]), key)

    async def _edition_item(self) -> dict[str, Any] | None:
        answer = await self._call(
            "get_item", TableName=self._table, Key=_key(EDITION), ConsistentRead=True
        )
        found: dict[str, Any] | None = answer.get("Item")
        return found

    async def find(self, identifier: str) -> Record | None:
        answer = await self._call(
            "get_item", TableName=self._table, Key=_key(identifier), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        if (record := _record(answer["Item"])) is None:
            log.warning(
                "the credential %s in the ownership table is not as tasks write it, and is refused."
                " Revoke it, and make another one",
                identifier,
            )
        return record

    async def page(self, after: str, most: int) -> list[Record]:
        records: list[Record] = []
        start: dict[str, Any] = {}
        while len(records) < most:
            answer = await self._call(
                "query",
                TableName=self._table,
                KeyConditionExpression=f"{PARTITION_KEY} = :pk AND {SORT_KEY} > :sk",
                ExpressionAttributeValues={
                    ":pk": {"S": CREDENTIALS},
                    ":sk": {"S": max(after, EDITION)},
                },
                ConsistentRead=True,
                Limit=most,
                **start,
            )
            records += [record for item in answer["Items"] if (record := _record(item)) is not None]
            if not answer.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return records[:most]

    async def add(self, make: Callable[[bytes], Record]) -> Record:
        edition = await self._made_edition()
        for attempt in range(TRIES):
            record = make(edition.key)
            put = {
                "TableName": self._table,
                "Item": _item(record),
                "ConditionExpression": NO_ITEM,
            }
            try:
                await self._transact([{"Put": put}], 1)
            except LostRace:
                await self._check_room()
                await _pause(attempt)
            else:
                return record
        raise Unowned("other requests are changing the credentials. Send the request again")

    async def remove(self, identifier: str) -> bool:
        delete = {
            "TableName": self._table,
            "Key": _key(identifier),
            "ConditionExpression": f"attribute_exists({PARTITION_KEY})",
        }
        for attempt in range(TRIES):
            try:
                await self._transact([{"Delete": delete}], -1)
            except LostRace:
                if await self.find(identifier) is None:
                    return False
                await _pause(attempt)
            else:
                return True
        raise Unowned("other requests are changing the credentials. Send the request again")

    async def forget_session(self, session_id: str) -> None:
        after = ""
        while page := await self.page(after, PAGE):
            naming = [record for record in page if session_id in record.sessions]
            for at in range(0, len(naming), TOGETHER):
                await self._forget(session_id, naming[at : at + TOGETHER])
            after = page[-1].id

    async def _forget(self, session_id: str, records: list[Record]) -> None:
        """Take the session out of these, all at once: thousands may name it."""
        for attempt in range(TRIES):
            changes = [self._without(session_id, record) for record in records]
            if not changes:
                return
            removed = sum("Delete" in change for change in changes)
            try:
                await self._transact(changes, -removed)
            except LostRace:
                await _pause(attempt)
                found = await asyncio.gather(*(self.find(record.id) for record in records))
                records = [each for each in found if each and session_id in each.sessions]
            else:
                return
        raise Unowned("other requests are changing the credentials. Send the request again")

    def _without(self, session_id: str, record: Record) -> dict[str, Any]:
        """The change of a record, on the condition that it is as it was read: another session of it
        may be deleted at the same moment.
        """
        same = {
            "TableName": self._table,
            "ConditionExpression": "#sessions = :sessions",
            "ExpressionAttributeNames": {"#sessions": "sessions"},
            "ExpressionAttributeValues": {":sessions": {"S": " ".join(record.sessions)}},
        }
        if left := record.without(session_id):
            return {"Put": {**same, "Item": _item(left)}}
        return {"Delete": {**same, "Key": _key(record.id)}}

    async def _transact(self, changes: Sequence[dict[str, Any]], more: int) -> None:
        """Changes of records, and of the edition with them."""
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(EDITION),
            "UpdateExpression": "ADD #count :more, #version :one",
            "ConditionExpression": NO_ITEM.replace("not_exists", "exists"),
            "ExpressionAttributeNames": {"#count": "count", "#version": "version"},
            "ExpressionAttributeValues": {":more": {"N": str(more)}, ":one": {"N": "1"}},
        }
        if more > 0:
            update["ConditionExpression"] = "#count < :most"
            update["ExpressionAttributeValues"][":most"] = {"N": str(MOST_CREDENTIALS)}
        try:
            await self._call("transact_write_items", TransactItems=[*changes, {"Update": update}])
        except Unowned as error:
            error.unsettled = True
            raise

    async def _made_edition(self) -> Edition:
        edition = await self.edition()
        if edition.key:
            return edition
        item = {
            **_key(EDITION),
            "key": {"S": secrets.token_bytes(KEY_BYTES).hex()},
            "version": {"N": "1"},
            "count": {"N": "0"},
        }
        with contextlib.suppress(LostRace):  # another task was first
            await self._call(
                "put_item", TableName=self._table, Item=item, ConditionExpression=NO_ITEM
            )
        return await self.edition()

    async def _check_room(self) -> None:
        """Raise when there is none. DynamoDB deletes expired records without counting, so a full
        count is made again.
        """
        item = await self._edition_item()
        with _as_written():
            counted = (item or {})["count"]["N"]
            if int(counted) < MOST_CREDENTIALS:
                return
        if time.monotonic() - self._full_at < RECOUNT_SECONDS:
            raise TooManyCredentials
        horizon = time.time() - KEPT_SECONDS
        found = await self.page("", MOST_CREDENTIALS + 1)
        living = [record for record in found if record.lives(horizon)]
        if len(living) >= MOST_CREDENTIALS:
            self._full_at = time.monotonic()
            raise TooManyCredentials
        try:
            await self._call(
                "update_item",
                TableName=self._table,
                Key=_key(EDITION),
                UpdateExpression="SET #count = :found",
                ConditionExpression="#count = :before",
                ExpressionAttributeNames={"#count": "count"},
                ExpressionAttributeValues={
                    ":found": {"N": str(len(living))},
                    ":before": {"N": counted},
                },
            )
        except LostRace:
            return  # the count has changed; it is compared again


@contextlib.contextmanager
def _as_written() -> Iterator[None]:
    """Say what to do about an item that no task writes."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise Unowned(
            f"the ownership table's item {CREDENTIALS!r}, {EDITION!r} is damaged, so credentials"
            " with a scope cannot be checked. Delete the item, and make them again"
        ) from error


async def _pause(attempt: int) -> None:
    await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - not for secrets
