"""Writes the record of what the earlier release leaves in the table:
`python -m tests.gateway.ownership.recording`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import boto3

from tests.gateway.table import client_options, new_table, running_api

from .test_releases import OLD, RECORD, earlier_code, running_earlier


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_api() as port:
        dynamodb = client_options(port)
        table = new_table(dynamodb)
        async with running_earlier(earlier_code(Path(folder)), table, dynamodb, OLD) as earlier:
            for work, on in (
                ("acquire", "runs"),
                ("acquire", "left"),
                ("retire", "left"),
                ("release", "left"),
                ("redeem", "used"),
            ):
                await earlier.do(work, on)
            items = boto3.client("dynamodb", **dynamodb).scan(TableName=table)["Items"]
    items.sort(key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
    for item in items:
        item.pop("expires", None)  # a time of then
    RECORD.write_text(json.dumps(items, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
