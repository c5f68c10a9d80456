"""Parts that the API's description is put together from."""

from __future__ import annotations

from typing import Any, Final

from .codes import PROBLEMS, codes_of
from .problems import MEDIA_TYPE

Json = dict[str, Any]

OF_ALL: Final = (400, 401, 404)
"""Statuses of problems that every operation may answer."""
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
    body: Json | None = None,
    body_required: bool = True,
    parameters: list[Json] | None = None,
) -> Json:
    described: Json = {"operationId": name, "summary": summary, "responses": answers}
    if body is not None:
        described["requestBody"] = {"required": body_required, "content": body}
    if parameters:
        described["parameters"] = parameters
    return described
