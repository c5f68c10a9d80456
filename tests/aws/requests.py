"""Pulumi's inputs as the parameters of an AWS request, spelled as the API model spells them.

botocore then checks the parameters before it sends them, and the service, here moto, answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.aws.cloudformation import UnmappedError

Properties = dict[str, Any]
Calls = Iterable[tuple[str, Properties]]

INLINE: Final = ""
"""As a name: the members of this object are members of the request itself."""


@dataclass(frozen=True, kw_only=True)
class Create:
    """How the provider creates a resource of one type."""

    service: str
    """boto3's name of it."""
    operation: str
    """boto3's name of the method: `create_vpc`."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Pulumi's path to the member's name, where they differ in more than case."""
    build: Callable[[Properties], Properties] | None = None
    """Parameters that are put together from the inputs in `built`."""
    built: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Inputs that no request has, and why."""
    tagged: str = ""
    """EC2's word for the resource in `TagSpecifications`; empty where tags are an ordinary
    parameter.
    """
    then: Callable[[Properties, Properties], Calls] | None = None
    """Further requests: operation and parameters, from inputs and response."""
    gives: Mapping[str, str] = field(default_factory=dict)
    """Outputs that later resources name, and where the response has them (JMESPath)."""


def parameters(create: Create, token: str, shape: Shape, inputs: Mapping[str, Any]) -> Properties:
    """The parameters of the first request. Raises `UnmappedError` for an input that has no place in
    it.
    """
    rest = {
        name: value
        for name, value in inputs.items()
        if name not in create.built and name not in create.left_out
    }
    found: Properties = {}
    if create.tagged:
        tags = rest.pop("tags", None) or {}
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        found["TagSpecifications"] = (
            [{"ResourceType": create.tagged, "Tags": pairs}] if pairs else []
        )
    found |= _Walker(token, create.names).object(rest, shape, "")
    return found | (create.build(dict(inputs)) if create.build else {})


@dataclass(frozen=True)
class _Walker:
    """Renames members, and brings values into the form that their shape has."""

    token: str
    names: Mapping[str, str]

    def object(self, value: Mapping[str, Any], shape: Shape, path: str) -> Properties:
        assert isinstance(shape, StructureShape), f"{self.token}: {path} is a {shape.type_name}"
        found: Properties = {}
        for name, item in value.items():
            at = f"{path}.{name}".lstrip(".")
            known = self.names.get(at, name)
            if item is None or item in ({}, []):
                continue
            if known == INLINE:
                found |= self.object(item, shape, at)
                continue
            member = next(
                (other for other in shape.members if other.lower() == known.lower()), None
            )
            if member is None:
                raise UnmappedError(
                    f"{self.token} has {at}, which {shape.name} does not know; known are"
                    f" {sorted(shape.members)}"
                )
            found[member] = self.value(item, shape.members[member], at)
        return found

    def value(self, value: Any, shape: Shape, path: str) -> Any:
        if isinstance(value, str) and isinstance(shape, ListShape | StructureShape):
            value = json.loads(value) if value[:1] in ("[", "{") else value
        match shape, value:
            case StructureShape(), [single]:
                return self.object(single, shape, path)
            case StructureShape(), Mapping():
                return self.object(value, shape, path)
            case StructureShape(), str() if len(shape.members) == 2 and "HttpCode" in shape.members:
                return {"HttpCode": value}
            case ListShape(), list():
                return [self.value(item, shape.member, path) for item in value]
            case ListShape(), Mapping() if (
                isinstance(shape.member, StructureShape) and len(shape.member.members) == 2
            ):
                return [
                    dict(zip(shape.member.members, item, strict=True)) for item in value.items()
                ]
            case ListShape(), _:
                return [self.value(value, shape.member, path)]
            case MapShape(), Mapping():
                return dict(value)
        return _scalar(value, shape)


def _scalar(value: Any, shape: Shape) -> Any:
    if shape.type_name == "string" and not isinstance(value, str):
        return str(value)
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    return value
