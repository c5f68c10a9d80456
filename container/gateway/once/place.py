"""Where this task keeps requests that have an `Idempotency-Key`."""

from __future__ import annotations

from ..processes import Processes
from ..settings import Configuration
from .store import MemoryStore, Notes, OnceStore


def once_store(configuration: Configuration, processes: Processes) -> OnceStore:
    """The ownership table where there is one, this task's memory otherwise."""
    table, notes = configuration.settings.ownership_table, Notes(processes)
    return _table(table, notes) if table else MemoryStore(notes)


def _table(table: str, notes: Notes) -> OnceStore:
    # Imported here: a task without a table pays neither the time nor the memory of AWS's library.
    from ..ownership.dynamo import DynamoStore
    from .dynamo import TableStore

    return TableStore(table, DynamoStore(table), notes)
