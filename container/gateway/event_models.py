"""Events of a session: declared once, for the stream (`events_api.py`) and for its description
(`openapi_events.py`).

`data` of each is one JSON object with `kind` as discriminator and `at`, when it happened. `kind` is
the event's name in the stream, too.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic.json_schema import models_json_schema

from contract.messages import ProblemSource, Stage, UpdateKind

from .file_models import ProblemView
from .session_view import ErrorView, PackagesView
from .states import State

Text = Annotated[str, StringConstraints(max_length=1024)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ViewerChange = Literal["came", "left", "changed"]
LostReason = Literal["slow", "unknown"]
EndReason = Literal["moved", "deleted", "draining"]


class Event(BaseModel):
    """What all events have."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )

    at: Annotated[float, Field(description="Seconds since the epoch")]


class StateEvent(Event):
    """The session's state, the stage of its start or its error has changed. A reader that does not
    go on after an event that it names gets one first, as things are.
    """

    kind: Literal["state"] = "state"
    state: State
    stage: Stage | Annotated[str, Field(pattern="^$")]
    error: ErrorView | None


class EditEvent(Event):
    """An edit was sent to the open pages."""

    kind: Literal["edit"] = "edit"
    update: UpdateKind
    path: Annotated[str, Field(description="Of the file, in the project")]
    ms: Annotated[float, Field(description="From the file's change to the message to the pages")]


class ProblemEvent(Event):
    """Something is wrong with the site that was not before, or (first of all) still is."""

    kind: Literal["problem"] = "problem"
    id: Annotated[Word, Field(description="The `healed` event names it")]
    problem: ProblemView


class HealedEvent(Event):
    """A problem is over."""

    kind: Literal["healed"] = "healed"
    id: Word
    source: ProblemSource
    file: Text
    page: Text


class ViewerView(BaseModel):
    """An open page of the session."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )

    id: Annotated[Word, Field(description="Of the page; a reload is another one")]
    visitor: Annotated[str, Field(description="The same for all pages of one sign-in")]
    name: Annotated[str, Field(description="Given with the sign-in link; empty without one")]
    visible: Annotated[bool, Field(description="Whether the browser shows the page")]
    page: Annotated[str, Field(description="Below the session's address")]
    since: Annotated[float, Field(description="When it connected, in seconds since the epoch")]


class ViewerEvent(Event):
    """Somebody has come, left, hidden or shown a page, or gone to another one in place."""

    kind: Literal["viewer"] = "viewer"
    change: ViewerChange
    viewer: ViewerView
    viewers: Annotated[int, Field(description="Pages that are open now")]
    visible: Annotated[int, Field(description="Those of them that a browser shows")]


class InstallEvent(Event):
    """Packages of the site are being installed, or are."""

    kind: Literal["install"] = "install"
    detail: Text
    packages: Annotated[
        PackagesView | None, Field(description="How they were installed; null until they are")
    ]


class CheckpointEvent(Event):
    """A checkpoint of the project was made, restored or removed."""

    kind: Literal["checkpoint"] = "checkpoint"
    action: Literal["made", "restored", "removed"]
    id: Word
    name: Text = ""


class LostEvent(Event):
    """Events were lost for this reader: list problems and viewers again."""

    kind: Literal["lost"] = "lost"
    reason: Annotated[
        LostReason,
        Field(
            description=(
                "The reader is slower than the events come, or names an event that is not kept any"
                " more, or is another task's"
            )
        ),
    ]
    missed: Annotated[int | None, Field(description="How many; null when it is not known")]


class EndEvent(Event):
    """The last event of the stream."""

    kind: Literal["end"] = "end"
    reason: Annotated[
        EndReason,
        Field(
            description=(
                "Another task has the session: connect again; the session was deleted; the task"
                " ends: connect again"
            )
        ),
    ]


KINDS: Final[dict[str, type[Event]]] = {
    model.model_fields["kind"].default: model
    for model in (
        StateEvent,
        EditEvent,
        ProblemEvent,
        HealedEvent,
        ViewerEvent,
        InstallEvent,
        CheckpointEvent,
        LostEvent,
        EndEvent,
    )
}
AnyEvent = Annotated[
    StateEvent
    | EditEvent
    | ProblemEvent
    | HealedEvent
    | ViewerEvent
    | InstallEvent
    | CheckpointEvent
    | LostEvent
    | EndEvent,
    Field(discriminator="kind"),
]
EVENT: Final[TypeAdapter[Any]] = TypeAdapter(AnyEvent)


class ViewerList(BaseModel):
    """Who looks at a session now."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    viewers: list[ViewerView]
    more: Annotated[int, Field(description="Open pages that are not listed")]


def event_schemas() -> dict[str, Any]:
    """Name → JSON Schema of each event and of the viewers, for `#/components/schemas`."""
    reference = "#/components/schemas/{model}"
    models: list[Any] = [(model, "serialization") for model in (*KINDS.values(), ViewerList)]
    _, schema = models_json_schema(models, ref_template=reference)
    found: dict[str, Any] = schema["$defs"]
    union = [reference.format(model=model.__name__) for model in KINDS.values()]
    found["Event"] = {
        "oneOf": [{"$ref": each} for each in union],
        "discriminator": {"propertyName": "kind", "mapping": dict(zip(KINDS, union, strict=True))},
    }
    return found
