"""What is wrong with a setting, in the four parts that a person needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SECRET: Final = "<secret>"  # noqa: S105 what is shown instead of one
NOT_SET: Final = "not set"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One setting that cannot be used."""

    key: str
    """The setting, as the reader names it: a stack key, a variable or an argument."""
    value: str
    """As it was written; `<secret>` for a secret, `not set` for a missing one."""
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key} is {self.value}; allowed: {self.allowed}. Fix: {self.fix}"


Problems = Iterator[Problem]

Names = Mapping[str, str]
"""Field name → the name that the reader of an error knows."""


class InvalidSettings(ValueError):
    """Settings that cannot be used. `problems` holds all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
