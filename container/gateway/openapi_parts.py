"""Parts that the API's description is put together from."""

from __future__ import annotations

from typing import Any, Final

from .codes import PROBLEMS, codes_of
from .credentials.model import Scope
from .problems import MEDIA_TYPE

Json = dict[str, Any]

SECURITY: Final = "credential"
"""Name of the description's security scheme."""
OF_ALL: Final = (400, 401, 403, 404)
"""Statuses of problems that every operation may answer."""
KEY_NAME: Final = "Idempotency-Key"
_CHARACTERS: Final = r"[A-Za-z0-9._:~+/=@-]{1,128}"
KEY_PATTERN: Final = rf'^(?:{_CHARACTERS}|"{_CHARACTERS}")$'
"""In quotes, as the draft has it (a string of RFC 8941), or without, as most clients send it."""
KEY_COMPONENT: Final = "IdempotencyKey"
KEY_REFERENCE: Final = {"$ref": f"#/components/parameters/{KEY_COMPONENT}"}
KEY_PROBLEMS: Final = (409, 422, 429, 503)
REPEATABLE: Final = "x-repeatable"
"""Why an operation with POST or PATCH takes no `Idempotency-Key`."""
PROBLEM_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}


def json_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def answer(description: str, schema: Json | None = None) -> Json:
    return {"description": description, **({"content": json_content(schema)} if schema else {})}


def errors(*statuses: int) -> Json:
    """The problems of an operation, by status, besides those that every operation has."""
    return {
        str(status): {
            "description": "; ".join(
                f"`{code}`: {PROBLEMS[code].title}" for code in codes_of(status)
            ),
            "content": {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}},
        }
        for status in (*OF_ALL, *statuses)
    }


def operation(
    name: str,
    summary: str,
    answers: Json,
    *,
    scope: Scope | None = None,
    body: Json | None = None,
    body_required: bool = True,
    parameters: list[Json] | None = None,
    repeatable: str = "",
) -> Json:
    """`scope` is what a credential needs for it; None leaves it to `with_scopes`. `repeatable` says
    why a POST can be sent twice without harm; every other one takes a key (`with_keys`).
    """
    described: Json = {"operationId": name, "summary": summary, "responses": answers}
    if scope is not None:
        described["security"] = [{SECURITY: [scope.value]}]
    if body is not None:
        described["requestBody"] = {"required": body_required, "content": body}
    if parameters:
        described["parameters"] = parameters
    if repeatable:
        described[REPEATABLE] = repeatable
    return described


def with_scopes(paths: Json) -> Json:
    """The same paths, in which every operation says which scope it needs (a role of the security
    scheme, OpenAPI 3.1), and describes it: below a session `read` for GET and `write` otherwise,
    `service` elsewhere, unless the operation has said so.
    """
    for path, operations in paths.items():
        for method, described in operations.items():
            if method == "parameters":
                continue
            usual = Scope.SERVICE
            if path.startswith("/sessions/{id}"):
                usual = Scope.READ if method == "get" else Scope.WRITE
            described.setdefault("security", [{SECURITY: [usual.value]}])
            scope = described["security"][0][SECURITY][0]
            described["description"] = f"Needs the scope `{scope}`."
    return paths


def with_keys(paths: Json) -> Json:
    """The same paths, in which every POST and PATCH takes an `Idempotency-Key`, unless the
    operation says why it can be repeated without.
    """
    for operations in paths.values():
        for method, described in operations.items():
            if method not in ("post", "patch") or REPEATABLE in described:
                continue
            described["parameters"] = [*described.get("parameters", []), KEY_REFERENCE]
            described["responses"] = described["responses"] | errors(*KEY_PROBLEMS)
            described["description"] += " With an `Idempotency-Key` it is done once."
    return paths
