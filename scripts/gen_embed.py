"""Generate from `contract/embed.py` what both sides of a frame read.

    contract/embed.schema.json                       JSON Schema of the messages, by direction
    container/astro/lib/page/embed-protocol.js       the version, the rate, and the shapes of commands
    clients/typescript/src/embed-protocol.ts         the version, the shapes of events, and all types
    docs/embed.md                                    the message reference, between two marks

`tests/contract/test_embed.py` compares the files with these texts.
"""  # noqa: W505 - a table

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final, get_args

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import TypeAdapter  # noqa: E402

from contract import embed  # noqa: E402
from contract.words import Mode  # noqa: E402
from scripts.gen_messages import _alias, _declaration  # noqa: E402

Json = dict[str, Any]
NOTICE: Final = "made by scripts/gen_embed.py from contract/embed.py; do not edit"
BEGIN: Final = "<!-- messages: made by scripts/gen_embed.py -->"
END: Final = "<!-- end of messages -->"
ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {"Command": embed.Command, "Event": embed.Event}


def schemas() -> Json:
    """Name of each direction → its JSON Schema."""
    return {name: adapter.json_schema(by_alias=True) for name, adapter in ADAPTERS.items()}


def _resolved(field: Json, definitions: Json) -> tuple[Json, bool]:
    """A field's schema without references, and whether it may be left out as null."""
    options = [each for each in field.get("anyOf", [field]) if each.get("type") != "null"]
    (found,) = options
    if "$ref" in found:
        found = definitions[found["$ref"].rpartition("/")[2]]
    return found, len(options) < len(field.get("anyOf", [field]))


def _shape(field: Json, definitions: Json) -> Json:
    """What a value is checked with in JavaScript."""
    found, _ = _resolved(field, definitions)
    if "const" in found:
        return {"of": [found["const"]]}
    if "enum" in found:
        return {"of": found["enum"]}
    if found["type"] == "object":
        return {"type": "object", "fields": _fields(found, definitions)}
    if found["type"] == "array":
        return {
            "type": "array",
            "max": found["maxItems"],
            "each": _shape(found["items"], definitions),
        }
    bounds = {
        name: found[key]
        for name, key in (("min", "minLength"), ("max", "maxLength"))
        if key in found
    } | {name: found[key] for name, key in (("min", "minimum"), ("max", "maximum")) if key in found}
    return {"type": found["type"], **bounds}


def _fields(schema: Json, definitions: Json) -> Json:
    required = {*schema.get("required", ())}
    return {
        name: _shape(field, definitions) | ({} if name in required else {"optional": True})
        for name, field in schema["properties"].items()
        if name not in ("type", "astroLive")
    }


def shapes(direction: str) -> Json:
    """`type` of each message of a direction → its fields."""
    schema = schemas()[direction]
    return {
        kind: _fields(schema["$defs"][reference.rpartition("/")[2]], schema["$defs"])
        for kind, reference in schema["discriminator"]["mapping"].items()
    }


def _literal(value: Any) -> str:
    """As the formatter writes it: bare keys, a comma after the last entry, short things on one
    line.
    """
    return _layout(value, 0)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)}: {_flat(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_flat(each) for each in value)}]"
    return json.dumps(value)


def _layout(value: Any, depth: int, before: int = 0) -> str:
    """`before` characters stand before it on its line. Objects of objects are broken."""
    flat = _flat(value)
    nested = isinstance(value, dict) and any(isinstance(each, dict) for each in value.values())
    if not nested and len(flat) + before + 1 <= 100:
        return flat
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        lines = [
            f"{pad}{_key(key)}: {_layout(each, depth + 1, len(pad) + len(_key(key)) + 2)},"
            for key, each in value.items()
        ]
        return "\n".join(["{", *lines, "  " * depth + "}"])
    lines = [f"{pad}{_layout(each, depth + 1, len(pad))}," for each in value]
    return "\n".join(["[", *lines, "  " * depth + "]"])


