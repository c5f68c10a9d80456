"""The API's description: builds of production mode."""

from __future__ import annotations

from typing import Final

from contract.messages.jobs import BuildSummary

from .openapi_parts import Json, answer, errors, json_content, operation

BUILT: Final = {
    "type": "object",
    "required": ["changed", "build"],
    "properties": {
        "changed": {
            "type": "boolean",
            "description": "Whether another build is served than before, or a new one is kept",
        },
        "build": {"type": "integer"},
    },
}
BUILD_MEMBERS: Final = {
    name: {key: part[key] for key in ("type", "description") if key in part}
    for name, part in BuildSummary.model_json_schema(by_alias=False)["properties"].items()
} | {"serving": {"type": "boolean"}}
BUILDS: Final = {
    "type": "object",
    "required": ["builds", "serving", "pinned"],
    "properties": {
        "builds": {
            "type": "array",
            "items": {
                "type": "object",
                "required": list(BUILD_MEMBERS),
                "properties": BUILD_MEMBERS,
            },
        },
        "serving": {"type": ["integer", "null"]},
        "pinned": {
            "type": "boolean",
            "description": "Whether an earlier build was chosen, which a start does not replace",
        },
    },
}


def build_paths(session_id: list[Json]) -> Json:
    """`session_id` describes the parameter of every path below a session."""
    return {
        "/sessions/{id}/rebuild": {
            "parameters": session_id,
            "post": operation(
                "rebuildSession",
                "Production mode: build the site again if its sources changed; what is served goes"
                " on meanwhile",
                {"200": answer("Built", BUILT), **errors(408, 409, 413, 422, 503)},
                body=json_content(
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "publish": {
                                "type": "boolean",
                                "default": True,
                                "description": (
                                    "Whether a good build is served; false only keeps it"
                                ),
                            },
                            "force": {
                                "type": "boolean",
                                "default": False,
                                "description": (
                                    "Build although the sources have not changed: something outside"
                                    " of them has"
                                ),
                            },
                        },
                    }
                ),
                body_required=False,
            ),
        },
        "/sessions/{id}/builds": {
            "parameters": session_id,
            "get": operation(
                "listBuilds",
                "Production mode: the builds that are kept, the newest first",
                {"200": answer("The builds", BUILDS), **errors(503)},
            ),
        },
        "/sessions/{id}/builds/{number}/serve": {
            "parameters": [
                *session_id,
                {
                    "name": "number",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1},
                },
            ],
            "post": operation(
                "serveBuild",
                "Production mode: serve a build that is kept, from the next start on where the"
                " session does not run. An earlier build than the newest stays until another is"
                " asked for; a start does not replace it",
                {"200": answer("Served", BUILT), **errors(408, 409, 413, 422, 503, 507)},
                repeatable="a build that is served is not served again",
            ),
        },
    }
