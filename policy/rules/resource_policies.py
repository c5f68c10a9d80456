"""Who is admitted: no policy of a resource admits everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.conditions import AUDIENCE, narrows, open_to
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.values import Properties
from .identities import documents, each_statement

_IDENTITY_POLICIES: Final = re.compile(r"aws:iam/(policy|(role|user|group)Policy):")


def _everyone(resource: Resource, _: Settings) -> Iterable[Finding]:
    if _IDENTITY_POLICIES.match(resource.type):
        return
    yield from each_statement(resource, _statement, lambda path: not path.startswith("inlinePolicies"))
    for path, value in documents(resource):
        if isinstance(value, str):
            yield Finding(message=f"{resource.name}: {path} is not valid JSON; allowed is a policy document")


def _statement(place: str, statement: Properties) -> Iterable[Finding]:
    if str(statement.get("effect")).lower() == "deny" or narrows(statement.get("condition"), AUDIENCE):
        return
    if whom := open_to(statement):
        yield Finding(message=f"{place} admits {whom}; allowed is a named principal, or a condition that says who or from where")


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
    types=None,
    check=_everyone,
)

RULES = (NO_PUBLIC_POLICY,)
