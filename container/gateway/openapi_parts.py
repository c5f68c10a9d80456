"""Parts that the API's description is put together from."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

ERROR_REFERENCE: Final = {"$ref": "#/components/schemas/Error"}


def json_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def answer(description: str, schema: Json | None = None) -> Json:
    return {"description": description, **({"content": json_content(schema)} if schema else {})}


def errors(*statuses: int) -> Json:
    texts = {
        400: "A value is not as described; the message names it",
        401: "The service credential is missing or wrong",
        404: "No such session, build or file",
        405: "The path has no such method",
        408: "The body did not arrive in time",
        409: "The request contradicts what is there",
        412: (
            "The file is not as If-Match or If-None-Match says; `current` in the error is what is"
            " there"
        ),
        413: "The body is too large",
        416: "The file has no such range",
        422: "The site cannot be built; the message is the build's",
        429: "The task's limit of running sessions is reached",
        500: "The gateway failed; its log says why",
        503: "The task is draining, or the project's disk does not answer",
        507: "The project's disk is full",
    }
    return {
        str(status): answer(texts[status], ERROR_REFERENCE) for status in (400, 401, 404, *statuses)
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
