"""Reads settings from a stack's config and from a container's environment."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from contract.settings.declaration import Kind, Setting
from contract.settings.model import AnySettings, Reading, Source, read
from contract.settings.problems import Problem


class _Unreadable:
    """Stands for a text that is not of the setting's kind, so that the check refuses it."""


def read_keys(
    cls: type[AnySettings],
    config: Mapping[str, object],
    *,
    advice: Callable[[Setting], str],
    unknown: str,
    late: Mapping[str, Any] | None = None,
    beside: Reading[Any] | None = None,
) -> Reading[AnySettings]:
    """Settings from stack keys without a namespace: texts as the engine hands them over, or values.

    `advice` says how to set a key, `unknown` what to do about a key that is not declared and is not
    a misspelt one; `late` holds, by Python name, what only the deployment knows; `beside` takes
    part in the rules.
    """
    by_key = {entry.key: entry for entry in cls.declared().values()}
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    for key, raw in config.items():
        if entry := by_key.get(key):
            values[entry.name] = _or_unreadable(from_config, raw, entry.kind)
            shown[entry.name] = _as_written(raw, entry.kind)
    source = Source(name=lambda entry: entry.key, shown=shown, advice=advice)
    reading = read(cls, values, source, late=late, beside=beside)
    for key in sorted(config.keys() - by_key.keys()):
        close = difflib.get_close_matches(key, by_key, n=1)
        fix = f"write {close[0]}" if close else unknown
        allowed = "only keys that this program knows"
        reading.problems.append(Problem(key=key, value="set", allowed=allowed, fix=fix))
    return reading


def read_environment(
    cls: type[AnySettings], environment: Mapping[str, str], *, beside: Reading[Any] | None = None
) -> Reading[AnySettings]:
    """Settings from environment variables. An empty one counts as not set where there is a default.

    `beside`: settings of another class from the same environment, for rules that need both.
    """
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    for name, entry in cls.declared().items():
        text = environment.get(entry.variable)
        if text is None or (text == "" and not entry.required):
            continue
        values[name] = _or_unreadable(from_variable, text, entry)
        shown[name] = repr(text)
    source = Source(name=lambda entry: entry.variable, shown=shown, advice=_correct_variable)
    return read(cls, values, source, beside=beside)


def _correct_variable(entry: Setting) -> str:
    if entry.required:
        return f"set {entry.variable}"
    default = " ".join(entry.default) if isinstance(entry.default, tuple) else entry.default
    return f"correct the variable, or remove it to use {default or 'none'}"


def from_config(raw: object, kind: Kind) -> Any:
    """The typed value of a stack's raw one: a text as the engine encodes it, or a value.

    Raises `ValueError` when it is not of the kind.
    """
    if kind == "string" and isinstance(raw, str):
        return raw
    try:
        value = json.loads(raw) if isinstance(raw, str) else raw
    except RecursionError:
        raise ValueError("a text nested too deeply") from None
    match kind, value:
        case "boolean", bool():
            return value
        case "integer", bool():
            pass
        case "integer", int():
            return value
        case "integer", float() if value.is_integer():  # the engine's numbers are floats
            return int(value)
        case "array", [*entries] if all(isinstance(entry, str) for entry in entries):
            return tuple(entries)
        case "object", dict() if all(isinstance(entry, str) for entry in value.values()):
            return value
    raise ValueError(f"{raw!r} is not of the kind {kind}")


def from_variable(text: str, entry: Setting) -> Any:
    """The typed value of an environment variable. Raises `ValueError` when it is not of
    the kind.
    """
    match entry.kind:
        case "integer" if re.fullmatch("[0-9]{1,9}", text):
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case "array":
            return tuple(text.split())
        case "string":
            return Path(text) if entry.is_path else text
    raise ValueError(f"{text!r} is not of the kind {entry.kind}")


def _or_unreadable(decode: Callable[[Any, Any], Any], raw: object, how: object) -> Any:
    try:
        return decode(raw, how)
    except ValueError:
        return _Unreadable()


def _as_written(raw: object, kind: Kind) -> str:
    """A raw value as it stands in the stack's file."""
    return raw if isinstance(raw, str) and kind != "string" else json.dumps(raw)
