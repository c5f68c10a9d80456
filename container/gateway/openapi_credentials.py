"""The API's description: credentials."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from .credentials.model import Scope
from .credentials_api import MOST_LISTED, CreatedCredentialView, CredentialRequest, CredentialsView
from .openapi_parts import Json, answer, errors, json_content, operation


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def credential_paths() -> Json:
    after = {"name": "after", "in": "query", "schema": {"type": "string", "default": ""}}
    limit = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": MOST_LISTED},
    }
    return {
        "/credentials": {
            "get": operation(
                "listCredentials",
                "The credentials that were made through the API, by id, without their secrets",
                {"200": answer("A page", _reference("CredentialsView")), **errors(503)},
                scope=Scope.SERVICE,
                parameters=[after, limit],
            ),
            "post": operation(
                "createCredential",
                "A credential with a scope; its secret is in this answer only",
                {
                    "201": answer("Created", _reference("CreatedCredentialView")),
                    **errors(408, 409, 413, 503, 507),
                },
                scope=Scope.SERVICE,
                body=json_content(_reference("CredentialRequest")),
            ),
        },
        "/credentials/{credential}": {
            "parameters": [
                {
                    "name": "credential",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "Its id",
                }
            ],
            "delete": operation(
                "revokeCredential",
                "End a credential, on every task within a second",
                {"204": answer("Revoked"), **errors(503, 507)},
                scope=Scope.SERVICE,
            ),
        },
    }


def credential_schemas() -> dict[str, Any]:
    """Name → JSON Schema, for `#/components/schemas`."""
    found: dict[str, Any] = {}
    for models, mode in (
        ([CredentialRequest], "validation"),
        ([CredentialsView, CreatedCredentialView], "serialization"),
    ):
        _, schema = models_json_schema(
            [(model, mode) for model in models],  # type: ignore[misc]
            ref_template="#/components/schemas/{model}",
        )
        found |= schema["$defs"]
    return found
