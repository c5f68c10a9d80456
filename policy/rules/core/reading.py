"""The one reader of documents inside texts, JSON and YAML: within bounds, and never one of two keys
in silence.

A text is parsed before anything is searched in it: `"\\u0053tatement"` is `"Statement"`. Two keys
of one name in one object are refused, or both are kept, as AWS may take another of the two than a
rule. A document that does not fit the bounds is not read at all, and every reader of it says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeAlias

import yaml

from .values import Properties, Value

Pairs: TypeAlias = Callable[[list[tuple[str, Value]]], Value]
"""What becomes of the keys and values of one object."""

DEEPEST: Final = 100
"""Most levels of lists and objects inside each other; definitions of AWS have about twenty."""

MOST_NODES: Final = 50_000
"""Most keys and values of a YAML document, each alias counted as what it stands for: eight lines of
aliases can stand for billions.
"""


class DocumentError(ValueError):
    """A text that should be a document is not one. The message reads on from the name of the
    property.
    """


class UnreadableError(DocumentError):
    """A document that goes beyond the bounds, so that nobody knows what it says."""


def unique(pairs: list[tuple[str, Value]]) -> Properties:
    """An object. Raises `DocumentError` when it names a key twice."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise DocumentError(f"names {twice(names)} twice in one object")
    return dict(pairs)


def folded(pairs: list[tuple[str, Value]]) -> Properties:
    """An object as it is written. Raises `DocumentError` when it names a key twice, in any case."""
    unique([(name.lower(), each) for name, each in pairs])
    return dict(pairs)


def every(pairs: list[tuple[str, Value]]) -> Value:
    """An object; a list of objects with one key each where it names a key twice, so that neither
    value is lost.
    """
    found = dict(pairs)
    return found if len(found) == len(pairs) else [{name: each} for name, each in pairs]


def twice(names: Iterable[str]) -> str:
    """The first name that comes twice, for a message."""
    seen: set[str] = set()
    return next(
        (
            repr(name) if _KEY.fullmatch(name) else "a key"
            for name in names
            if name in seen or seen.add(name)  # type: ignore[func-returns-value]
        ),
        "a key",
    )


_KEY: Final = re.compile(r"[\w.:/ -]{1,64}", re.ASCII)


def may_say(text: str, words: re.Pattern[str]) -> bool:
    """Whether a text can hold one of some words once it is parsed: a key may be written with
    escapes.
    """
    return bool(words.search(text)) or "\\" in text


def read_json(text: str, pairs: Pairs = unique) -> Value:
    """The content of a JSON text. Raises `DocumentError`."""
    try:
        content: Value = json.loads(text, object_pairs_hook=pairs)
    except DocumentError:
        raise
    except RecursionError as error:
        raise UnreadableError(_TOO_DEEP) from error
    except ValueError as error:
        raise DocumentError("is not valid JSON") from error
    if text.count("[") + text.count("{") > DEEPEST:
        _limit_depth(content)
    return content


_TOO_DEEP: Final = f"is nested more than {DEEPEST} levels deep, so that it cannot be read"


def _limit_depth(content: Value) -> None:
    level: list[Value] = [content]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise UnreadableError(_TOO_DEEP)


def read_yaml(text: str, pairs: Pairs = unique) -> Value:
    """The content of a YAML text, of which JSON is a part. Raises `DocumentError`."""
    if _brackets(text) > DEEPEST:  # counted first: the parser takes the square of them in time
        raise UnreadableError(_TOO_DEEP)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _limit_nodes(node)
        loader.pairs = pairs
        content: Value = loader.construct_document(node)
    except DocumentError:
        raise
    except RecursionError as error:
        raise UnreadableError(_TOO_DEEP) from error
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError("is not valid YAML") from error
    finally:
        loader.dispose()
    return content


def _brackets(text: str) -> int:
    """How deep brackets are inside each other at most, in texts of a document too."""
    depth = deepest = 0
    for each in re.finditer(r"[\[{]|[\]}]", text):
        depth = depth + 1 if each[0] in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


class _Loader(yaml.SafeLoader):
    """YAML's safe types, with each object made by `pairs`."""

    pairs: Pairs = staticmethod(unique)

    def made(self, node: yaml.MappingNode) -> Any:
        """An object of a YAML document; keys that are not texts become texts."""
        self.flatten_mapping(node)
        found = [
            (self.construct_object(key, deep=True), self.construct_object(each, deep=True))
            for key, each in node.value
        ]
        return self.pairs(
            [
                (
                    key if isinstance(key, str) else str(key) if isinstance(key, Hashable) else "",
                    each,
                )
                for key, each in found
            ]
        )


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.made)


def _limit_nodes(root: yaml.Node) -> None:
    """Raises `UnreadableError` for a document that is too large once its aliases are followed, too
    deep, or inside itself.
    """
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: yaml.Node, depth: int) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if depth > DEEPEST or id(node) in open_:
            raise UnreadableError(_TOO_DEEP)
        open_.add(id(node))
        total = 1
        if isinstance(node, yaml.SequenceNode):
            total += sum(size(each, depth + 1) for each in node.value)
        elif isinstance(node, yaml.MappingNode):
            total += sum(size(each, depth + 1) for pair in node.value for each in pair)
        open_.discard(id(node))
        if total > MOST_NODES:
            raise UnreadableError(
                f"has more than {MOST_NODES} values once its aliases are followed, so that it"
                " cannot be read"
            )
        sizes[id(node)] = total
        return total

    size(root, 0)
