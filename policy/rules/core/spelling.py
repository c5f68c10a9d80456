"""Fixes in the spelling of each Pulumi language. They are written once, as a Python program has
them.
"""

from __future__ import annotations

import re
from typing import Final

_SNAKE: Final = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_KEPT: Final = frozenset({"lb_cookie", "app_cookie", "source_ip"})
"""Values of AWS, which every language writes alike."""


def camel(name: str) -> str:
    """`drop_invalid_header_fields` to `dropInvalidHeaderFields`."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def other_names(fix: str) -> tuple[str, ...]:
    """The names in a fix that TypeScript and YAML spell otherwise, in their spelling."""
    return tuple(dict.fromkeys(camel(name) for name in _SNAKE.findall(fix) if name not in _KEPT))


def in_other_languages(fix: str) -> str:
    """A fix in the spelling of TypeScript and YAML; the same text when there is nothing
    to spell.
    """
    text = _SNAKE.sub(lambda found: found[0] if found[0] in _KEPT else camel(found[0]), fix)
    text = re.sub(r"\b([a-z][A-Za-z0-9]*)=(?=[^=\s])", r"\1: ", text)
    text = re.sub(r"'([a-z][A-Za-z0-9]*)': ", r"\1: ", text)
    return re.sub(r"\b(True|False)\b", lambda found: found[0].lower(), text)
