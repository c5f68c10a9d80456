"""Is a configuration what the rules can be set to? Nothing mistyped passes in silence: every
problem is named, with what was meant.

The engine checks types and ranges by the same schemas before it configures a pack; it says nothing
about a rule or a setting that does not exist, an expression that cannot be compiled or a network
that cannot be read.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from ipaddress import ip_network
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from .classes import classes
from .exemption import NEVER_EXEMPT
from .networks import NetworkError, parse
from .rule import ResourceRule, Rule
from .sdk import present_name

_EVERY_RULE: Final = "all"
"""The engine's name for all rules of a pack."""

FORMATS: Final = FormatChecker(formats=())
"""Formats of texts in the rules' schemas. The engine knows `regex` and `date` too."""


@FORMATS.checks("regex", raises=re.error)
def _regex(value: object) -> bool:
    return not isinstance(value, str) or bool(re.compile(value))


@FORMATS.checks("date", raises=ValueError)
def _date(value: object) -> bool:
    # Python takes `20270131` and `2027-W05-1` too, which the engine refuses.
    return not isinstance(value, str) or bool(_DAY.fullmatch(value) and date.fromisoformat(value))


@FORMATS.checks("reason")
def _reason(value: object) -> bool:
    return not isinstance(value, str) or is_reason(value)


@FORMATS.checks("cidr", raises=(NetworkError, ValueError))
def _cidr(value: object) -> bool:
    # `203.0.113.7/8` would be a network of millions of addresses: the author meant one.
    return not isinstance(value, str) or bool(parse(value) and ip_network(value.strip()))


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHORTEST_REASON: Final = 10
_FEWEST_LETTERS: Final = 5


def is_reason(text: str) -> bool:
    """Whether a text may be a reason: one line that a person can see, of more than the same few
    letters.
    """
    if any(
        unicodedata.category(each) in ("Cc", "Zl", "Zp") or each in _REORDERING for each in text
    ):
        return False
    seen = "".join(
        each for each in text if unicodedata.category(each) not in ("Cf", "Cn", "Co", "Cs")
    ).strip()
    letters = {
        each.casefold() for each in seen if unicodedata.category(each) in ("Lu", "Ll", "Lt", "Lo")
    } - _BLANK_LETTERS
    return len(seen) >= _SHORTEST_REASON and len(letters) >= _FEWEST_LETTERS


