"""The two stores."""

from __future__ import annotations

import pytest

from container.gateway.ownership.dynamo import DynamoStore, make_client
from container.gateway.ownership.store import MemoryStore, OwnershipStore
from tests.gateway.table import dynamodb, table

__all__ = ["dynamodb", "table"]


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> OwnershipStore:
    if request.param == "memory":
        return MemoryStore()
    return DynamoStore(
        request.getfixturevalue("table"), make_client(**request.getfixturevalue("dynamodb"))
    )
