"""Which resource another one means: by id or ARN where it is known, by the dependencies of the property where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .resource import Resource
from .values import UNKNOWN, Value, as_list

_IDENTITIES = ("id", "arn", "name")
"""Outputs by which AWS resources name each other."""


@dataclass(frozen=True, kw_only=True)
class Join:
    """What a property points to."""

    found: tuple[Resource, ...]
    outside: tuple[str, ...]
    """Known identities of resources that are not in the stack."""

    unknown: bool
    """Something is not known yet, and its dependencies name no resource of the wanted type."""


class Stack:
    """All resources of a stack, indexed."""

    def __init__(self, resources: list[Resource]) -> None:
        self.resources = resources
        self.by_urn = {each.urn: each for each in resources}
        self._by_identity: dict[str, list[Resource]] = defaultdict(list)
        for each in resources:
            for key in _IDENTITIES:
                identity = each.props.get(key)
                if isinstance(identity, str) and each not in self._by_identity[identity]:
                    self._by_identity[identity].append(each)

    def of(self, types: Collection[str]) -> list[Resource]:
        """Every resource of these types."""
        return [each for each in self.resources if each.type in types]

    def named(self, identity: str, types: Collection[str]) -> list[Resource]:
        """Resources of these types with this id, ARN or name."""
        return [each for each in self._by_identity.get(identity, ()) if each.type in types]

    def join(self, resource: Resource, prop: str, value: Value, types: Collection[str]) -> Join:
        """The resources of `types` that `value`, found somewhere inside the top-level property `prop`, stands for."""
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
        through = [self.by_urn[urn] for urn in resource.references.get(prop, ()) if urn in self.by_urn]
        matching = [other for other in through if other.type in types and other.urn not in found]
        # Some providers leave the id out of the outputs: a known id that nothing has may belong to what the property was made from.
        nameless = [other for other in matching if "id" not in other.props] if unmatched else []
        found.update({other.urn: other for other in (matching if unknown else nameless)})
        return Join(found=tuple(found.values()), outside=tuple(unmatched[len(nameless) :]), unknown=bool(unknown) and not matching)

    def mentions(self, resource: Resource, target: Resource, props: Collection[str]) -> bool:
        """Whether one of the top-level properties `props` of `resource` names `target`."""
        identities = {identity for key in _IDENTITIES if isinstance(identity := target.props.get(key), str)}
        for prop in props:
            values = list(_leaves(resource.props.get(prop)))
            if any(value in identities for value in values if isinstance(value, str)):
                return True
            if (UNKNOWN in values or "id" not in target.props) and target.urn in resource.references.get(prop, ()):
                return True
        return False


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
