"""Switches by name, wherever they stand inside a property: JSON documents in text included."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Final

from .values import Value

_LABELS: Final = frozenset({"tags", "tagsAll"})
"""Texts that their author names as they like."""


def switches(value: Value, names: Collection[str], path: str = "") -> Iterator[tuple[str, Value]]:
    """Where a property with one of `names`, in lower case, is inside `value`, and what it is set to."""
    if isinstance(value, dict):
        for key, each in value.items():
            here = f"{path}.{key}" if path else key
            if key in _LABELS:
                continue
            if key.lower() in names:
                yield here, each
            else:
                yield from switches(each, names, here)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from switches(each, names, f"{path}[{index}]")
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and _mentions(value, names):
        try:
            yield from switches(json.loads(value), names, path)
        except ValueError:
            return


def _mentions(text: str, names: Collection[str]) -> bool:
    # A backslash may hide a letter of the name, or quote a document inside the document.
    folded = text.lower()
    return "\\" in text or any(each in folded for each in names)