def page_module() -> str:
    """The text of `embed-protocol.js`."""
    return "\n".join(
        [
            f"// {NOTICE}.",
            "",
            f"export const VERSION = {embed.VERSION};",
            f"export const BURST = {embed.BURST};",
            f"export const PER_SECOND = {embed.PER_SECOND};",
            "",
            "/**",
            " * Fields of each command, without `astroLive` and `type`.",
            ' * @type {Record<string, Record<string, import("./shapes.js").Shape>>}',
            " */",
            f"export const COMMANDS = {_literal(shapes('Command'))};",
            "",
        ]
    )


def client_module() -> str:
    """The text of `embed-protocol.ts`."""
    definitions: Json = {}
    unions = []
    for name, schema in schemas().items():
        definitions |= schema["$defs"]
        members = " | ".join(
            reference.rpartition("/")[2]
            for reference in schema["discriminator"]["mapping"].values()
        )
        unions.append("\n".join(_alias(name, members)))
    declared = [
        "\n".join(_declaration(name, schema)) for name, schema in sorted(definitions.items())
    ]
    declared = [re.sub(r"(?m)^  astroLive\?:", "  astroLive:", text) for text in declared]
    return (
        "\n\n".join(
            [
                f"// {NOTICE}.",
                'import type { Fields } from "./shapes.ts";',
                f"export const VERSION = {embed.VERSION};",
                f"export type Mode = {' | '.join(map(json.dumps, get_args(Mode)))};",
                *declared,
                *unions,
                "/** Fields of each event, without `astroLive` and `type`. */\n"
                f"export const EVENTS: Readonly<Record<string, Fields>> = {_literal(shapes('Event'))};",
            ]
        )
        + "\n"
    )


def _told(shape: Json) -> str:
    """A field's values in words."""
    if "of" in shape:
        return " or ".join(f"`{json.dumps(each)}`" for each in shape["of"])
    names = {"string": "text", "boolean": "true or false", "object": "object"}
    kind = names.get(shape["type"], str(shape["type"]))
    if shape["type"] == "string":
        kind += f" of at most {shape['max']} characters"
    elif "max" in shape and shape["type"] == "integer":
        kind += f" from {shape['min']}"
    elif shape["type"] == "array":
        kind = f"list of at most {shape['max']}"
    elif shape["type"] == "object":
        kind += f" {{{', '.join(shape['fields'])}}}"
    return kind


def reference() -> str:
    """The tables of `docs/embed.md`."""
    lines = []
    for direction, models, title in (
        ("Command", embed.COMMANDS, "Commands to the session's page"),
        ("Event", embed.EVENTS, "Events from the session's page"),
    ):
        schema, known = schemas()[direction], shapes(direction)
        lines += ["", f"### {title}", "", "| `type` | fields | |", "|---|---|---|"]
        for model in models:
            kind = model.model_fields["type"].default
            properties = schema["$defs"][model.__name__]["properties"]
            cells = []
            for name, shape in known[kind].items():
                text = f"`{name}`{' (optional)' if shape.get('optional') else ''}: {_told(shape)}"
                more = properties[name].get("description", "") if name != "id" else ""
                cells.append(text + (f". {more}" if more else ""))
            said = " ".join((model.__doc__ or "").split())
            lines.append(f"| `{kind}` | {'<br>'.join(cells)} | {said} |")
    lines += ["", "| `code` of an `error` | means |", "|---|---|"]
    lines += [f"| `{code.value}` | {meaning} |" for code, meaning in embed.REFUSALS.items()]
    return "\n".join(lines).strip() + "\n"


def page() -> str:
    """The text of `docs/embed.md`."""
    text = (ROOT / "docs" / "embed.md").read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def files() -> dict[Path, str]:
    """Each generated file and its text."""
    return {
        ROOT / "contract" / "embed.schema.json": (
            json.dumps(schemas(), indent=1, ensure_ascii=False) + "\n"
        ),
        ROOT / "container" / "astro" / "lib" / "page" / "embed-protocol.js": page_module(),
        ROOT / "clients" / "typescript" / "src" / "embed-protocol.ts": client_module(),
        ROOT / "docs" / "embed.md": page(),
    }


def main() -> None:
    for path, text in files().items():
        path.write_text(text)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
