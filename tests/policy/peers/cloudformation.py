"""CloudFormation templates as Pulumi resources: intrinsic functions here, types in
`cloudformation_types.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from policy.harness import UNKNOWN, Resource

from . import sdk
from .cloudformation_types import translate
from .declared import Declared, Identity, urn


class Unreadable(ValueError):
    """A template that is neither YAML nor JSON."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
# Dates such as a policy's version stay text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    """The content of a YAML or JSON text. Raises `Unreadable`."""
    try:
        return yaml.load(text.replace("\t", "  "), Loader=_Loader)
    except yaml.YAMLError as error:
        raise Unreadable(str(error).split("\n", 1)[0]) from error


def resources(template: Any, project: str) -> list[Declared]:
    """The resources that a template declares. Raises `Unreadable` when it is none."""
    if not isinstance(template, dict) or not isinstance(template.get("Resources", {}), dict):
        raise Unreadable("no template with Resources")
    return Template(template, project).declared()


_PSEUDO: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Region": "eu-central-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/stack/1",
}

_NOTHING: Final = object()
"""AWS::NoValue."""


class Template:
    """One template and what its names mean."""

    def __init__(self, content: Mapping[str, Any], project: str) -> None:
        self.project = project
        self._resources = {
            name: each
            for name, each in (content.get("Resources") or {}).items()
            if isinstance(each, dict)
        }
        self._parameters = content.get("Parameters") or {}
        self._mappings = content.get("Mappings") or {}
        self._conditions = content.get("Conditions") or {}
        self._referenced: set[str] = set()
        self._tokens: dict[str, list[tuple[str, str]]] = {}

    def declared(self) -> list[Declared]:
        found = []
        for name, each in self._resources.items():
            if "Condition" in each and self._condition(each["Condition"]) is False:
                continue
            self._referenced = set()
            properties = self.value(each.get("Properties") or {})
            if not isinstance(properties, dict):
                continue
            identity = self._identity(name)
            for part, (token, body) in enumerate(
                translate(str(each.get("Type")), properties, identity)
            ):
                fitted = sdk.fit(body, sdk.arguments(token))
                label = f"{name}-{part}" if part else name
                resource = Resource(
                    urn=urn(self.project, token, label), type=token, name=label, properties=fitted
                )
                own = (
                    identity
                    if not part
                    else Identity(id=f"{identity.id}-{part}", arn=f"{identity.arn}-{part}")
                )
                self._tokens.setdefault(name, []).append((token, label))
                found.append(
                    (
                        Declared(
                            address=f"{each.get('Type')}.{name}", resource=resource, identity=own
                        ),
                        frozenset(self._referenced),
                    )
                )
        return [self._with_references(each, names) for each, names in found]

    def _with_references(self, declared: Declared, names: frozenset[str]) -> Declared:
        urns = [
            urn(self.project, *each)
            for name in sorted(names)
            for each in self._tokens.get(name, ())
        ]
        return Declared(declared.address, declared.resource, declared.identity, tuple(urns))

    def _identity(self, name: str) -> Identity:
        service = str(self._resources[name].get("Type", "AWS::x::y")).split("::")[1].lower()
        return Identity(
            id=f"id-of-{name}", arn=f"arn:aws:{service}:eu-central-1:123456789012:{name}"
        )

    # Intrinsic functions

    def value(self, value: Any) -> Any:
        """`value` with every function resolved; what cannot be known is `UNKNOWN`."""
        if isinstance(value, list):
            return [each for each in map(self.value, value) if each is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref":
                return self._ref(str(argument))
            if isinstance(name, str) and name.startswith("Fn::"):
                return self._function(name[4:], argument)
        resolved = {str(key): self.value(each) for key, each in value.items()}
        return {key: each for key, each in resolved.items() if each is not _NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameter(name)
        if name in self._resources:
            self._referenced.add(name)
            return self._identity(name).id
        return f"ref-{name}"

    def _parameter(self, name: str) -> Any:
        parameter = self._parameters[name] or {}
        default = parameter.get("Default")
        if default is None:
            return f"parameter-{name}"
        if str(parameter.get("Type", "")).startswith(
            ("CommaDelimitedList", "List<")
        ) and isinstance(default, str):
            return [each.strip() for each in default.split(",")]
        return default

    def _function(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "GetAtt", [resource, *attribute]:
                return self._attribute(str(resource), ".".join(map(str, attribute)))
            case "GetAtt", str():
                return self._attribute(
                    *(argument.split(".", 1) if "." in argument else (argument, "Arn"))
                )
            case "Sub", str():
                return self._substitute(argument, {})
            case "Sub", [str() as text, dict() as names]:
                return self._substitute(
                    text, {key: self.value(each) for key, each in names.items()}
                )
            case "Join", [separator, parts]:
                values = self.value(parts)
                known = isinstance(values, list) and all(
                    isinstance(each, str | int | float) for each in values
                )
                return str(separator).join(map(str, values)) if known else UNKNOWN
            case "If", [condition, yes, no]:
                return self.value(no if self._condition(condition) is False else yes)
            case "FindInMap", [mapping, first, second]:
                found = self._mappings.get(self.value(mapping), {}).get(self.value(first), {})
                return found.get(self.value(second), UNKNOWN)
            case "Split", [separator, text]:
                return str(self.value(text)).split(str(separator))
            case "Select", [index, values]:
                chosen = self.value(values)
                return (
                    chosen[int(index)]
                    if isinstance(chosen, list) and int(index) < len(chosen)
                    else f"select-{index}"
                )
            case "Base64", text:
                return self.value(text)
            case "GetAZs", _:
                return ["eu-central-1a", "eu-central-1b"]
            case "ImportValue", text:
                return f"import-{self.value(text)}"
        return UNKNOWN

    def _attribute(self, resource: str, attribute: str) -> Any:
        if resource not in self._resources:
            return f"{attribute}-of-{resource}"
        self._referenced.add(resource)
        identity = self._identity(resource)
        return identity.arn if attribute.endswith("Arn") else identity.id

    def _substitute(self, text: str, names: Mapping[str, Any]) -> Any:
        def replace(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            value = (
                names[name]
                if name in names
                else self._attribute(*name.split(".", 1))
                if "." in name
                else self._ref(name)
            )
            return str(value)

        return re.sub(r"\$\{([^}]*)\}", replace, text)

    def _condition(self, condition: Any) -> bool | None:
        if isinstance(condition, str):
            return self._condition(self._conditions.get(condition))
        if not isinstance(condition, dict) or len(condition) != 1:
            return None
        (name, argument), *_ = condition.items()
        match name, argument:
            case "Condition", str():
                return self._condition(argument)
            case "Fn::Equals", [left, right]:
                return bool(self.value(left) == self.value(right))
            case "Fn::Not", [inner]:
                found = self._condition(inner)
                return None if found is None else not found
            case "Fn::And", list():
                return all(self._condition(each) is not False for each in argument)
            case "Fn::Or", list():
                return any(self._condition(each) is not False for each in argument)
        return None
