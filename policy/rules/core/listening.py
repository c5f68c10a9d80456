"""What a listener speaks, and what its actions and conditions mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .display import show
from .findings import Finding
from .networks import NetworkError, Sources, parse
from .place import Condition, Place
from .resource import Resource
from .values import UNKNOWN, Value, as_dict, as_list


def protocol_of(listener: Resource) -> Value:
    """`HTTP`, `HTTPS`, `TCP` and so on, or `UNKNOWN`. A listener that names none but has a certificate speaks HTTPS."""
    value = listener.asked.get("protocol")
    if value is UNKNOWN:
        return UNKNOWN
    if value is None:
        return "HTTPS" if listener.asked.get("certificateArn") is not None else "HTTP"
    return str(value).strip().upper()


def redirects_to_https(action: Value) -> bool:
    """Whether an action sends the browser to HTTPS. Redirecting to `#{protocol}` would stay where it is."""
    redirect = as_dict(as_dict(action).get("redirect"))
    if as_dict(action).get("type") != "redirect":
        return False
    return str(redirect.get("protocol")).upper() == "HTTPS" and str(redirect.get("statusCode")) in ("HTTP_301", "HTTP_302")


def denies(action: Value) -> bool:
    """Whether an action answers with a fixed 4xx."""
    status = as_dict(as_dict(action).get("fixedResponse")).get("statusCode")
    return as_dict(action).get("type") == "fixed-response" and bool(re.fullmatch("4[0-9]{2}", str(status)))


def action_must(action: Place, hold: Condition, allowed: str) -> Iterator[Finding]:
    """A finding unless `hold` holds of an action, which is named by its type."""
    if action.unknown or hold(action.value):
        yield from action.must(hold, allowed)
        return
    kind = action.at("type").value
    status = action.at("fixedResponse", "statusCode").value
    yield action.wrong(allowed, found=f"fixed-response {show(status)}" if kind == "fixed-response" else show(kind))


# Conditions of listener rules

_WILD: Final = re.compile(r"[*?./]")
_REGEX_WILD: Final = re.compile(r"\\[A-Za-z]|\[[^\]]*\]|\{[^}]*\}|[^A-Za-z0-9_-]")
"""What in a regular expression is no literal text: classes, sets, counts, operators."""


def matches_everything(rule: Resource) -> bool | None:
    """Whether no condition of a listener rule narrows what it matches; `None` when that is not known yet."""
    conditions = rule.at("conditions").each()
    if any(_narrows(each) for each in conditions if not each.unknown):
        return False
    return None if any(each.unknown for each in conditions) else True


def _narrows(condition: Place) -> bool:
    """Conditions are alternatives inside and joined with AND outside. A method narrows nothing: every path has the same few."""
    for key, narrow in (("pathPattern", _literal), ("hostHeader", _own_host), ("httpHeader", _literal)):
        values = as_dict(as_dict(condition.value).get(key))
        patterns, expressions = as_list(values.get("values")), as_list(values.get("regexValues"))
        if (patterns or expressions) and all(map(narrow, patterns)) and all(bool(_REGEX_WILD.sub("", str(each))) for each in expressions):
            return True
    queries = as_list(as_dict(condition.value).get("queryStrings"))
    if queries and all(_literal(as_dict(each).get("key") or "") or _literal(as_dict(each).get("value")) for each in queries):
        return True
    addresses = as_list(as_dict(as_dict(condition.value).get("sourceIp")).get("values"))
    return bool(addresses) and not _everyone(addresses)


def _literal(pattern: Value) -> bool:
    """Whether a pattern has its own text, or will have: `/session/*` does, `/*` and `*.*` do not."""
    return pattern is UNKNOWN or bool(_WILD.sub("", str(pattern or "")))


def _own_host(pattern: Value) -> bool:
    """Whether a host pattern stays within somebody's domain: `*.example.com` does, `*.com` does not."""
    if pattern is UNKNOWN:
        return True
    text = str(pattern)
    return bool(text) and (("*" not in text and "?" not in text) or sum(map(_literal, text.split("."))) >= 2)


def _everyone(addresses: list[Value]) -> bool:
    """Whether these addresses are half of the internet or more."""
    try:
        sources = Sources.of(parse(each) for each in addresses if isinstance(each, str))
    except NetworkError:
        return True
    return sources.share >= 0.5
