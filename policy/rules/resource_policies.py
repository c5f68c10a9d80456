"""Who is admitted: no policy of a resource admits everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.conditions import AUDIENCE, narrows, open_to
from .core.documents import statements
from .core.rule import Finding, Resource, ResourceRule, Settings, unjudged
from .core.values import UNKNOWN
from .identities import documents

_IDENTITY_POLICIES: Final = re.compile(r"aws:iam/(policy|(role|user|group)Policy):")


def _everyone(resource: Resource, _: Settings) -> Iterable[Finding]:
    if _IDENTITY_POLICIES.match(resource.type):
        return
    for place, value in documents(resource):
        if value is UNKNOWN:
            if not place.startswith("inlinePolicies"):
                yield unjudged(f"{resource.name}: {place} is not known yet")
            continue
        if isinstance(value, str):
            yield Finding(message=f"{resource.name}: {place} is not valid JSON; allowed is a policy document")
            continue
        for index, statement in enumerate(statements(value)):
            if str(statement.get("effect")).lower() == "deny" or narrows(statement.get("condition"), AUDIENCE):
                continue
            if whom := open_to(statement):
                message = f"{resource.name}: {place} statement {index} admits {whom}"
                yield Finding(message=f"{message}; allowed is a named principal, or a condition that says who or from where")


NO_PUBLIC_POLICY = ResourceRule(
    id="no-public-policy",
    title="No resource policy admits everyone",
    reason=(
        "A role, registry, file system, queue or secret whose policy names the principal '*' is open to every AWS account. A condition "
        "excuses that only when it says who may come or from where; 'aws:SecureTransport' does not."
    ),
    fix="name the principals, or add a condition such as aws:PrincipalOrgID, aws:SourceArn or aws:SourceVpce with a fixed value",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    severity="high",
    level="mandatory",
    spec="S12",
    types=None,
    check=_everyone,
)

RULES = (NO_PUBLIC_POLICY,)
