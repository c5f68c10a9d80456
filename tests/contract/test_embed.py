"""The messages of a frame: what is generated from them, and that both sides' checks are the
declaration's (S32, S35).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contract import embed
from scripts import gen_embed
from tests.node import NODE

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "container" / "astro" / "lib" / "page"
CLIENT = ROOT / "clients" / "typescript" / "src"
CHECK = """
import {{ misfit }} from {shapes};
import {{ COMMANDS }} from {protocol};
import {{ hasFields }} from {client};
import {{ EVENTS }} from {events};
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map(([direction, message]) =>
  direction === "Command"
    ? misfit(message, COMMANDS[message.type], ["astroLive", "type"]) === undefined
    : hasFields(message, EVENTS[message.type]))));
"""


@pytest.mark.parametrize("path", list(gen_embed.files()), ids=lambda path: path.name)
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text() == gen_embed.files()[path], "run scripts/gen_embed.py"


def values(shape: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values at and around what a shape admits, and others."""
    edges: list[Any] = ["", 0, -1, 1.5, True, None, [], {}, "x"]
    if "of" in shape:
        edges += shape["of"]
    elif shape["type"] == "string":
        edges += ["y" * shape["max"], "y" * (shape["max"] + 1)]
    elif shape["type"] in ("integer", "number"):
        edges += [bound + step for bound in (shape["min"], shape["max"]) for step in (-1, 0, 1)]
    elif shape["type"] == "object":
        return st.one_of(st.sampled_from(edges), objects(shape["fields"]))
    return st.sampled_from(edges)


def objects(fields: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    required = {name: values(shape) for name, shape in fields.items() if not shape.get("optional")}
    optional = {name: values(shape) for name, shape in fields.items() if shape.get("optional")}
    return st.fixed_dictionaries(required, optional=optional)


def messages() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    each: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = [
        st.tuples(
            st.just(direction),
            st.fixed_dictionaries(
                {
                    "astroLive": st.just(embed.VERSION),
                    "type": st.just(kind),
                    "fields": objects(fields),
                }
            ).map(flat),
        )
        for direction in ("Command", "Event")
        for kind, fields in gen_embed.shapes(direction).items()
    ]
    return st.one_of(each)


def flat(message: dict[str, Any]) -> dict[str, Any]:
    return {**message.pop("fields"), **message}


@settings(max_examples=5, deadline=None)
@given(st.lists(messages(), min_size=150, max_size=300))
def test_both_sides_admit_what_the_declaration_admits(sent: list[tuple[str, Any]]) -> None:
    """The session's page for commands, the embedding page's helper for events. Numbers of JSON and
    of JavaScript: 1.0 is an integer there, true is none.
    """
    script = CHECK.format(
        shapes=json.dumps((PAGE / "shapes.js").as_uri()),
        protocol=json.dumps((PAGE / "embed-protocol.js").as_uri()),
        client=json.dumps((CLIENT / "shapes.ts").as_uri()),
        events=json.dumps((CLIENT / "embed-protocol.ts").as_uri()),
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        input=json.dumps(sent), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    admitted = json.loads(done.stdout)
    assert admitted == [declared(direction, message) for direction, message in sent]


def declared(direction: str, message: dict[str, Any]) -> bool:
    try:
        gen_embed.ADAPTERS[direction].validate_json(json.dumps(message), strict=True)
    except ValidationError:
        return False
    return True
