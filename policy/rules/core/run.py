"""One run of the pack: configuration in, resources in, verdicts out. It knows nothing of gRPC and
is the only thing that remembers.

What is remembered of a resource is what the program asked for (a stack policy is told outputs
only). Rules are pure functions; in which order they stand makes no difference.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from .config import check_config
from .display import visible
from .exemption import NEVER_EXEMPT, Exemption, read_exemptions, today
from .findings import Finding
from .joins import Stack
from .resource import INTERNAL, Resource
from .rule import ClosingRule, ResourceRule, Rule, Settings, StackRule, number
from .spelling import other_names
from .values import Properties, Value

_Kind = TypeVar("_Kind", bound=Rule)

EXEMPTIONS: Final = "exemptions"
"""Id of the rule whose settings hold the exemptions."""


@dataclass(frozen=True, kw_only=True)
class InForce:
    """How configuration sets one rule: a level of the engine (`mandatory`, `advisory`, `remediate`,
    `disabled`), and settings.
    """

    level: str
    settings: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One thing to report."""

    rule: Rule
    level: str
    """`mandatory` or `advisory`."""

    message: str
    urn: str


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """Properties that a rule would set, or why it cannot say."""

    rule: ResourceRule
    properties: Mapping[str, object]


class Run:
    """The rules under one configuration, and what they have seen."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.configure({})

    def configure(self, given: Mapping[str, InForce]) -> None:
        """Put a configuration in force and forget what was seen. Raises `ConfigError` with every
        problem in it.
        """
        check_config(self.rules, {name: each.settings for name, each in given.items()})
        self._levels = {
            rule.id: given[rule.id].level if rule.id in given else rule.level for rule in self.rules
        }
        self._settings = {rule.id: _settings(rule, given) for rule in self.rules}
        self._exemptions: dict[str, list[Exemption]] = {}
        self._spared: dict[Exemption, dict[str, None]] = {}
        if self._levels.get(EXEMPTIONS, "disabled") != "disabled":
            self._longest_days = number(self._settings[EXEMPTIONS], "longestDays")
            for each in read_exemptions(self._settings[EXEMPTIONS]["entries"]):  # type: ignore[arg-type]
                self._spared[each] = {}
                self._exemptions.setdefault(each.rule, []).append(each)
        self._inputs: dict[str, Properties] = {}
        self._plugins: dict[str, Value] = {}
        self._named: dict[Exemption, dict[str, None]] = {}

    def remember(self, resource: Resource) -> None:
        """Keep what the engine shows before it asks for an analysis, and leaves out then: where a
        provider's program comes from.
        """
        if resource.type.startswith("pulumi:providers:") and INTERNAL in resource.props:
            self._plugins[resource.urn] = resource.props[INTERNAL]

    def analyze(self, resource: Resource) -> list[Verdict]:
        """What the resource rules say about a resource's inputs."""
        if resource.urn in self._plugins:
            resource = replace(
                resource, props={**resource.props, INTERNAL: self._plugins[resource.urn]}
            )
        self._inputs[resource.urn] = resource.props
        verdicts: list[Verdict] = list(self._ambiguous(resource))
        for rule in self._active(ResourceRule):
            if rule.types is None or resource.type in rule.types:
                verdicts += self._judge(
                    rule, partial(rule.check, resource, self._settings[rule.id]), resource.urn
                )
        return verdicts

    def _ambiguous(self, resource: Resource) -> Iterator[Verdict]:
        """A violation when an exemption that names one resource fits a second one: it was asked for
        one, and nobody looked at the other.
        """
        for exemption in self._spared:
            if not exemption.names(resource.urn):
                continue
            named = self._named.setdefault(exemption, {})
            named[resource.urn] = None
            if len(named) > 1:
                urns = " and ".join(named)
                which = f"the exemption of {exemption.resource} from {exemption.rule}"
                found = (
                    f"{which} fits {urns}; allowed is the URN of one of them, or an entry for each"
                )
                rule = next(each for each in self.rules if each.id == EXEMPTIONS)
                yield Verdict(
                    rule=rule,
                    level=self._level(rule),
                    message=violation(rule, found),
                    urn=resource.urn,
                )

    def analyze_stack(self, resources: Iterable[Resource]) -> list[Verdict]:
        """What the stack rules say about the outputs of all resources."""
        stack = Stack([replace(each, inputs=self._inputs.get(each.urn)) for each in resources])
        verdicts: list[Verdict] = []
        for rule in self._active(StackRule):
            verdicts += self._judge(rule, partial(rule.check, stack, self._settings[rule.id]), "")
        spared = {
            exemption: self._told(exemption, tuple(messages))
            for exemption, messages in self._spared.items()
        }
        for closing in self._active(ClosingRule):
            verdicts += self._judge(
                closing, partial(closing.check, stack, self._settings[closing.id], spared), ""
            )
        return verdicts

    def _told(self, exemption: Exemption, messages: tuple[str, ...]) -> tuple[str, ...]:
        return (
            ("the rule is switched off",)
            if self._levels.get(exemption.rule) == "disabled"
            else messages
        )

    def remediate(self, resource: Resource) -> Iterator[Rewrite]:
        """What the rules under the level `remediate` would change, one after the other; apply each
        before the next is asked for.
        """
        for rule in self._active(ResourceRule):
            if (
                self._levels[rule.id] != "remediate"
                or rule.remedy is None
                or not (rule.types is None or resource.type in rule.types)
            ):
                continue
            settings = self._settings[rule.id]
            wrong = [each for each in rule.check(resource, settings) if each.known]
            if any(not self._spares(rule, resource.urn, each.message) for each in wrong):
                changed = rule.remedy(resource, settings)
                yield Rewrite(rule=rule, properties=changed)
                resource = replace(resource, props={**resource.props, **changed})

    def _active(self, kind: type[_Kind]) -> Iterator[_Kind]:
        return (
            rule
            for rule in self.rules
            if isinstance(rule, kind) and self._levels[rule.id] != "disabled"
        )

    def _judge(self, rule: Rule, check: Callable[[], Iterable[Finding]], urn: str) -> list[Verdict]:
        level = self._level(rule)
        settings = self._settings[rule.id]
        try:
            found = list(dict.fromkeys(check()))
        except Exception as error:  # whatever it is: it must neither pass for "nothing found" nor blind the other rules
            message = (
                f"the rule failed on this resource ({_failure(error)}), so nobody knows whether it"
                " is met"
            )
            return [Verdict(rule=rule, level="mandatory", message=message, urn=urn)]
        verdicts = []
        questions: dict[str, list[str]] = {}
        for finding in found:
            subject = finding.urn or urn
            if self._spares(rule, subject, finding.message):
                continue
            if finding.known or settings["whenUnknown"] == "mandatory":
                verdicts.append(
                    Verdict(
                        rule=rule,
                        level=level,
                        message=violation(rule, finding.message),
                        urn=subject,
                    )
                )
            elif settings["whenUnknown"] == "advisory":
                questions.setdefault(subject, []).append(finding.message)
        for subject, messages in questions.items():
            verdicts.append(
                Verdict(rule=rule, level="advisory", message=question(rule, messages), urn=subject)
            )
        return verdicts

    def _level(self, rule: Rule) -> str:
        return (
            "advisory" if self._levels[rule.id] == "advisory" else "mandatory"
        )  # a remedy that did not help is a violation

    def _spares(self, rule: Rule, urn: str, message: str) -> bool:
        """Whether an exemption in force covers this finding; if so, remember it for the report."""
        for exemption in self._exemptions.get(rule.id, ()):
            if len(self._named.get(exemption, ())) > 1:
                continue  # it fits several resources, which is a violation
            if (
                exemption.names(urn)
                and rule.id not in NEVER_EXEMPT
                and not exemption.problem(today(), self._longest_days)
            ):
                self._spared[exemption][message] = None
                return True
        return False


def _settings(rule: Rule, given: Mapping[str, InForce]) -> Settings:
    """A rule's settings, and those of the rule that it completes, whatever that one's level is."""
    shared = _settings(rule.shares, given) if rule.shares else None
    return rule.settings(given[rule.id].settings if rule.id in given else None, shared)


def violation(rule: Rule, found: str) -> str:
    """What a person reads: the finding, the fix and where to learn more."""
    names = other_names(rule.fix)
    hint = f" In TypeScript and YAML: {', '.join(names)}." if names else ""
    return (
        f"{rule.title}\n{visible(found)}.\nFix: {rule.fix}.{hint}\nDocs: {rule.link}, and docs/{rule.id}.md"
        " in the policy pack"
    )


def question(rule: Rule, found: Iterable[str]) -> str:
    """What a person reads where the update has to come first."""
    asked = ".\n".join(map(visible, found))
    return f"{rule.title}\n{asked}.\n{LATER}"


LATER: Final = (
    "Not judged yet: it is judged during the update, before the resource is changed, or at the next"
    " preview."
)
"""The last line of an open question, by which reports tell one from a warning."""


def _failure(error: Exception) -> str:
    """Kind and place of a failure; not its text, which may hold a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
