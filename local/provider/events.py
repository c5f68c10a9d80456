"""The engine's event log of a preview as the content of `preview.json`, the same shape as that of
the preview in process.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from local.monitor import STACK
from local.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN_SENTINELS
from policy.harness import Diagnostic
from policy.reports import EventLogError, events

_CONSEQUENCE: Final = "an unhandled error occurred: program exited"
"""Follows each error of a program and says nothing more."""

_NOT_THERE: Final = (
    "delete",
    "delete-replaced",
    "read-discard",
    "discard-replaced",
    "remove-pending-replace",
)
"""Steps on resources that the program does not declare any more."""


def document(
    log: Path, stack: str, diagnostics: Sequence[Diagnostic], seconds: float
) -> dict[str, Any]:
    """What `local.preview.Preview.document` returns, of the resources in `log`; inputs that only an
    update computes are `"[unknown]"`.

    Raises `policy.reports.EventLogError` when `log` is no event log.
    """
    resources: dict[str, dict[str, Any]] = {}
    outputs: Any = {}
    for _, event in events(log):
        step: Any = event.get("resourcePreEvent") or event.get("resOutputsEvent")
        if not step:
            continue
        metadata = step["metadata"]
        urn, kind, new = metadata["urn"], metadata["type"], metadata.get("new") or {}
        if kind == STACK:
            outputs = new.get("outputs") or outputs
        elif not kind.startswith("pulumi:") and metadata["op"] not in _NOT_THERE:
            resources.setdefault(
                urn,
                {
                    "urn": urn,
                    "type": kind,
                    "name": urn.rsplit("::", 1)[-1],
                    "parent": new.get("parent") or None,
                    "custom": bool(new.get("custom")),
                    "inputs": plain(new.get("inputs") or {}),
                },
            )
    return {
        "stack": stack,
        "resources": list(resources.values()),
        "outputs": plain(outputs),
        "violations": [asdict(diagnostic) for diagnostic in diagnostics],
        "seconds": round(seconds, 3),
    }


def errors(log: Path) -> str:
    """What the program, the engine or a provider reported as errors, one after the other; empty
    when `log` has none.
    """
    try:
        found = [event.get("diagnosticEvent") for _, event in events(log)]
    except EventLogError:
        return ""
    messages = [
        str(each["message"]).strip()
        for each in found
        if isinstance(each, dict) and each.get("severity") == "error"
    ]
    return "\n".join(
        dict.fromkeys(message for message in messages if not message.startswith(_CONSEQUENCE))
    )


def plain(value: Any) -> Any:
    """A property as JSON for reports: marks for secrets and unknowns, whole numbers as such,
    nothing of the engine's own.
    """
    if isinstance(value, dict):
        if value.get(SIGNATURE) == OUTPUT and not value.get("secret"):
            return plain(value["value"]) if "value" in value else "[unknown]"
        if SIGNATURE in value:
            return (
                "[secret]"
                if value[SIGNATURE] in (SECRET, OUTPUT)
                else value.get("urn", "[unknown]")
            )
        return {
            name: plain(item)
            for name, item in value.items()
            if not name.startswith("__") and item is not None
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return (
        "[unknown]"
        if isinstance(value, str) and any(mark in value for mark in UNKNOWN_SENTINELS)
        else value
    )
