"""Property values of the local stack. Unknowns, secrets and their encoding are the policy pack's:
one definition for both.
"""

from __future__ import annotations

from typing import Any

from policy.rules.core.encoding import (
    OUTPUT,
    SECRET,
    SIGNATURE,
    UNKNOWN_SENTINELS,
    UNKNOWN_STRING,
    from_struct,
    to_struct,
)
from policy.rules.core.values import (
    UNKNOWN,
    ResourceReference,
    Secret,
    Unknown,
    has_unknown,
    reveal,
    transform,
)

__all__ = [
    "OUTPUT",
    "SECRET",
    "SIGNATURE",
    "UNKNOWN",
    "UNKNOWN_SENTINELS",
    "UNKNOWN_STRING",
    "Properties",
    "ResourceReference",
    "Secret",
    "Unknown",
    "from_struct",
    "has_unknown",
    "redact",
    "reveal",
    "to_struct",
    "transform",
]

Properties = dict[str, Any]
"""Property names (camelCase) to str, bool, int, float, None, list, dict, `UNKNOWN`, `Secret` or
`ResourceReference`.
"""


def redact(value: Any) -> Any:
    """`value` as JSON for reports: secrets become `"[secret]"`, unknowns `"[unknown]"`, references
    their URN.
    """

    def change(leaf: Any) -> Any:
        if isinstance(leaf, Secret):
            return "[secret]"
        if leaf is UNKNOWN:
            return "[unknown]"
        return leaf.urn if isinstance(leaf, ResourceReference) else leaf

    return transform(value, change)
