"""Bring the pack's two files about AWS's types up to the installed pulumi_aws: `python
scripts/gen_policy_types.py [--check]`.

`aws_types.json` holds, of each resource type of Pulumi's AWS provider, the properties whose names
say that they can open something (tests/policy/openings.py says which rule judges each), and those
that name security groups, subnets, or roles and instance profiles. `aws_classes.json` holds the
class of every type. The script adds `judged` for types that a rule names and drops types that the
SDK no longer has. It never guesses a class: a new type gets `unclassified`, which the pack refuses,
until somebody writes one of the classes of policy/rules/core/classes.py or policy/rules/calls.py in
its place. With --check nothing is written; the exit code is 1 when a file is not what the SDK and
the rules say.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from pulumi import _types

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from policy.rules import ALL_RULES  # noqa: E402
from policy.rules.calls import DEPENDS  # noqa: E402
from policy.rules.core.classes import FILE as CLASSES  # noqa: E402
from policy.rules.core.classes import JUDGED, OPAQUE  # noqa: E402
from policy.rules.core.rule import ResourceRule  # noqa: E402

FILE = ROOT / "policy" / "rules" / "core" / "aws_types.json"
UNCLASSIFIED: Final = "unclassified"

OPENING: Final = re.compile(
    r"public|internet|cidr|ip_?range|inbound|ingress|access_?mode|auth(?:orization)?_?type|authentication_?type|endpoint_?type|^internal$"
    r"|scheme|exposed|visibility|template_?(?:body|url|arn|configuration|s3)|user_?data|anonymous|ipv6_?address|security_?group",
    re.IGNORECASE,
)


GROUPS: Final = re.compile("security_?group", re.IGNORECASE)
SUBNETS: Final = re.compile("subnet|vpc_?zone_?identifier", re.IGNORECASE)
ROLES: Final = re.compile(r"roles?(\w*arns?)?$|instance_?profile", re.IGNORECASE)


def tokens() -> dict[str, tuple[str, str]]:
    """Every resource type's token with the module and the class that make it."""
    import pulumi_aws

    source = Path(pulumi_aws.__file__).read_text(encoding="utf-8")
    found = re.search(r'resource_modules="""(.*?)"""', source, re.DOTALL)
    assert found, (
        "pulumi_aws registers its resources in another way; change scripts/gen_policy_types.py"
    )
    modules = json.loads(found[1])
    return {
        token: (each["fqn"], name) for each in modules for token, name in each["classes"].items()
    }


def types_by_service() -> dict[str, list[str]]:
    """`lb` to `loadBalancer:LoadBalancer` and so on, for every token
    `aws:lb/loadBalancer:LoadBalancer`.
    """
    found: dict[str, list[str]] = {}
    for token in sorted(tokens()):
        service, _, rest = token.removeprefix("aws:").partition("/")
        found.setdefault(service, []).append(rest)
    return found


def named(*patterns: re.Pattern[str]) -> list[dict[str, list[str]]]:
    """For each pattern, token to the paths of the inputs whose last name it is found in."""
    found: list[dict[str, list[str]]] = [{} for _ in patterns]
    for token, (module, name) in sorted(tokens().items()):
        paths = sorted(set(_inputs(module, name)))
        for pattern, chosen in zip(patterns, found, strict=True):
            if matching := [path for path in paths if pattern.search(path.rsplit(".", 1)[-1])]:
                chosen[token] = matching
    return found


def _inputs(module: str, name: str) -> Iterator[str]:
    resource = getattr(importlib.import_module(module), name)
    home = sys.modules[resource.__module__]
    arguments = getattr(home, f"{name}Args", None) or getattr(home, f"_{name}State", None)
    if arguments is not None:
        yield from _paths(arguments, module, (), frozenset())


def _paths(cls: type, module: str, above: tuple[str, ...], seen: frozenset[type]) -> Iterator[str]:
    hints = vars(cls)["__init__"].__annotations__
    for python, camel in _types.input_type_py_to_pulumi_names(cls).items():
        path = (*above, camel)
        yield ".".join(path)
        for nested in _nested(str(hints.get(python)), module):
            if nested not in seen:
                yield from _paths(nested, module, path, seen | {nested})


def _nested(hint: str, module: str) -> Iterator[type]:
    """The argument classes that an annotation names, which it does as forward references."""
    names = {name for name in re.findall(r"\w+Args\b", hint) if not name.endswith("ArgsDict")}
    inputs = (
        importlib.import_module(f"{module}._inputs")
        if names and importlib.util.find_spec(f"{module}._inputs")
        else None
    )
    yield from (getattr(inputs, name) for name in sorted(names) if hasattr(inputs, name))


def content() -> dict[str, object]:
    """What the file should hold."""
    openings, groups, subnets, roles = named(OPENING, GROUPS, SUBNETS, ROLES)
    return {
        "version": metadata.version("pulumi_aws"),
        "openings": openings,
        "groups": groups,
        "subnets": subnets,
        "roles": roles,
    }


def judged_types() -> frozenset[str]:
    """Every type that a rule names."""
    return frozenset(
        each
        for rule in ALL_RULES
        if isinstance(rule, ResourceRule) and rule.types
        for each in rule.types
    )


def classes(reviewed: dict[str, dict[str, str]]) -> dict[str, object]:
    """What the file of classes should hold, given the classes that were reviewed."""
    judged = judged_types()
    found: dict[str, dict[str, str]] = {}
    for service, types in types_by_service().items():
        for rest in types:
            known = reviewed.get(service, {}).get(rest, UNCLASSIFIED)
            if known not in OPAQUE and known not in DEPENDS:
                if f"aws:{service}/{rest}" in judged:
                    known = JUDGED
                elif known == JUDGED:
                    known = UNCLASSIFIED
            found.setdefault(service, {})[rest] = known
    return {"version": metadata.version("pulumi_aws"), "types": found}


def _wanted() -> dict[Path, str]:
    reviewed = json.loads(CLASSES.read_text(encoding="utf-8"))["types"] if CLASSES.is_file() else {}
    return {
        file: json.dumps(each, indent=1) + "\n"
        for file, each in ((FILE, content()), (CLASSES, classes(reviewed)))
    }


def main(arguments: list[str]) -> int:
    """Write or check the files; returns the exit code."""
    warnings.simplefilter("ignore", DeprecationWarning)
    code = 0
    for file, text in _wanted().items():
        name = file.relative_to(ROOT)
        if "--check" not in arguments:
            file.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            print(
                f"{name} is not what pulumi_aws and the rules say; run scripts/gen_policy_types.py"
            )
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
