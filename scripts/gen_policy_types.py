"""Write policy/rules/core/aws_types.json from the installed pulumi_aws: `python scripts/gen_policy_types.py [--check]`.

The file lists every resource type of Pulumi's AWS provider, and of each type the properties whose names say that they can open something,
and those that name security groups or subnets. With --check nothing is written; the exit code is 1 when the file is not what the SDK says.
A new version of the SDK is reviewed in tests/policy/openings.py: which rule judges a property, or why it opens nothing.
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
FILE = ROOT / "policy" / "rules" / "core" / "aws_types.json"

OPENING: Final = re.compile(
    r"public|internet|cidr|ip_?range|inbound|ingress|access_?mode|auth(?:orization)?_?type|authentication_?type|endpoint_?type|^internal$"
    r"|scheme|exposed|visibility|template_?(?:body|url|arn|configuration|s3)|user_?data|anonymous|ipv6_?address|security_?group",
    re.IGNORECASE,
)


GROUPS: Final = re.compile("security_?group", re.IGNORECASE)
SUBNETS: Final = re.compile("subnet|vpc_?zone_?identifier", re.IGNORECASE)


def tokens() -> dict[str, tuple[str, str]]:
    """Every resource type's token with the module and the class that make it."""
    import pulumi_aws

    source = Path(pulumi_aws.__file__).read_text(encoding="utf-8")
    found = re.search(r'resource_modules="""(.*?)"""', source, re.DOTALL)
    assert found, "pulumi_aws registers its resources in another way; change scripts/gen_policy_types.py"
    modules = json.loads(found[1])
    return {token: (each["fqn"], name) for each in modules for token, name in each["classes"].items()}


def types_by_service() -> dict[str, list[str]]:
    """`lb` to `loadBalancer:LoadBalancer` and so on, for every token `aws:lb/loadBalancer:LoadBalancer`."""
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
    inputs = importlib.import_module(f"{module}._inputs") if names and importlib.util.find_spec(f"{module}._inputs") else None
    yield from (getattr(inputs, name) for name in sorted(names) if hasattr(inputs, name))


def content() -> dict[str, object]:
    """What the file should hold."""
    openings, groups, subnets = named(OPENING, GROUPS, SUBNETS)
    version = metadata.version("pulumi_aws")
    return {"version": version, "types": types_by_service(), "openings": openings, "groups": groups, "subnets": subnets}


def main(arguments: list[str]) -> int:
    """Write or check the file; returns the exit code."""
    warnings.simplefilter("ignore", DeprecationWarning)
    text = json.dumps(content(), indent=1) + "\n"
    if "--check" in arguments:
        if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
            print(f"{FILE.relative_to(ROOT)} is not what pulumi_aws says; run scripts/gen_policy_types.py")
            return 1
        return 0
    FILE.write_text(text, encoding="utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
