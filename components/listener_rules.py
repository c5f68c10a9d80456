"""Pure plan of a listener's rules: priorities, patterns and AWS's quotas.

Quotas: 100 rules per load balancer, 5 condition values per rule
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.base import ComponentError

MAX_RULES = 100
MAX_CONDITION_VALUES = 5
PRIORITIES = (1, 50000)


@dataclass(frozen=True, kw_only=True)
class RulePlan:
    """One rule, named by its key in the plan."""

    priority: int
    patterns: tuple[str, ...]
    """Path patterns, any of which matches."""


def check_plans(plans: Mapping[str, RulePlan], *, max_rules: int = MAX_RULES) -> None:
    """Refuse clashing priorities and what exceeds a quota. Raises `ComponentError` that names the rules."""
    if len(plans) > max_rules:
        raise ComponentError(
            f"{len(plans)} listener rules; allowed is {max_rules} per load balancer. Merge rules, or have AWS raise the quota"
        )
    owner: dict[int, str] = {}
    for key, plan in plans.items():
        if not PRIORITIES[0] <= plan.priority <= PRIORITIES[1]:
            raise ComponentError(f"rule {key!r} has priority {plan.priority}; allowed is {PRIORITIES[0]}-{PRIORITIES[1]}")
        if other := owner.setdefault(plan.priority, key) if owner.get(plan.priority, key) != key else None:
            raise ComponentError(f"rules {other!r} and {key!r} both have priority {plan.priority}; give each a priority of its own")
        owner[plan.priority] = key
        if not 1 <= len(plan.patterns) <= MAX_CONDITION_VALUES:
            raise ComponentError(
                f"rule {key!r} has {len(plan.patterns)} path patterns; allowed is 1-{MAX_CONDITION_VALUES} per rule. Split the rule"
            )
