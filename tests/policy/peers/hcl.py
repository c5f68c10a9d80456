"""Values of HCL expressions, over the syntax tree of `python-hcl2`: what a configuration means
where nothing has to be asked from AWS.

References to resources, data sources, variables and locals are looked up in a scope; what cannot be
known is `UNKNOWN`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import hcl2
from lark import Token, Tree

from policy.harness import UNKNOWN

Node = Tree[Any] | Token
Lookup = Callable[[tuple[str, ...]], Any]
"""From a dotted name, `("aws_lb", "edge", "arn")`, to its value; raises `KeyError` for a name that
it does not know.
"""


class Scope:
    """Where names come from, innermost first."""

    def __init__(self, lookup: Lookup, names: Mapping[str, Any] | None = None) -> None:
        self._lookup, self._names = lookup, dict(names or {})

    def inner(self, **names: Any) -> Scope:
        """The same with iterators such as `each` on top."""
        return Scope(self._lookup, {**self._names, **names})

    def get(self, path: tuple[str, ...]) -> Any:
        value: Any
        if path[0] in self._names:
            value = self._names[path[0]]
            for step in path[1:]:
                value = attribute(value, step)
            return value
        return self._lookup(path)


def attribute(value: Any, key: Any) -> Any:
    """`value.key` or `value[key]`."""
    if isinstance(value, dict):
        return value.get(key, value.get(str(key), UNKNOWN))
    if isinstance(value, list) and str(key).isdigit() and int(key) < len(value):
        return value[int(key)]
    if isinstance(value, list) and value and isinstance(value[0], dict) and not str(key).isdigit():
        return attribute(value[0], key)
    return UNKNOWN


def children(node: Tree[Any]) -> list[Node]:
    """What a node says, without punctuation, new lines and comments."""
    return [each for each in node.children if not _is_layout(each)]


_LAYOUT: Final = frozenset(
    {
        "LPAR",
        "RPAR",
        "LSQB",
        "RSQB",
        "LBRACE",
        "RBRACE",
        "COMMA",
        "DOT",
        "EQ",
        "COLON",
        "COLONS",
        "ELLIPSIS",
        "DBLQUOTE",
        "QMARK",
    }
    | {
        "NL_OR_COMMENT",
        "INTERP_START",
        "ATTR_SPLAT",
        "FULL_SPLAT_START",
        "FOR",
        "IN",
        "IF",
        "FOR_OBJECT_ARROW",
    }
)


def _is_layout(node: Node) -> bool:
    if isinstance(node, Token):
        return node.type in _LAYOUT
    return node is None or node.data == "new_line_or_comment"


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of an expression."""
    if isinstance(node, Token):
        return str(node)
    handler = _HANDLERS.get(str(node.data))
    return handler(node, scope) if handler else UNKNOWN


def _term(node: Tree[Any], scope: Scope) -> Any:
    inner, *_ = children(node)
    return evaluate(inner, scope)


def _identifier(node: Tree[Any], scope: Scope) -> Any:
    return _named((str(node.children[0]),), scope)


def _named(path: tuple[str, ...], scope: Scope) -> Any:
    try:
        return scope.get(path)
    except KeyError:
        return UNKNOWN


def _path(node: Node) -> tuple[str, ...]:
    """The dotted name that an expression is, as far as it is one."""
    if isinstance(node, Token):
        return ()
    if node.data == "identifier":
        return (str(node.children[0]),)
    if node.data == "expr_term":
        inner, *_ = children(node)
        return _path(inner)
    if node.data == "get_attr_expr_term":
        owner, name = children(node)
        base = _path(owner)
        return (*base, _attribute_name(name)) if base else ()
    if node.data == "index_expr_term":
        return _path(children(node)[0])  # `aws_x.y[0].arn`: every instance is alike here
    return ()


def _attribute_name(node: Node) -> str:
    return str(node) if isinstance(node, Token) else _attribute_name(children(node)[0])


def _get_attribute(node: Tree[Any], scope: Scope) -> Any:
    owner, name = children(node)
    path = _path(node)
    if path:
        try:
            return scope.get(path)
        except KeyError:
            pass
    return attribute(evaluate(owner, scope), _attribute_name(name))


