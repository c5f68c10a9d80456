"""What is wrong with a request's JSON, in words: the only place that words pydantic's errors.

Each text names the field as the client wrote it (`operations[2].path`), the value, what is allowed,
and for a name or a word that is not known the nearest one. The JSON Schema of the model says what
is allowed, so the texts say the same as the API's description.

Never repeated are values of fields whose name says that they are secret, contents of files, and
whatever an unknown field has: its name may be a misspelt `password`.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from contract.git_secrets import NAME as SECRET_NAME
from contract.hmr import SESSION_ID

from .details import InvalidMember

Json = dict[str, Any]

MOST_LISTED: Final = 3
"""Errors of one body that are put into words."""
LONGEST_SHOWN: Final = 60
LONGEST_NAME: Final = 40
SECRET: Final = re.compile(
    r"pass(word|phrase)|secret|token|credential|key|auth(?!or)", re.IGNORECASE
)
"""In the name of a field, or of one that it is in."""
CONTENTS: Final = frozenset({"content", "old", "new"})
"""Fields with texts of files, of which only the size is shown."""
PATTERNS: Final[Mapping[str, str]] = {
    f"^{SESSION_ID.pattern}$": (
        "a lower-case DNS label: 1 to 63 of a-z, 0-9 and '-', not at the ends"
    ),
    f"^{SECRET_NAME}$": "a name of the stack's `gitSecretNames`",
    r"^[0-9a-f]{64}$": "a text of 64 hexadecimal digits in lower case",
}
"""What patterns mean. Another one is shown as it is, unless it only leaves characters out."""
NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f"
"""Beginning of a pattern that leaves control characters out, and those that follow."""
_ABSENT: Final = object()


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant; empty when there is none."""
    names = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name[:LONGEST_NAME].lower(), names, 1, 0.6)
    return names[found[0]] if found else ""


def quoted(text: str, most: int = LONGEST_SHOWN) -> str:
    """A text in quotes, shortened, and an address in it without user and query."""
    return literal(without_user(text) if "://" in text else text, most)


def _encodable(text: str) -> str:
    """Half a surrogate pair is valid in JSON, and no encoding has it."""
    return text.encode("utf-8", "replace").decode()


def literal(text: str, most: int) -> str:
    """A text in quotes, shortened."""
    shown = json.dumps(_encodable(text[:most]), ensure_ascii=False)
    return shown if len(text) <= most else f'{shown[:-1]}…" ({len(text)} characters)'


def without_user(address: str) -> str:
    """For messages: a password in an address is not repeated, nor a user, who may be a token.
    `git` is neither.
    """
    scheme, mark, rest = address.partition("://")
    user, at, shown = (rest if mark else address).rpartition("@")  # a password may have a slash
    if user == "git":
        shown = user + at + shown
    shown = re.sub(r"[?#].*", "?…", shown, flags=re.DOTALL)
    return f"{scheme}{mark}{shown}" if mark else shown


def unknown(what: str, name: str, known: Iterable[str], where: str, field: str = "") -> str:
    """Of a name that nothing has: `what` it is a name of, `where` it is looked for, and how the
    client wrote it where that is longer.
    """
    names = list(known)
    text = f"{what} `{field or _name(name)}` is not known; "
    if not names:
        return f"{text}{where} has none"
    return f"{text}allowed in {where}: {', '.join(names)}" + _meant(nearest(name, names), "`")


def refusal(
    error: ValidationError, body: Any, model: type[BaseModel]
) -> tuple[str, list[InvalidMember]]:
    """One text for all, and each error with its place as a JSON Pointer (as RFC 9457 has it)."""
    found = error.errors(include_url=False, include_input=False)
    schema = _schema(model)
    texts = []
    for each in found[:MOST_LISTED]:
        place = _Place(schema, body, each["loc"])
        texts.append((place, _text(place, each["type"], each.get("ctx", {}))))
    more = f"; and {len(found) - MOST_LISTED} more" if found[MOST_LISTED:] else ""
    errors: list[InvalidMember] = [
        {"pointer": place.pointer, "detail": text} for place, text in texts
    ]
    return "; ".join(text for _, text in texts) + more, errors


