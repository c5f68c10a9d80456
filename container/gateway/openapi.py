"""The API's description, OpenAPI 3.1. `tests/gateway/test_api_contract.py` holds the API to it."""

from __future__ import annotations

from typing import Any, Final

from contract.hmr import SESSION_ID
from contract.messages import ErrorCode, Stage

from .states import State

Json = dict[str, Any]

ERROR_REFERENCE: Final = {"$ref": "#/components/schemas/Error"}
ROOT: Final = {
    "type": "string",
    "maxLength": 1024,
    "description": "The site's folder in the repository, such as docs; empty has the only site found",
}
SESSION_REFERENCE: Final = {"$ref": "#/components/schemas/Session"}
ID_PATTERN: Final = f"^{SESSION_ID.pattern}$"


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _answer(description: str, schema: Json | None = None) -> Json:
    return {"description": description, **({"content": _json(schema)} if schema else {})}


def _errors(*statuses: int) -> Json:
    texts = {
        400: "A value is not as described; the message names it",
        401: "The service credential is missing or wrong",
        404: "No such session or file",
        405: "The path has no such method",
        408: "The body did not arrive in time",
        409: "The request contradicts what is there",
        413: "The body is too large",
        422: "The site cannot be built; the message is the build's",
        429: "The task's limit of running sessions is reached",
        500: "The gateway failed; its log says why",
        503: "The task is draining, or the project's disk does not answer",
        507: "The project's disk is full",
    }
    return {str(status): _answer(texts[status], ERROR_REFERENCE) for status in (400, 401, 404, *statuses)}


def _operation(
    name: str, summary: str, answers: Json, *, body: Json | None = None, body_required: bool = True, parameters: list[Json] | None = None
) -> Json:
    operation: Json = {"operationId": name, "summary": summary, "responses": answers}
    if body is not None:
        operation["requestBody"] = {"required": body_required, "content": body}
    if parameters:
        operation["parameters"] = parameters
    return operation


ID_PARAMETER: Final = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]


def _one() -> Json:
    return _answer("The session as it is now", SESSION_REFERENCE)


def _paths() -> Json:
    return _session_paths() | _run_paths() | _file_paths()


def _session_paths() -> Json:
    """A session as such: made, shown, changed, removed, signed in to, and its log."""
    follow = {"name": "follow", "in": "query", "schema": {"type": "string", "enum": ["0", "1"], "default": "0"}}
    token_schema = {
        "type": "object",
        "required": ["token", "url", "expires_at"],
        "properties": {"token": {"type": "string"}, "url": {"type": "string", "format": "uri"}, "expires_at": {"type": "integer"}},
    }
    return {
        "/sessions": {
            "get": _operation(
                "listSessions",
                "All known sessions",
                {
                    "200": _answer(
                        "The sessions, by id",
                        {
                            "type": "object",
                            "required": ["sessions"],
                            "properties": {"sessions": {"type": "array", "items": SESSION_REFERENCE}},
                        },
                    ),
                    **_errors(503),
                },
            ),
            "post": _operation(
                "createSession",
                "Create the project from the starter site unless it exists, start the dev server, wait until it is ready or has failed",
                {
                    "201": _answer("Created and started", SESSION_REFERENCE),
                    "200": _answer("It existed", SESSION_REFERENCE),
                    **_errors(408, 409, 413, 429, 503, 507),
                },
                body=_json(
                    {
                        "type": "object",
                        "required": ["id"],
                        "additionalProperties": False,
                        "properties": {
                            "id": {"type": "string", "pattern": ID_PATTERN},
                            "template": {"type": "string", "enum": ["starter"], "default": "starter"},
                            "root": ROOT,
                        },
                    }
                ),
            ),
        },
        "/sessions/{id}": {
            "parameters": ID_PARAMETER,
            "get": _operation("showSession", "One session", {"200": _one(), **_errors(503)}),
            "patch": _operation(
                "changeSession",
                "Change what is set for the session; one that runs starts again, and the answer waits until it is ready or has failed",
                {"200": _one(), **_errors(408, 413, 429, 503, 507)},
                body=_json({"type": "object", "required": ["root"], "additionalProperties": False, "properties": {"root": ROOT}}),
            ),
            "delete": _operation("deleteSession", "Stop the session and remove its project", {"204": _answer("Gone"), **_errors(503, 507)}),
        },
        "/sessions/{id}/tokens": {
            "parameters": ID_PARAMETER,
            "post": _operation(
                "mintToken", "A link that signs one browser in, once", {"201": _answer("The link", token_schema), **_errors(503)}
            ),
            "delete": _operation(
                "revokeTokens",
                "Sign every viewer out: cookies and unused links of the session end at once. One that runs starts again, which ends "
                "open connections",
                {"204": _answer("Revoked"), **_errors(503, 507)},
            ),
        },
        "/sessions/{id}/logs": {
            "parameters": ID_PARAMETER,
            "get": _operation(
                "readLogs",
                "The last lines of the dev server's output; with follow=1 the answer goes on",
                {"200": {"description": "Lines", "content": {"text/plain": {"schema": {"type": "string"}}}}, **_errors(503)},
                parameters=[follow],
            ),
        },
    }


