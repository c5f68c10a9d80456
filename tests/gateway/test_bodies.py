"""Bodies of requests: what is wrong with one is said in bounded work."""

from __future__ import annotations

import pytest

from container.gateway.bodies import MOST_ERRORS, as_model
from container.gateway.errors import BadRequest
from container.gateway.file_models import BatchRequest

GOOD = {"op": "write", "path": "a", "content": "x"}


def test_the_first_member_that_is_wrong_is_named() -> None:
    with pytest.raises(BadRequest, match=r"`operations\[0\]\.extra`"):
        as_model({"operations": [{**GOOD, "extra": 1}]}, BatchRequest)


def test_many_wrong_members_are_counted_and_not_listed() -> None:
    """To list a million took six seconds, in which the gateway answered nobody."""
    wrong = dict.fromkeys(map(str, range(MOST_ERRORS + 1)))
    with pytest.raises(BadRequest, match=f"{MOST_ERRORS + 1} members"):
        as_model({"operations": [GOOD], **wrong}, BatchRequest)
