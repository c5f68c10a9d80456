"""The public names of the clients: what a program that uses them may have written down.

    clients/python/names.txt       methods with their parameters, models with their members, exports
    clients/typescript/names.txt   calls with their parameters, schemas with their members, exports

The generated code follows the API's description, so that a name changes as soon as an operation or
a member is renamed there. `make clients` adds new names to the lists, and refuses when one would be
gone: that breaks programs. `python -m scripts.gen_clients --breaking` takes them off, for a release
that says so (RELEASE.md).
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from container.gateway.openapi import document

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "clients" / "python" / "src"
PYTHON: Final = ROOT / "clients" / "python" / "names.txt"
TYPESCRIPT: Final = ROOT / "clients" / "typescript" / "names.txt"
INDEX: Final = ROOT / "clients" / "typescript" / "src" / "index.ts"


def python_names() -> set[str]:
    """Of the package in its folder, as it is now: the generator imports it after writing it."""
    if str(SOURCE) not in sys.path:
        sys.path.insert(0, str(SOURCE))
    astro_live_client = importlib.import_module("astro_live_client")

    found = set(astro_live_client.__all__)
    for name in astro_live_client.__all__:
        part = getattr(astro_live_client, name)
        if not inspect.isclass(part):
            continue
        if attrs.has(part):
            found |= {f"{name}.{field.name}" for field in attrs.fields(part)}
            continue
        for member, function in inspect.getmembers(part, inspect.isroutine):
            if member.startswith("_") and member != "__init__":
                continue
            if not str(getattr(function, "__module__", "")).startswith("astro_live_client"):
                continue
            found.add(f"{name}.{member}")
            found |= {
                f"{name}.{member}({parameter})"
                for parameter in inspect.signature(function).parameters
                if parameter not in ("self", "cls")
            }
    return found


def typescript_names() -> set[str]:
    """Of its exports, and of the description that its types are generated from."""
    exports = re.findall(r"export (?:type )?\{(.*?)\}", INDEX.read_text(), re.DOTALL)
    found = {
        name.strip().removeprefix("type ")
        for names in exports
        for name in names.split(",")
        if name.strip()
    }
    description = document()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            call = f"{method.upper()} {path}"
            found.add(call)
            for given in [*operations.get("parameters", []), *operation.get("parameters", [])]:
                parameter = _referred(description, given)
                found.add(f"{call} {parameter['in']}.{parameter['name']}")
    for name, schema in description["components"]["schemas"].items():
        found.add(f"schema {name}")
        found |= {f"schema {name}{member}" for member in _members(schema)}
    return found


def _referred(description: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in given:
        return given
    found: dict[str, Any] = description["components"]["parameters"][
        given["$ref"].rpartition("/")[2]
    ]
    return found


def _members(schema: Any) -> Iterator[str]:
    """Of an object, and of objects within it."""
    if isinstance(schema, list):
        for each in schema:
            yield from _members(each)
    elif isinstance(schema, dict):
        for name, member in schema.get("properties", {}).items():
            yield f".{name}"
            for inner in _members(member):
                yield f".{name}{inner}"
        for key in ("items", "anyOf", "oneOf", "allOf", "additionalProperties"):
            yield from _members(schema.get(key, []))


def listed(file: Path) -> set[str]:
    return set(file.read_text().splitlines()) if file.exists() else set()


def renew(file: Path, names: set[str], *, breaking: bool) -> None:
    """Write the list. `SystemExit` when a name would be gone and `breaking` does not say so."""
    if (gone := sorted(listed(file) - names)) and not breaking:
        raise SystemExit(advice(file, gone))
    file.write_text("".join(f"{name}\n" for name in sorted(names)))


def advice(file: Path, gone: list[str]) -> str:
    return (
        f"{file.parent.name}/{file.name}: {len(gone)} public names are gone, the first of them"
        f" {', '.join(gone[:5])}. That breaks the programs that use the client: keep the old name"
        " beside the new one. For a release that breaks them on purpose, run `python -m"
        " scripts.gen_clients --breaking`, and say it in CHANGELOG.md"
    )
