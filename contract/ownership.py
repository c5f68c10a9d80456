"""Keys of the ownership table, by which tasks agree on who runs a session.

`components/ownership_table.py` makes the table and says what a task may do to which keys;
`container/gateway/ownership/dynamo.py` reads and writes the items. Tasks lie below one partition
key, so that one query lists them without reading sessions; every session and every used sign-in
link has its own partition.

    pk            sk        written by `container/gateway/ownership/`
    task          {id}      Task.item(), expires
    session#{id}  lease     Lease.item()
    link#{jti}    used      expires
    credential    {id}      Record.item(), expires             `container/gateway/credentials/`
    credential    #         count, version, key
    once#{id}     answer    Entry.item(), expires              `container/gateway/once/`
"""

from __future__ import annotations

from typing import Final

PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
TTL_ATTRIBUTE: Final = "expires"
"""Unix time after which DynamoDB deletes the item."""

TASKS: Final = "task"
"""Partition key of all tasks."""
SESSION_PREFIX: Final = "session#"
"""The session's id follows."""
LINK_PREFIX: Final = "link#"
"""The token's id follows."""

CREDENTIALS: Final = "credential"
"""Partition key of all credentials of the API."""
EDITION: Final = "#"
"""Sort key of what changes with every one of them; it sorts before their ids."""

ONCE_PREFIX: Final = "once#"
"""What stands for a request with an `Idempotency-Key` follows."""
ANSWER: Final = "answer"
"""Sort key of its only item."""

LEASE: Final = "lease"
"""Sort key of a session's only item."""
USED: Final = "used"
"""Sort key of a link's only item."""
