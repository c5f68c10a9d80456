"""What two sides share is stated once: names of variables, defaults, ranges, lists of words,
constants.
"""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import pytest

from components.config.stack import StackKeys
from container.gateway.settings import GatewaySettings
from contract import words
from contract.hmr import HmrContract
from contract.messages import enums, runner
from contract.messages.base import Message
from contract.settings import Settings
from contract.settings.session import SessionSettings
from contract.settings.task import SECRET_VARIABLES
from settings import StackSettings
from tests.sources import ROOT, Module, files, literal, modules

CLASSES: tuple[type[Settings], ...] = (HmrContract, GatewaySettings, StackKeys, StackSettings)
DECLARED = {name: entry for cls in CLASSES for name, entry in cls.declared().items()}
VARIABLES = {
    entry.variable for cls in (HmrContract, GatewaySettings) for entry in cls.declared().values()
} | {*SECRET_VARIABLES}
INTERNAL = {"ASTRO_LIVE_SUPERVISOR_FD", "ASTRO_LIVE_ACCELERATIONS", "ASTRO_LIVE_V8_COVERAGE"}
"""Variables between two processes of ours, and for finding faults."""


# Names of variables


def strings(module: Module) -> Iterator[tuple[int, str]]:
    """Line and value of each text in the code, parts of formatted ones included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_variables_are_named_where_they_are_declared() -> None:
    """Anyone who sets or reads one asks the declaration for its name."""
    by_hand = [
        f"{module.place}:{line} {text}"
        for name, module in modules().items()
        # The policy pack is also installed alone. That its names exist: the next test.
        if not name.startswith(("contract.", "container.gateway.settings", "policy."))
        for line, text in strings(module)
        if text in VARIABLES
    ]
    assert by_hand == []


def test_texts_name_variables_that_exist() -> None:
    """Errors and documentation, also those of JavaScript and the image."""
    texts = [
        *files(".py", ".mjs", "Dockerfile"),
        *sorted((ROOT / "docs").glob("*.md")),
        ROOT / "README.md",
    ]
    named = {
        (path, name)
        for path in texts
        for name in re.findall(r"ASTRO_LIVE_[A-Z0-9_]*[A-Z0-9]", path.read_text())
    }
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, name in named
        if name not in VARIABLES | INTERNAL
    }
    assert {each for each in unknown if "ASTRO_LIVE_MAX_SESSIONS`" not in each} == set()


# Defaults


def defaults(module: Module) -> Iterator[tuple[str, str, Any]]:
    """Name, place and value of each literal default of a field or parameter, and of each
    `setting(…)` that is given one.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            value = node.value
            if (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Name)
                and value.func.id == "setting"
                and value.args
            ):
                value = value.args[0]
            yield node.target.id, f"{module.place}:{node.lineno}", literal(value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            positional = node.args.posonlyargs + node.args.args
            given = [*zip(reversed(positional), reversed(node.args.defaults), strict=False)]
            for argument, default in [
                *given,
                *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
            ]:
                yield argument.arg, f"{module.place}:{node.lineno}", literal(default)


def test_a_setting_has_one_default() -> None:
    """A component's argument of the same name, an option of a part of the gateway, a field of a
    message: the others take it from there.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for name, module in modules().items():
        if not name.startswith(("policy", "scripts", "components.provider", "local")):
            for field, place, value in defaults(module):
                if field in DECLARED and value not in (None, "", (), False, True):
                    found[field].append(f"{place} = {value!r}")
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


# Ranges


CARRIED = {
    (runner.Watch, "interval_ms"): "poll_interval_ms",
    (runner.BuildPolicy, "keep"): "builds_kept",
    (runner.BuildPolicy, "memory_mib"): "build_memory_mib",
    (runner.BuildPolicy, "seconds"): "build_timeout_seconds",
    (runner.Start, "install_seconds"): "install_timeout_seconds",
    (runner.Start, "visitor_connections"): "visitor_connections",
}
"""Fields of messages that carry a setting's value."""


def ends(cls: type[Settings] | type[Message], name: str) -> tuple[int, int]:
    """Smallest and largest value that the model admits."""
    schema = cls.model_json_schema(by_alias=False)["properties"][name]
    number = next(
        (part for part in schema.get("anyOf", [schema]) if part.get("type") == "integer"), schema
    )
    return number["minimum"], number["maximum"]


@pytest.mark.parametrize("field", CARRIED, ids=lambda field: field[1])
def test_a_message_admits_what_the_setting_does_and_no_more(
    field: tuple[type[Message], str],
) -> None:
    assert ends(*field) == ends(SessionSettings, CARRIED[field])


def test_every_setting_that_a_start_carries_is_compared() -> None:
    """A new number of `Start`, or of a part of it, has its setting in the table."""
    carriers: tuple[type[Message], ...] = (runner.Start, runner.Watch, runner.BuildPolicy)
    numbers = {
        (cls, name) for cls in carriers for name in cls.model_fields if _is_number(cls, name)
    }
    assert numbers - CARRIED.keys() == {(runner.BuildPolicy, "kept_mib")}  # a share of a setting


def _is_number(cls: type[Message], name: str) -> bool:
    schema = cls.model_json_schema(by_alias=False)["properties"][name]
    return any(part.get("type") == "integer" for part in schema.get("anyOf", [schema]))


# Words


@functools.cache
def word_lists() -> dict[frozenset[str], str]:
    """Every closed list of words of the contract, with its name."""
    lists = {
        name: get_args(found) for name, found in vars(words).items() if get_origin(found) is Literal
    }
    closed = {
        name: each
        for name, each in vars(enums).items()
        if isinstance(each, type) and issubclass(each, StrEnum)
    }
    lists |= {name: tuple(each) for name, each in closed.items()}
    return {frozenset(map(str, each)): name for name, each in lists.items() if each}


def stated(module: Module) -> Iterator[tuple[int, frozenset[str]]]:
    """Line and words of each list, tuple, set and `Literal` of texts, and of each enumeration."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            value = literal(node)
            if value and all(isinstance(each, str) for each in value):
                yield node.lineno, frozenset(value)
        elif isinstance(node, ast.ClassDef) and any(
            ast.unparse(base) == "StrEnum" for base in node.bases
        ):
            yield (
                node.lineno,
                frozenset(
                    literal(each.value) for each in node.body if isinstance(each, ast.Assign)
                ),
            )


def test_a_list_of_words_is_stated_once() -> None:
    """In Python: the contract's lists, and any other that two modules type as `Literal`."""
    again = [
        f"{module.place}:{line} {word_lists()[found]}"
        for name, module in modules().items()
        if not name.startswith(("contract.words", "contract.messages.enums", "policy"))
        for line, found in stated(module)
        if len(found) > 1 and found in word_lists()
    ]
    assert again == []


def test_a_literal_type_is_named_once() -> None:
    types: dict[frozenset[str], list[str]] = defaultdict(list)
    for name, module in modules().items():
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "Literal"
            ):
                value = literal(node.slice)
                if isinstance(value, tuple) and not name.startswith("policy"):
                    types[frozenset(map(str, value))].append(f"{module.place}:{node.lineno}")
    assert {
        " ".join(sorted(found)): places for found, places in types.items() if len(places) > 1
    } == {}


