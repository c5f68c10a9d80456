"""Pure plan of a listener's rules, keyed by stable names: priorities, patterns and AWS's quotas.

Quotas: 100 rules per load balancer, 5 condition values per rule, paths of at most 128 characters
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.base import ComponentError
from components.cidr import parse_cidr

MAX_RULES = 100
MAX_CONDITION_VALUES = 5
PRIORITIES = (1, 50000)
PATTERN = re.compile(r"/[A-Za-z0-9_\-.$/~\"'@:+&*?]{0,127}")
HOST_PATTERN = re.compile(r"[A-Za-z0-9.*?-]{1,128}")
RULE_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")

Target = Literal["sessions", "api"]
Access = Literal["page", "socket", "program"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; its key in the plan is its stable name, so that another rule before it replaces
    nothing.
    """

    priority: int
    """1-50000, the lowest is asked first."""
    patterns: tuple[str, ...]
    """Path patterns, any of which matches; `*` and `?` are wildcards."""
    hosts: tuple[str, ...] = ()
    """Host patterns, any of which matches; empty: any host. A `*` stands for any characters, dots
    included.
    """
    target: Target = "sessions"
    """Target group that takes the request."""
    sources: tuple[str, ...] = ()
    """Ranges of the addresses that a request may come from; empty: any. Behind a proxy it is the
    proxy's address.
    """
    access: Access = "page"
    """Who comes here, where people sign in: a person who can be sent to sign in, a WebSocket that
    is refused instead, or a program that brings its own credential.
    """


def check_rules(rules: Mapping[str, Rule], *, quota: int = MAX_RULES) -> None:
    """Refuse clashing priorities, patterns that AWS would refuse, and what exceeds a quota. Raises
    `ComponentError` naming the rules.
    """
    if len(rules) > quota:
        raise ComponentError(
            f"{len(rules)} listener rules; allowed is {quota} per load balancer. Merge rules, or"
            " have AWS raise the quota"
        )
    taken: dict[int, str] = {}
    for key, rule in rules.items():
        if not RULE_KEY.fullmatch(key):
            raise ComponentError(
                f"rule key is {key!r}; allowed are lower-case letters, digits and '_', such as"
                " 'assets'"
            )
        if not PRIORITIES[0] <= rule.priority <= PRIORITIES[1]:
            raise ComponentError(
                f"rule {key!r} has priority {rule.priority}; allowed is"
                f" {PRIORITIES[0]}-{PRIORITIES[1]}"
            )
        if rule.priority in taken:
            raise ComponentError(
                f"rules {taken[rule.priority]!r} and {key!r} both have priority {rule.priority};"
                " give one another, such as"
                f" {_free_priority(rule.priority, {each.priority for each in rules.values()})}"
            )
        taken[rule.priority] = key
        _check_conditions(key, rule)


def split_sources(sources: tuple[str, ...], *, beside: int) -> list[tuple[str, ...]]:
    """`sources` in groups that fit into a rule beside so many other values; one empty group for no
    sources.
    """
    size = MAX_CONDITION_VALUES - beside
    return [sources[start : start + size] for start in range(0, len(sources), size)] or [()]


def _check_conditions(key: str, rule: Rule) -> None:
    patterns, hosts, sources = rule.patterns, rule.hosts, rule.sources
    if not 1 <= len(patterns) <= MAX_CONDITION_VALUES:
        raise ComponentError(
            f"rule {key!r} has {len(patterns)} path patterns; allowed is 1-{MAX_CONDITION_VALUES}"
            " per rule. Split the rule"
        )
    if len(patterns) + len(hosts) + len(sources) > MAX_CONDITION_VALUES:
        raise ComponentError(
            f"rule {key!r} has {len(patterns)} path patterns, {len(hosts)} hosts and {len(sources)}"
            f" sources; allowed is {MAX_CONDITION_VALUES} values per rule. Split the rule"
        )
    for host in hosts:
        if not HOST_PATTERN.fullmatch(host):
            raise ComponentError(
                f"rule {key!r} has the host {host!r}; allowed are 1-128 letters, digits, '-', '.',"
                " '*' and '?'"
            )
    for source in sources:
        parse_cidr(f"source of rule {key!r}", source)
    for pattern in patterns:
        if not PATTERN.fullmatch(pattern):
            raise ComponentError(
                f"rule {key!r} has the path pattern {pattern!r}; allowed is '/' and at most 127"
                " characters, as in '/assets/*'"
            )


def _free_priority(near: int, taken: set[int]) -> int:
    return next(
        priority for priority in range(near + 1, PRIORITIES[1] + near) if priority not in taken
    )
