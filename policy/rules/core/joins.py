"""Which resource another one means: by id or ARN where it is known, by the dependencies of the
property where it is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .reading import DocumentError, every, read_json
from .resource import Resource
from .values import UNKNOWN, Value, as_list, leaves

_IDENTITIES: Final = ("id", "arn", "name", "bucket")
"""Outputs by which AWS resources name each other."""

_ASSIGNED_ID: Final = re.compile(
    "(?:acl|eni|fs|fsap|i|igw|lt|pl|rtb|sg|subnet|vpc)-(?:[0-9a-f]{8}|[0-9a-f]{17})"
)
"""Ids that AWS gives. A name that looks like one is not the resource that has it."""


@dataclass(frozen=True, kw_only=True)
class Join:
    """What a property points to."""

    found: tuple[Resource, ...]
    outside: tuple[str, ...]
    """Known identities of resources that are not in the stack."""

    unknown: bool
    """Something is not known yet, and its dependencies name no resource of the wanted type."""


class Stack:
    """All resources of a stack, indexed. Every question takes time in proportion to its answer."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = list(resources)
        self.by_urn = {each.urn: each for each in self.resources}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for each in self.resources:
            found[each.type].append(each)
        return found

    @cached_property
    def _by_identity(self) -> dict[tuple[str, str], dict[str, Resource]]:
        """Type and id, ARN or name to the resources that have it, by URN."""
        found: dict[tuple[str, str], dict[str, Resource]] = defaultdict(dict)
        for each in self.resources:
            for key in _IDENTITIES:
                identity = each.props.get(key)
                if isinstance(identity, str) and (
                    key == "id" or not _ASSIGNED_ID.fullmatch(identity)
                ):
                    found[each.type, identity][each.urn] = each
        return found

    @cached_property
    def _mentions(self) -> tuple[dict[str, dict[str, set[str]]], dict[str, dict[str, set[str]]]]:
        """Who says what: text, and URN that an unknown was made from, to resource to its top-level
        properties.
        """
        texts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        sources: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for each in self.resources:
            for prop, value in each.props.items():
                unknown = False
                for leaf in leaves(value):
                    for text in _texts(leaf):
                        texts[text][each.urn].add(prop)
                    unknown = unknown or leaf is UNKNOWN
                for urn in each.references.get(prop, ()):
                    source = self.by_urn.get(urn)
                    if unknown or (source and "id" not in source.props):
                        sources[urn][each.urn].add(prop)
        return texts, sources

    def of(self, types: Collection[str]) -> list[Resource]:
        """Every resource of these types."""
        return [each for type_ in sorted(types) for each in self._by_type.get(type_, ())]

    def named(self, identity: str, types: Collection[str]) -> list[Resource]:
        """Resources of these types with this id, ARN or name."""
        return [
            each
            for type_ in sorted(types)
            for each in self._by_identity.get((type_, identity), {}).values()
        ]

    def join(self, resource: Resource, prop: str, value: Value, types: Collection[str]) -> Join:
        """The resources of `types` that `value`, found somewhere inside the top-level property
        `prop`, stands for.
        """
        found: dict[str, Resource] = {}
        unmatched: list[str] = []
        unknown = 0
        for each in as_list(value):
            if isinstance(each, str):
                named = self.named(each, types)
                found.update({other.urn: other for other in named})
                if not named:
                    unmatched.append(each)
            elif each is UNKNOWN:
                unknown += 1
        through = [
            self.by_urn[urn] for urn in resource.references.get(prop, ()) if urn in self.by_urn
        ]
        matching = [other for other in through if other.type in types and other.urn not in found]
        # Some providers leave the id out of the outputs: a known id that nothing has may belong to
        # what the property was made from.
        nameless = [other for other in matching if "id" not in other.props] if unmatched else []
        found.update({other.urn: other for other in (matching if unknown else nameless)})
        return Join(
            found=tuple(found.values()),
            outside=tuple(unmatched[len(nameless) :]),
            unknown=bool(unknown) and not matching,
        )

    def mentioning(self, target: Resource) -> dict[str, set[str]]:
        """URNs of the resources that name `target`, each with the top-level properties in which
        they do.
        """
        found: dict[str, set[str]] = {}
        named = ((key, target.props.get(key)) for key in _IDENTITIES)
        identities = [
            text
            for key, text in named
            if isinstance(text, str) and (key == "id" or not _ASSIGNED_ID.fullmatch(text))
        ]
        for mentions in (*map(self.saying, identities), self.made_from(target.urn)):
            for urn, props in mentions.items():
                found.setdefault(urn, set()).update(props)
        found.pop(target.urn, None)
        return found

    def saying(self, text: str) -> Mapping[str, set[str]]:
        """URNs of the resources that hold this text, each with the top-level properties in which
        they do.
        """
        return self._mentions[0].get(text, {})

    def made_from(self, urn: str) -> Mapping[str, set[str]]:
        """URNs of the resources with values that are not known yet and come from `urn`, each with
        their top-level properties.
        """
        return self._mentions[1].get(urn, {})


def _texts(leaf: Value) -> Iterator[str]:
    """A text, and each text inside it when it is a JSON document."""
    if isinstance(leaf, str):
        yield leaf
        if leaf[:1] in ("{", "["):
            try:
                inner = read_json(leaf, every)
            except DocumentError:
                return
            yield from (each for each in leaves(inner) if isinstance(each, str))
