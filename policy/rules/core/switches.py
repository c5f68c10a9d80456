"""Switches by name, wherever they stand inside a property: JSON documents in text included."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from .findings import Finding
from .place import Place
from .reading import DocumentError, UnreadableError, every, read_json
from .values import Value

_LABELS: Final = frozenset({"tags", "tagsAll"})
"""Texts that their author names as they like."""

_AT_RUN_TIME: Final = ".$"
"""Ends a key of a state machine whose value is a path into its input:
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html"""

_COMPUTED: Final = "{% %}"
"""Stands for what an expression gives at run time, as JSONata writes one."""


def switches(
    value: Value, names: Collection[str], path: str = "", *, holders: Collection[str] = ()
) -> Iterator[tuple[str, Value]]:
    """Where a property with one of `names`, in lower case, is inside `value`, and what it is set
    to: `judged` knows what for.

    Of two of one name in one object both. Objects called as one of `holders` count where a state
    machine computes them as a whole.
    """
    if isinstance(value, dict):
        runs_task = "ecs:runtask" in str(value.get("Resource")).lower()
        for key, each in value.items():
            here = f"{path}.{key}" if path else key
            if key in _LABELS:
                continue
            name = key.lower().removesuffix(_AT_RUN_TIME)
            computed = key.endswith(_AT_RUN_TIME) or _is_computed(each)
            if name in names:
                yield here, _COMPUTED if computed else each
            elif computed and (name in holders or (runs_task and name == "arguments")):
                yield here, _COMPUTED
            else:
                yield from switches(each, names, here, holders=holders)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from switches(each, names, f"{path}[{index}]", holders=holders)
    elif (
        isinstance(value, str)
        and value.lstrip()[:1] in ("{", "[")
        and _mentions(value, {*names, *holders, "ecs:runtask"})
    ):
        try:
            yield from switches(read_json(value, every), names, path, holders=holders)
        except UnreadableError as error:
            yield path, error
        except DocumentError:
            return


def judged(
    place: Place, hold: Callable[[Value], bool], allowed: str, *, default: Value = None
) -> Iterable[Finding]:
    """Findings about one of `switches`."""
    if isinstance(place.value, DocumentError):
        yield Finding(
            message=f"{place} {place.value}; allowed is a document in which it is {allowed}"
        )
    elif _is_computed(place.value):
        yield place.wrong(allowed, found="only known when the state machine runs")
    else:
        yield from place.must(hold, allowed, default=default)


def _is_computed(value: Value) -> bool:
    return isinstance(value, str) and value.strip().startswith("{%")


def _mentions(text: str, names: Collection[str]) -> bool:
    # A backslash may hide a letter of the name, or quote a document inside the document.
    folded = text.lower()
    return "\\" in text or any(each in folded for each in names)
