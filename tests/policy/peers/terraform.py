"""Terraform configurations as Pulumi resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from policy.harness import UNKNOWN, Resource

from . import sdk
from .declared import Declared, Identity, urn
from .hcl import Node, Scope, attribute, children, contains_unknown, evaluate, pairs

_TRAILING: Final = re.compile(r"^([ \t]*[A-Z_]+)[ \t]+$", re.MULTILINE)
"""Blanks after the end mark of a heredoc, which Terraform admits and the parser does not."""


class Unreadable(ValueError):
    """A configuration that the HCL parser refuses, as some fixtures are on purpose."""


@dataclass(frozen=True)
class Block:
    """`resource "aws_lb" "edge" { … }`."""

    kind: str
    labels: tuple[str, ...]
    body: Tree[Any]

    @property
    def address(self) -> str:
        return ".".join(self.labels)


def resources(texts: Sequence[str], project: str) -> list[Declared]:
    """The resources that the files of one configuration declare. Raises `Unreadable` when none of
    the files can be read.
    """
    blocks, problems = [], []
    for text in texts:
        try:
            blocks += list(
                _blocks(hcl2.parses_to_tree(_TRAILING.sub(r"\1", f"{text}\n")).children[0])
            )
        except LarkError as error:
            problems.append(str(error).split("\n", 1)[0])
    if problems and len(problems) == len(texts):
        raise Unreadable("; ".join(problems))
    return Configuration(blocks, project).declared()


def _blocks(body: Any) -> Iterator[Block]:
    for node in children(body):
        if isinstance(node, Tree) and node.data == "block":
            head = [
                each
                for each in children(node)
                if not (isinstance(each, Tree) and each.data == "body")
            ]
            kind, *labels = [_label(each) for each in head]
            yield Block(
                kind,
                tuple(labels),
                next(
                    each for each in node.children if isinstance(each, Tree) and each.data == "body"
                ),
            )


def _label(node: Node) -> str:
    if isinstance(node, Token):
        return str(node)
    if node.data == "string":
        return "".join(str(each.children[0]) for each in node.children if isinstance(each, Tree))
    return str(node.children[0])


class Configuration:
    """All blocks of one configuration, and what their names mean to each other."""

    def __init__(self, blocks: list[Block], project: str) -> None:
        self.project = project
        self.resources = [
            each for each in blocks if each.kind == "resource" and len(each.labels) == 2
        ]
        self._by_address = {each.address: each for each in self.resources}
        self._data = {
            each.address: each for each in blocks if each.kind == "data" and len(each.labels) == 2
        }
        self._variables = {
            each.labels[0]: each for each in blocks if each.kind == "variable" and each.labels
        }
        self._locals = {
            name: node
            for each in blocks
            if each.kind == "locals"
            for name, node in _attributes(each.body)
        }
        self._referenced: set[str] = set()
        self._documents_used: set[str] = set()
        self._depth = 0
        self.scope = Scope(self._lookup)

    def declared(self) -> list[Declared]:
        found = [each for block in self.resources for each in self._resource(block)]
        return found + [
            each for block in self._data.values() for each in self._unused_document(block)
        ]

    def _resource(self, block: Block) -> Iterator[Declared]:
        token = sdk.token(block.labels[0])
        if not token:
            return
        for index, (key, scope) in enumerate(self._instances(block.body)):
            self._referenced = set()
            body = self._body(block.body, scope)
            for name in (
                "count",
                "for_each",
                "provider",
                "depends_on",
                "lifecycle",
                "provisioner",
                "connection",
            ):
                body.pop(name, None)
            properties = sdk.fit(body, sdk.arguments(token))
            name = block.labels[1] + (f"-{index}" if index else "")
            identity = _identity(block)
            resource = Resource(
                urn=urn(self.project, token, name), type=token, name=name, properties=properties
            )
            address = f'{block.address}["{key}"]' if key else block.address
            yield Declared(
                address=address, resource=resource, identity=identity, references=self._urns()
            )

    def _unused_document(self, block: Block) -> Iterator[Declared]:
        """A policy document that no resource of the configuration uses, as a resource
        that has it.
        """
        if block.labels[0] != "aws_iam_policy_document" or block.address in self._documents_used:
            return
        document = policy_document(self._body(block.body, self.scope))
        with_principal = isinstance(document, str) and re.search('"(Not)?Principal":', document)
        token = "aws:sns/topicPolicy:TopicPolicy" if with_principal else "aws:iam/policy:Policy"
        resource = Resource(
            urn=urn(self.project, token, block.labels[1]),
            type=token,
            name=block.labels[1],
            properties={"policy": document},
        )
        yield Declared(address=block.address, resource=resource, identity=_identity(block))

    def _urns(self) -> tuple[str, ...]:
        blocks = [self._by_address[each] for each in sorted(self._referenced)]
        return tuple(
            urn(self.project, sdk.token(each.labels[0]), each.labels[1])
            for each in blocks
            if sdk.token(each.labels[0])
        )

    def _instances(self, body: Tree[Any]) -> list[tuple[str, Scope]]:
        """Key (of `for_each`) and scope of each instance."""
        attributes = dict(_attributes(body))
        if "count" in attributes:
            count = evaluate(attributes["count"], self.scope)
            number = min(int(count), 3) if isinstance(count, int | float) else 1
            return [("", self.scope.inner(count={"index": index})) for index in range(number)]
        if "for_each" in attributes:
            items = pairs(evaluate(attributes["for_each"], self.scope))
            return [
                (str(key), self.scope.inner(each={"key": key, "value": value}))
                for key, value in _sets(items)
            ]
        return [("", self.scope)]

    def _body(self, body: Tree[Any], scope: Scope) -> dict[str, Any]:
        result: dict[str, Any] = {name: evaluate(node, scope) for name, node in _attributes(body)}
        for block in _blocks(body):
            if block.kind == "dynamic":
                result.setdefault(block.labels[0], []).extend(self._dynamic(block, scope))
            else:
                result.setdefault(block.kind, [])
                if isinstance(result[block.kind], list):
                    result[block.kind].append(self._body(block.body, scope))
        return result

    def _dynamic(self, block: Block, scope: Scope) -> Iterator[dict[str, Any]]:
        attributes = dict(_attributes(block.body))
        iterator = (
            _label(children(attributes["iterator"])[0])  # type: ignore[arg-type]
            if "iterator" in attributes
            else block.labels[0]
        )
        content = next((each for each in _blocks(block.body) if each.kind == "content"), None)
        for key, value in _sets(pairs(evaluate(attributes["for_each"], scope))) if content else ():
            assert content
            yield self._body(content.body, scope.inner(**{iterator: {"key": key, "value": value}}))

    # Names

    def _lookup(self, path: tuple[str, ...]) -> Any:
        self._depth += 1
        try:
            if self._depth > 40:  # names that go round in a circle
                return UNKNOWN
            return self._find(path)
        finally:
            self._depth -= 1

    def _find(self, path: tuple[str, ...]) -> Any:
        head, *rest = path
        if not rest and head in (
            "True",
            "False",
        ):  # no booleans of HCL; their authors' parsers take them for some
            return head == "True"
        if head == "var" and rest:
            return _steps(self._variable(rest[0]), rest[1:])
        if head == "local" and rest and rest[0] in self._locals:
            return _steps(evaluate(self._locals[rest[0]], self.scope), rest[1:])
        if head == "data" and len(rest) >= 3:
            return self._data_source(rest[0], rest[1], rest[2:])
        if len(path) >= 3 and ".".join(path[:2]) in self._by_address:
            self._referenced.add(".".join(path[:2]))
            return self._output(self._by_address[".".join(path[:2])], path[2:])
        if len(path) >= 3 and head.startswith("aws_"):
            return f"{path[2]}-of-{path[0]}.{path[1]}"
        raise KeyError(path)

    def _variable(self, name: str) -> Any:
        block = self._variables.get(name)
        default = dict(_attributes(block.body)).get("default") if block else None
        return f"var-{name}" if default is None else evaluate(default, self.scope)

    def _output(self, block: Block, path: tuple[str, ...]) -> Any:
        identity = _identity(block)
        if path[0] in ("id", "arn"):
            return identity.id if path[0] == "id" else identity.arn
        attributes = dict(_attributes(block.body))
        if path[0] in attributes:
            return _steps(evaluate(attributes[path[0]], self.scope), path[1:])
        if path[0] in ("name", "bucket"):
            return identity.id
        return f"{path[0]}-of-{block.address}"

    def _data_source(self, kind: str, name: str, path: list[str]) -> Any:
        block = self._data.get(f"{kind}.{name}")
        if kind == "aws_iam_policy_document" and path[0] in ("json", "minified_json"):
            self._documents_used.add(f"{kind}.{name}")
            return policy_document(self._body(block.body, self.scope)) if block else UNKNOWN
        known = {
            ("aws_caller_identity", "account_id"): "123456789012",
            ("aws_partition", "partition"): "aws",
            ("aws_partition", "dns_suffix"): "amazonaws.com",
            ("aws_region", "name"): "eu-central-1",
            ("aws_elb_service_account", "arn"): "arn:aws:iam::054676820928:root",
        }
        return known.get((kind, path[0]), f"{path[0]}-of-data.{kind}.{name}")


def _sets(items: list[tuple[Any, Any]] | None) -> list[tuple[Any, Any]]:
    """The key of a set's element is the element; of something that is not known there is one."""
    if items is None:
        return [(UNKNOWN, UNKNOWN)]
    return [(value if isinstance(key, int) else key, value) for key, value in items]


