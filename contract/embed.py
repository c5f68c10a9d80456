"""The messages between a page that frames a session and the session's page, by `postMessage`.

    embedding page ──▶ session's page    Hello, Navigate, Reload, Pick, Reveal       `Command`
    session's page ──▶ embedding page    Ready, Navigated, Edit, Done, Refused, …    `Event`

Each is one object with `astroLive`, the version of the protocol, and `type`. A command may have an
`id`; its answer (`done` or `error`) repeats it. Each text has a bound. What does not fit its
declaration is refused, on both sides.

`scripts/gen_embed.py` makes from these models the JSON Schema (`contract/embed.schema.json`), what
the session's page checks messages with (`container/astro/lib/page/embed-protocol.js`), the types of
the embedding page's helper (`clients/typescript/src/embed-protocol.ts`) and the reference in
`docs/embed.md`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from contract.messages.base import Line, Message, Name
from contract.messages.enums import ProblemSource, UpdateKind
from contract.messages.runner import Problem
from contract.words import Mode

VERSION: Final = 1
BURST: Final = 100
"""Commands that a page handles at once, before the rate counts."""
PER_SECOND: Final = 50
"""Commands that a page handles in the long run; it drops the others."""

RequestId = Annotated[
    int, Field(ge=1, le=2**53 - 1, description="Of the embedding page; the answer repeats it")
]
Address = Annotated[
    str,
    StringConstraints(max_length=2048),
    Field(description="Below the session's own, with query and fragment; empty for its first page"),
]
File = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1024),
    Field(description="Relative to the session's folder, as the API names it"),
]
LineNumber = Annotated[int, Field(ge=1, le=10_000_000)]
EditNumber = Annotated[int, Field(ge=1, le=2**53 - 1)]
Pixels = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]


class RefusalCode(StrEnum):
    """Why a command was refused."""

    VERSION = "version"
    UNKNOWN_TYPE = "unknown-type"
    BAD_FIELD = "bad-field"
    HELLO_FIRST = "hello-first"
    TOO_MANY = "too-many"
    OUTSIDE_SESSION = "outside-session"
    NOT_LIVE = "not-live"


REFUSALS: Final = {
    RefusalCode.VERSION: "the page does not speak this version; `versions` lists those it speaks",
    RefusalCode.UNKNOWN_TYPE: "there is no such command",
    RefusalCode.BAD_FIELD: "a field is missing, unknown, too long or out of range",
    RefusalCode.HELLO_FIRST: "this page has had no `hello`: it is a new one",
    RefusalCode.TOO_MANY: "commands came faster than a page handles them, and were dropped",
    RefusalCode.OUTSIDE_SESSION: "the address is not one of the session's",
    RefusalCode.NOT_LIVE: "a production view has no sources to pick or reveal",
}


class Part(Message):
    """What all messages have."""

    astro_live: Annotated[Literal[1], Field(description="Version of the protocol")] = 1


class CommandPart(Part):
    """What all commands have."""

    id: RequestId | None = None


# From the embedding page


class Hello(CommandPart):
    """Begin. The page answers `ready`. Before it the page sends nothing, and each load of a page in
    the frame is a new page: send it at each `load` event of the frame.
    """

    type: Literal["hello"] = "hello"
    after: Annotated[
        EditNumber | None,
        Field(
            description=(
                "Of the last `edit` or `listening`: edits since then follow, among them those that"
                " the page was reloaded for"
            )
        ),
    ] = None


class Navigate(CommandPart):
    """Go to another page of the session."""

    type: Literal["navigate"] = "navigate"
    address: Address


class Reload(CommandPart):
    """Load the page again."""

    type: Literal["reload"] = "reload"


class Pick(CommandPart):
    """Begin or end the selection of an element: the one under the pointer has an outline, a click
    is reported as `picked` and does nothing else, Escape ends it.
    """

    type: Literal["pick"] = "pick"
    on: bool


class Reveal(CommandPart):
    """Scroll to what is made of a place in a file: the element of the last annotated line at or
    before it.
    """

    type: Literal["reveal"] = "reveal"
    file: File
    line: LineNumber


# From the session's page


class Ready(Part):
    """The answer to `hello`."""

    type: Literal["ready"] = "ready"
    id: RequestId | None = None
    mode: Annotated[Mode, Field(description="Whether the session is edited live or shows a build")]
    live: Annotated[
        bool,
        Field(description="Whether the page follows edits now; always false in a production view"),
    ]
    address: Address
    title: Line


class Navigated(Part):
    """The page shows another address without a new document (view transitions, history, fragments).
    A new document answers the next `hello` with `ready`.
    """

    type: Literal["navigated"] = "navigated"
    address: Address
    title: Line


class Listening(Part):
    """The page hears of edits and problems from now on. Follows `ready`, in a live view."""

    type: Literal["listening"] = "listening"
    number: Annotated[EditNumber, Field(description="Of the newest edit")]


class Edit(Part):
    """The page shows an edit, in place or by a reload."""

    type: Literal["edit"] = "edit"
    number: Annotated[EditNumber, Field(description="Grows from edit to edit")]
    file: File
    kind: UpdateKind
    ms: Annotated[
        float,
        Field(
            ge=0, le=3_600_000, allow_inf_nan=False,
            description="From the file's change until the page shows it",
        ),
    ]  # fmt: skip


class ProblemAppeared(Part):
    """Something is wrong with the site that was not before. After `ready` those that still are come
    again, and no others are left. `problem` and `id` are those of the API's events.
    """

    type: Literal["problem"] = "problem"
    id: Name
    problem: Problem


class ProblemHealed(Part):
    """A problem is over."""

    type: Literal["healed"] = "healed"
    id: Name
    source: ProblemSource
    file: Annotated[str, StringConstraints(max_length=1024)]
    page: Line


class Connection(Part):
    """The page's live connection is lost, or back."""

    type: Literal["connection"] = "connection"
    live: bool


