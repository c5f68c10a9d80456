"""Values in messages. Secrets arrive as plain text without a mark, so a text is shown only when it
is one of AWS's own words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from .values import UNKNOWN, Value

_WORDS: Final = re.compile(
    r"(?-i:[A-Z]{2,14}(?:_[A-Z]{2,14}){0,4})|http[12]|http_30[12]|https?|tcp|udp|tls|grpc|tcp_udp"
    r"|application|network|gateway|ip|instance|alb|lambda"
    r"|lb_cookie|app_cookie|source_ip|source_ip_dest_ip|source_ip_dest_ip_proto|defensive|strictest"
    r"|monitor|append|preserve|remove|forward|redirect|fixed-response|jwt-validation|authenticate-(?:cognito|oidc)"
    r"|enabled|disabled|true|false|yes|no|on|off|mutable|immutable|awsvpc|bridge|host|none|task"
    r"|awslogs|json-file|root|root:root|\*|cluster|namespace|edge|regional|private|public|vpc"
    r"|(?:block|allow)-[a-z]{3,8}(?:-[a-z]{3,8})*|latest|fargate|ec2|#\{(?:protocol|host|port)\}",
    re.IGNORECASE,
)
"""Words that properties take, in any case, and whatever is written as AWS writes its constants,
`PUBLIC_READ`: no provider's key is made of capital letters alone.
"""
_HARMLESS: Final = re.compile(
    r"ELBSecurityPolicy-[A-Za-z0-9-]{1,60}|[0-9]{1,5}(?:[-,:][0-9]{1,5})*|/?|[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}"
    r"|(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?|(?=(?:[^:]*:){2})[0-9a-fA-F:]{2,39}(?:/[0-9]{1,3})?"
    r"|arn:aws[a-z-]*:(?!secretsmanager)[a-z0-9-]{1,40}:[a-z0-9-]{0,25}:(?:[0-9]{12}|aws|):[\w+=,.@:/*-]{1,200}"
    r"|(?:[a-z0-9-]{1,63}\.){1,6}(?:com|net|org|io|dev|app|example|internal|amazonaws\.com\.cn)"
)
"""Names of AWS's TLS policies, small numbers (ports, codes, permissions, user ids), versions,
addresses and networks, ARNs, names of hosts, the root path and nothing at all.
"""


def show(value: Value) -> str:
    """A value for a message, without its content where that may be a secret."""
    if value is None:
        return "not set"
    if value is UNKNOWN:
        return "not known yet"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.{_SHOWN_DIGITS}g}"
    if isinstance(value, str):
        return (
            repr(value)
            if _WORDS.fullmatch(value) or _HARMLESS.fullmatch(value)
            else f"a text of {len(value)} characters"
        )
    return ("a list" if value else "an empty list") if isinstance(value, list) else "an object"


_SHOWN_DIGITS: Final = 15
"""Figures of a number in a message: all of those that an exact whole number has."""


def visible(text: str) -> str:
    """A text in which every character shows. A name or a key may hold marks that turn a line round
    or clear it, ends of lines that fake another one, and halves of characters, which no message can
    carry.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or unicodedata.category(each) == "Zs" else _escaped(each)
        for each in text
    )


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def show_id(prefix: str, identity: str) -> str:
    """An AWS id such as `sg-0123`, or that it is none: what is not an id may be a secret."""
    return (
        identity
        if re.fullmatch(rf"{prefix}-[0-9a-f]{{1,32}}", identity)
        else "of an id that is not valid"
    )
