"""A tool from an operation of the API's description: its schemas, and the request that it makes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from contract.api import API_ROOT

from ..access import scope_in
from ..credentials.model import Scope
from ..errors import BadRequest
from ..openapi_parts import KEY_NAME
from .table import DROPPED, TOOLS, WAIT_SECONDS, Hints

Json = dict[str, Any]
Body = Literal["json", "bytes", "none"]
Answer = Literal["json", "bytes", "text", "none"]
FLAG: Final = ["0", "1"]
CONTENT: Final[Json] = {
    "content": {"type": "string", "description": "The file's text, or its bytes in base64"},
    "encoding": {"type": "string", "enum": ["utf-8", "base64"], "default": "utf-8"},
}
READ_ANSWER: Final[Json] = {
    "type": "object",
    "required": ["content", "encoding", "etag"],
    "properties": {
        **CONTENT,
        "etag": {"type": "string", "description": "The version, for if_match"},
    },
}


@dataclass(frozen=True, kw_only=True)
class HttpCall:
    """A request to the API."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One operation."""

    name: str
    description: str
    hints: Hints
    input_schema: Json
    output_schema: Json | None
    answer: Answer
    method: str
    template: str
    scope: Scope
    """What a credential needs to call it."""
    keyed: bool
    """Whether the operation takes an `Idempotency-Key`."""
    places: Mapping[str, tuple[str, str]]
    """Argument → where it goes (path, query, header, body) and its name there."""
    body: Body

    def call(self, session_id: str, arguments: Mapping[str, Any]) -> HttpCall:
        """The request. The API itself judges the values; `BadRequest` for what cannot be sent."""
        query: list[tuple[str, str]] = []
        path: dict[str, str] = {"id": session_id}
        headers: dict[str, str] = {}
        body: Json = {}
        for argument, (place, name) in self.places.items():
            value = arguments.get(argument, self._default(argument))
            if value is None:
                continue
            if place == "path":
                path[name] = _in_path(str(value))
            elif place == "query":
                query.append((name, _text(value)))
            elif place == "header":
                headers[name] = _header(argument, value)
            else:
                body[name] = value
        where = re.sub(r"\{(\w+)\}", lambda part: path[part[1]], self.template)
        content: bytes | None = None
        if self.body == "bytes":
            content = _bytes(arguments)
            headers["Content-Type"] = "application/octet-stream"
        elif self.body == "json":
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        asked = f"?{urlencode(query)}" if query else ""
        return HttpCall(
            method=self.method, path=f"{API_ROOT}{where}{asked}", headers=headers, body=content
        )

    def _default(self, argument: str) -> Any:
        return WAIT_SECONDS if argument == "wait" else None


def tools_of(description: Json) -> dict[str, Tool]:
    """By name, in the order of the table."""
    found = {
        operation["operationId"]: (path, method, shared, operation)
        for path, method, shared, operation in operations(description)
    }
    made = [
        _tool(description, *found[name], hints) for name, hints in TOOLS.items() if name in found
    ]
    return {tool.name: tool for tool in made}