class Leaving(Part):
    """The document has gone, and another one comes in the frame: say `hello` until that one
    answers. Not sent where a page ends without a chance to say so.
    """

    type: Literal["leaving"] = "leaving"


class Picking(Part):
    """The selection of an element has begun or ended, by `pick` or by Escape. A new page begins
    without.
    """

    type: Literal["picking"] = "picking"
    on: bool


class Place(Message):
    """Where an element is in its file."""

    file: File
    line: LineNumber
    column: Annotated[int, Field(ge=1, le=10_000_000)]


class Box(Message):
    """An element's box in the frame's viewport, in CSS pixels."""

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels


class Picked(Part):
    """An element was clicked while picking."""

    type: Literal["picked"] = "picked"
    tag: Annotated[Name, Field(description="In lower case")]
    text: Annotated[
        str,
        StringConstraints(max_length=200),
        Field(description="Of the element, its beginning"),
    ]
    box: Box
    source: Annotated[
        Place | None,
        Field(
            description=(
                "Of the element, or of the nearest one around it that is markup of an Astro file;"
                " left out when none is known"
            )
        ),
    ] = None
    exact: Annotated[
        bool, Field(description="Whether `source` is the element's own and not one around it")
    ]
    island: Annotated[
        File | None,
        Field(description="The component's file, where the element is a framework island's"),
    ] = None


class Done(Part):
    """A command was carried out. `hello` has `ready` instead; `navigate` and `reload` are answered
    before the page goes.
    """

    type: Literal["done"] = "done"
    id: RequestId | None = None
    found: Annotated[bool | None, Field(description="Of `reveal`: whether there is an element")] = (
        None
    )


class Refused(Part):
    """A command was refused. Nothing was done."""

    type: Literal["error"] = "error"
    id: RequestId | None = None
    code: RefusalCode
    message: Annotated[Line, Field(description="What was wrong, and what is allowed")]
    versions: Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(max_length=10)] | None = (
        None
    )


COMMANDS: Final = (Hello, Navigate, Reload, Pick, Reveal)
EVENTS: Final = (
    Ready,
    Navigated,
    Listening,
    Edit,
    ProblemAppeared,
    ProblemHealed,
    Connection,
    Leaving,
    Picking,
    Picked,
    Done,
    Refused,
)

Command: Final[TypeAdapter[Hello | Navigate | Reload | Pick | Reveal]] = TypeAdapter(
    Annotated[Hello | Navigate | Reload | Pick | Reveal, Field(discriminator="type")]
)
Event: Final[
    TypeAdapter[
        Ready
        | Navigated
        | Listening
        | Edit
        | ProblemAppeared
        | ProblemHealed
        | Connection
        | Leaving
        | Picking
        | Picked
        | Done
        | Refused
    ]
] = TypeAdapter(
    Annotated[
        Ready
        | Navigated
        | Listening
        | Edit
        | ProblemAppeared
        | ProblemHealed
        | Connection
        | Leaving
        | Picking
        | Picked
        | Done
        | Refused,
        Field(discriminator="type"),
    ]
)
