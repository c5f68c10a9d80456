"""What each resource type of the AWS provider can do besides what its properties say: the reviewed
table `aws_classes.json`.

The pack lets a resource through when its type is known not to open or grant anything by itself, or
when a rule reads what it opens or grants. A type that is not in the table, as a newer version of
the provider brings, is refused until somebody has classified it. `scripts/gen_policy_types.py`
compares the table with the installed SDK; `policy/docs/resource-classes.md` shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from .sdk import present_name

JUDGED: Final = "judged"
"""A rule names this type."""

POLICY: Final = "managed-policy"
"""It attaches policies to roles, users or groups, which `iam-least-privilege` reads in resources of
every type.
"""

CLOSED: Final[Mapping[str, str]] = {
    "account": (
        "a setting of the account or the organization: contacts, costs, limits, regions, capacity"
    ),
    "code": (
        "runs code with the rights of the role that it names, whose policies are judged; nothing"
        " leads to it from outside"
    ),
    "data": (
        "holds data that AWS's API gives to those who have rights to it; its policies are judged"
    ),
    "identity": (
        "names a person, a group or an identity provider; rights come by policies and roles, which"
        " are judged"
    ),
    "machine": "devices and media outside every VPC",
    "message": "carries messages or events; its policies are judged",
    "names": "names of hosts and certificates; a name opens no port",
    "part": "a part or a setting of a resource that is judged; it opens no more than that one",
    "people": "an application of AWS for people who sign in to it, outside every VPC",
    "private": (
        "connects private networks; who may come in is judged at security groups, routes and"
        " network ACLs"
    ),
    "protect": "limits, filters, encrypts or backs up",
    "record": "collects logs, metrics, findings or costs, or raises alarms",
    "scale": "scales, schedules or replaces resources that are judged as they are",
    "share": "shares with the accounts and organizations that it names",
    "supply": "holds or builds images, packages or sources",
    "vpc": (
        "runs in the subnets and behind the security groups that it names, which are judged, as are"
        " its public addresses"
    ),
}
"""Reasons why a type can neither open a network path nor grant access by itself."""

OPAQUE: Final[Mapping[str, str]] = {
    "connections": "has connections that no rule reads yet",
    "document": "builds what a document says",
    "elsewhere": (
        "builds instances, load balancers, groups or roles that are not resources of the stack"
    ),
    "invoked": "runs code while the stack is updated",
    "offer": "lets others build what a template says, with more rights than theirs",
    "template": "builds what a template says",
}
"""Reasons why a type's effect cannot be seen."""

FILE: Final = Path(__file__).parent / "aws_classes.json"


@cache
def classes() -> Mapping[str, str]:
    """Every classified type of the AWS provider, `aws:lb/listener:Listener`, and its class."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        f"aws:{service}/{rest}": each
        for service, types in content["types"].items()
        for rest, each in types.items()
    }


def class_of(type_: str) -> str:
    """The class of a type of the AWS provider; empty for one that nobody has classified."""
    return classes().get(present_name(type_), "")
