"""The report as SARIF 2.1.0, for code hosts and dashboards
(https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from ..config_schema import PolicyInfo
from .model import Entry, Kind, Report

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_LEVELS: Final[Mapping[Kind, str]] = {
    Kind.VIOLATION: "error",
    Kind.WARNING: "warning",
    Kind.OPEN: "none",
    Kind.EXEMPTION: "note",
}
_RULE_LEVELS: Final = {
    "mandatory": "error",
    "remediate": "error",
    "advisory": "warning",
    "disabled": "none",
}
_SCORES: Final = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
"""Severity as the number that code hosts sort by:
https://docs.github.com/en/code-security/code-scanning (security-severity).
"""


def sarif(report: Report, *, artifact: str = "__main__.py") -> dict[str, object]:
    """The report as a SARIF log. `artifact` is the file that code hosts show findings in: resources
    have neither file nor line.
    """
    indices = {policy.name: index for index, policy in enumerate(report.pack.policies)}
    driver: dict[str, object] = {
        "name": report.pack.name,
        "version": report.pack.version,
        "rules": [_rule(policy, policy.name in report.disabled) for policy in report.pack.policies],
    }
    run: dict[str, object] = {
        "tool": {"driver": driver},
        "results": [_result(entry, indices.get(entry.rule), artifact) for entry in report.entries],
        "columnKind": "utf16CodeUnits",
        "automationDetails": {
            "id": f"{report.pack.name}/{report.stack}" if report.stack else report.pack.name
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(policy: PolicyInfo, disabled: bool) -> dict[str, object]:
    rule: dict[str, object] = {
        "id": policy.name,
        "shortDescription": {"text": policy.title or policy.description},
        "fullDescription": {"text": policy.description},
        "defaultConfiguration": {"level": _RULE_LEVELS[policy.level], "enabled": not disabled},
        "properties": {
            "tags": ["security"],
            **({"security-severity": _SCORES[policy.severity]} if policy.severity else {}),
        },
    }
    if policy.fix:
        rule["help"] = {"text": f"{policy.fix[:1].upper()}{policy.fix[1:]}."}
    if policy.url:
        rule["helpUri"] = policy.url
    return rule


def _result(entry: Entry, index: int | None, artifact: str) -> dict[str, object]:
    place: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": artifact}, "region": {"startLine": 1}}
    }
    if entry.urn:
        name = entry.urn.rsplit("::", 1)[-1]
        place["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": entry.urn, "kind": "resource"}
        ]
    fingerprint = hashlib.sha256(
        "\0".join((entry.rule, entry.urn, entry.text)).encode()
    ).hexdigest()
    result: dict[str, object] = {
        "ruleId": entry.rule,
        "kind": "open" if entry.kind is Kind.OPEN else "fail",
        "level": _LEVELS[entry.kind],
        "message": {
            "text": (
                entry.text
                + (f"\nFix: {entry.fix}." if entry.fix and entry.kind is not Kind.EXEMPTION else "")
            )
        },
        "locations": [place],
        "partialFingerprints": {"ruleResourceFinding/v1": fingerprint},
        "properties": {"kind": entry.kind.value},
    }
    if index is not None:
        result["ruleIndex"] = index
    if entry.kind is Kind.EXEMPTION:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": entry.text}
        ]
    return result