def _index(node: Tree[Any], scope: Scope) -> Any:
    owner, index = children(node)
    assert isinstance(index, Tree)
    inner, *_ = children(index)
    value = evaluate(owner, scope)
    return value if isinstance(value, str) else attribute(value, evaluate(inner, scope))


def _splat(node: Tree[Any], scope: Scope) -> Any:
    owner, rest = children(node)
    assert isinstance(rest, Tree)
    path = _path(owner)
    names = [_attribute_name(each) for each in children(rest)]
    if path:
        try:
            return [scope.get((*path, *names))]
        except KeyError:
            pass
    value = evaluate(owner, scope)
    if not isinstance(value, list):
        return UNKNOWN
    for name in names:
        value = [attribute(each, name) for each in value]
    return value


def _string(node: Tree[Any], scope: Scope) -> Any:
    parts = []
    for part in children(node):
        assert isinstance(part, Tree)
        inner, *_ = part.children
        if isinstance(inner, Token):
            parts.append(_unescaped(str(inner)))
            continue
        value = evaluate(children(inner)[0], scope)
        if value is UNKNOWN:
            return UNKNOWN
        parts.append(value)
    return parts[0] if len(parts) == 1 else "".join(map(_text, parts))


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _unescaped(text: str) -> str:
    text = text.replace("$${", "${").replace("%%{", "%{")
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), text
    )


def _heredoc(node: Tree[Any], scope: Scope) -> Any:
    text = str(node.children[0])
    body = (
        text.split("\n", 1)[1].rsplit("\n", 2)[0]
        if text.endswith("\n")
        else text.split("\n", 1)[1].rsplit("\n", 1)[0]
    )
    result = ""
    for literal, expression in _TEMPLATE.findall(body):
        result += literal.replace("$${", "${")
        if expression:
            value = evaluate(parse_expression(expression), scope)
            if value is UNKNOWN:
                return UNKNOWN
            result += _text(value)
    return result


_TEMPLATE: Final = re.compile(r"((?:[^$]|\$(?!\{)|\$\$\{)*)(?:\$\{([^}]*)\})?")


def parse_expression(text: str) -> Node:
    """The syntax tree of one expression."""
    tree = hcl2.parses_to_tree(f"value = {text}\n")
    return next(iter(tree.find_data("attribute"))).children[-1]


def _object(node: Tree[Any], scope: Scope) -> Any:
    result = {}
    for element in children(node):
        assert isinstance(element, Tree)
        key, value = children(element)
        assert isinstance(key, Tree)
        name, *_ = children(key)
        path = _path(name)
        result[path[0] if len(path) == 1 else evaluate(name, scope)] = evaluate(value, scope)
    return {_text(key): value for key, value in result.items() if key is not UNKNOWN}


def _tuple(node: Tree[Any], scope: Scope) -> Any:
    return [evaluate(each, scope) for each in children(node)]


def _literal(node: Tree[Any], _: Scope) -> Any:
    return {"true": True, "false": False}.get(str(node.children[0]))


def _number(node: Tree[Any], _: Scope) -> Any:
    text = "".join(map(str, node.children))
    return float(text) if "." in text or "e" in text.lower() else int(text)


def _unary(node: Tree[Any], scope: Scope) -> Any:
    sign, operand = node.children
    value = evaluate(operand, scope)
    if value is UNKNOWN:
        return UNKNOWN
    return -value if str(sign) == "-" else not value


def _conditional(node: Tree[Any], scope: Scope) -> Any:
    condition, yes, no = children(node)
    value = evaluate(condition, scope)
    if value is UNKNOWN:
        return UNKNOWN
    return evaluate(yes if value in (True, "true") else no, scope)


def _binary(node: Tree[Any], scope: Scope) -> Any:
    left_node, term = children(node)
    assert isinstance(term, Tree)
    operator_node, right_node = children(term)
    left, right = evaluate(left_node, scope), evaluate(right_node, scope)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    operator = (
        str(operator_node.children[0]) if isinstance(operator_node, Tree) else str(operator_node)
    )
    try:
        return _OPERATORS[operator](left, right)
    except (TypeError, ZeroDivisionError):
        return UNKNOWN


