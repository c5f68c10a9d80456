"""Requests with a key in the ownership table, for all tasks of a service: an item each, by a
conditional write, so that of several tasks one runs the request.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

from contract.ownership import ANSWER, ONCE_PREFIX, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE

from ..codes import Code
from ..ownership.dynamo import NO_ITEM, DynamoStore, marshal, plain
from ..ownership.model import LostRace, StoreUnavailable
from ..ownership.service import Unowned
from .model import Entry, State
from .store import Notes

TRIES: Final = 4
"""An item that goes and comes so often while it is read is a fault."""


class KeysUnavailable(Unowned):
    """The table does not answer, and the request was not carried out."""

    code = Code.KEYS_UNAVAILABLE


def _key(identifier: str) -> dict[str, Any]:
    return {PARTITION_KEY: {"S": f"{ONCE_PREFIX}{identifier}"}, SORT_KEY: {"S": ANSWER}}


def _item(entry: Entry) -> dict[str, Any]:
    item = entry.item()
    item[TTL_ATTRIBUTE] = item.pop("expires_at")
    return {**_key(entry.id), **marshal(item)}


def _note(entry: Entry) -> str:
    """For the supervisor: an attempt, of which a later control plane says that it is lost."""
    return f"{entry.id}:{entry.claim}"


class TableStore:
    """`OnceStore` on the ownership table."""

    def __init__(
        self,
        table: str,
        store: DynamoStore,
        notes: Notes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._store = store
        self._notes = notes
        self._clock = clock

    async def _call(self, name: str, **arguments: Any) -> Any:
        try:
            return await self._store.call(
                getattr(self._store.client, name), TableName=self._table, **arguments
            )
        except StoreUnavailable as error:
            raise KeysUnavailable(
                f"{error}, so it is not known whether a request with this Idempotency-Key was carried"
                " out before. This one was not. Send it again"
            ) from error

    async def recover(self) -> None:
        known = self._notes.known() if self._notes else {}
        for name in known:
            identifier, _, claim = name.partition(":")
            with contextlib.suppress(LostRace):
                await self._call(
                    "update_item",
                    Key=_key(identifier),
                    UpdateExpression="SET #state = :lost",
                    ConditionExpression="#claim = :claim AND #state = :running",
                    ExpressionAttributeNames={"#state": "state", "#claim": "claim"},
                    ExpressionAttributeValues=marshal(
                        {
                            ":lost": State.LOST.value,
                            ":running": State.RUNNING.value,
                            ":claim": claim,
                        }
                    ),
                )
            if self._notes:
                self._notes.forget(name)

    async def begin(self, entry: Entry, instead_of: Entry | None = None) -> Entry:
        if self._notes:
            self._notes.write(_note(entry), "", entry.expires_at)
        mine = False
        try:
            found = await self._begun(entry, instead_of)
            mine = found.claim == entry.claim
        finally:
            # Nothing is carried out; while the table is away, clients ask again and again.
            if self._notes and not mine:
                self._notes.forget(_note(entry))
        return found

    async def _begun(self, entry: Entry, instead_of: Entry | None) -> Entry:
        condition = f"{NO_ITEM} OR #expires <= :now"
        names = {"#expires": TTL_ATTRIBUTE}
        values: dict[str, Any] = {":now": int(self._clock())}
        if instead_of is not None:
            condition += " OR (#claim = :claim AND #state <> :done)"
            names |= {"#claim": "claim", "#state": "state"}
            values |= {":claim": instead_of.claim, ":done": State.DONE.value}
        for _ in range(TRIES):
            try:
                await self._call(
                    "put_item",
                    Item=_item(entry),
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=marshal(values),
                )
            except LostRace:
                found = await self.find(entry.id)
                if found is not None:
                    return found  # this very attempt, when the answer to an earlier one was lost
            else:
                return entry
        raise Unowned("others send requests with this key at this moment. Send the request again")

    async def find(self, identifier: str) -> Entry | None:
        answer = await self._call("get_item", Key=_key(identifier), ConsistentRead=True)
        if "Item" not in answer:
            return None
        item = plain(answer["Item"])
        return Entry.parse(identifier, {**item, "expires_at": item.get(TTL_ATTRIBUTE)})

    async def end(self, entry: Entry) -> None:
        with contextlib.suppress(LostRace):
            await self._call(
                "put_item",
                Item=_item(entry),
                ConditionExpression="#claim = :claim",
                ExpressionAttributeNames={"#claim": "claim"},
                ExpressionAttributeValues=marshal({":claim": entry.claim}),
            )
        if self._notes:
            self._notes.forget(_note(entry))

    async def drop(self, entry: Entry) -> None:
        with contextlib.suppress(LostRace):
            await self._call(
                "delete_item",
                Key=_key(entry.id),
                ConditionExpression="#claim = :claim",
                ExpressionAttributeNames={"#claim": "claim"},
                ExpressionAttributeValues=marshal({":claim": entry.claim}),
            )
        if self._notes:
            self._notes.forget(_note(entry))
