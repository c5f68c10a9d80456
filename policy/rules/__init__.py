"""All rules, one topic per module. Importing this package starts nothing."""

from typing import Final

from . import (
    access,
    buckets,
    efs,
    exemptions,
    identities,
    listeners,
    load_balancers,
    logs,
    public_addresses,
    public_ports,
    public_ports_stack,
    registry,
    resource_policies,
    secrets,
    security_groups,
    target_groups,
    tasks,
)
from .core.rule import Rule

ALL_RULES: Final[tuple[Rule, ...]] = (
    exemptions.EXEMPTIONS,
    *load_balancers.RULES,
    *listeners.RULES,
    *target_groups.RULES,
    *public_ports.RULES,
    *public_ports_stack.RULES,
    *public_addresses.RULES,
    *security_groups.RULES,
    *efs.RULES,
    *tasks.RULES,
    *secrets.RULES,
    *registry.RULES,
    *logs.RULES,
    *identities.RULES,
    *resource_policies.RULES,
    *buckets.RULES,
    *access.RULES,
    exemptions.IN_FORCE,
)