def _steps(value: Any, path: Any) -> Any:
    for step in path:
        value = attribute(value, step)
    return value


def _identity(block: Block) -> Identity:
    service = block.labels[0].split("_")[1]
    return Identity(
        id=f"{block.labels[0]}-{block.labels[1]}",
        arn=f"arn:aws:{service}:eu-central-1:123456789012:{block.labels[1]}",
    )


def _attributes(body: Tree[Any]) -> Iterator[tuple[str, Node]]:
    for node in children(body):
        if isinstance(node, Tree) and node.data == "attribute":
            name, value = children(node)
            yield _label(name), value


# aws_iam_policy_document

_FIELDS: Final = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_document(body: Mapping[str, Any]) -> Any:
    """The JSON that the data source renders; unknown when any part is unknown."""
    statements: list[Any] = []
    for name in ("source_policy_documents", "override_policy_documents"):
        for text in body.get(name) or []:
            if text is UNKNOWN:
                return UNKNOWN
            statements += _list(json.loads(text).get("Statement"))
    for each in body.get("statement") or []:
        statement = {"Effect": each.get("effect") or "Allow"}
        statement.update(
            {
                ours: each[theirs]
                for theirs, ours in _FIELDS.items()
                if each.get(theirs) not in (None, [])
            }
        )
        for theirs, ours in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            if each.get(theirs):
                statement[ours] = _principals(each[theirs])
        conditions: dict[str, Any] = {}
        for condition in each.get("condition") or []:
            conditions.setdefault(condition.get("test"), {})[condition.get("variable")] = (
                condition.get("values")
            )
        if conditions:
            statement["Condition"] = conditions
        statements.append(statement)
    document = {"Version": "2012-10-17", "Statement": statements}
    if contains_unknown(document):
        return UNKNOWN
    return re.sub(r"&\{", "${", json.dumps(document))


def _principals(blocks: list[Mapping[str, Any]]) -> Any:
    if any(each.get("type") == "*" for each in blocks):
        return "*"
    result: dict[str, Any] = {}
    for each in blocks:
        result.setdefault(str(each.get("type")), []).extend(_list(each.get("identifiers")))
    return result


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
