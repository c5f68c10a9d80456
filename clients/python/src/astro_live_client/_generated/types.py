"""Generated from the API's description by `make clients`: do not edit."""

from typing import Final, Literal

from .._parts import Sendable


class Unset:
    """The type of a parameter or member that is left out."""

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset()


def sent(body: Sendable) -> Sendable:
    """Texts are sent as UTF-8."""
    return body.encode() if isinstance(body, str) else body
