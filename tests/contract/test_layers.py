"""Who may import whom: no import leads upward or in a circle."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.sources import TREES, imports, modules

MAY_IMPORT = {
    "contract": set(),
    "components": {"contract"},
    "container": {"contract"},
    "policy": set(),
    "local": {"contract", "components", "container", "policy"},
}
"""Our own top-level packages that each of them stands on. The policy pack is also used without the
rest.
"""
FRAMEWORKS = {"aiohttp", "boto3", "psutil", "pulumi", "pulumi_aws"}


def graph() -> dict[str, set[str]]:
    """Module → the modules that it imports."""
    known = modules()
    found: dict[str, set[str]] = {}
    for name, module in known.items():
        named = {
            target if target in known else target.rpartition(".")[0] for target in imports(module)
        }
        found[name] = {target for target in named if target in known and target != name}
    return found


def layer(name: str) -> str:
    """A sub-package is one piece, a module of a top-level package or of `container.gateway`
    another.
    """
    package = modules()[name].package
    depth = 2 if name.startswith("container") else 1
    return package if package.count(".") >= depth else name


def circle(edges: dict[str, set[str]]) -> list[str]:
    """The nodes of a circle, if there is one."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("top", list(MAY_IMPORT))
def test_no_import_leads_upward(top: str) -> None:
    for name, targets in graph().items():
        if name.partition(".")[0] == top:
            others = {target.partition(".")[0] for target in targets} & {*TREES, "settings"} - {top}
            assert others <= MAY_IMPORT[top], name


def test_the_contract_stands_on_no_framework() -> None:
    """The image takes it without Pulumi, the program without aiohttp."""
    for name, module in modules().items():
        if name.startswith("contract"):
            assert not FRAMEWORKS & {target.partition(".")[0] for target in imports(module)}, name


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    assert circle(graph()) == []


def test_packages_do_not_import_each_other_in_a_circle() -> None:
    """Each sub-package as a whole: what it imports imports nothing of it."""
    edges: dict[str, set[str]] = {}
    for name, targets in graph().items():
        edges.setdefault(layer(name), set()).update(layer(target) for target in targets)
    assert circle({node: targets - {node} for node, targets in edges.items()}) == []


def test_a_circle_is_found() -> None:
    assert {*circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})} == {"b", "c"}
