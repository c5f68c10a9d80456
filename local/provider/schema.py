"""The schema of an offline provider, for languages that ask for one (Pulumi YAML), taken from the
package's Python SDK.

It holds the resources that the model knows, with the names and plain types of their properties;
nested types are any. https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

from __future__ import annotations

import importlib
import json
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin

import pulumi
from pulumi import _types as sdk

from local.model import KINDS, vpc

_SCALARS: Final[dict[Any, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_ANY: Final = {"$ref": "pulumi.json#/Any"}
_COMPONENTS: Final = {vpc.TYPE: "awsx"}


@cache
def schema(package: str, version: str) -> str:
    """The schema of `package` (`aws`, `awsx` or `docker`) as JSON."""
    tokens = [token for token in (*KINDS, *_COMPONENTS) if token.partition(":")[0] == package]
    resources = {
        token: _resource(token, found) for token in tokens if (found := _class(token)) is not None
    }
    return json.dumps({"name": package, "version": version, "resources": resources})


def _class(token: str) -> type[pulumi.Resource] | None:
    """The SDK's class of a type token: `aws:lb/listener:Listener` is `pulumi_aws.lb.Listener`."""
    package, module, name = token.split(":")
    folder = module.partition("/")[0]
    path = f"pulumi_{package}" if folder == "index" else f"pulumi_{package}.{folder}"
    try:
        found: type[pulumi.Resource] | None = getattr(importlib.import_module(path), name, None)
    except ModuleNotFoundError:
        return None
    return found


def _resource(token: str, found: type[pulumi.Resource]) -> dict[str, Any]:
    arguments = getattr(importlib.import_module(found.__module__), f"{found.__name__}Args")
    outputs = _properties(found)
    # Required inputs are checked by the model, as in a program in Python.
    return {
        "isComponent": token in _COMPONENTS,
        "inputProperties": _properties(arguments),
        "properties": outputs,
        "required": sorted(outputs),
    }


def _properties(found: type) -> dict[str, Any]:
    """Property names as Pulumi writes them, with their types."""
    return {
        name: _type(hint)
        for name, hint in sdk._types_from_py_properties(found).items()
        if name not in ("id", "urn")
    }


def _type(hint: Any) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _type(next(each for each in arguments if each is not type(None)))
    if origin in (Sequence, list):
        return {"type": "array", "items": _type(arguments[0])}
    if origin in (Mapping, dict):
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string"}
    return {"type": _SCALARS[hint]} if hint in _SCALARS else _ANY
