"""What goes into a policy pack and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .config_schema import PolicyInfo
from .rules.core.values import UNKNOWN, Secret

__all__ = ["UNKNOWN", "Diagnostic", "PackInfo", "Remediation", "Resource", "Secret"]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource to analyse. `properties` are inputs for `analyze` and `remediate`, outputs for
    `analyze_stack`.
    """

    urn: str
    type: str
    name: str
    properties: Mapping[str, object] = field(default_factory=dict)
    parent: str | None = None
    """URN of the parent."""

    dependencies: Sequence[str] = ()
    """URNs of every resource this one depends on."""

    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Property name to the URNs its value came from: how stack policies join resources whose ids
    are not known yet.
    """

    provider: Resource | None = None
    protect: bool = False
    ignore_changes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A violation, or a note that a policy could not be judged."""

    policy: str
    pack: str
    level: str
    """`mandatory` stops, `advisory` warns."""

    message: str
    description: str
    urn: str
    """Empty blames the stack as a whole."""

    severity: str = ""


@dataclass(frozen=True, kw_only=True)
class Remediation:
    """A rewrite that a policy under the level `remediate` proposes."""

    policy: str
    description: str
    properties: Mapping[str, object] | None
    """The new inputs, secrets as `Secret` and unknowns as `UNKNOWN`; `None` when `diagnostic` says
    why there are none.
    """

    diagnostic: str = ""


@dataclass(frozen=True, kw_only=True)
class PackInfo:
    """A policy pack's description of itself."""

    name: str
    version: str
    policies: tuple[PolicyInfo, ...]

    def policy(self, name: str) -> PolicyInfo:
        return next(policy for policy in self.policies if policy.name == name)
