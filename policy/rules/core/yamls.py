"""YAML that an author wrote, read within bounds: a few lines of aliases can mean billions of values."""

from __future__ import annotations

from typing import Any, Final

import yaml

_MOST_VALUES: Final = 100_000


class YamlError(ValueError):
    """A text is not valid YAML, or holds more values than anybody writes."""


def read(text: str) -> Any:
    """The content of a YAML or JSON text. Raises `YamlError`."""
    try:
        content = yaml.safe_load(text)
        if _size(content, {}) <= _MOST_VALUES:
            return content
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError("is not valid YAML") from error
    raise YamlError("holds too many values")


def _size(value: Any, known: dict[int, int]) -> int:
    """How many values a walk through `value` meets; each shared object is counted once and added as often as it is named."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = _MOST_VALUES + 1  # while it is counted: an object inside itself has no end
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(each, known) for each in inner)
    return known[id(value)]
