"""All rules, one topic per module. Importing this package starts nothing."""

from . import load_balancers, public_ports, target_groups
from .core.rule import Rule

ALL_RULES: tuple[Rule, ...] = (*load_balancers.RULES, *target_groups.RULES, *public_ports.RULES)
