"""Where names and values stand in a property: environments, labels, options, and documents and
scripts inside texts.

A key counts as a name only where an author chooses it: in a map of variables or labels, and inside
a JSON or YAML text. Elsewhere it is the name of a property, such as a database's `password`, which
takes a secret where it belongs.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from .reading import DocumentError, UnreadableError, every, may_say, read_json, read_yaml
from .secrecy import is_meant_for_browsers, is_secret_by_name
from .secret_names import names_a_secret
from .values import UNKNOWN, Value, as_dict, as_list


class Named(NamedTuple):
    """A text, where it is, and the name that its author gave it; empty where nobody did."""

    path: str
    name: str
    text: str
    problem: str = ""
    """Why the text cannot be read, where it is a document that goes beyond the bounds."""


FREE: Final = re.compile(
    r"(stage)?variables|propertyMap|connectorConfiguration|headerParameters|environments?|environmentVariables?|runtimeEnvironmentVariables|dockerLabels|labels|options|(default|nonOverridable)?"
    r"arguments|parameters|args|build_?args|inputs?"
    r"|additional(Header|Payload)Claims|airflowConfigurationOptions|authenticationRequestExtraParams|advancedOptions|clientProperties"
    r"|collectionParameters|commandLineArguments|configuration|containerEnvironmentVariables|customP(arameters|roperties)|defaultRunProperties"
    r"|driverOpts|dynamicParameters|(global|regional|hook|profiling|queryString|request|rule|signing)Parameters|headers|metadata"
    r"|parameterOverrides|properties|sessionAttributes|stageVariableOverrides|staticQueryParameters|taskProperties"
    r"|tokenUrl(CustomProperties|ParametersMap)|variableOverrides",
    re.IGNORECASE,
)
"""Properties whose keys, or whose elements' names, are chosen by their author."""

_REFERENCES: Final = frozenset(
    {"secrets", "secretoptions", "secrets-manager", "parameter-store", "secretkeyref", "valuefrom"}
)
"""Keys, in lower case, under which a value is the name of a secret in a store."""

SCRIPTS: Final = re.compile(
    r"commands?|entry_?points?|args|user_?data(_?base64)?|custom_?data|scripts?|build_?spec|on_?(create|start)|bootstrap\w*|(run|boot)cmd",
    re.IGNORECASE,
)
"""Properties that hold a script or a command's arguments."""

ENCODED: Final = re.compile(rf"{SCRIPTS.pattern}|\w*base_?64", re.IGNORECASE)
"""Properties whose texts may be base64."""

_HINT: Final = re.compile(
    r"pass|pwd|secret|token|key|cred|auth|private|bearer|salt|dsn|://", re.IGNORECASE
)
_DEEPEST: Final = 30


def named_texts(
    value: Value, key: str, path: str, *, free: bool = False, depth: int = 0
) -> Iterator[Named]:
    """Every text inside `value`, which stands at `path` under `key`; documents inside texts are
    opened.
    """
    free = free or bool(FREE.fullmatch(key))
    if depth > _DEEPEST or key.lower() in _REFERENCES:
        return
    if isinstance(value, dict):
        yield from _object(value, path, free, depth)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _element(each, key, f"{path}[{index}]", free, depth)
    elif isinstance(value, str):
        yield Named(path, key if free else "", value)
        plain = decoded(value) if ENCODED.fullmatch(key) else value
        if plain != value:
            yield Named(path, "", plain)
        yield from _document(plain, path, depth)


def unknown_texts(value: Value, key: str, path: str, *, free: bool = False) -> Iterator[str]:
    """Places inside `value` that are not known yet and may hold a secret: a whole environment, or a
    variable whose name says so.
    """
    free = free or bool(FREE.fullmatch(key))
    if value is UNKNOWN:
        if FREE.fullmatch(key) or (free and names_a_secret(key) == "certain"):
            yield path
    elif isinstance(value, dict) and key.lower() not in _REFERENCES:
        for name, each in value.items():
            yield from unknown_texts(
                each, name, f"{path}.{identifier(name, 0)}" if path else name, free=free
            )
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unknown_texts(
                each, "" if isinstance(each, dict) else key, f"{path}[{index}]", free=free
            )


def _object(value: dict[str, Value], path: str, free: bool, depth: int) -> Iterator[Named]:
    for name, each in value.items():
        where = f"{path}.{identifier(name, 0)}" if path else name
        yield from named_texts(
            _attribute(each) if free else each, name, where, free=free, depth=depth + 1
        )


