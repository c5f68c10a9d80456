"""Hand the resources of a few lines of Pulumi program to an analyzer."""

from __future__ import annotations

from policy.examples.recording import Declared, declare
from policy.harness import Analyzer, Diagnostic

__all__ = ["Declared", "declare", "judge"]


def judge(analyzer: Analyzer, declared: list[Declared]) -> list[Diagnostic]:
    """Every diagnostic for these resources, as the engine would ask for them: each one's inputs,
    then the outputs of all.
    """
    found = [
        each for answer in analyzer.analyze_all([one.inputs for one in declared]) for each in answer
    ]
    return found + analyzer.analyze_stack([one.outputs for one in declared])
