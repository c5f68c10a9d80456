"""The ownership table in DynamoDB: conditional writes decide, nothing is elected and nothing
gossips.

`contract/ownership.py` lists the items and their keys.

Sizes: every item is below 1 KB, one write unit each; a transaction counts twice.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from contract.ownership import (
    LEASE,
    LINK_PREFIX,
    PARTITION_KEY,
    SESSION_PREFIX,
    SORT_KEY,
    TASKS,
    TTL_ATTRIBUTE,
    USED,
)

from .model import (
    FORMAT,
    PRIVATE,
    READABLE,
    BadItem,
    DuplicateTask,
    Lease,
    LostRace,
    Network,
    StoreUnavailable,
    Task,
)
from .store import NEIGHBOURS

TASK_ITEM_SECONDS: Final = 86400
"""DynamoDB removes the item of a task that ended without a goodbye after so long. Liveness never
looks at it.
"""

CALL_SECONDS: Final = 1.5
"""For one attempt. A beat that takes longer than a lease is worth nothing."""
BATCH: Final = 100
"""Items of one BatchGetItem at most."""

CONDITION_FAILED: Final = frozenset(
    {
        "ConditionalCheckFailedException",
        "TransactionCanceledException",
        "TransactionConflictException",
    }
)

NO_ITEM: Final = f"attribute_not_exists({PARTITION_KEY})"
OF_PARTITION: Final = f"{PARTITION_KEY} = :pk"

T = TypeVar("T")
logger = logging.getLogger(__name__)


def make_client(**options: Any) -> Any:
    """A DynamoDB client whose calls end within seconds. Endpoint and credentials come from the
    task's environment.

    ECS tells the region in `AWS_REGION`, which this client does not read by itself.
    """
    options = {
        "region_name": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        **options,
    }
    config = Config(
        connect_timeout=CALL_SECONDS,
        read_timeout=CALL_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=32,
    )
    return boto3.client("dynamodb", config=config, **options)


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {PARTITION_KEY: {"S": pk}, SORT_KEY: {"S": sk}}


class Unreadable:
    """The value of an attribute whose type no task writes: not taken for one that is absent."""

    def __init__(self, kinds: object) -> None:
        self._kinds = kinds

    def __repr__(self) -> str:
        return f"a value of type {self._kinds}"


def marshal(values: dict[str, Any]) -> dict[str, Any]:
    """Texts, whole numbers, booleans and bytes as attributes."""

    def one(value: Any) -> dict[str, Any]:
        if isinstance(value, bool):
            return {"BOOL": value}
        if isinstance(value, bytes):
            return {"B": value}
        return {"N": str(value)} if isinstance(value, int) else {"S": value}

    return {name: one(value) for name, value in values.items()}


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an item besides its keys; `Unreadable` for each that `marshal` does not
    make.
    """

    def one(value: dict[str, Any]) -> Any:
        match value:
            case {"N": str(number)}:
                try:
                    return int(number)
                except ValueError:
                    return Unreadable("N that is not a whole number")
            case {"S": str(text)}:
                return text
            case {"BOOL": bool(flag)}:
                return flag
            case {"B": bytes(data)}:
                return data
        return Unreadable(", ".join(map(str, value)))

    return {
        name: one(value) for name, value in item.items() if name not in (PARTITION_KEY, SORT_KEY)
    }


