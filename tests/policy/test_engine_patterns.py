"""The engine reads the pack's configuration schema with Go's regular expressions: one that it
cannot read ends every update (S20).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.rules import ALL_RULES


def patterns(schema: Any) -> Iterator[str]:
    """Every `pattern` of a schema, however deep."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for member in schema.values():
            yield from patterns(member)
    elif isinstance(schema, list):
        for member in schema:
            yield from patterns(member)


def test_patterns_are_of_the_kind_that_go_knows() -> None:
    """RE2 has no look-around and no back-reference (https://github.com/google/re2/wiki/Syntax)."""
    found = [pattern for rule in ALL_RULES for pattern in patterns(rule.schema)]
    assert found
    assert [pattern for pattern in found if re.search(r"\(\?[=!<>]|\\[1-9]", pattern)] == []
