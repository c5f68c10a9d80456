"""A property and where it stands. A rule says once what must hold of it; what is unknown, wrong or
absent becomes the right finding here.

    def _encrypted(resource: Resource, _: Settings) -> Iterable[Finding]:
        return resource.at("encrypted").must(be_true, "true, and it cannot be changed later")

What is not known before the update is an open question and never hides what is known beside it;
what is absent counts as what AWS makes of it (`default`), and as wrong where AWS makes nothing of
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from .display import show
from .findings import Finding, unjudged
from .values import UNKNOWN, Value, as_dict, boolean, integer

Condition: TypeAlias = Callable[[Value], bool]
"""What must hold of a value that is known."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A value, and the words by which a message names it."""

    subject: str
    """The resource's name, or more: `live: container 'astro'`."""

    path: str
    """`accessLogs.enabled`, `ingress[0]`; empty for the subject itself."""

    value: Value
    urn: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.path}" if self.path else self.subject

    @property
    def unknown(self) -> bool:
        return self.value is UNKNOWN

    def at(self, *keys: str) -> Place:
        """The property inside. Inside an unknown value everything is that same unknown value, so
        that it is asked about once.
        """
        here = self
        for key in keys:
            if here.unknown:
                return here
            here = replace(
                here,
                path=f"{here.path}.{key}" if here.path else key,
                value=as_dict(here.value).get(key),
            )
        return here

    def each(self) -> list[Place]:
        """The elements of a list; none when it is absent, the value itself when it is no list (or
        an unknown one).
        """
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            return [self]
        return [
            replace(self, path=f"{self.path}[{index}]", value=each)
            for index, each in enumerate(self.value)
        ]

    def within(self, path: str) -> list[Place]:
        """Every property at a dotted path, through each element of the lists on the way; none where
        an object on the way is absent.
        """
        here = [self]
        for key in path.split("."):
            here = [element.at(key) for place in here for element in place.each()]
        return here

    def must(
        self, hold: Condition, allowed: str, *, default: Value = None, absent: str = ""
    ) -> Iterator[Finding]:
        """A finding unless `hold` holds of the value, or of `default` where there is none. `absent`
        says what AWS does then.
        """
        if self.unknown:
            yield self.question()
        elif not hold(default if self.value is None else self.value):
            yield self.wrong(allowed, found=absent if self.value is None else "")

    def wrong(self, allowed: str, *, found: str = "") -> Finding:
        """A violation. `found` describes the value where it does not speak for itself."""
        return Finding(
            message=f"{self} is {found or show(self.value)}; allowed is {allowed}", urn=self.urn
        )

    def question(self) -> Finding:
        """An open question about a value that is not known yet."""
        return unjudged(f"{self} is not known yet", self.urn)


# Conditions


def be_true(value: Value) -> bool:
    return boolean(value) is True


def be_false(value: Value) -> bool:
    return boolean(value) is False


def be_set(value: Value) -> bool:
    return value not in (None, "", [])


def be_empty(value: Value) -> bool:
    return value in (None, [])


def be_one_of(*allowed: Value) -> Condition:
    return lambda value: value in allowed


def be_within(low: int, high: int) -> Condition:
    """A whole number of this range."""
    return lambda value: (number := integer(value)) is not None and low <= number <= high
