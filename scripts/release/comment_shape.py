"""`changes.json` as it comes from a pull request's own code: its size is bounded and its shape is
checked before anything is read from it.

Standard library only, as `comment.py`, which renders it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from contract.changes import OPERATIONS
from scripts.release.errors import ReleaseError

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of `changes.json`: a thousand changed resources fit."""

Check = Callable[[Any], str]
"""Gives what is wrong with a value; an empty text when nothing is."""


def read_changes(path: Path) -> dict[str, Any]:
    """The content of `changes.json` with its shape checked.

    Raises ReleaseError when the file is absent, too large, or has another shape.
    """
    again = f"write it with: make changes STACK=… REPORT={path.parent}"
    try:
        if path.stat().st_size > LARGEST:
            raise ReleaseError(f"{path} has {path.stat().st_size} bytes; allowed are {LARGEST}")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read ({error}); {again}") from error
    if problem := _shape_problem(content):
        raise ReleaseError(f"{path} is not a record of changes ({problem}); {again}")
    return dict(content)


def _is(*kinds: type) -> Check:
    names = " or ".join(kind.__name__ for kind in kinds)
    # A bool is an int to Python, and no number here.
    return lambda value: (
        ""
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
        else f"not {names}"
    )


def _one_of(*texts: str) -> Check:
    return lambda value: "" if value in texts else f"not one of {', '.join(texts)}"


def _each(check: Check) -> Check:
    def of_list(value: Any) -> str:
        if not isinstance(value, list):
            return "not a list"
        return next(
            (
                f"[{index}] {problem}"
                for index, each in enumerate(value)
                if (problem := check(each))
            ),
            "",
        )

    return of_list


def _object(**fields: Check) -> Check:
    def of_object(value: Any) -> str:
        if not isinstance(value, dict):
            return "not an object"
        if missing := sorted(fields.keys() - value.keys()):
            return f"lacks {', '.join(missing)}"
        return next(
            (
                f"{name}: {problem}"
                for name, check in fields.items()
                if (problem := check(value[name]))
            ),
            "",
        )

    return of_object


_TEXT, _NONE = _is(str), type(None)
_VALUE: Final = _object(
    path=_TEXT, old=_TEXT, new=_is(str, _NONE), replaces=_is(bool), follows=_is(str, _NONE)
)
_CHANGE: Final = _object(
    name=_TEXT,
    type=_TEXT,
    operation=_one_of(*OPERATIONS),
    keptOld=_is(bool),
    holdsData=_is(bool),
    values=_each(_VALUE),
)
_FOUND: Final = {
    "policy": _TEXT,
    "level": _one_of("mandatory", "advisory", "remediate"),
    "name": _TEXT,
    "message": _TEXT,
}
_FAILED: Final = _object(failed=_TEXT)
_CONTENT: Final = _object(
    base=_is(str, _NONE),
    changes=_each(_CHANGE),
    unchanged=_is(int),
    violations=_each(_object(**_FOUND, new=_is(bool))),
    resolved=_each(_object(**_FOUND)),
    disabled=_each(_TEXT),
    newlyDisabled=_each(_TEXT),
)


def _shape_problem(content: Any) -> str:
    return (
        _FAILED(content) if isinstance(content, dict) and "failed" in content else _CONTENT(content)
    )