def _run_paths() -> Json:
    """Its dev server."""
    running = {"200": _one(), **_errors(429, 503)}
    return {
        "/sessions/{id}/start": {
            "parameters": ID_PARAMETER,
            "post": _operation("startSession", "Start the dev server unless it runs; wait until it is ready or has failed", running),
        },
        "/sessions/{id}/restart": {
            "parameters": ID_PARAMETER,
            "post": _operation("restartSession", "Start the dev server; a running one is replaced", running),
        },
        "/sessions/{id}/stop": {
            "parameters": ID_PARAMETER,
            "post": _operation("stopSession", "Stop the dev server; returns when nothing of it is left", {"200": _one(), **_errors(503)}),
        },
        "/sessions/{id}/rebuild": {
            "parameters": ID_PARAMETER,
            "post": _operation(
                "rebuildSession",
                "Production mode: build the site again; the last good build is served until the new one is there",
                {
                    "200": _answer("Built", {"type": "object", "required": ["changed"], "properties": {"changed": {"type": "boolean"}}}),
                    **_errors(409, 422, 503),
                },
            ),
        },
    }


def _file_paths() -> Json:
    """Its project."""
    file_parameters = [
        {"name": "path", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}, "x-multi-segment": True}
    ]
    binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    written_schema = {
        "type": "object",
        "required": ["path", "bytes"],
        "properties": {"path": {"type": "string"}, "bytes": {"type": "integer"}},
    }
    return {
        "/sessions/{id}/files/{path}": {
            "parameters": [*ID_PARAMETER, *file_parameters],
            "get": _operation(
                "readFile", "A file of the project", {"200": {"description": "Its content", "content": binary}, **_errors(409, 413, 503)}
            ),
            "put": _operation(
                "writeFile",
                "Write a file in one step; the dev server is told at once",
                {"201": _answer("Created", written_schema), "200": _answer("Replaced", written_schema), **_errors(408, 409, 413, 503, 507)},
                body=binary,
                body_required=False,  # no body makes an empty file
            ),
            "delete": _operation("deleteFile", "Remove a file", {"204": _answer("Gone"), **_errors(409, 503, 507)}),
        },
    }


def _report() -> Json:
    """What the runner found out about the site; empty until it is ready, and in production mode."""
    text = {"type": "string"}
    acceleration = {"name": text, "active": {"type": "boolean"}, "without": text}
    members: Json = {
        "live": {"type": "boolean", "description": "whether open pages follow edits"},
        "reason": {**text, "description": "why they do not"},
        "warnings": {"type": "array", "items": text},
        "accelerations": {"type": "array", "items": {"type": "object", "properties": acceleration, "required": list(acceleration)}},
        "overridden": {
            "type": "array",
            "description": "settings of the site that do not hold in a session",
            "items": {"type": "object", "properties": {"name": text, "value": text}, "required": ["name", "value"]},
        },
    }
    return {"type": "object", "properties": members}


def _schemas() -> Json:
    text = {"type": "string"}
    error_members = {"code": text, "message": text}
    session_members: Json = {
        "id": {"type": "string", "pattern": ID_PATTERN},
        "state": {"type": "string", "enum": [state.value for state in State]},
        "url": {"type": "string", "format": "uri"},
        "stage": {"type": "string", "enum": ["", *(stage.value for stage in Stage)]},
        "idle_seconds": {"type": "number"},
        "sockets": {"type": "integer"},
        "memory_mib": {"type": "integer"},
        "started_at": {"type": ["number", "null"]},
        "restarts": {"type": "integer"},
        "pid": {"type": ["integer", "null"]},
        "watch": {"type": "object"},
        "root": {**text, "description": "The site's folder in the repository; empty for its own"},
        "packages": {
            "type": "object",
            "description": "How the packages were installed; empty until the session is ready",
            "properties": {
                "manager": {"type": "string", "enum": ["none", "npm", "pnpm", "yarn", "bun"]},
                "version": text,
                "lock": text,
                "seconds": {"type": "number"},
                "refused_scripts": {"type": "array", "items": text},
                "failed_scripts": {"type": "array", "items": text},
            },
        },
        "report": _report(),
        "versions": {"type": "object", "additionalProperties": text},
        "error": {
            "oneOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["code", "message", "fix"],
                    "properties": {"code": {"type": "string", "enum": [code.value for code in ErrorCode]}, "message": text, "fix": text},
                },
            ]
        },
    }
    return {
        "Session": {"type": "object", "required": list(session_members), "properties": session_members, "additionalProperties": False},
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "object", "required": ["code", "message"], "properties": error_members}},
        },
    }


def document() -> Json:
    """The whole description, as served at `/api/v1/openapi.json`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Astro Live sessions",
            "version": "1",
            "description": "Start, stop and inspect live sessions of Astro sites, write their files, and hand out links to them.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"credential": []}],
        "paths": _paths(),
        "components": {"schemas": _schemas(), "securitySchemes": {"credential": {"type": "http", "scheme": "bearer"}}},
    }
