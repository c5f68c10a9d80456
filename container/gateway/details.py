"""Members of a problem of the API besides those of RFC 9457: what a program needs to know of an
error, and does not have to read out of `detail`. The description has them from here.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

_REFERENCE: Final = "#/components/schemas/{model}"


class InvalidMember(TypedDict):
    """A member of a request's body that is not as described."""

    pointer: Annotated[str, Field(description="Its place in the body, a JSON Pointer (RFC 6901)")]
    detail: Annotated[str, Field(description="What is wrong with it, and what is allowed")]


class ConflictingFile(TypedDict):
    """A file that Git cannot merge, would replace, or has not committed."""

    path: str
    kind: Annotated[
        str,
        Field(
            description="Of a merge `both-modified`, `both-added`, `deleted-here`, `deleted-there`"
            " or, any other, `conflict`; `untracked` is in the way, `uncommitted` has changes"
        ),
    ]


class VersionView(TypedDict):
    """A file as it is now, as the model of the same name in `file_models.py` has it."""

    path: str
    bytes: int
    modified_at: float
    sha256: str


class Details(TypedDict, total=False):
    """Each is there with some errors only."""

    needs: Annotated[str, Field(description="The scope that the call needs")]
    nearest: Annotated[
        str,
        Field(
            description="What was probably meant by a session, a file or a path of the API that does"
            " not exist: one that does, and that the credential may know of"
        ),
    ]
    errors: Annotated[
        list[InvalidMember],
        Field(description="The first members of the body that are not as described"),
    ]
    member: Annotated[str, Field(description="The member of the body that is in the way")]
    current: Annotated[
        VersionView | None,
        Field(
            description="The file as it is now, in a batch after the changes before; null when there is"
            " none"
        ),
    ]
    path: Annotated[str, Field(description="The file that is not the one that was expected")]
    operation: Annotated[int, Field(ge=0, description="Which change of the request, from 0")]
    edit: Annotated[int, Field(ge=0, description="Which edit of the file, from 0")]
    found: Annotated[int, Field(ge=0, description="How many times the file has the edit's text")]
    unsupported: Annotated[
        str,
        Field(
            description="What the repository has and a session cannot: `submodules`, `lfs`, `links`"
            " or `names`"
        ),
    ]
    conflicts: Annotated[
        list[ConflictingFile], Field(description="The first files that are in conflict")
    ]
    first_status: Annotated[
        int, Field(description="Of the answer to the first request with this Idempotency-Key")
    ]


def details_schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON Schemas of the members, by name, and of what they refer to, for
    `#/components/schemas`.
    """
    schema = TypeAdapter(Details).json_schema(ref_template=_REFERENCE)
    parts = {name: part for name, part in schema["$defs"].items() if name != VersionView.__name__}
    return schema["properties"], parts
