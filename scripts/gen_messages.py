"""Generate from `contract/messages` what the other side of the messages reads.

    contract/messages.schema.json       JSON Schema of all messages, by direction
    container/astro/lib/messages.mjs    enumerations, and the bounds that the dev server cuts its texts to before it sends them
    container/astro/lib/messages.d.mts  their types

The models are small and flat, so a few lines make the types; `tests/contract/test_messages.py`
compares the files with these texts.
"""  # noqa: W505 - a table

from __future__ import annotations

import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import TypeAdapter  # noqa: E402

from contract import messages, words  # noqa: E402
from contract.messages import jobs, runner, supervisor  # noqa: E402

Json = dict[str, Any]

LINE_WIDTH: Final = 100
"""Of tests/javascript/biome.json."""
ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    "ToRunner": runner.ToRunner,
    "FromRunner": runner.FromRunner,
    "ToJob": jobs.ToJob,
    "FromJob": jobs.FromJob,
    "ToSupervisor": supervisor.ToSupervisor,
    "FromSupervisor": supervisor.FromSupervisor,
}
ENUMS: Final[dict[str, type[StrEnum]]] = {
    "STAGES": messages.Stage,
    "ERROR_CODES": messages.ErrorCode,
    "UPDATE_KINDS": messages.UpdateKind,
    "LOG_LEVELS": messages.LogLevel,
}
WORDS: Final[dict[str, Any]] = {"WATCH_MODES": words.WatchMode}
"""Lists of words that the dev server's side checks values against."""
WORD_TYPES: Final = {
    get_args(found): name for name, found in vars(words).items() if get_origin(found) is Literal
}
"""Words → name of their type."""
NOTICE: Final = "made by scripts/gen_messages.py from contract/messages; do not edit"


def schemas() -> Json:
    """Name of each direction → its JSON Schema."""
    return {name: adapter.json_schema(by_alias=True) for name, adapter in ADAPTERS.items()}


def _bounds(schema: Json, definitions: Json) -> Json:
    """Longest text of each field of an object schema, nested objects included."""
    found: Json = {}
    for name, field in schema.get("properties", {}).items():
        for option in field.get("anyOf", [field]):
            target = definitions[option["$ref"].rpartition("/")[2]] if "$ref" in option else option
            if target.get("type") == "array":  # the bounds of each of its entries
                target = target["items"]
                target = (
                    definitions[target["$ref"].rpartition("/")[2]] if "$ref" in target else target
                )
            if "maxLength" in target:
                found[name] = target["maxLength"]
            elif target.get("type") == "object" and (inner := _bounds(target, definitions)):
                found[name] = inner
    return found


def limits() -> Json:
    """`type` of each message that a dev server or a process of it sends → longest text of each of
    its fields.
    """
    found: Json = {}
    for name in ("FromRunner", "FromJob"):
        schema = ADAPTERS[name].json_schema(by_alias=True)
        definitions = schema["$defs"]
        for kind, reference in schema["discriminator"]["mapping"].items():
            found[kind] = _bounds(definitions[reference.rpartition("/")[2]], definitions)
    return found


def constants_module() -> str:
    """The text of `messages.mjs`."""
    lines = [f"// {NOTICE}.", ""]
    for name, values in ENUMS.items():
        lines += _constant(name, [value.value for value in values])
    for name, literal in WORDS.items():
        lines += _constant(name, list(get_args(literal)))
    # As the formatter writes it: bare keys, a comma after the last entry.
    bounds = re.sub(
        r"([^{,])\n(?=\s*})", r"\1,\n", re.sub(r'"(\w+)":', r"\1:", json.dumps(limits(), indent=2))
    )
    lines += [
        "",
        "/** Longest message on the channel, in bytes. */",
        f"export const MAX_LINE_BYTES = {runner.MAX_LINE_BYTES};",
        "",
        "/** Open pages in one `viewers` message. */",
        f"export const MAX_VIEWERS = {runner.MAX_VIEWERS};",
        "",
        "/** How the names of files end that are about to be renamed into place. */",
        f"export const TEMPORARY = {json.dumps(runner.TEMPORARY)};",
    ]
    lines += [
        "",
        (
            "/** Longest text, in characters, of each field of each message that a dev server or a"
            " process of it sends. */"
        ),
    ]
    lines += [f"export const LIMITS = Object.freeze({bounds});", ""]
    return "\n".join(lines)


