"""The resource graph of each stack as text, so that a review sees what a change does to every stack
(S16).

After a wanted change: `UPDATE_SNAPSHOTS=1 pytest tests/components/test_snapshots.py`, and read the
diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components.harness import Graph, Registered, run_stack

SNAPSHOTS = Path(__file__).parent / "snapshots"

EXISTING_VPC: dict[str, object] = {
    "vpcId": "vpc-0123456789abcdef0",
    "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}
STACKS: dict[str, tuple[str, dict[str, object]]] = {
    "dev": ("dev", {}),
    "prod": ("prod", {}),
    "local": ("local", {}),
    "prod-on-existing-vpc": ("prod", EXISTING_VPC),
    "dev-with-endpoints-only": ("dev", {"egress": "endpoints"}),
}


def readable(value: Any) -> Any:
    """JSON documents as structure, whole numbers as such."""
    if isinstance(value, dict):
        return {name: readable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [readable(member) for member in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return readable(json.loads(value))
        except ValueError:
            return value
    return value


def entry(resource: Registered) -> dict[str, Any]:
    """What a reviewer wants to know of a resource. Dashboards and fresh secrets would only be
    noise.
    """
    inputs: dict[str, Any] = {
        name: "<secret>" if name in resource.secrets else readable(value)
        for name, value in resource.inputs.items()
    }
    if "dashboardBody" in inputs:
        inputs["dashboardBody"] = [
            widget["properties"].get("title", "text")
            for widget in inputs["dashboardBody"]["widgets"]
        ]
    options = {
        "protect": resource.protect,
        "retainOnDelete": resource.retain_on_delete,
        "ignoreChanges": list(resource.ignore_changes),
        "dependsOn": sorted(resource.dependencies),
    }
    return {
        "type": resource.type,
        "parent": resource.parent,
        **{name: value for name, value in options.items() if value},
        "inputs": inputs,
    }


def text(graph: Graph) -> str:
    entries = {name: entry(resource) for name, resource in sorted(graph.resources.items())}
    return yaml.safe_dump(
        {"resources": entries, "outputs": graph.outputs}, sort_keys=True, width=140
    )


@pytest.mark.parametrize("name", STACKS)
def test_the_graph_is_the_one_that_was_reviewed(name: str) -> None:
    stack, overrides = STACKS[name]
    file = SNAPSHOTS / f"{name}.yaml"
    found = text(run_stack(stack, overrides))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(found)
    assert yaml.safe_load(found) == yaml.safe_load(file.read_text()), (
        f"{file.name} differs: see the module's docstring"
    )


def test_a_snapshot_is_the_same_in_every_run() -> None:
    """Fresh secrets and the order of registration leave no trace."""
    assert text(run_stack("local")) == text(run_stack("local"))
