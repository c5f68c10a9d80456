"""An ALB rule's conditions as Envoy route matches.

Path patterns are case-sensitive, `*` stands for any run of characters (slashes included) and `?`
for exactly one; they see the path without the query string. Host names and header values ignore
case. Visitors of the local load balancer come from loopback and from nowhere else, so a condition
on the source's address either always holds or never
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from itertools import product
from typing import Any

from local.balancer.declared import Condition, DeclarationError


def pattern_regex(pattern: str) -> str:
    """The RE2 expression of an ALB pattern, to be matched against the whole text."""
    return "".join(
        {"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern
    )


def any_regex(patterns: Sequence[str]) -> str:
    return "(?:" + "|".join(pattern_regex(pattern) for pattern in patterns) + ")"


LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")


def from_loopback(ranges: Sequence[str]) -> bool:
    """Whether a source-ip condition holds for the local load balancer's visitors. Raises
    `DeclarationError` when only for some.
    """
    fours = [ipaddress.IPv4Network(text) for text in ranges if ":" not in text]
    if any(LOOPBACK.subnet_of(network) for network in fours):
        return True
    if some := [network for network in fours if network.overlaps(LOOPBACK)]:
        raise DeclarationError(
            f"a source-ip condition names {some[0]}, a part of loopback; name {LOOPBACK} for the"
            " local load balancer"
        )
    return False


def route_matches(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Envoy route matches of which any may hold: none where a condition never does, and more than
    one where an ALB condition is an "or" that Envoy has no word for.
    """
    match: dict[str, Any] = {"prefix": "/"}
    headers: list[dict[str, Any]] = []
    queries: list[list[dict[str, Any]]] = []
    for condition in conditions:
        if condition.field == "path-pattern":
            if "safe_regex" in match:
                raise DeclarationError("a rule has two path-pattern conditions; an ALB admits one")
            match = {"safe_regex": {"regex": any_regex(condition.values)}}
        elif condition.field == "host-header":
            headers.append(_header(":authority", f"(?i){any_regex(condition.values)}(?::[0-9]+)?"))
        elif condition.field == "http-request-method":
            headers.append(_header(":method", any_regex(condition.values)))
        elif condition.field == "http-header":
            headers.append(_header(condition.header.lower(), f"(?i){any_regex(condition.values)}"))
        elif condition.field == "source-ip":
            if not from_loopback(condition.values):
                return []
        else:
            queries.append([_query(key, value) for key, value in condition.parameters])
    if headers:
        match["headers"] = headers
    if not queries:
        return [match]
    return [{**match, "query_parameters": list(choice)} for choice in product(*queries)]


def _header(name: str, regex: str) -> dict[str, Any]:
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def _query(key: str | None, value: str) -> dict[str, Any]:
    if key is None or set("*?") & set(key):
        raise DeclarationError(
            f"a query-string condition names the key {key!r}; the local load balancer needs a"
            " literal key"
        )
    return {"name": key, "string_match": {"safe_regex": {"regex": f"(?i){pattern_regex(value)}"}}}
