"""The part of SARIF 2.1.0 that our reports use, as a JSON schema of our own.

Written from the specification (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html,
section numbers below) and closed: a property that is not listed here is refused, so that the author
of a new one has to look it up there first.
"""

from __future__ import annotations

from typing import Any, Final


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


TEXT: Final = closed(["text"], text={"type": "string", "minLength": 1})  # 3.11, 3.12
LEVEL: Final = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10

REPORTING_DESCRIPTOR: Final = closed(  # 3.49
    ["id"],
    id={"type": "string", "minLength": 1},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=closed([], level=LEVEL, enabled={"type": "boolean"}),  # 3.50
    properties={"type": "object"},  # 3.8
)

LOCATION: Final = closed(  # 3.28
    [],
    physicalLocation=closed(  # 3.29
        ["artifactLocation"],
        artifactLocation=closed([], uri={"type": "string", "format": "uri-reference"}),  # 3.4
        region=closed([], startLine={"type": "integer", "minimum": 1}),  # 3.30
    ),
    logicalLocations={  # 3.33
        "type": "array",
        "items": closed(
            [],
            name={"type": "string"},
            fullyQualifiedName={"type": "string"},
            kind={"type": "string"},
        ),
    },
)

RESULT: Final = {
    **closed(  # 3.27
        ["message"],
        ruleId={"type": "string", "minLength": 1},
        ruleIndex={"type": "integer", "minimum": 0},
        kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        level=LEVEL,
        message=TEXT,
        locations={"type": "array", "items": LOCATION},
        partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
        suppressions={  # 3.35
            "type": "array",
            "items": closed(
                ["kind"],
                kind={"enum": ["inSource", "external"]},
                status={"enum": ["accepted", "underReview", "rejected"]},
                justification={"type": "string"},
            ),
        },
        properties={"type": "object"},
    ),
    # 3.27.9: a result of another kind than "fail" has no level
    "if": {"properties": {"kind": {"const": "fail"}}},
    "else": {"properties": {"level": {"const": "none"}}},
}

SCHEMA: Final = closed(  # 3.13
    ["version", "runs"],
    **{
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": closed(  # 3.14
                ["tool"],
                tool=closed(  # 3.18
                    ["driver"],
                    driver=closed(  # 3.19
                        ["name"],
                        name={"type": "string", "minLength": 1},
                        version={"type": "string", "minLength": 1},
                        rules={"type": "array", "uniqueItems": True, "items": REPORTING_DESCRIPTOR},
                    ),
                ),
                results={"type": "array", "items": RESULT},
                columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                automationDetails=closed([], id={"type": "string"}),  # 3.17
            ),
        },
    },
)
