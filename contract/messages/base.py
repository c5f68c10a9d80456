"""What all messages share: one JSON object each, with `type` as discriminator and camelCase names
on the wire.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError

from contract import ranges
from contract.ranges import Range

MAX_REASONS: Final = 3
"""Reasons that an error quotes."""

AnyMessage = TypeVar("AnyMessage")

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""An id, a version, a word."""
Line = Annotated[str, StringConstraints(max_length=300)]
Paragraph = Annotated[str, StringConstraints(max_length=4000)]
Page = Annotated[str, StringConstraints(max_length=16_000)]


def within(limits: Range) -> Any:
    """A number's bounds: those of the setting that it carries."""
    return Field(ge=limits[0], le=limits[1])


VisitorConnections = Annotated[int, within(ranges.VISITOR_CONNECTIONS)]
BuildNumber = Annotated[int, Field(ge=1, le=999_999_999)]
MAX_PATH: Final = 4096
"""Characters of a path that is passed on: Linux's PATH_MAX, which counts bytes."""
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PATH)]


class MessageError(ValueError):
    """A message is not one of those declared, or a field of it is out of its bounds."""


class Message(BaseModel):
    """A message. Unknown fields are refused, so that two sides cannot drift apart unnoticed."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
    )


def encode(message: Message) -> bytes:
    """The message as JSON. `MessageError` when a text is not Unicode (a file name with stray bytes,
    for example).
    """
    try:
        return message.model_dump_json(exclude_none=True).encode()
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise MessageError(
            f"a {type(message).__name__} message cannot be encoded: {error}"
        ) from None


def decode(adapter: TypeAdapter[AnyMessage], data: bytes) -> AnyMessage:
    """The message in `data`. `MessageError` names the fields that are wrong and quotes nothing of
    their values.
    """
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        raise MessageError(
            f"a message of {len(data)} bytes was refused:"
            f" {_reasons(error.errors(include_url=False))}"
        ) from None


def _reasons(errors: Any) -> str:
    texts = [
        f"{'.'.join(str(part) for part in entry['loc'])[:100] or 'message'}: {entry['msg'][:150]}"
        for entry in errors[:MAX_REASONS]
    ]
    return "; ".join(texts) + (
        f"; and {len(errors) - MAX_REASONS} more" if len(errors) > MAX_REASONS else ""
    )
