"""Change one input of the program's resources from the command line, to see what the policy pack
says to it.

python -m local preview dev --mutate 'aws:lb/loadBalancer:LoadBalancer.idleTimeout=60' python -m
local preview dev --mutate
'aws:lb/targetGroup:TargetGroup::astro-live-alb-sessions.stickiness.enabled=false'
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from local.errors import LocalError
from local.values import Properties

ABSENT: Final = "absent"
"""The value that removes the property."""


class MutationError(LocalError):
    """The mutation is not of the form `TYPE[::NAME].PATH=VALUE`, or no resource takes it."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """Set `path` of every resource of `type` (and `name`) to `value`."""

    type: str
    name: str | None
    path: tuple[str | int, ...]
    value: Any = field(hash=False)

    @classmethod
    def parse(cls, text: str) -> Mutation:
        """`TYPE[::NAME].PATH=VALUE`: PATH as in `conditions[0].pathPattern`, VALUE as JSON, bare
        text, or `absent`.
        """
        found = re.fullmatch(
            r"(?P<type>[^.=]+?)(::(?P<name>[^.=]+))?\.(?P<path>[^=]+)=(?P<value>.*)",
            text,
            re.DOTALL,
        )
        if found is None:
            raise MutationError(
                f"--mutate is {text!r}; write TYPE.PROPERTY=VALUE, as in"
                " aws:lb/loadBalancer:LoadBalancer.idleTimeout=60"
            )
        steps = re.findall(r"[^.\[\]]+", found["path"])
        path = tuple(int(step) if step.isdigit() else step for step in steps)
        try:
            value = json.loads(found["value"])
        except json.JSONDecodeError:
            value = found["value"]
        return cls(type=found["type"], name=found["name"], path=path, value=value)

    def applies(self, kind: str, name: str) -> bool:
        return kind == self.type and self.name in (None, name)

    def apply(self, properties: Properties) -> None:
        """Change `properties` in place; objects on the way are made when they are missing."""
        target: Any = properties
        for step in self.path[:-1]:
            if isinstance(step, int) and isinstance(target, list) and step < len(target):
                target = target[step]
            elif isinstance(step, str) and isinstance(target, dict):
                target = target.setdefault(step, {})
            else:
                raise MutationError(
                    f"{self.type} has no {'.'.join(map(str, self.path))}: {step!r} is not there"
                )
        last = self.path[-1]
        if self.value == ABSENT and isinstance(target, dict):
            target.pop(str(last), None)
        elif isinstance(target, dict):
            target[str(last)] = self.value
        elif isinstance(last, int) and isinstance(target, list) and last < len(target):
            target[last] = self.value
        else:
            raise MutationError(
                f"{self.type} has no {'.'.join(map(str, self.path))}: {last!r} is not there"
            )
