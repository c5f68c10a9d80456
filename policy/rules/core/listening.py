"""What a listener speaks, and what its actions mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .display import show
from .findings import Finding
from .place import Condition, Place
from .resource import Resource
from .values import UNKNOWN, Value, as_dict


def protocol_of(listener: Resource) -> Value:
    """`HTTP`, `HTTPS`, `TCP` and so on, or `UNKNOWN`. A listener that names none but has a
    certificate speaks HTTPS.
    """
    value = listener.asked.get("protocol")
    if value is UNKNOWN:
        return UNKNOWN
    if value is None:
        return "HTTPS" if listener.asked.get("certificateArn") is not None else "HTTP"
    return str(value).strip().upper()


def redirects_to_https(action: Value) -> bool:
    """Whether an action sends the browser to HTTPS. Redirecting to `#{protocol}` would stay where
    it is.
    """
    redirect = as_dict(as_dict(action).get("redirect"))
    if as_dict(action).get("type") != "redirect":
        return False
    return str(redirect.get("protocol")).upper() == "HTTPS" and str(redirect.get("statusCode")) in (
        "HTTP_301",
        "HTTP_302",
    )


def denies(action: Value) -> bool:
    """Whether an action answers with a fixed 4xx."""
    status = as_dict(as_dict(action).get("fixedResponse")).get("statusCode")
    return as_dict(action).get("type") == "fixed-response" and bool(
        re.fullmatch("4[0-9]{2}", str(status))
    )


def action_must(action: Place, hold: Condition, allowed: str) -> Iterator[Finding]:
    """A finding unless `hold` holds of an action, which is named by its type."""
    if action.unknown or hold(action.value):
        yield from action.must(hold, allowed)
        return
    kind = action.at("type").value
    status = action.at("fixedResponse", "statusCode").value
    yield action.wrong(
        allowed, found=f"fixed-response {show(status)}" if kind == "fixed-response" else show(kind)
    )
