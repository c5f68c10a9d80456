"""Names that the program chooses itself carry project and stack, so that two of them in one account
do not meet (S36).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pulumi
import pytest

from tests.components.harness import Graph, run_stack

CHOOSES = frozenset({"name", "family", "dashboardName", "bucket", "namespace"})
"""Inputs that name something. Where none is given, Pulumi makes up a name that nothing else has."""

NOT_OF_AN_ACCOUNT = {
    (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "metricTransformation.name",
    ): "within its namespace",
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "namespace",
    ): "AWS's own namespaces, and the stack's",
    ("aws:dynamodb/table:Table", "attributes.name"): "within its table",
    ("aws:ecs/cluster:Cluster", "settings.name"): "a setting",
    ("aws:ecs/taskDefinition:TaskDefinition", "volumes.name"): "within the task",
    ("aws:servicediscovery/service:Service", "name"): "within its zone",
}
CONFIG: dict[str, object] = {
    "apiIngressSecurityGroups": ["sg-0123456789abcdef2"],
    "dashboard": True,
}


def names(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Names that inputs choose, with their paths; lists are crossed."""
    if isinstance(value, list):
        for item in value:
            yield from names(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from names(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, str) and path.rpartition(".")[2] in CHOOSES:
        yield path, value


def chosen(graph: Graph) -> set[tuple[str, str, str]]:
    """Type, input and name."""
    found = {
        (each.type, path, name)
        for each in graph.resources.values()
        if each.custom
        for path, name in names(each.inputs)
    }
    return {each for each in found if each[:2] not in NOT_OF_AN_ACCOUNT}


@pytest.fixture(scope="module")
def mine() -> Graph:
    return run_stack("dev", CONFIG)


def test_another_project_with_the_same_stack_has_other_names(mine: Graph) -> None:
    """Before, two projects overwrote each other's dashboard and metrics, and shared the revisions
    of one task family.
    """
    with mock.patch.object(pulumi, "get_project", return_value="other"):
        theirs = run_stack("dev", CONFIG)
    assert len(chosen(mine)) == len(chosen(theirs)) > 3
    assert chosen(mine) & chosen(theirs) == set()


def test_another_stack_of_the_project_has_other_names(mine: Graph) -> None:
    with mock.patch.object(pulumi, "get_stack", return_value="staging"):
        theirs = run_stack("dev", CONFIG)
    assert chosen(mine) & chosen(theirs) == set()


def test_what_is_left_out_exists(mine: Graph) -> None:
    """An entry that nothing has any more would hide the next one."""
    found = {
        (each.type, path) for each in mine.resources.values() for path, _ in names(each.inputs)
    }
    assert NOT_OF_AN_ACCOUNT.keys() <= found
