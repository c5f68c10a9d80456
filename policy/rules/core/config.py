"""Is a configuration what the rules can be set to? Nothing mistyped passes in silence: every problem is named, with what was meant.

The engine checks types and ranges by the same schemas before it configures a pack; it says nothing about a rule or a setting that does not
exist, an expression that cannot be compiled or a network that cannot be read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from .networks import NetworkError, parse
from .rule import Rule

_EVERY_RULE: Final = "all"
"""The engine's name for all rules of a pack."""

FORMATS: Final = FormatChecker(formats=())
"""Formats of texts in the rules' schemas. The engine knows `regex` and `date` too."""


@FORMATS.checks("regex", raises=re.error)
def _regex(value: object) -> bool:
    return not isinstance(value, str) or bool(re.compile(value))


@FORMATS.checks("date", raises=ValueError)
def _date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("cidr", raises=NetworkError)
def _cidr(value: object) -> bool:
    return not isinstance(value, str) or bool(parse(value))


_EXPECTED: Final = {
    "regex": "a regular expression",
    "date": "a day as YYYY-MM-DD",
    "cidr": "a CIDR block, as 203.0.113.0/24",
}


class ConfigError(ValueError):
    """The configuration names a rule or setting that does not exist, or a value that does not fit. The message lists every problem."""


def check_config(rules: Iterable[Rule], given: Mapping[str, Mapping[str, object]]) -> None:
    """Raises `ConfigError` unless `given`, settings by rule, fits the rules."""
    found = list(_problems({rule.id: rule for rule in rules}, given))
    if found:
        raise ConfigError(f"policy configuration: {'; '.join(found)}")


def _problems(rules: Mapping[str, Rule], given: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for name, settings in given.items():
        rule = rules.get(name)
        if rule:
            schema = rule.schema
            for setting in settings.keys() - schema.keys():
                yield f"{name} has no setting {setting!r}; {meant(setting, schema)}"
            yield from schema_problems(name, {key: settings[key] for key in settings if key in schema}, schema)
            for index, entry in enumerate(_entries(rule, settings)):
                if (about := str(entry.get("rule"))) not in rules:
                    yield f"{name}.entries[{index}].rule is {about!r}, which is not a rule of this pack; {meant(about, rules)}"
        elif name != _EVERY_RULE:
            yield f"{name!r} is not a rule of this pack; {meant(name, rules)}"


def _entries(rule: Rule, settings: Mapping[str, object]) -> list[Mapping[str, object]]:
    entries = settings.get("entries") if rule.id == "exemptions" else None
    return [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []


def meant(name: str, known: Iterable[str]) -> str:
    """`did you mean 'no-public-port'?`, or the list of what there is."""
    choices = sorted(known)
    folded = {each.lower(): each for each in reversed(choices)}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]!r}?" if close else f"allowed is one of {', '.join(choices)}"


def schema_problems(name: str, settings: Mapping[str, object], schema: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """What is wrong with `settings` under the JSON schema of each; `name` is the rule's."""
    validator = Draft202012Validator({"type": "object", "properties": schema}, format_checker=FORMATS)
    for error in sorted(validator.iter_errors(settings), key=lambda each: each.json_path):
        yield f"{name}{_path(error)} {_says(error)}"


def _path(error: ValidationError) -> str:
    return error.json_path.removeprefix("$")


def _says(error: ValidationError) -> str:
    """The problem in the words of every other message: what it is, what is allowed."""
    value: Any = error.instance
    argument: Any = error.validator_value
    match error.validator:
        case "type":
            return f"is {value!r}; allowed is {argument}"
        case "enum":
            close = f"; {meant(value, map(str, argument))}" if isinstance(value, str) else ""
            return f"is {value!r}; allowed is one of {', '.join(map(str, argument))}{close if 'did you mean' in close else ''}"
        case "minimum":
            return f"is {value}; allowed is at least {argument}"
        case "maximum":
            return f"is {value}; allowed is at most {argument}"
        case "minLength":
            return f"is {value!r}; allowed are at least {argument} characters"
        case "pattern":
            return f"is {value!r}; allowed is text that matches {argument}"
        case "format":
            why = f" ({error.cause})" if error.cause and argument == "regex" else ""
            return f"is {value!r}; allowed is {_EXPECTED[argument]}{why}"
        case _:
            return f"is not valid: {error.message}"
