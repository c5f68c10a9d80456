"""What the installed AWS SDK knows about resource types: tokens by Terraform name, and property
names with their nesting.

Terraform, CloudFormation and Pulumi describe the same resources. Pulumi's AWS provider keeps
Terraform's names in camelCase, makes list names plural, and turns blocks that occur once into
objects; the SDK's own type hints say which is which.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi import _types
from pulumi.runtime import rpc

_OVERRIDES: Final = {
    "aws_elb": "aws:elb/loadBalancer:LoadBalancer",
    "aws_lb": "aws:lb/loadBalancer:LoadBalancer",
    "aws_alb": "aws:alb/loadBalancer:LoadBalancer",
    "aws_vpc_peering_connection": "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws_s3_bucket_object": "aws:s3/bucketObject:BucketObject",
    "aws_api_gateway_rest_api": "aws:apigateway/restApi:RestApi",
    "aws_api_gateway_rest_api_policy": "aws:apigateway/restApiPolicy:RestApiPolicy",
    "aws_iam_policy_document": "",
}
"""Where a Terraform name does not follow from module and class."""

_MODULE_NAMES: Final = {
    "cloudwatch": ("cloudwatch", "cloudwatch_event"),
    "apigateway": ("api_gateway",),
    "cfg": ("config",),
}


def snake(text: str) -> str:
    """`LogGroup` to `log_group`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()


@functools.cache
def registered() -> Mapping[str, tuple[str, str]]:
    """Token to (module, class)."""
    importlib.import_module("pulumi_aws")
    found = {}
    for modules in rpc._RESOURCE_MODULES.values():
        for module in modules:
            info = getattr(module, "mod_info", None)
            if info and info["pkg"] == "aws":
                found.update(
                    {token: (info["fqn"], name) for token, name in info["classes"].items()}
                )
    return found


@functools.cache
def _by_terraform_name() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for token in registered():
        module, resource = token.split(":")[1].split("/")[0], snake(token.split(":")[-1])
        for name in (
            f"aws_{resource}",
            *(f"aws_{each}_{resource}" for each in _MODULE_NAMES.get(module, (module,))),
        ):
            known = found.get(name)
            # `aws_<resource>` alone is EC2's way of naming; for others the module is part of the
            # name
            if known is None or module in ("ec2", "lb", "alb") or name.startswith(f"aws_{module}_"):
                found[name] = token
    return {**found, **_OVERRIDES}


def token(terraform_type: str) -> str:
    """Pulumi's type token, or empty when the SDK has no such resource."""
    return _by_terraform_name().get(terraform_type, "")


def same_name(resource_token: str) -> str:
    """The token that the SDK has today for one of an older SDK,
    `aws:elasticloadbalancingv2/listener:Listener`.
    """
    module, name = resource_token.split(":")[1].split("/")[0], resource_token.split(":")[-1]
    renamed = f"aws:{_RENAMED.get(module, module)}/{name[0].lower()}{name[1:]}:{name}"
    return renamed if renamed in registered() else resource_token


_RENAMED: Final = {
    "elasticloadbalancingv2": "lb",
    "elasticloadbalancing": "elb",
    "applicationloadbalancing": "alb",
}


@functools.cache
def arguments(resource_token: str) -> type | None:
    """The SDK's class of a resource's inputs."""
    if resource_token not in registered():
        return None
    package, name = registered()[resource_token]
    module = importlib.import_module(getattr(importlib.import_module(package), name).__module__)
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args", None)


class Shape(typing.NamedTuple):
    """A property: its name in Pulumi, the class of its object or elements, and whether it is a
    list.
    """

    name: str
    inner: type | None
    many: bool


@functools.cache
def shapes(owner: type) -> Mapping[str, Shape]:
    """Properties of an arguments class by a spelling that is the same in all three tools."""
    types, names = _types.input_type_types(owner), _types.input_type_py_to_pulumi_names(owner)
    return {_common(name): Shape(name, *_inner(types.get(name))) for name in names.values()}


def _common(name: str) -> str:
    return name.replace("_", "").lower()


def _inner(hint: Any) -> tuple[type | None, bool]:
    classes = [each for each in _classes(hint) if _types.is_input_type(each)]
    many = any(
        typing.get_origin(each) in (list, typing.get_origin(typing.Sequence[int]))
        for each in _flat(hint)
    )
    return (classes[0] if classes else None), many


def _flat(hint: Any) -> Iterator[Any]:
    """The hint itself, and the members of unions."""
    if typing.get_origin(hint) is typing.Union:
        for each in typing.get_args(hint):
            yield from _flat(each)
    else:
        yield hint


def _classes(hint: Any) -> Iterator[type]:
    if isinstance(hint, type):
        yield hint
    for each in typing.get_args(hint):
        yield from _classes(each)


def shape(owner: type, name: str) -> Shape | None:
    """The property that `name` means, in singular or plural."""
    common, known = _common(name), shapes(owner)
    for candidate in (
        common,
        f"{common}s",
        f"{common}es",
        re.sub("y$", "ies", common),
        re.sub("s$", "", common),
    ):
        if candidate in known:
            return known[candidate]
    return None


def fit(value: Any, owner: type | None) -> Any:
    """`value` with the names and the nesting that the SDK's class has. Properties that it does not
    have stay under their own name.
    """
    if isinstance(value, list):
        return [fit(each, owner) for each in value]
    if not isinstance(value, dict) or owner is None:
        return value
    result: dict[str, Any] = {}
    for key, each in value.items():
        found = shape(owner, key)
        if each is None:
            continue
        if found is None:
            result[key] = each
            continue
        if found.many and not isinstance(each, list):
            each = [each]
        elif not found.many and isinstance(each, list) and found.inner is not None:
            each = each[0] if each else {}
        elif (
            isinstance(each, dict) and found.inner is None and not found.many and _is_document(key)
        ):
            each = json.dumps(each)
        result[found.name] = fit(each, found.inner)
    return result


def _is_document(name: str) -> bool:
    return bool(re.search("policy|document|definitions", name, re.IGNORECASE))