_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "&&": lambda a, b: bool(a) and bool(b),
    "||": lambda a, b: bool(a) or bool(b),
}


def _call(node: Tree[Any], scope: Scope) -> Any:
    name, *rest = children(node)
    values = [
        evaluate(each, scope)
        for each in (children(rest[0]) if rest and isinstance(rest[0], Tree) else [])
    ]
    function = _FUNCTIONS.get(_attribute_name(name))
    if function is None:
        return UNKNOWN
    if any(each is UNKNOWN for each in values):
        return UNKNOWN
    try:
        return function(*values)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return UNKNOWN


def _json(value: Any) -> Any:
    """JSON text; as one unknown when any part is unknown."""
    return UNKNOWN if contains_unknown(value) else json.dumps(value)


def contains_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(contains_unknown(each) for each in value.values())
    return (
        any(contains_unknown(each) for each in value)
        if isinstance(value, list)
        else value is UNKNOWN
    )


def _flatten(value: Any) -> list[Any]:
    return [
        inner for each in value for inner in (_flatten(each) if isinstance(each, list) else [each])
    ]


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "jsonencode": _json,
    "jsondecode": json.loads,
    "toset": list,
    "tolist": list,
    "tomap": dict,
    "tostring": _text,
    "tonumber": int,
    "tobool": lambda value: value in (True, "true"),
    "concat": lambda *values: [each for value in values for each in value],
    "compact": lambda value: [each for each in value if each],
    "flatten": _flatten,
    "distinct": lambda value: list(dict.fromkeys(value)),
    "merge": lambda *values: {key: each for value in values for key, each in value.items()},
    "join": lambda by, value: by.join(map(_text, value)),
    "split": lambda by, value: value.split(by),
    "format": lambda text, *values: re.sub(r"%[sdv]", "{}", text).format(*values),
    "lower": str.lower,
    "upper": str.upper,
    "length": len,
    "element": lambda value, index: value[index % len(value)],
    "lookup": lambda value, key, default=None: value.get(key, default),
    "coalesce": lambda *values: next(each for each in values if each not in (None, "")),
    "keys": lambda value: sorted(value),
    "values": lambda value: list(value.values()),
    "range": lambda *bounds: list(range(*bounds)),
    "try": lambda *values: values[0],
    "replace": lambda text, old, new: text.replace(old, new),
    "trimspace": str.strip,
    "base64encode": lambda value: value,
    "sensitive": lambda value: value,
    "nonsensitive": lambda value: value,
}


def _for(node: Tree[Any], scope: Scope) -> Any:
    intro, *rest = [each for each in children(node) if isinstance(each, Tree)]
    *names, source = [each for each in children(intro) if isinstance(each, Tree)]
    items = pairs(evaluate(source, scope))
    if items is None:
        return UNKNOWN
    condition = next((each for each in rest if each.data == "for_cond"), None)
    bodies = [each for each in rest if each is not condition]
    results = []
    for key, value in items:
        labels = [_attribute_name(each) for each in names]
        inner = scope.inner(
            **(
                dict(zip(labels, (key, value), strict=True))
                if len(labels) == 2
                else {labels[0]: value}
            )
        )
        if condition is not None and evaluate(children(condition)[-1], inner) is False:
            continue
        results.append([evaluate(each, inner) for each in bodies])
    if node.data == "for_object_expr":
        return {_text(key): value for key, value in results if key is not UNKNOWN}
    return [each for (each,) in results]


def pairs(value: Any) -> list[tuple[Any, Any]] | None:
    """What `for` and `for_each` go through: keys and values; `None` when that cannot be known."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    return None


_HANDLERS: Final[dict[str, Callable[[Tree[Any], Scope], Any]]] = {
    "expr_term": _term,
    "identifier": _identifier,
    "get_attr_expr_term": _get_attribute,
    "index_expr_term": _index,
    "attr_splat_expr_term": _splat,
    "full_splat_expr_term": _splat,
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "object": _object,
    "tuple": _tuple,
    "literal_value": _literal,
    "int_lit": _number,
    "float_lit": _number,
    "unary_op": _unary,
    "conditional": _conditional,
    "binary_op": _binary,
    "function_call": _call,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
}
