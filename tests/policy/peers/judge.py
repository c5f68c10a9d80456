"""Cases of peers before the real policy pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy.harness import Analyzer, Diagnostic
from policy.rules.core.run import LATER

from . import cloudformation, terraform
from .declared import Declared
from .fixtures import Fixture
from .scope import rules


@dataclass(frozen=True)
class Verdict:
    """What the pack said of one case."""

    fixture: Fixture
    outcome: str
    """`caught`, `missed`, `passed`, `refused`, `unreadable` or `empty` (nothing of it exists in
    Pulumi's AWS provider).
    """

    messages: tuple[str, ...] = ()


def judge(analyzer: Analyzer, cases: Iterable[Fixture]) -> Iterator[Verdict]:
    """A verdict for every case in scope."""
    for number, fixture in enumerate(cases):
        wanted = rules(fixture.check)
        if not wanted:
            continue
        try:
            declared = fixture.read(f"case-{number}")
        except (
            terraform.Unreadable,
            cloudformation.Unreadable,
            ValueError,
            TypeError,
            AttributeError,
            KeyError,
        ) as error:
            yield Verdict(fixture, "unreadable", (f"{type(error).__name__}: {error}",))
            continue
        about = _about(declared, fixture.subject)
        if not about:
            yield Verdict(fixture, "empty")
            continue
        found = [
            each
            for each in _diagnostics(analyzer, about)
            if each.policy in wanted and _speaks_of(each, about, fixture.subject)
        ]
        known = [each for each in found if not each.message.endswith(LATER)]
        outcome = (
            ("caught" if known else "missed")
            if fixture.violating
            else ("refused" if known else "passed")
        )
        yield Verdict(
            fixture,
            outcome,
            tuple(f"{each.policy}: {_finding(each.message)}" for each in known or found),
        )


def _finding(message: str) -> str:
    """The finding itself, without title, fix and links."""
    lines = message.splitlines()
    return lines[1] if len(lines) > 1 else lines[0]


def _is(declared: Declared, subject: str) -> bool:
    """Whether the subject's address, which may name one instance or carry a path in front, is this
    resource's.
    """
    return subject.endswith(declared.address) or subject.split("[", 1)[0] == declared.address


def _about(declared: list[Declared], subject: str) -> list[Declared]:
    """The subject with what it names and what names it; everything when there is no subject."""
    if not subject:
        return declared
    own = [each for each in declared if _is(each, subject)]
    if not own:
        return []
    urns = {each.resource.urn for each in own}
    while True:
        near = {each.resource.urn for each in declared if urns & set(each.references)}
        named = {
            other for each in declared if each.resource.urn in urns for other in each.references
        }
        grown = urns | near | named
        if grown == urns:
            return [each for each in declared if each.resource.urn in urns]
        urns = grown


def _speaks_of(diagnostic: Diagnostic, about: list[Declared], subject: str) -> bool:
    """About the subject, or about a resource that hangs on it, directly or through others."""
    if not subject or not diagnostic.urn:
        return True
    urns = {each.resource.urn for each in about if _is(each, subject)}
    while hanging := {each.resource.urn for each in about if urns & set(each.references)} - urns:
        urns |= hanging
    return diagnostic.urn in urns


def _diagnostics(analyzer: Analyzer, declared: list[Declared]) -> list[Diagnostic]:
    found = [
        each
        for answer in analyzer.analyze_all([each.resource for each in declared])
        for each in answer
    ]
    return found + analyzer.analyze_stack([each.output() for each in declared])
