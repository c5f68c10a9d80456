"""The two stores."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config

from container.gateway.ownership.dynamo import DynamoStore
from container.gateway.ownership.store import MemoryStore, OwnershipStore
from tests.gateway.table import dynamodb, table

__all__ = ["dynamodb", "table"]


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> OwnershipStore:
    if request.param == "memory":
        return MemoryStore()
    # With more time than a task gives the service: the stand-in answers one request after another.
    patient = boto3.client(
        "dynamodb",
        config=Config(read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=32),
        **request.getfixturevalue("dynamodb"),
    )
    return DynamoStore(request.getfixturevalue("table"), patient)
