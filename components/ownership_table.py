"""The DynamoDB table by which tasks agree on who runs a session, and what a task may do to it.

`contract/ownership.py` describes the items. The statements below allow each of its requests on the
items that it is made for, and nothing else: a task can neither scan the table nor read who used
which sign-in link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.base import Component, Transforms
from components.task_roles import Statement
from contract.ownership import (
    CREDENTIALS,
    LINK_PREFIX,
    ONCE_PREFIX,
    PARTITION_KEY,
    SESSION_PREFIX,
    SORT_KEY,
    TASKS,
    TTL_ATTRIBUTE,
)

ITEMS: Final = {
    "Tasks": (TASKS, ("PutItem", "DeleteItem", "Query", "BatchGetItem", "ConditionCheckItem")),
    "Sessions": (f"{SESSION_PREFIX}*", ("GetItem", "UpdateItem")),
    "Links": (f"{LINK_PREFIX}*", ("PutItem",)),
    "Credentials": (CREDENTIALS, ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")),
    "Once": (f"{ONCE_PREFIX}*", ("GetItem", "PutItem", "UpdateItem", "DeleteItem")),
}
"""Partition keys of each kind of item, and the actions on it."""


@dataclass(frozen=True, kw_only=True)
class OwnershipTableArgs:
    """How the table is kept."""

    kms_key_arn: pulumi.Input[str] | None = None
    """Own KMS key; None takes the key that DynamoDB owns."""
    protect: bool = True
    """Refuse to delete the table. Its items are worth little (sessions start again), but used
    sign-in links would work a second time.
    """
    tags: dict[str, str] = field(default_factory=dict)


class OwnershipTable(Component):
    """An on-demand table with time to live and point-in-time recovery."""

    table: aws.dynamodb.Table

    def __init__(
        self,
        name: str,
        args: OwnershipTableArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("OwnershipTable", name, opts, transforms)
        self.args = args
        self.table = aws.dynamodb.Table(
            self.child_name("table"),
            billing_mode="PAY_PER_REQUEST",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=key, type="S")
                for key in (PARTITION_KEY, SORT_KEY)
            ],
            hash_key=PARTITION_KEY,
            range_key=SORT_KEY,
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TTL_ATTRIBUTE, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            # Named, too, when it is AWS's: the provider leaves a table without the block under the
            # key that it has.
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                enabled=bool(args.kms_key_arn), kms_key_arn=args.kms_key_arn or None
            ),
            deletion_protection_enabled=args.protect,
            tags=args.tags,
            opts=self.child_options(protect=args.protect),
        )
        self.expose(table=self.table)
        self.finish({"tableName": self.table.name})

    def statements(
        self, region: pulumi.Input[str], dns_suffix: pulumi.Input[str]
    ) -> list[Statement]:
        """What a task may do. `dns_suffix` is the partition's: `amazonaws.com`, in China
        `amazonaws.com.cn`.
        """
        found: list[Statement] = [
            {
                "Sid": f"Own{kind}",
                "Effect": "Allow",
                "Action": [f"dynamodb:{action}" for action in actions],
                "Resource": self.table.arn,
                # A request that names no partition would satisfy the first condition alone.
                "Condition": {
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]},
                    "Null": {"dynamodb:LeadingKeys": "false"},
                },
            }
            for kind, (keys, actions) in ITEMS.items()
        ]
        if self.args.kms_key_arn:
            service = pulumi.Output.concat("dynamodb.", region, ".", dns_suffix)
            found.append(
                {
                    "Sid": "DecryptOwnership",
                    "Effect": "Allow",
                    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
                    "Action": [
                        "kms:Decrypt",
                        "kms:DescribeKey",
                        "kms:Encrypt",
                        "kms:GenerateDataKey",
                        "kms:ReEncryptFrom",
                        "kms:ReEncryptTo",
                    ],
                    "Resource": self.args.kms_key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": service}},
                }
            )
        return found
