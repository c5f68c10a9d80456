from typing import Literal, cast

Scope = Literal["read", "service", "view", "write"]


def check_scope(value: str) -> Scope:
    """A newer gateway may send values that are not known here."""
    return cast(Scope, value)
