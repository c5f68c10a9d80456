"""JSON documents inside properties: container definitions and IAM policies arrive as text, and as one unknown when any part is unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .values import UNKNOWN, Properties, Unknown, Value, as_dict, as_list


class DocumentError(ValueError):
    """A text that should be a JSON document is none."""


def document(value: Value) -> Value:
    """The content of a JSON text, or of a value that is no text as it stands. Raises `DocumentError`."""
    if not isinstance(value, str):
        return value
    try:
        content: Value = json.loads(value)
    except ValueError as error:
        raise DocumentError("is no JSON") from error
    return content


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a task definition."""

    name: str
    props: Properties


def containers(value: Value) -> list[Container] | Unknown:
    """The containers of `containerDefinitions`. Raises `DocumentError` when the text is no JSON list of objects."""
    if value is UNKNOWN:
        return UNKNOWN
    content = document(value)
    if not isinstance(content, list) or not content or not all(isinstance(each, dict) for each in content):
        raise DocumentError("is no list of containers")
    return [Container(name=_name(each.get("name"), index), props=each) for index, each in enumerate(map(as_dict, content))]


def _name(value: Value, index: int) -> str:
    """A container's name, or its index where the name is none (https://docs.aws.amazon.com/AmazonECS: letters, digits, - and _)."""
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,255}", value) else f"[{index}]"


def statements(value: Value) -> Iterator[Properties]:
    """The statements of an IAM policy. Raises `DocumentError`."""
    content = document(value)
    if not isinstance(content, dict):
        raise DocumentError("is no policy document")
    for each in as_list(content.get("Statement")):
        if isinstance(each, dict):
            yield each


def words(value: Value) -> list[str]:
    """Actions, resources or principals of a statement: one text or a list of them."""
    return [each for each in as_list(value) if isinstance(each, str)]