_REORDERING: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Marks that change the order in which a terminal shows what follows (Unicode's embeddings,
overrides and isolates).
"""

_BLANK_LETTERS: Final = frozenset(map(chr, (0x115F, 0x1160, 0x3164, 0xFFA0)))
"""Hangul fillers: letters that nobody sees."""

_EXPECTED: Final = {
    "regex": "a regular expression",
    "date": "a day as YYYY-MM-DD",
    "reason": "one line of visible text that says why, of at least 10 characters",
    "cidr": "a CIDR block whose address is its first, as 203.0.113.0/24",
}


class ConfigError(ValueError):
    """The configuration names a rule or setting that does not exist, or a value that does not fit.
    The message lists every problem.
    """


def check_config(rules: Iterable[Rule], given: Mapping[str, Mapping[str, object]]) -> None:
    """Raises `ConfigError` unless `given`, settings by rule, fits the rules."""
    found = list(_problems({rule.id: rule for rule in rules}, given))
    if found:
        raise ConfigError(f"policy configuration: {'; '.join(found)}")


def _problems(
    rules: Mapping[str, Rule], given: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    for name, settings in given.items():
        if rule := rules.get(name):
            yield from _rule_problems(rule, settings, rules)
        elif name != _EVERY_RULE:
            yield f"{name!r} is not a rule of this pack; {meant(name, rules)}"
        elif settings:
            yield no_settings_for_all(settings)


def _rule_problems(
    rule: Rule, settings: Mapping[str, object], rules: Mapping[str, Rule]
) -> Iterator[str]:
    schema = rule.schema
    for setting in settings.keys() - schema.keys():
        yield f"{rule.id} has no setting {setting!r}; {meant(setting, schema)}"
    wrong = list(
        schema_problems(rule.id, {key: settings[key] for key in settings if key in schema}, schema)
    )
    yield from wrong
    if wrong:
        return
    if rule.sense:
        yield from (f"{rule.id}.{problem}" for problem in rule.sense(rule.settings(settings)))
    first: dict[tuple[str, str], int] = {}
    for index, entry in enumerate(_entries(rule, settings)):
        yield from (
            f"{rule.id}.entries[{index}]{problem}" for problem in _exemption_problems(entry, rules)
        )
        about = (str(entry["rule"]), str(entry["resource"]))
        if (before := first.setdefault(about, index)) != index:
            yield (
                f"{rule.id}.entries[{index}] is about {about[0]!r} and {about[1]!r}, as"
                f" entries[{before}] is; allowed is one entry for each rule and resource, so that"
                " one reason and one date hold"
            )


def no_settings_for_all(settings: Iterable[str]) -> str:
    """What to say of settings under `all`, which the engine does not hand on."""
    return (
        f"all has {', '.join(map(repr, sorted(settings)))}; allowed is 'enforcementLevel' only. Set"
        " it for each rule by name"
    )


def _entries(rule: Rule, settings: Mapping[str, object]) -> list[Mapping[str, object]]:
    entries = settings.get("entries") if rule.id == "exemptions" else None
    return (
        [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []
    )


def _exemption_problems(entry: Mapping[str, object], rules: Mapping[str, Rule]) -> Iterator[str]:
    about, resource = str(entry["rule"]), str(entry["resource"])
    rule = rules.get(about)
    if rule is None:
        yield f".rule is {about!r}, which is not a rule of this pack; {meant(about, rules)}"
    elif about in NEVER_EXEMPT:
        yield (
            f".rule is {about!r}; allowed are rules about resources, as exemptions cannot be"
            " exempted"
        )
    type_ = (
        resource.split("::")[2]
        if resource.startswith("urn:pulumi:") and resource.count("::") >= 3
        else resource
    ).rsplit("$", 1)[-1]
    type_ = type_.split("::")[0]
    if type_.startswith("aws:") and present_name(type_) not in classes():
        yield (
            f".resource names the type {type_!r}, which the AWS provider does not have;"
            f" {_meant_type(type_)}"
        )
    elif isinstance(rule, ResourceRule) and rule.types and type_ not in rule.types:
        yield (
            f".resource names the type {type_!r}, which {about} does not judge; it judges"
            f" {', '.join(sorted(rule.types))}"
        )


def _meant_type(type_: str) -> str:
    """The type token that `aws:cloudwatch:LogGroup`, as programs in YAML spell it, or a mistyped
    one means.
    """
    parts = type_.split(":")
    if len(parts) == 3 and "/" not in parts[1]:
        whole = f"aws:{parts[1]}/{parts[2][:1].lower()}{parts[2][1:]}:{parts[2]}"
        if whole in classes():
            return f"did you mean {whole!r}?"
    folded = next((each for each in classes() if each.lower() == type_.lower()), "")
    close = [folded] if folded else difflib.get_close_matches(type_, classes(), n=1, cutoff=0.7)
    return (
        f"did you mean {close[0]!r}?"
        if close
        else "allowed is a type token, as 'aws:cloudwatch/logGroup:LogGroup'"
    )


def meant(name: str, known: Iterable[str]) -> str:
    """`did you mean 'no-public-port'?`, or the list of what there is."""
    choices = sorted(known)
    folded = {each.lower(): each for each in reversed(choices)}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return (
        f"did you mean {folded[close[0]]!r}?"
        if close
        else f"allowed is one of {', '.join(choices)}"
    )


def schema_problems(
    name: str, settings: Mapping[str, object], schema: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    """What is wrong with `settings` under the JSON schema of each; `name` is the rule's."""
    validator = Draft202012Validator(
        {"type": "object", "properties": schema}, format_checker=FORMATS
    )
    found = sorted(validator.iter_errors(settings), key=lambda each: each.json_path)
    yield from dict.fromkeys(f"{name}{_path(error)} {_says(error)}" for error in found)


_TYPES: Final = {"array": "a list", "object": "an object", "string": "text"}


def _path(error: ValidationError) -> str:
    return error.json_path.removeprefix("$")


def _says(error: ValidationError) -> str:
    """The problem in the words of every other message: what it is, what is allowed."""
    value: Any = error.instance
    argument: Any = error.validator_value
    match error.validator:
        case "type":
            return f"is {value!r}; allowed is {_TYPES.get(argument, argument)}"
        case "enum":
            close = f"; {meant(value, map(str, argument))}" if isinstance(value, str) else ""
            return (
                f"is {value!r}; allowed is one of"
                f" {', '.join(map(str, argument))}{close if 'did you mean' in close else ''}"
            )
        case "minimum":
            return f"is {value}; allowed is at least {argument}"
        case "maximum":
            return f"is {value}; allowed is at most {argument}"
        case "minItems":
            return f"is {value!r}; allowed are at least {argument} of them"
        case "minLength":
            return f"is {value!r}; allowed are at least {argument} characters"
        case "pattern":
            return f"is {value!r}; allowed is text that matches {argument}"
        case "not" if "pattern" in argument:
            return f"is {value!r}; allowed is text that does not match {argument['pattern']}"
        case "format":
            why = f" ({error.cause})" if error.cause and argument == "regex" else ""
            return f"is {value!r}; allowed is {_EXPECTED[argument]}{why}"
        case "required":
            return f"lacks {', '.join(repr(each) for each in argument if each not in value)}"
        case "additionalProperties":
            known = error.schema["properties"] if isinstance(error.schema, Mapping) else {}
            return "; ".join(
                f"has {each!r}, which does not exist; {meant(each, known)}"
                for each in value
                if each not in known
            )
        case _:
            return f"is not valid: {error.message}"
