"""A value that is not known before the update never turns a violation into silence (S21)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from policy.examples.catalog import example
from policy.harness import UNKNOWN, Analyzer
from policy.rules import ALL_RULES
from policy.rules.core.rule import ClosingRule
from policy.rules.core.run import LATER
from tests.policy.programs import Declared, declare, judge

RULES: Final = [
    rule.id
    for rule in ALL_RULES
    if not isinstance(rule, ClosingRule) and not example(rule.id, "violating").config
]


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place inside a value, the value itself left out."""
    items = (
        value.items()
        if isinstance(value, Mapping)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in items:
        yield (*above, key)
        yield from _paths(each, (*above, key))


def _unknown_at(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path:
        return UNKNOWN
    key, *rest = path
    if isinstance(value, Mapping):
        return {
            name: _unknown_at(each, tuple(rest)) if name == key else each
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [
            _unknown_at(each, tuple(rest)) if index == key else each
            for index, each in enumerate(value)
        ]
    return UNKNOWN  # an output may have another shape than the input that it comes from


def _variants(declared: list[Declared]) -> Iterator[tuple[str, list[Declared]]]:
    """The program with one value that is not known yet, for each value in it."""
    for index, one in enumerate(declared):
        for path in _paths(dict(one.inputs.properties)):
            inputs = replace(one.inputs, properties=_unknown_at(one.inputs.properties, path))
            outputs = replace(one.outputs, properties=_unknown_at(one.outputs.properties, path))
            changed = replace(one, inputs=inputs, outputs=outputs)
            yield (
                f"{one.inputs.name}.{'.'.join(map(str, path))}",
                [
                    *declared[:index],
                    changed,
                    *declared[index + 1 :],
                ],
            )


@pytest.mark.parametrize("rule", RULES)
def test_an_unknown_value_is_no_silence(rule: str, pack: Analyzer) -> None:
    """Each value of the violating example in turn: the rule still refuses, or says that it cannot
    judge yet, or another rule asks for that very property of that resource.
    """
    pack.configure({})
    silent = []
    for path, program in _variants(declare(example(rule, "violating").program)):
        found = judge(pack, program)
        name, prop = path.split(".")[:2]
        asked = any(
            LATER in each.message and name in each.message and prop in each.message
            for each in found
        )
        if not asked and rule not in {each.policy for each in found}:
            silent.append(path)
    assert silent == [], f"{rule} says nothing when these are not known: {json.dumps(silent)}"
