"""A value that a live stack cannot change, remembered in the stack's state and compared before
anything is touched.

The engine would replace what depends on it, and learn in the middle of the update that AWS takes no
such change.
"""

from __future__ import annotations

import pulumi

GET_RESOURCE = "pulumi:pulumi:getResource"
"""The engine's own function that answers with the state of a resource of this deployment."""


def first_value(stash: pulumi.Stash) -> str:
    """The value with which `stash` was made: it keeps that in `output` when its `input` changes.

    The engine is asked at once, so that a program which refuses another value has registered
    nothing else yet.
    """
    found = pulumi.runtime.invoke(GET_RESOURCE, {"urn": stash.urn}).value
    return str(found["state"]["output"])
