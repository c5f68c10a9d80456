"""The API's description, OpenAPI 3.1. `tests/gateway/test_api_contract.py` holds the API to it."""

from __future__ import annotations

from typing import Final

from contract.api import API_ROOT

from .credentials.model import Scope
from .event_models import event_schemas
from .file_models import file_schemas
from .git_models import git_schemas
from .openapi_builds import build_paths
from .openapi_credentials import credential_paths, credential_schemas
from .openapi_events import event_paths
from .openapi_files import file_paths
from .openapi_git import git_paths
from .openapi_parts import (
    KEY_COMPONENT,
    KEY_NAME,
    KEY_PATTERN,
    SECURITY,
    Json,
    answer,
    errors,
    json_content,
    operation,
    with_keys,
    with_scopes,
)
from .problems import schemas as problem_schemas
from .session_view import session_schemas
from .tokens import LONGEST_NAME

ROOT: Final = {
    "type": "string",
    "maxLength": 1024,
    "description": (
        "The site's folder in the repository, such as docs; empty has the only site found"
    ),
}
SCHEME: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": (
        "The service credential, or one that POST /credentials has made. The role of an operation"
        " is the scope that it needs: `service` is for everything, `read` and `write` are for the"
        " sessions that the credential names, and `view` is part of each of them"
    ),
}
IDEMPOTENCY_KEY: Final = {
    "name": KEY_NAME,
    "in": "header",
    "required": False,
    "description": (
        "Names this request, so that it can be sent again: it is carried out once, and the same"
        " request with the same key within 24 hours gets the answer of the first. A new UUID for"
        " each request, with or without quotes"
    ),
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
SESSION_REFERENCE: Final = {"$ref": "#/components/schemas/Session"}

ID_PARAMETER: Final = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]


def _one() -> Json:
    return answer("The session as it is now", SESSION_REFERENCE)


def _paths() -> Json:
    return {
        **_session_paths(),
        **_run_paths(),
        **file_paths(ID_PARAMETER),
        **event_paths(ID_PARAMETER),
        **git_paths(ID_PARAMETER),
        **credential_paths(),
    }


def _session_paths() -> Json:
    """A session as such: made, shown, changed, removed, signed in to, and its log."""
    follow = {
        "name": "follow",
        "in": "query",
        "schema": {"type": "string", "enum": ["0", "1"], "default": "0"},
    }
    token_schema = {
        "type": "object",
        "required": ["token", "url", "expires_at"],
        "properties": {
            "token": {"type": "string"},
            "url": {"type": "string", "format": "uri"},
            "expires_at": {"type": "integer"},
            "may_post": {
                "type": "boolean",
                "description": "Whether stack, credential and request let the visitor do more than read",
            },
        },
    }
    return {
        "/sessions": {
            "get": operation(
                "listSessions",
                "All known sessions",
                {
                    "200": answer(
                        "The sessions, by id",
                        {
                            "type": "object",
                            "required": ["sessions"],
                            "properties": {
                                "sessions": {"type": "array", "items": SESSION_REFERENCE}
                            },
                        },
                    ),
                    **errors(503),
                },
            ),
            "post": operation(
                "createSession",
                "Create the project from the starter site or a repository, or empty, unless it exists;"
                " start the dev server, unless it is new and empty; wait until it is ready or has"
                " failed",
                {
                    "201": answer("Created and started", SESSION_REFERENCE),
                    "200": answer("It existed", SESSION_REFERENCE),
                    **errors(408, 409, 413, 422, 429, 501, 502, 503, 507),
                },
                body=json_content({"$ref": "#/components/schemas/CreateRequest"}),
            ),
        },
        "/sessions/{id}": {
            "parameters": ID_PARAMETER,
            "get": operation(
                "showSession", "One session", {"200": _one(), **errors(503)}, scope=Scope.VIEW
            ),
            "patch": operation(
                "changeSession",
                "Change what is set for the session; one that runs starts again, and the answer"
                " waits until it is ready or has failed",
                {"200": _one(), **errors(408, 413, 429, 503, 507)},
                body=json_content(
                    {
                        "type": "object",
                        "required": ["root"],
                        "additionalProperties": False,
                        "properties": {"root": ROOT},
                    }
                ),
            ),
            "delete": operation(
                "deleteSession",
                "Stop the session and remove its project",
                {"204": answer("Gone"), **errors(503, 507)},
                scope=Scope.SERVICE,
            ),
        },
        "/sessions/{id}/tokens": {
            "parameters": ID_PARAMETER,
            "post": operation(
                "mintToken",
                "A link that signs one browser in, once",
                {"201": answer("The link", token_schema), **errors(408, 413, 503)},
                body=json_content(
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "name": {
                                "type": "string",
                                "maxLength": LONGEST_NAME,
                                "description": "What the viewer is called (`listViewers`)",
                            },
                            "may_post": {
                                "type": "boolean",
                                "default": True,
                                "description": (
                                    "false: the visitor can only read: all methods but GET and"
                                    " HEAD, and the site's own WebSockets, are answered 405."
                                    " true: as the stack (`viewersMayPost`) and the credential"
                                    " allow"
                                ),
                            },
                        },
                    }
                ),
                body_required=False,
                scope=Scope.VIEW,
            ),
            "delete": operation(
                "revokeTokens",
                "Sign every viewer out: cookies and unused links of the session end at once. One"
                " that runs starts again, which ends open connections",
                {"204": answer("Revoked"), **errors(503, 507)},
                scope=Scope.SERVICE,
            ),
        },
        "/sessions/{id}/logs": {
            "parameters": ID_PARAMETER,
            "get": operation(
                "readLogs",
                "The last lines of the dev server's output; with follow=1 the answer goes on",
                {
                    "200": {
                        "description": "Lines",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    },
                    **errors(503),
                },
                parameters=[follow],
            ),
        },
    }


def _run_paths() -> Json:
    """Its dev server."""
    running = {"200": _one(), **errors(429, 503)}
    return {
        "/sessions/{id}/start": {
            "parameters": ID_PARAMETER,
            "post": operation(
                "startSession",
                "Start the dev server unless it runs; wait until it is ready or has failed",
                running,
                repeatable="a session that runs is not started again",
            ),
        },
        "/sessions/{id}/restart": {
            "parameters": ID_PARAMETER,
            "post": operation(
                "restartSession", "Start the dev server; a running one is replaced", running
            ),
        },
        "/sessions/{id}/stop": {
            "parameters": ID_PARAMETER,
            "post": operation(
                "stopSession",
                "Stop the dev server; returns when nothing of it is left",
                {"200": _one(), **errors(503)},
                repeatable="a session that has stopped is not stopped again",
            ),
        },
        **build_paths(ID_PARAMETER),
    }


def _schemas() -> Json:
    return {
        **session_schemas(),
        **file_schemas(),
        **event_schemas(),
        **git_schemas(),
        **credential_schemas(),
        **problem_schemas(),
    }


def document() -> Json:
    """The whole description, as served at `/api/v1/openapi.json`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Astro Live sessions",
            "version": "1",
            "description": (
                "Start, stop and inspect live sessions of Astro sites, write their files, and hand"
                " out links to them."
            ),
        },
        "servers": [{"url": API_ROOT}],
        "security": [{SECURITY: []}],
        "paths": with_keys(with_scopes(_paths())),
        "components": {
            "parameters": {KEY_COMPONENT: IDEMPOTENCY_KEY},
            "schemas": _schemas(),
            "securitySchemes": {SECURITY: SCHEME},
        },
    }
