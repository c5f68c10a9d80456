"""The API's description: events of a session, and who looks at it."""

from __future__ import annotations

from .event_models import KINDS
from .events_api import CONTENT_TYPE
from .openapi_parts import Json, answer, errors, operation

LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 100},
    "description": "Go on after the event of this id. One that is not known any more is answered"
    " with a `lost` event, and the stream begins as without it",
}


def event_paths(session_id: list[Json]) -> Json:
    """`session_id` is the path's parameter."""
    return {
        "/sessions/{id}/events": {
            "parameters": session_id,
            "get": operation(
                "streamEvents",
                "What happens to the session, as server-sent events: changes of its state, edits"
                " that reach the open pages, problems that appear and are over, viewers, installed"
                " packages, checkpoints. The stream goes on until the client ends it, or ends with"
                " an `end` event; connect again then. A comment comes every 5 s when nothing"
                " happens. It does not keep the session running",
                {
                    "200": {
                        "description": "The events: `event` is the kind, `data` an Event as JSON in"
                        " one line, `id` goes into Last-Event-ID",
                        "content": {
                            CONTENT_TYPE: {
                                "schema": {"type": "string"},
                                # As OpenAPI 3.2 has it; 3.1 has no word for a stream of items.
                                "x-itemSchema": {"$ref": "#/components/schemas/Event"},
                                "x-event-kinds": list(KINDS),
                            }
                        },
                    },
                    **errors(503),
                },
                parameters=[LAST_EVENT_ID],
            ),
        },
        "/sessions/{id}/viewers": {
            "parameters": session_id,
            "get": operation(
                "listViewers",
                "The open pages of the session: whose they are, whether the browser shows them."
                " Development mode only",
                {
                    "200": answer("The pages", {"$ref": "#/components/schemas/ViewerList"}),
                    **errors(503),
                },
            ),
        },
    }