class DynamoStore:
    """`OwnershipStore` on one table."""

    def __init__(
        self,
        table: str,
        client: Any = None,
        *,
        on_bad_item: Callable[[BadItem], None] | None = None,
        within: Sequence[Network] = PRIVATE,
    ) -> None:
        """`within`: where the tasks' addresses are."""
        self._table = table
        self._within = within
        self.client = client or make_client()
        self._on_bad_item = on_bad_item or (lambda problem: logger.warning("%s", problem))

    def hear_of_bad_items(self, hear: Callable[[BadItem], None]) -> None:
        self._on_bad_item = hear

    async def call(self, function: Callable[..., T], **arguments: Any) -> T:
        try:
            return await asyncio.to_thread(function, **arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            reasons = {
                reason.get("Code") for reason in error.response.get("CancellationReasons", [])
            }
            if code in CONDITION_FAILED and not reasons - {
                "None",
                "ConditionalCheckFailed",
                "TransactionConflict",
            }:
                raise LostRace("the item has changed") from None
            raise StoreUnavailable(f"the ownership table answered {code}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(
                f"the ownership table cannot be reached: {type(error).__name__}"
            ) from error

    # Tasks

    async def put_task(self, task: Task) -> int | None:
        try:
            answer = await self.call(
                self.client.put_item,
                TableName=self._table,
                Item={
                    **_key(TASKS, task.id),
                    **marshal({**task.item(), TTL_ATTRIBUTE: int(time.time()) + TASK_ITEM_SECONDS}),
                },
                ConditionExpression=f"{NO_ITEM} OR #run = :run",
                ExpressionAttributeNames={"#run": "run"},
                ExpressionAttributeValues={":run": {"S": task.run}},
                ReturnValues="ALL_OLD",
            )
        except LostRace:
            raise DuplicateTask(f"task {task.id!r} is written by another run already") from None
        before = plain(answer.get("Attributes") or {}).get("beat")
        return before if isinstance(before, int) else None

    async def remove_task(self, task: Task) -> None:
        try:
            await self.call(
                self.client.delete_item,
                TableName=self._table,
                Key=_key(TASKS, task.id),
                ConditionExpression="#run = :run",
                ExpressionAttributeNames={"#run": "run"},
                ExpressionAttributeValues={":run": {"S": task.run}},
            )
        except LostRace:
            return

    async def read_tasks(self, ids: Iterable[str]) -> dict[str, Task]:
        wanted, found = sorted(set(ids)), {}
        for start in range(0, len(wanted), BATCH):
            keys = [_key(TASKS, name) for name in wanted[start : start + BATCH]]
            request = {self._table: {"Keys": keys, "ConsistentRead": True}}
            answer = await self.call(self.client.batch_get_item, RequestItems=request)
            if answer.get("UnprocessedKeys"):
                raise StoreUnavailable("the ownership table is throttled")
            for item in answer["Responses"].get(self._table, []):
                if (task := self._task(item)) is not None:
                    found[task.id] = task
        return found

    async def all_tasks(self) -> list[Task]:
        return await self._query(OF_PARTITION)

    async def neighbours(self, task_id: str) -> list[Task]:
        after = await self._query(
            f"{OF_PARTITION} AND {SORT_KEY} > :sk", {":sk": {"S": task_id}}, limit=NEIGHBOURS
        )
        if len(after) < NEIGHBOURS:
            after += await self._query(
                f"{OF_PARTITION} AND {SORT_KEY} < :sk",
                {":sk": {"S": task_id}},
                limit=NEIGHBOURS - len(after),
            )
        return after

    async def _query(
        self, condition: str, values: dict[str, Any] | None = None, *, limit: int | None = None
    ) -> list[Task]:
        tasks: list[Task] = []
        more: dict[str, Any] = {"Limit": limit} if limit else {}
        while True:
            answer = await self.call(
                self.client.query,
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues={":pk": {"S": TASKS}, **(values or {})},
                ConsistentRead=True,
                **more,
            )
            tasks += [task for item in answer["Items"] if (task := self._task(item)) is not None]
            if limit or not answer.get("LastEvaluatedKey"):
                return tasks
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _task(self, item: dict[str, Any]) -> Task | None:
        key = f"{TASKS}#{item[SORT_KEY].get('S', '')}"
        try:
            task = Task.parse(key, plain(item), self._within)
            if task.id != item[SORT_KEY].get("S"):
                raise BadItem(key, "names another task")
        except BadItem as problem:
            self._on_bad_item(problem)
            return None
        return task

    # Sessions

    async def read(self, session_id: str) -> Lease | None:
        answer = await self.call(
            self.client.get_item,
            TableName=self._table,
            Key=_key(f"{SESSION_PREFIX}{session_id}", LEASE),
            ConsistentRead=True,
        )
        return Lease.parse(session_id, plain(answer["Item"])) if "Item" in answer else None

    async def swap(
        self,
        before: Lease | None,
        after: Lease,
        *,
        only_if: Task | None = None,
        gone: str | None = None,
    ) -> None:
        update = self._update(before, after)
        checks = []
        if only_if is not None:
            checks.append(
                {
                    "TableName": self._table,
                    "Key": _key(TASKS, only_if.id),
                    "ConditionExpression": "#run = :run AND #beat = :beat",
                    "ExpressionAttributeNames": {"#run": "run", "#beat": "beat"},
                    "ExpressionAttributeValues": marshal(
                        {":run": only_if.run, ":beat": only_if.beat}
                    ),
                }
            )
        if gone is not None:
            checks.append(
                {"TableName": self._table, "Key": _key(TASKS, gone), "ConditionExpression": NO_ITEM}
            )
        if not checks:
            await self.call(self.client.update_item, **update)
            return
        await self.call(
            self.client.transact_write_items,
            TransactItems=[{"Update": update}, *({"ConditionCheck": check} for check in checks)],
        )

    def _update(self, before: Lease | None, after: Lease) -> dict[str, Any]:
        """From `before` to `after`. Attributes that a newer release wrote stay, and so does its
        format.
        """
        values: dict[str, Any] = {
            ":fence": after.fence,
            ":epoch": after.epoch,
            ":format": FORMAT,
            ":readable": READABLE,
        }
        change = (
            "SET fence = :fence, epoch = :epoch, #format = if_not_exists(#format, :format),"
            " readable = if_not_exists(readable, :readable)"
        )
        if after.owner:
            values[":owner"] = after.owner
        change += ", #owner = :owner" if after.owner else " REMOVE #owner"
        condition = NO_ITEM
        if before is not None:
            values |= {":old_fence": before.fence, ":old_epoch": before.epoch}
            condition = "fence = :old_fence AND epoch = :old_epoch AND "
            if before.owner:
                values[":old_owner"] = before.owner
            condition += "#owner = :old_owner" if before.owner else "attribute_not_exists(#owner)"
        return {
            "TableName": self._table,
            "Key": _key(f"{SESSION_PREFIX}{after.session_id}", LEASE),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#owner": "owner", "#format": "format"},
            "ExpressionAttributeValues": marshal(values),
        }

    # Links

    async def redeem(self, token_id: str, expires_at: int) -> bool:
        try:
            await self.call(
                self.client.put_item,
                TableName=self._table,
                Item={
                    **_key(f"{LINK_PREFIX}{token_id}", USED),
                    TTL_ATTRIBUTE: {"N": str(expires_at)},
                },
                ConditionExpression=NO_ITEM,
            )
        except LostRace:
            return False
        return True
