"""Whatever names the front door's security group, or a public subnet, is found: at each property
that the SDK has for it (S18).
"""

from __future__ import annotations

from typing import Any, Final

from policy.harness import Analyzer, Resource
from policy.rules.core.placement import guarding, placed
from policy.rules.core.types import LOAD_BALANCER
from tests.policy.complying import GROUP
from tests.policy.evasions.core import diagnose
from tests.policy.evasions.ports import INGRESS, NEW_RULE
from tests.policy.scenes import one

OPEN_GROUP: Final = (
    one(GROUP, "edge", ingress=None),
    one(
        INGRESS,
        "front",
        **{
            **NEW_RULE,
            "securityGroupId": "edge-id",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "0.0.0.0/0",
        },
    ),
)


def _holding(type_: str, path: str, identity: str, number: int) -> Resource:
    """A resource with an id at a dotted path, through lists where the SDK's plural says so."""
    *around, last = path.split(".")
    value: Any = [identity] if last.endswith("s") else identity
    value = {last: value}
    for key in reversed(around):
        value = {key: [value] if key.endswith("s") else value}
    return one(type_, f"user-{number}", **value)


def _users(paths: dict[str, tuple[str, ...]], identity: str) -> dict[str, Resource]:
    """`type path` to a resource that names `identity` there."""
    every = [(type_, path) for type_, found in paths.items() for path in found]
    return {
        f"{type_} {path}": _holding(type_, path, identity, number)
        for number, (type_, path) in enumerate(every)
    }


def _silent(
    analyzer: Analyzer, rule: str, scene: tuple[Resource, ...], users: dict[str, Resource]
) -> list[str]:
    found = diagnose(analyzer, [*scene, *users.values()])
    refused = {each.urn for each in found if each.policy == rule and each.level == "mandatory"}
    messages = " ".join(each.message for each in found if each.policy == rule)
    return [
        name
        for name, user in users.items()
        if user.urn not in refused and f"guards {user.name}." not in messages
    ]


def test_the_front_doors_group_guards_nothing_else(open_pack: Analyzer) -> None:
    """Beside a load balancer every type of the SDK that can have a group is refused when it has
    that one.
    """
    users = _users(
        {type_: paths for type_, paths in guarding().items() if type_ not in LOAD_BALANCER},
        "edge-id",
    )
    assert len(users) > 150
    assert _silent(open_pack, "no-public-port-stack", OPEN_GROUP, users) == []


def test_nothing_is_in_a_public_subnet(open_pack: Analyzer) -> None:
    """Every type of the SDK that can be put into a subnet, but those for which public subnets are
    made.
    """
    users = _users(dict(placed()), "public-id")
    assert len(users) > 120
    subnet = one("aws:ec2/subnet:Subnet", "public", vpcId="vpc-id", mapPublicIpOnLaunch=True)
    assert _silent(open_pack, "private-subnets", (subnet,), users) == []