class _Place:
    """Where in a body an error is: pydantic's `loc` also has names of unions' members, which the
    client has not written.
    """

    def __init__(self, schema: Json, body: Any, loc: Iterable[int | str]) -> None:
        self._root = schema
        self.parts: list[int | str] = []
        self.parent: Json = {}
        self.schema = self._resolved(schema)
        self.value = body
        for part in loc:
            self._step(part)

    def _step(self, part: int | str) -> None:
        if "discriminator" in self.schema:
            self.schema = self._resolved({"$ref": self.schema["discriminator"]["mapping"][part]})
        elif isinstance(part, int) and isinstance(self.value, list):
            self._enter(part, self.schema.get("items", {}), self.value[part])
        elif isinstance(part, str) and isinstance(self.value, dict) and "properties" in self.schema:
            inner = self.schema["properties"].get(part, {})
            self._enter(part, inner, self.value.get(part, _ABSENT))

    def _enter(self, part: int | str, schema: Json, value: Any) -> None:
        self.parent, self.schema, self.value = self.schema, self._resolved(schema), value
        self.parts.append(part)

    def member(self, name: str) -> None:
        """Go on to what the discriminator of a union is called."""
        value = self.value.get(name, _ABSENT) if isinstance(self.value, dict) else _ABSENT
        self._enter(name, {"enum": list(self.schema["discriminator"]["mapping"])}, value)

    def _resolved(self, schema: Json) -> Json:
        """Without references, and with what may be null as one schema."""
        while "$ref" in schema:
            schema = self._root["$defs"][schema["$ref"].rpartition("/")[2]]
        others = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
        if len(others) == 1:
            return {**self._resolved(others[0]), "nullable": True}
        return schema

    @property
    def field(self) -> str:
        """As a client writes it."""
        return _field(self.parts)

    @property
    def subject(self) -> str:
        return f"`{self.field}`" if self.parts else "the body"

    @property
    def pointer(self) -> str:
        return "#" + "".join(
            "/" + str(part)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
            for part in self.parts
        )

    @property
    def within(self) -> str:
        """What the field is a member of."""
        return f"`{_field(self.parts[:-1])}`" if self.parts[1:] else "the body"

    def allowed(self, schema: Json | None = None) -> str:
        return allowed(self._resolved(self.schema if schema is None else schema), self.allowed)

    def shown(self) -> str:
        names = [part for part in self.parts if isinstance(part, str)]
        return shown_of(names, self.value, self.schema)


