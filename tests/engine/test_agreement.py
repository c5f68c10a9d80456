"""The preview in process and the real engine agree on resources, types and inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.engine import ROOT, deploy
from local.provider.cli import Engine
from local.values import UNKNOWN_SENTINELS, redact

from .conftest import Stack

SECRET = "4dabf18193072939515e22adb298388d"


def plain(value: Any) -> Any:
    """Engine and model in one spelling: secrets and unknowns as marks, whole numbers as such."""
    if isinstance(value, dict):
        if SECRET in value:
            return "[secret]"
        return {name: plain(item) for name, item in value.items() if not name.startswith("__") and item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return "[unknown]" if isinstance(value, str) and value in UNKNOWN_SENTINELS else value


@pytest.mark.parametrize("name", ["dev", "prod", "local"])
def test_both_list_the_same_resources(name: str, tmp_path: Path) -> None:
    """At preview: same URNs, types and parents; inputs are equal where the engine knows them."""
    run = Stack(Engine(directory=tmp_path / "engine", root=ROOT), name).run("preview")
    assert run.code == 0, run.output
    engine = {urn: each for urn, each in run.resources.items() if not each["type"].startswith("pulumi:")}
    ours = {each.urn: each for each in deploy(name).resources}
    assert engine.keys() == ours.keys()
    for urn, each in engine.items():
        assert each["type"] == ours[urn].type
        compare(urn, plain(each["inputs"]), plain(redact(ours[urn].inputs)))


def compare(where: str, theirs: Any, ours: Any) -> None:
    """`theirs` from the engine may be unknown where the model knows; everything else is equal."""
    if theirs == "[unknown]" or (isinstance(theirs, str) and any(mark in theirs for mark in UNKNOWN_SENTINELS)):
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        assert theirs.keys() == ours.keys(), where
        for name, value in theirs.items():
            compare(f"{where}.{name}", value, ours[name])
    elif isinstance(theirs, list) and isinstance(ours, list):
        assert len(theirs) == len(ours), where
        for index, value in enumerate(theirs):
            compare(f"{where}[{index}]", value, ours[index])
    else:
        assert theirs == ours, where


def test_after_an_update_even_computed_values_are_equal(tmp_path: Path) -> None:
    """The same model answered both: ids, ARNs and names included. Only generated secrets differ."""
    stack = Stack(Engine(directory=tmp_path / "engine", root=ROOT), "local")
    run = stack.run("up")
    assert run.code == 0, run.output
    ours = {each.urn: each for each in deploy("local", preview=False).resources}
    state = {each["urn"]: each for each in stack.resources()}
    assert state.keys() == ours.keys()
    for urn, each in state.items():
        theirs, mine = plain(each.get("inputs") or {}), plain(redact(ours[urn].inputs))
        assert theirs == mine, urn
        assert each.get("id") in (ours[urn].id, None), urn
        parent = each.get("parent") if each.get("parent") in state else None
        assert parent == (ours[urn].parent if ours[urn].parent in ours else None), urn
