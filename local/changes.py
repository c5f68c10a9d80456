"""What an update would do, from the engine's events: replacements first, with the values that
change and what follows from them.

`read` gives the content of `changes.json`, which `scripts/release/comment.py` renders:

    {"changes": [{"name", "type", "operation", "keptOld", "holdsData", "values": [{"path", "old",
    "new", "replaces", "follows"}]}],
     "unchanged": 50}

`operation` is `replace`, `update`, `create` or `delete`. A value that is computed only by the
update has no `new`; where it comes from a resource that is replaced, `follows` names that one.
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from contract.changes import OPERATIONS
from local.provider.events import plain
from local.tree import short_type
from policy.reports import events

UNKNOWN: Final = "[unknown]"
LONGEST: Final = 200
"""Characters of a value; what is longer is cut."""

DATA: Final = frozenset(
    {
        "aws:dynamodb/table:Table",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
    }
)
"""Types whose replacement or deletion loses what users have stored."""


def read(log: Path) -> dict[str, Any]:
    """The changes in an event log of a preview. Raises `policy.reports.EventLogError` when it is
    none.
    """
    steps = list(_steps(log))
    replaced = _origins(metadata for metadata in steps if metadata["op"] == "replace")
    changes = [_change(metadata, replaced) for metadata in steps if metadata["op"] in OPERATIONS]
    changes.sort(key=lambda change: (OPERATIONS.index(change["operation"]), follows_only(change)))
    return {"changes": changes, "unchanged": sum(metadata["op"] == "same" for metadata in steps)}


def follows_only(change: Mapping[str, Any]) -> bool:
    """Whether a replacement happens only because of others: its values did not change."""
    return bool(change["values"]) and all(
        value["new"] is None for value in change["values"] if value["replaces"]
    )


def _steps(log: Path) -> Iterator[dict[str, Any]]:
    for _, event in events(log):
        step: Any = event.get("resourcePreEvent")
        if not step:
            continue
        metadata = step["metadata"]
        state = metadata.get("new") or metadata.get("old") or {}
        if state.get("custom") and not metadata["type"].startswith(
            "pulumi:"
        ):  # components are what they hold
            yield metadata


def _origins(replaced: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Old ids, ARNs and names, by which other resources referred to those that are replaced, to
    their logical names.
    """
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    for metadata in replaced:
        old, name = metadata.get("old") or {}, metadata["urn"].rsplit("::", 1)[-1]
        found[str(old.get("id"))] = name
        given = set(_texts(old.get("inputs") or {}))  # what it was told itself comes from elsewhere
        computed = (
            value for value in (old.get("outputs") or {}).values() if isinstance(value, str)
        )
        others |= {value: name for value in computed if value not in given and len(value) > 3}
    return others | found


def _change(metadata: Mapping[str, Any], replaced: Mapping[str, str]) -> dict[str, Any]:
    old = plain((metadata.get("old") or {}).get("inputs") or {})
    new = plain((metadata.get("new") or {}).get("inputs") or {})
    operation = metadata["op"]
    values = []
    if operation in ("replace", "update"):
        changed, replacing = metadata.get("diffs") or (), metadata.get("keys") or ()
        for name in changed:
            values += [
                _value(*each, name in replacing, replaced)
                for each in differences(old.get(name), new.get(name), name)
            ]
    return {
        "name": metadata["urn"].rsplit("::", 1)[-1],
        "type": short_type(metadata["type"]),
        "operation": operation,
        "keptOld": bool(
            old.get("skipDestroy") or (metadata.get("old") or {}).get("retainOnDelete")
        ),
        "holdsData": metadata["type"] in DATA,
        "values": values,
    }


def _value(
    path: str, old: Any, new: Any, replaces: bool, replaced: Mapping[str, str]
) -> dict[str, Any]:
    unknown = UNKNOWN in json.dumps(new)
    references = [replaced[text] for text in _texts(old) if text in replaced] if unknown else []
    return {
        "path": path,
        "old": _shown(old),
        "new": None if unknown else _shown(new),
        "replaces": replaces,
        "follows": references[0] if references else None,
    }


def differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Path, old and new value of what differs, as deep as both sides have the same shape. JSON
    texts are looked into.
    """
    opened = _opened(old), _opened(new)
    if None not in opened:
        old, new = opened
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from differences(old.get(name), new.get(name), f"{path}.{name}")
    elif isinstance(old, list) and isinstance(new, list) and (pairs := _pairs(old, new)):
        for label, before, after in pairs:
            yield from differences(before, after, f"{path}[{label}]")
    elif old != new:
        yield path, old, new


def _opened(value: Any) -> Any:
    """The document in a JSON text, None when there is none."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[str, Any, Any]]:
    """Entries that belong together: by their name where all have one, by position where both lists
    are as long.
    """
    if all(
        isinstance(entry, dict) and isinstance(entry.get("name"), str) for entry in (*old, *new)
    ):
        before, after = ({entry["name"]: entry for entry in entries} for entries in (old, new))
        return [
            (name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))
        ]
    if len(old) == len(new):
        return [(str(index), *pair) for index, pair in enumerate(zip(old, new, strict=True))]
    return []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