def test_javascript_states_no_list_of_the_contract_again() -> None:
    """`messages.mjs` and its types are made from the contract."""
    again = []
    for path in files(".mjs", ".mts", trees=("container/astro/lib",)):
        if path.name.startswith("messages."):
            continue
        text = path.read_text()
        for found in re.findall(
            r'\[\s*(?:"[a-z-]+",?\s*){2,}\]|(?:\|\s*)?"[a-z-]+"(?:\s*\|\s*"[a-z-]+")+', text
        ):
            if name := word_lists().get(frozenset(re.findall(r'"([a-z-]+)"', found))):
                again.append(f"{path.relative_to(ROOT)}: {name}")
    assert again == []


# Constants


def test_a_constant_is_stated_once() -> None:
    """No two modules have a constant of one name and value. Times are left out: each part's
    patience is a decision about that part.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for module in modules().values():
        for node in module.tree.body:
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            value = (
                ast.unparse(node.value) if node.value is not None and _is_plain(node.value) else ""
            )
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if (
                    value
                    and isinstance(target, ast.Name)
                    and not re.search(r"_SECONDS$|ATTEMPTS$|^__", target.id)
                ):
                    found[target.id, value].append(f"{module.place}:{node.lineno}")
    twice = {
        f"{name} = {value}": places for (name, value), places in found.items() if len(places) > 1
    }
    assert {text: places for text, places in twice.items() if not _apart(places)} == {}


def _is_plain(node: ast.AST) -> bool:
    """Numbers, texts, and what is made of them by operators and in containers."""
    admitted = (
        ast.Constant
        | ast.BinOp
        | ast.UnaryOp
        | ast.operator
        | ast.unaryop
        | ast.Tuple
        | ast.List
        | ast.Set
        | ast.Dict
        | ast.Load
    )
    return all(isinstance(each, admitted) for each in ast.walk(node))


def _apart(places: list[str]) -> bool:
    """The policy pack and the local model of AWS stand alone and judge the rest: their tests
    compare what they state with it.
    """
    return len(places) == 2 and any(
        place.startswith(("policy/", "local/model/")) for place in places
    )