def _attribute(value: Value) -> Value:
    """What an attribute of an item in DynamoDB holds, without its type; any other value as it is:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    if not isinstance(value, dict) or len(value) != 1:
        return value
    type_: str
    inner: Value
    ((type_, inner),) = value.items()
    if type_ in ("S", "SS", "M"):
        return inner
    if type_ == "B" and isinstance(inner, str):
        return decoded(inner)
    if type_ == "BS":
        return [decoded(each) if isinstance(each, str) else each for each in as_list(inner)]
    return [_attribute(each) for each in as_list(inner)] if type_ == "L" else value


def _document(text: str, path: str, depth: int) -> Iterator[Named]:
    """What a text holds as a document."""
    try:
        content = opened(text)
    except UnreadableError as error:
        yield Named(path, "", "", str(error))
        return
    if content is not None:
        yield from named_texts(content, "", path, free=True, depth=depth + 1)


def _element(each: Value, key: str, path: str, free: bool, depth: int) -> Iterator[Named]:
    """An element of a list: a variable, as `{name, value}` in any case, goes by its name."""
    lower = {name.lower(): inner for name, inner in as_dict(each).items()}
    name, text = (
        next((lower[n] for n in ("name", "key", "parameterkey") if n in lower), None),
        lower.get("value", lower.get("defaultvalue")),
    )
    if isinstance(name, str) and isinstance(text, str):
        if lower.get("type") in (
            None,
            "PLAINTEXT",
            "PLAIN",
        ):  # CodeBuild's variables may be references to a store
            yield from named_texts(
                text,
                name,
                f"{path.rpartition('[')[0]}.{identifier(name, 0)}",
                free=True,
                depth=depth + 1,
            )
    elif isinstance(each, str):
        # in `tokens: [DB_TOKEN, "@every"]` stand names of secrets
        named = (
            free and names_a_secret(key) and not _NAMES.fullmatch(each) and not names_a_secret(each)
        )
        yield Named(path, key if named else "", each)
        yield from _document(each, path, depth)
    else:
        yield from named_texts(each, key, path, free=free, depth=depth + 1)


_NAMES: Final = re.compile(r"\W?[A-Za-z_.-]+")


def identifier(name: Value, index: int) -> str:
    """A variable's name for a message, or its index where the name is not one."""
    return (
        name
        if isinstance(name, str) and re.fullmatch(r"[A-Za-z_-][A-Za-z0-9_.-]{0,100}", name)
        else f"[{index}]"
    )


def opened(text: str) -> Any:
    """The object or list that a text holds as JSON, YAML or `NAME=value` lines; `None` for any
    other text, and for an access policy. Raises `UnreadableError` for a document beyond the bounds
    of a reader.
    """
    body = text.strip()
    if len(body) < 8 or not may_say(body, _HINT) or is_meant_for_browsers("", body):
        return None
    try:
        if body[0] in "{[":
            content = read_json(body, every)
            return None if _is_policy(content) else content
        if _ASSIGNMENTS.fullmatch(body) and not body.startswith("#!"):  # a script is judged as one
            pairs = (
                line.strip().removeprefix("export ").partition("=")
                for line in body.splitlines()
                if not line.startswith("#")
            )
            return {
                name: text.strip("'\"")
                for name, _, text in pairs
                if not _FETCHED.match(text.strip("'\""))
            }
        if _MAPPING.match(body) and "\n" in body:
            content = read_yaml(body, every)
            return content if isinstance(content, dict | list) else None
    except UnreadableError:
        raise
    except DocumentError:
        return None
    return None


_ASSIGNMENTS: Final = re.compile(
    r"(?:(?:export )?[A-Za-z_][\w.]*=[^\n]*(?:\n+|$)|#[^\n]*(?:\n+|$))+"
)
_MAPPING: Final = re.compile(r"(?:#[^\n]*\n|---\s*\n)*[\"']?[A-Za-z_][\w./-]*[\"']?:(?:\s|$)")


def _is_policy(content: Any) -> bool:
    return isinstance(content, dict) and any(key.lower() == "statement" for key in content)


# Scripts

_EXPORT: Final = re.compile(
    r"(?:^|[;&|]|\b(?:export|env|set)\s)["
    r" \t]*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*[\"']?(\$\([^)\n]*|`[^`\n]*|[^\s\"'#;&|]+)",
    re.MULTILINE,
)
"""`NAME=value` at the start of a command, or after `export` inside one, as in `echo export
NAME=value >> ~/.bashrc`.
"""

_FETCHED: Final = re.compile(r"(?:\$\(|`)\s*(?!echo\b|printf\b)\w")
"""What a command brings at run time, as `$(aws secretsmanager …)`; `$(echo …)` brings what stands
there.
"""

_OPTION: Final = re.compile(r"(?:^|\s)--?([A-Za-z][\w.-]+)(?:=|[ \t]+)[\"']?(?!-)([^\s\"']{4,})")
_SIGN_IN: Final = re.compile(
    r"(?:^|\s)(?:-u|--user)(?:=|[ \t]*)[\"']?[^\s:\"'$]{1,64}:([^\s\"'$]{4,})"
)
_HEADER: Final = re.compile(
    r"Authorization:\s*(?:Bearer|Basic|token)\s+([^\s\"'$]{8,})", re.IGNORECASE
)


def script_problem(script: str) -> str:
    """What kind of secret a script or a command line holds; empty when it holds none."""
    text = decoded(script)
    if any(
        is_secret_by_name(name, value)
        for name, value in _EXPORT.findall(text)
        if not _FETCHED.match(value)
    ):
        return "a secret in a variable"
    if any(
        names_a_secret(name) == "certain" and is_secret_by_name(name, value)
        for name, value in _OPTION.findall(text)
    ):
        return "a secret in an option"
    if _HEADER.search(text):
        return "a secret in a header"
    return (
        "a password in an option"
        if _SIGN_IN.search(text) and re.search(r"\b(?:curl|wget|http)\b", text)
        else ""
    )


def decoded(text: str) -> str:
    """User data, which is often base64, and compressed within that; of what is compressed the
    first megabyte.
    """
    if len(text) < 8:
        return text
    try:
        content = base64.b64decode(text, validate=True)
        if content.startswith(_GZIP):
            content = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content, _MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        return text
    return content.decode(errors="replace")


_GZIP: Final = b"\x1f\x8b"
_MOST_BYTES: Final = 1 << 20
