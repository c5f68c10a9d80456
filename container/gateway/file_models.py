"""What the API takes and answers about files: declared once, for the requests and for their
description (`openapi_files.py`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from contract.messages import FileEvent, ProblemSource

from .errors import BadRequest
from .files.changes import MAX_CHANGES, Change, Delete, Move, Rewrite, Write
from .files.edits import MAX_EDITS, Edit
from .files.listing import Kind
from .files.versions import Precondition

Sha256 = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file's content, in hexadecimal"),
]
PathText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1024,
        description="Of a file in the project, such as src/pages/index.astro",
    ),
]


class Model(BaseModel):
    """Part of a request. Numbers are not taken for texts, nor the other way round."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class EditModel(Model):
    """Replace a text that occurs as often as expected."""

    old: Annotated[str, Field(min_length=1)]
    new: str
    count: Annotated[
        int, Field(ge=1, le=1_000_000, description="How often `old` has to occur; all are replaced")
    ] = 1

    def edit(self) -> Edit:
        return Edit(old=self.old, new=self.new, count=self.count)


class EditRequest(Model):
    edits: Annotated[list[EditModel], Field(min_length=1, max_length=MAX_EDITS)]


class Expecting(Model):
    """A change that is made only when the file is as expected; otherwise it is answered 409
    `changed`.
    """

    path: PathText
    if_sha256: Sha256 | None = None
    if_absent: bool = False

    @property
    def expect(self) -> Precondition:
        return Precondition(
            sha256s=None if self.if_sha256 is None else (self.if_sha256,),
            absent=self.if_absent,
            header=False,
        )


class WriteModel(Expecting):
    """Create or replace a file."""

    op: Literal["write"]
    content: str
    encoding: Literal["utf-8", "base64"] = "utf-8"

    def change(self) -> Change:
        try:
            content = (
                self.content.encode()
                if self.encoding == "utf-8"
                else base64.b64decode(self.content, validate=True)
            )
        except (binascii.Error, ValueError):  # UnicodeEncodeError is one
            raise BadRequest(f"the content of {self.path!r} is not {self.encoding}") from None
        return Write(path=self.path, content=content, expect=self.expect)


class EditOperation(Expecting):
    """Exact-text edits of a file."""

    op: Literal["edit"]
    edits: Annotated[list[EditModel], Field(min_length=1, max_length=MAX_EDITS)]

    def change(self) -> Change:
        return Rewrite(
            path=self.path, edits=[edit.edit() for edit in self.edits], expect=self.expect
        )


class DeleteModel(Expecting):
    """Remove a file."""

    op: Literal["delete"]

    def change(self) -> Change:
        return Delete(path=self.path, expect=self.expect)


class MoveModel(Expecting):
    """Rename a file."""

    op: Literal["move"]
    to: PathText
    overwrite: bool = False

    def change(self) -> Change:
        return Move(path=self.path, to=self.to, overwrite=self.overwrite, expect=self.expect)


class BatchRequest(Model):
    """Changes that are all made, in their order, or none of them."""

    operations: Annotated[
        list[
            Annotated[
                WriteModel | EditOperation | DeleteModel | MoveModel, Field(discriminator="op")
            ]
        ],
        Field(min_length=1, max_length=MAX_CHANGES),
    ]


class MoveRequest(Model):
    path: PathText
    to: PathText
    overwrite: Annotated[
        bool, Field(description="Whether a file at `to` is replaced; a folder never is")
    ] = False


class ProblemView(BaseModel):
    """Something that is wrong with the site."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[
        ProblemSource,
        Field(
            description=(
                "A module that cannot be compiled, a page that cannot be rendered, the site's"
                " configuration, or an open page"
            )
        ),
    ]
    message: str
    file: Annotated[str, Field(description="In the project; empty when it is not known")]
    line: Annotated[int, Field(description="From 1; 0 when it is not known")]
    column: int
    frame: Annotated[str, Field(description="The lines around the place")]
    plugin: Annotated[
        str,
        Field(
            description=(
                "That reported it; of an open page: uncaught, rejection, hydration or console"
            )
        ),
    ]
    fix: str
    page: Annotated[str, Field(description="Below the session's address")]


class VerdictView(BaseModel):
    """What became of the edit."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[
        Literal["shown", "rendered", "error", "pending", "not-running"],
        Field(
            description=(
                "Shown by all open pages; rendered by the server, as none is open; with problems;"
                " not known in time"
            )
        ),
    ]
    pages: Annotated[int, Field(description="Open pages that show it")]
    ms: float
    problems: list[ProblemView]


class ProblemsView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    checked: Annotated[
        bool, Field(description="Whether the site was asked: it runs, and has answered in time")
    ]
    problems: list[ProblemView]


class VersionView(BaseModel):
    """A file as it is now."""

    model_config = ConfigDict(extra="forbid")

    path: str
    bytes: int
    modified_at: Annotated[float, Field(description="Unix time")]
    sha256: Sha256


class WrittenView(VersionView):
    """A file that was written."""

    verdict: Annotated[VerdictView | None, Field(description="With `wait`")] = None


class ChangedView(BaseModel):
    """What became of one path."""

    model_config = ConfigDict(extra="forbid")

    event: FileEvent
    path: str
    file: VersionView | None = None


class ChangesView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    changes: list[ChangedView]
    verdict: Annotated[VerdictView | None, Field(description="With `wait`")] = None


class UnpackedView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    files: Annotated[int, Field(description="Files that were written")]
    bytes: int
    skipped: Annotated[
        int,
        Field(
            description="Entries that were left out: .git and node_modules, with what is in them"
        ),
    ]


class EntryView(BaseModel):
    """Of a project's tree."""

    model_config = ConfigDict(extra="forbid")

    path: str
    type: Kind
    bytes: int
    modified_at: float
    sha256: Annotated[
        Sha256 | None,
        Field(
            description="Of a file, when hashes are asked for and it is not larger than maxFileMib"
        ),
    ]


class TreeView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entries: list[EntryView]
    next: Annotated[
        str | None, Field(description="Value of `after` for the rest; null when this is all")
    ]


class LineView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    line: int
    text: str


class MatchView(BaseModel):
    """A line that matches."""

    model_config = ConfigDict(extra="forbid")

    path: str
    line: int
    column: Annotated[
        int, Field(description="Of the first match in the line, in characters from 1")
    ]
    text: Annotated[str, Field(description="The line, cut after 400 characters")]
    before: list[LineView]
    after: list[LineView]


class FoundView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    matches: list[MatchView]
    complete: Annotated[
        bool, Field(description="Whether these are all; else the limit or the time was up")
    ]


REQUESTS: Final = (BatchRequest, EditRequest, MoveRequest)
ANSWERS: Final = (WrittenView, ProblemsView, ChangesView, UnpackedView, TreeView, FoundView)


def file_schemas() -> dict[str, Any]:
    """Name → JSON Schema, for `#/components/schemas`."""
    reference = "#/components/schemas/{model}"
    models: list[Any] = [
        *((model, "validation") for model in REQUESTS),
        *((model, "serialization") for model in ANSWERS),
    ]
    _, schema = models_json_schema(models, by_alias=True, ref_template=reference)
    return dict(schema["$defs"])
