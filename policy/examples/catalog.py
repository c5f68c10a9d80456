"""The examples of each rule, found by name. Importing this imports pulumi_aws, which the pack
itself never does.
"""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from . import (
    access,
    efs,
    entrances,
    exemptions,
    listeners,
    load_balancers,
    networks,
    operations,
    registry,
    tables,
    target_groups,
    tasks,
)

_MODULES: tuple[ModuleType, ...] = (
    access,
    efs,
    entrances,
    exemptions,
    listeners,
    load_balancers,
    networks,
    operations,
    registry,
    tables,
    target_groups,
    tasks,
)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One program and the policy configuration that goes with it."""

    program: Callable[[], None]
    config: Mapping[str, object]

    @property
    def source(self) -> str:
        """The program's statements, as a reader would write them."""
        body = inspect.getsource(self.program).split("\n", 1)[1]
        return textwrap.dedent(body).strip()

    @property
    def configuration(self) -> str:
        """The policy configuration as JSON; empty when none is needed."""
        return json.dumps(self.config, indent=2) if self.config else ""


def example(rule: str, verdict: str) -> Example:
    """The example of a rule; `verdict` is `violating` or `complying`. Raises `LookupError` when
    there is none.
    """
    name = f"{rule.replace('-', '_')}_{verdict}"
    for module in _MODULES:
        if program := getattr(module, name, None):
            return Example(program=program, config=getattr(module, f"{name.upper()}_CONFIG", {}))
    raise LookupError(
        f"rule {rule} has no {verdict} example; add a function {name} to a module of"
        " policy/examples"
    )