def operations(description: Json) -> Iterator[tuple[str, str, list[Json], Json]]:
    """Path, method, parameters of the path, and the operation."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, methods.get("parameters", []), operation


def snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def _tool(
    description: Json, path: str, method: str, shared: list[Json], operation: Json, hints: Hints
) -> Tool:
    places: dict[str, tuple[str, str]] = {}
    properties: Json = {}
    required: list[str] = []
    keyed = False
    for given in [*shared, *operation.get("parameters", [])]:
        parameter = _referred(description, given)
        keyed |= parameter["name"] == KEY_NAME
        if (
            parameter["name"] in DROPPED
            or (parameter["in"], parameter["name"]) == ("path", "id")
            or (method, parameter["name"]) == ("get", "If-None-Match")
        ):
            continue
        name = snake(parameter["name"])
        places[name] = (parameter["in"], parameter["name"])
        properties[name] = _property(parameter)
        if parameter.get("required"):
            required.append(name)
    content = operation.get("requestBody", {}).get("content", {})
    body: Body = "none"
    if "application/json" in content:
        body = "json"
        schema = _resolved(description, content["application/json"]["schema"])
        for name, member in schema["properties"].items():
            # A member that has the name of a parameter would take its place.
            assert name not in places, f"{operation['operationId']}: {name}"
            places[name] = ("body", name)
            properties[name] = member
        required += schema.get("required", [])
    elif content:
        body = "bytes"
        properties |= CONTENT
        required.append("content")
    kind, answer = _answer(operation)
    input_schema: Json = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return Tool(
        name=snake(operation["operationId"]),
        description=(hints.text or operation["summary"]) + ".",
        hints=hints,
        input_schema=_closed(description, input_schema),
        output_schema=answer and _closed(description, _resolved(description, answer)),
        answer=kind,
        method=method.upper(),
        template=path,
        scope=scope_in(operation),
        keyed=keyed,
        places=places,
        body=body,
    )


def _answer(operation: Json) -> tuple[Answer, Json | None]:
    """What a success has in it, and its schema."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status >= "300" or not content:
            continue
        if "application/json" in content:
            return "json", content["application/json"]["schema"]
        if "text/plain" in content:
            return "text", None
        return "bytes", READ_ANSWER
    return "none", None


def _property(parameter: Json) -> Json:
    """A parameter as a member of the input; what is 0 or 1 in a query is a boolean."""
    schema = dict(parameter["schema"])
    if schema.get("enum") == FLAG:
        schema = {"type": "boolean", "default": schema.get("default", "0") == "1"}
    if snake(parameter["name"]) == "wait":
        schema["default"] = WAIT_SECONDS
    if "description" in parameter:
        schema["description"] = re.sub(r"^[01]: ", "", parameter["description"])
    return schema


def _referred(description: Json, parameter: Json) -> Json:
    """The parameter itself, where it is a reference."""
    if "$ref" not in parameter:
        return parameter
    name = parameter["$ref"].rpartition("/")[2]
    found: Json = description["components"]["parameters"][name]
    return found


def _resolved(description: Json, schema: Json) -> Json:
    """The schema that a reference at the top leads to."""
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _closed(description: Json, schema: Json) -> Json:
    """With every schema that it refers to, so that it can be read alone."""
    needed: dict[str, Json] = {}

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            return [moved(each) for each in part]
        if not isinstance(part, dict):
            return part
        # Without titles, which repeat the names: a model may have to read all of this.
        copy = {
            key: moved(value)
            for key, value in part.items()
            if key != "title" or not isinstance(value, str)
        }
        if isinstance(reference := part.get("$ref"), str):
            name = reference.rpartition("/")[2]
            copy["$ref"] = f"#/$defs/{name}"
            if name not in needed:
                needed[name] = {}
                needed[name] = moved(description["components"]["schemas"][name])
        if isinstance(mapping := copy.get("discriminator"), dict):
            mapping.pop("mapping", None)  # references by address; `op` itself says which
        return copy

    whole: Json = moved(schema)
    return {**whole, "$defs": needed} if needed else whole


def _in_path(text: str) -> str:
    if any(segment in ("", ".", "..") for segment in text.split("/")):
        raise BadRequest(
            f"the path is {text[:100]!r}; allowed is one in the project, such as"
            " src/pages/index.astro"
        )
    return quote(text, safe="/", errors="surrogatepass")


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _header(argument: str, value: Any) -> str:
    text = str(value)
    if not text.isascii() or not text.isprintable():
        raise BadRequest(f"{argument} is {text[:40]!r}; allowed is an entity tag")
    return text


def _bytes(arguments: Mapping[str, Any]) -> bytes:
    text, encoding = str(arguments["content"]), arguments.get("encoding", "utf-8")
    try:
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
        return text.encode()
    except (binascii.Error, ValueError):
        raise BadRequest(f"content is not {encoding}") from None
