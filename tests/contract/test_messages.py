"""The messages between processes: what the declarations admit, and that both ends of both channels
keep to them (S37).
"""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contract.messages import (
    ErrorCode,
    Failure,
    FromRunner,
    Log,
    MessageError,
    Progress,
    Ready,
    Stage,
    ToRunner,
    Update,
    decode,
    encode,
)
from contract.messages.jobs import FromJob, ToJob
from contract.messages.runner import MAX_LINE_BYTES
from contract.messages.supervisor import (
    BATCH,
    MAX_PACKET_BYTES,
    Entry,
    FromSupervisor,
    Remembered,
    ToSupervisor,
)
from scripts import gen_messages
from tests.astro.driver import STARTER, Runner, StartArgs, copy_starter, live_site
from tests.astro.modules import call

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "ToRunner": ToRunner,
    "FromRunner": FromRunner,
    "ToJob": ToJob,
    "FromJob": FromJob,
    "ToSupervisor": ToSupervisor,
    "FromSupervisor": FromSupervisor,
}


@pytest.mark.parametrize("path", list(gen_messages.files()), ids=lambda path: path.name)
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text() == gen_messages.files()[path], "run scripts/gen_messages.py"


def unbounded(schema: Any, place: str = "") -> list[str]:
    """Places of a JSON Schema where a text, list, object or number may be as large as the sender
    likes.
    """
    found = []
    if isinstance(schema, dict):
        kind = schema.get("type")
        closed = "const" in schema or "enum" in schema
        if kind == "string" and "maxLength" not in schema and not closed:
            found.append(place)
        if kind == "array" and "maxItems" not in schema:
            found.append(place)
        if (
            kind == "object"
            and schema.get("additionalProperties", True) is not False
            and "maxProperties" not in schema
        ):
            found.append(place)
        if (
            kind in ("integer", "number")
            and not closed
            and not {"minimum", "maximum"} <= schema.keys()
        ):
            found.append(place)
        for name, part in schema.items():
            found += unbounded(part, f"{place}/{name}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            found += unbounded(part, f"{place}/{number}")
    return found


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_every_field_has_a_bound(name: str) -> None:
    """A new field without one fails here."""
    assert unbounded(gen_messages.schemas()[name]) == []


def test_the_longest_messages_fit() -> None:
    """What the bounds of the fields admit is below the bound of a line and of a packet, with each
    character escaped.
    """
    worst = "\x01"
    failure = Failure(code="internal", message=worst * 4000, fix=worst * 4000, stack=worst * 16_000)  # type: ignore[arg-type]
    assert len(encode(failure)) < MAX_LINE_BYTES
    entries = [
        Entry(key=f"{number:03}" + worst * 97, value=worst * 300, until=2**60)
        for number in range(BATCH)
    ]
    assert len(encode(Remembered(entries=entries))) < MAX_PACKET_BYTES


HOSTILE = [
    b"", b"{", b"null", b"[]", b"1", b'"start"', b"{}", b'{"type": 1}', b'{"type": "nothing"}', b'{"type": ["log"]}',
    b"[" * 100_000, b'{"type":' * 50_000, b'{"type": "log", "level": "info", "message": ' + b"[" * 100_000,
    b'{"type": "log", "level": "info", "message": "' + b"x" * 5000 + b'"}',
    b'{"type": "log", "level": "loud", "message": "x"}', b'{"type": "log", "level": "info", "message": "\\ud800"}',
    b'{"type": "log", "level": "info", "message": "x", "more": 1}', b'{"type": "log", "level": "info"}',
    b'{"type": "update", "kind": "kind-60000", "path": "x", "ms": 1}', b'{"type": "update", "kind": "css", "path": "x", "ms": -1}',
    b'{"type": "update", "kind": "css", "path": "x", "ms": 1e999}', b'{"type": "update", "kind": "css", "path": "x", "ms": NaN}',
    b'{"type": "progress", "stage": "<script>"}', b'{"type": "ready", "port": 22, "host": "127.0.0.1"}', b"\xff\xfe",
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_not_declared_is_refused_in_short(data: bytes) -> None:
    """Deep, long, of another type, unknown: one short error each, that quotes nothing of it."""
    for adapter in ADAPTERS.values():
        with pytest.raises(MessageError) as refused:
            decode(adapter, data)
        assert len(str(refused.value)) < 1000


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(string.printable, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "level", "message", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
@settings(max_examples=150, deadline=None)
def test_any_json_is_a_message_or_refused(value: Any) -> None:
    for adapter in ADAPTERS.values():
        try:
            message = decode(adapter, json.dumps(value).encode())
        except MessageError:
            continue
        assert decode(adapter, encode(message)) == message


def test_the_runner_cuts_what_is_too_long_and_no_more() -> None:
    """Its texts may be anything: an error of a site, in a language with long words, with half an
    emoji at the cut.
    """
    long = "é\u2028😀" * 20_000
    messages = [
        {"type": "log", "level": "warn", "message": long},
        {"type": "log", "level": "warn", "message": "\ud83d"},
        {"type": "progress", "stage": "install", "detail": long},
        {"type": "error", "code": "config", "message": long, "fix": long, "stack": long},
        {"type": "ready", "astro": "7.3.5", "watch": {"mode": "native", "reason": long}},
        {"type": "update", "kind": "css", "path": "a.css", "ms": 1.5},
    ]
    sent = call(
        "channel.mjs",
        "return input.map((message) => JSON.stringify(m.bounded(message)));",
        messages,
    )
    received = [decode(FromRunner, text.encode()) for text in sent]
    assert isinstance(received[0], Log)
    assert len(received[0].message) > 2000
    assert isinstance(received[2], Progress)
    assert received[2].stage is Stage.INSTALL
    assert isinstance(received[3], Failure)
    assert isinstance(received[4], Ready)
    assert received[5] == Update(kind="css", path="a.css", ms=1.5)  # type: ignore[arg-type]


def test_a_real_runner_keeps_to_the_declarations(tmp_path: Path) -> None:
    """Everything that it says from launch over start, edit and end is declared; and it understands
    a declared start.
    """
    args = StartArgs(root=copy_starter(tmp_path / "project"), scratch=tmp_path / "scratch")
    start = decode(ToRunner, json.dumps(args.message()).encode())
    assert json.loads(encode(start)) == args.message()
    with live_site(args) as site:
        site.request()
        site.request("src/styles/global.css?direct")
        (args.root / "src" / "styles" / "global.css").write_text(
            (STARTER / "src" / "styles" / "global.css").read_text() + "b { color: red }"
        )
        site.runner.wait_for("update")
        site.runner.send(
            {
                "type": "change",
                "event": "change",
                "path": str(args.root / "src" / "pages" / "index.astro"),
            }
        )
        site.runner.send({"type": "nothing"})
        site.runner.wait_for("log")
        said = list(site.runner.messages)
    kinds = {decode(FromRunner, json.dumps(message).encode()).type for message in said}
    assert {"ready", "update", "log"} <= kinds


def test_a_real_runner_reports_a_declared_failure(tmp_path: Path) -> None:
    args = StartArgs(root=copy_starter(tmp_path / "project"), scratch=tmp_path / "scratch")
    (args.root / "astro.config.mjs").write_text("throw 7")
    runner = Runner(home=tmp_path / "home")
    try:
        runner.send(args.message())
        with pytest.raises(AssertionError, match="the runner reported"):
            runner.wait_for("ready")
        failure = decode(FromRunner, json.dumps(runner.messages[-1]).encode())
    finally:
        runner.stop()
    assert isinstance(failure, Failure)
    assert failure.code is ErrorCode.CONFIG