def _constant(name: str, values: list[str]) -> list[str]:
    """A list of texts, on one line if it fits."""
    line = f"export const {name} = Object.freeze({json.dumps(values)});"
    if len(line) <= LINE_WIDTH:
        return [line]
    return [
        f"export const {name} = Object.freeze([",
        *(f"  {json.dumps(value)}," for value in values),
        "]);",
    ]


def _type(field: Json) -> str:
    """A field's schema as a TypeScript type."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "const" in field:
        return json.dumps(field["const"])
    if "enum" in field:
        if name := WORD_TYPES.get(tuple(field["enum"])):
            return name
        return " | ".join(json.dumps(value) for value in field["enum"])
    if "anyOf" in field:
        return " | ".join(
            _type(option) for option in field["anyOf"] if option.get("type") != "null"
        )
    if field.get("type") == "array":
        item = _type(field["items"])
        return f"({item})[]" if "|" in item else f"{item}[]"
    if field.get("type") == "object":
        return f"Record<string, {_type(field['additionalProperties'])}>"
    return {
        "string": "string",
        "integer": "number",
        "number": "number",
        "boolean": "boolean",
        "null": "null",
    }[field["type"]]


def _comment(text: str | None, indent: str = "") -> list[str]:
    first = (text or "").split("\n\n")[0].replace("\n", " ").strip()
    return [f"{indent}/** {first} */"] if first else []


def _alias(name: str, union: str) -> list[str]:
    """A named union, on several lines where the formatter breaks it."""
    line = f"export type {name} = {union};"
    if len(line) <= LINE_WIDTH:
        return [line]
    *members, last = union.split(" | ")
    return [f"export type {name} =", *(f"  | {member}" for member in members), f"  | {last};"]


def _declaration(name: str, schema: Json) -> list[str]:
    if "properties" not in schema:
        return [*_comment(schema.get("description")), *_alias(name, _type(schema))]
    lines = [*_comment(schema.get("description")), f"export interface {name} {{"]
    required = {*schema.get("required", ())} | ({"type"} & schema["properties"].keys())
    for field, content in schema["properties"].items():
        lines += [
            *_comment(content.get("description"), "  "),
            f"  {field}{'' if field in required else '?'}: {_type(content)};",
        ]
    return [*lines, "}"]


def types_module() -> str:
    """The text of `messages.d.mts`."""
    blocks = [[f"// {NOTICE}."]]
    found: Json = {}
    unions = []
    for name in ("ToRunner", "FromRunner", "ToJob", "FromJob"):
        schema = ADAPTERS[name].json_schema(by_alias=True)
        found |= schema["$defs"]
        members = " | ".join(
            reference.rpartition("/")[2]
            for reference in schema["discriminator"]["mapping"].values()
        )
        unions.append(_alias(name, members))
    blocks += [_declaration(name, schema) for name, schema in sorted(found.items())]
    blocks += unions
    blocks.append(
        [
            f"export type {name} = {' | '.join(map(json.dumps, values))};"
            for values, name in WORD_TYPES.items()
        ]
    )
    blocks.append(["export const MAX_LINE_BYTES: number;", "export const MAX_VIEWERS: number;"])
    blocks.append([f"export const TEMPORARY: {json.dumps(runner.TEMPORARY)};"])
    blocks.append(
        [f"export const {name}: readonly {values.__name__}[];" for name, values in ENUMS.items()]
    )
    blocks.append(
        [
            f"export const {name}: readonly {WORD_TYPES[get_args(literal)]}[];"
            for name, literal in WORDS.items()
        ]
    )
    blocks.append(["export interface Limits {", "  [field: string]: number | Limits;", "}"])
    blocks.append(["export const LIMITS: Readonly<Record<string, Limits>>;"])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def files() -> dict[Path, str]:
    """Each generated file and its text."""
    return {
        ROOT / "contract" / "messages.schema.json": (
            json.dumps(schemas(), indent=1, ensure_ascii=False) + "\n"
        ),
        ROOT / "container" / "astro" / "lib" / "messages.mjs": constants_module(),
        ROOT / "container" / "astro" / "lib" / "messages.d.mts": types_module(),
    }


def main() -> None:
    for path, text in files().items():
        path.write_text(text)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
