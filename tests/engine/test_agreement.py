"""The preview in process and the real engine agree on resources, types and inputs (S24)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local import preview
from local.engine import ROOT, deploy
from local.provider.cli import Engine
from local.provider.events import plain
from local.values import redact

from .conftest import Stack


@pytest.mark.parametrize("name", ["dev", "prod", "local"])
def test_both_list_the_same_resources(name: str, tmp_path: Path) -> None:
    """At preview: same URNs, types and parents; inputs are equal where the engine knows them."""
    engine = Engine(directory=tmp_path / "engine", root=ROOT)
    engine.prepare(name)
    assert engine.preview(name, tmp_path / "report") == 0
    theirs = json.loads((tmp_path / "report" / "preview.json").read_text())
    ours = preview.make(name).document()
    assert theirs.keys() == ours.keys()
    assert theirs["stack"] == name
    mine = {each["urn"]: each for each in ours["resources"]}
    assert {each["urn"] for each in theirs["resources"]} == mine.keys()
    for each in theirs["resources"]:
        urn = each["urn"]
        compare(urn, each.pop("inputs"), plain(mine[urn].pop("inputs")))
        assert each == mine[urn]
    compare("outputs", theirs["outputs"], plain(ours["outputs"]))
    assert {each["level"] for each in theirs["violations"]} <= {"advisory"}


def compare(where: str, theirs: Any, ours: Any) -> None:
    """`theirs` from the engine may be unknown where the model knows; everything else is equal."""
    if theirs == "[unknown]":
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
    """The same model answered both: ids, ARNs and names included. Only generated secrets and the
    engine's own ids differ.
    """
    stack = Stack(Engine(directory=tmp_path / "engine", root=ROOT), "local")
    run = stack.run("up")
    assert run.code == 0, run.output
    ours = {each.urn: each for each in deploy("local", preview=False).resources}
    state = {each["urn"]: each for each in stack.resources()}
    assert state.keys() == ours.keys()
    for urn, each in state.items():
        theirs, mine = (
            without_generation(plain(each.get("inputs") or {})),
            without_generation(plain(redact(ours[urn].inputs))),
        )
        assert theirs == mine, urn
        assert each.get("id") in (ours[urn].id, None), urn
        parent = each.get("parent") if each.get("parent") in state else None
        assert parent == (ours[urn].parent if ours[urn].parent in ours else None), urn


def without_generation(inputs: Any) -> Any:
    """`inputs` without the end of an image's tag, which is an id that the engine draws."""
    return json.loads(
        re.sub(r":((?:src|deps)-[0-9a-f]{32})-[0-9a-f]{8}", r":\1", json.dumps(inputs))
    )
