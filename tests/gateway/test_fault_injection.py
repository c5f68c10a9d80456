"""Files of a session's life that cannot be written, read or removed: see `fault_table.py` (S37)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest

from .fault_table import (
    ERRORS,
    TABLE,
    Laboratory,
    Operation,
    ProductionLife,
    laboratory,
    of_builds,
    record,
    try_fault,
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with laboratory() as running:
        yield running


def chosen(operations: list[Operation]) -> list[Operation]:
    """Of each kind of path the first operation or the last one, in turns. `make faults` takes all
    of them, each with every error.
    """
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [found[-(number % 2)] for number, found in enumerate(by_path.values())]


async def test_no_failing_file_operation_wedges_a_session(lab: Laboratory) -> None:
    """Each answer comes in time, none a 500; a stop leaves no process, a refusal no folder;
    neighbours notice nothing; all recovers.
    """
    operations = await record(lab)
    assert len(operations) > 30
    errors = cycle(ERRORS)
    problems = []
    for number, operation in enumerate(chosen(operations), start=1):
        outcome = await try_fault(lab, number, operation, next(errors))
        problems += [
            f"{operation.name} {operation.path} {outcome.error}: {problem}"
            for problem in outcome.problems
        ]
    assert problems == [], lab.gateway.tail()


async def test_the_table_names_every_operation(lab: Laboratory) -> None:
    """A new file operation of a session's life has to be tried: `make faults`."""
    table = TABLE.read_text()
    missing = [
        operation
        for operation in lab.operations()
        if f"| {operation.name} | `{operation.path}` |" not in table
    ]
    assert missing == [], "run `make faults`"


@pytest.fixture(scope="module")
def production() -> Iterator[Laboratory]:
    with laboratory("production") as running:
        yield running


async def test_no_failing_file_operation_on_builds_wedges_a_session(production: Laboratory) -> None:
    """Production mode: listing, choosing and removing the builds that are kept."""
    operations, errors, problems = (
        of_builds(await record(production, ProductionLife)),
        cycle(ERRORS),
        [],
    )
    for number, operation in enumerate(operations, start=1):
        outcome = await try_fault(production, number, operation, next(errors), ProductionLife)
        problems += [
            f"{operation.name} {operation.path} {outcome.error}: {problem}"
            for problem in outcome.problems
        ]
    assert problems == [], production.gateway.tail()
    table = TABLE.read_text()
    missing = [
        operation
        for operation in operations
        if f"| {operation.name} | `{operation.path}` |" not in table
    ]
    assert missing == [], "run `make faults`"