def _text(place: _Place, kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "extra_forbidden":
            name, known = str(place.parts[-1]), place.parent["properties"]
            return unknown("the member", name, known, place.within, place.field)
        case "value_error":
            return f"{place.subject}: {context['error']}"
        case "union_tag_invalid" | "union_tag_not_found":
            place.member(place.schema["discriminator"]["propertyName"])
    if place.value is _ABSENT:
        return f"{place.subject} is missing; it must be {place.allowed()}"
    text = f"{place.subject} must be {place.allowed()}; got {place.shown()}"
    words = place.schema.get("enum", [])
    if isinstance(place.value, str) and words:
        text += _meant(nearest(place.value, words), '"')
    return text


def allowed(schema: Json, inner: Any = None) -> str:
    """What a value may be. `inner` words a schema within this one."""
    inner = inner or allowed
    words = [json.dumps(each) for each in [*schema.get("enum", []), *_const(schema)]]
    if words:
        text = _joined(words, "or")
    elif "anyOf" in schema:
        text = " or ".join(inner(each) for each in schema["anyOf"])
    elif "discriminator" in schema:
        tag = schema["discriminator"]
        values = _joined([json.dumps(each) for each in tag["mapping"]], "or")
        text = f"an object whose `{tag['propertyName']}` is {values}"
    else:
        text = _OF_TYPE.get(str(schema.get("type")), _anything)(schema, inner)
    return f"{text}, or null" if schema.get("nullable") else text


def _anything(_schema: Json, _inner: Any) -> str:
    return "as the description says"


def _string(schema: Json, _inner: Any) -> str:
    text = "a text" + _between(schema, "minLength", "maxLength", "character")
    if (pattern := schema.get("pattern")) is None:
        return text
    if pattern in PATTERNS:
        return PATTERNS[pattern]
    if not pattern.startswith(NO_CONTROLS):
        return f"{text} that matches {pattern}"
    others = pattern.removeprefix(NO_CONTROLS).partition("]")[0]
    named = "" if "\\" in others else others  # more controls, by their codes
    return f"{text} without {_joined(['control characters', *map(repr, named)], 'and')}"


def _integer(schema: Json, inner: Any) -> str:
    return _number(schema, inner, "a whole number")


def _number(schema: Json, _inner: Any, kind: str = "a number") -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    text = kind if least is None else f"{kind} from {least}"
    return text if most is None else f"{text} to {most}"


def _array(schema: Json, inner: Any) -> str:
    text = "a list" + _between(schema, "minItems", "maxItems", "item")
    return text + (f", each {inner(schema['items'])}" if schema.get("items") else "")


def _object(schema: Json, _inner: Any) -> str:
    names = schema.get("properties", {})
    if not names:
        return "an object"
    required = schema.get("required", [])
    needs = f" (required: {', '.join(required)})" if required else ""
    return f"an object with {', '.join(names)}{needs}"


_OF_TYPE: Final[Mapping[str, Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "null": lambda _schema, _inner: "null",
    "boolean": lambda _schema, _inner: "true or false",
    "array": _array,
    "object": _object,
}


def _const(schema: Json) -> list[Any]:
    return [schema["const"]] if "const" in schema else []


def _between(schema: Json, least: str, most: str, unit: str) -> str:
    low, high = schema.get(least, 0), schema.get(most)
    if high is None:
        return f" of at least {low} {unit}{'s' * (low != 1)}" if low else ""
    return f" of {low} to {high} {unit}s" if low else f" of at most {high} {unit}s"


def shown(value: Any) -> str:
    """A value as the client wrote it, shortened; of a list and an object only what it is."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list | dict):
        return _kind(value)
    return json.dumps(value)[:LONGEST_SHOWN]


def shown_of(names: Sequence[str], value: Any, schema: Json) -> str:
    """The value of a field and those that it is in, unless it may be a secret or is of a file."""
    if schema.get("format") == "password" or any(map(SECRET.search, names)):
        open_value = value is None or isinstance(value, bool)
        return shown(value) if open_value else f"{_kind(value)} (not shown)"
    if isinstance(value, str) and value and CONTENTS.intersection(names[-1:]):
        return f"a text of {len(value)} characters"
    if isinstance(value, str) and list(names[-1:]) == ["url"]:
        return quoted(without_user(value))
    return shown(value)


def _kind(value: Any) -> str:
    match value:
        case str():
            return "a text"
        case list():
            return f"a list of {len(value)} items" if value else "an empty list"
        case dict():
            return "an object"
    return "a number"


def _field(parts: Iterable[int | str]) -> str:
    shown = (f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in parts)
    return "".join(shown).removeprefix(".")


def _name(name: str) -> str:
    """Of a field, which a client may have made up."""
    shown = json.dumps(name[:LONGEST_NAME], ensure_ascii=False)[1:-1].replace("`", "'")
    return shown + "…" * (len(name) > LONGEST_NAME)


def _joined(words: list[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if words[1:] else words[0]


def _meant(name: str, mark: str) -> str:
    return f" (did you mean {mark}{name}{mark}?)" if name else ""


@functools.cache
def _schema(model: type[BaseModel]) -> Json:
    return model.model_json_schema()
