"""Hand the resources of a few lines of Pulumi program to an analyzer."""

from __future__ import annotations

import functools
from collections.abc import Callable

from policy.examples import recording
from policy.examples.recording import Declared
from policy.harness import Analyzer, Diagnostic

__all__ = ["Declared", "declare", "judge"]


@functools.cache
def declare(program: Callable[[], None]) -> list[Declared]:
    """The resources of a program, which is run once: several modules ask for the same ones."""
    return recording.declare(program)


def judge(analyzer: Analyzer, declared: list[Declared]) -> list[Diagnostic]:
    """Every diagnostic for these resources, as the engine would ask for them: each one's inputs,
    then the outputs of all.
    """
    found = [
        each for answer in analyzer.analyze_all([one.inputs for one in declared]) for each in answer
    ]
    return found + analyzer.analyze_stack([one.outputs for one in declared])
