"""The three rules that nobody may switch off by accident: idle timeout, stickiness, no public port
(S18).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from policy.harness import UNKNOWN, Analyzer, Secret

Violated = Callable[..., set[tuple[str, str]]]

LOAD_BALANCERS = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"]
TARGET_GROUPS = ["aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"]
STICKY = {"enabled": True, "type": "lb_cookie", "cookieDuration": 3600}


def test_all_three_are_mandatory_without_configuration(pack: Analyzer) -> None:
    """A pack that is started with no configuration enforces."""
    for name in ("alb-idle-timeout", "target-group-stickiness", "no-public-port"):
        assert pack.settings()[name].level == "mandatory"


@pytest.mark.parametrize("type_", LOAD_BALANCERS)
@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (3600, None),
        (120, None),
        (119, "mandatory"),
        (60, "mandatory"),
        (4001, "mandatory"),
        (None, "mandatory"),
    ],
)
def test_idle_timeout_is_held_against_the_heartbeat(
    violated: Violated, type_: str, seconds: int | None, verdict: str | None
) -> None:
    """Two heartbeats of a hidden tab, 120 s, are the least."""
    properties = {} if seconds is None else {"idleTimeout": seconds}
    found = {
        level for level, policy in violated(type_, **properties) if policy == "alb-idle-timeout"
    }
    assert found == ({verdict} if verdict else set())


def test_unknown_idle_timeout_is_an_open_question(violated: Violated) -> None:
    """Not known before the update: a warning, not a violation."""
    assert ("advisory", "alb-idle-timeout") in violated(LOAD_BALANCERS[0], idleTimeout=UNKNOWN)


@pytest.mark.parametrize("type_", TARGET_GROUPS)
@pytest.mark.parametrize(
    ("stickiness", "verdict"),
    [
        (STICKY, set()),
        (None, {"mandatory"}),
        ({**STICKY, "enabled": False}, {"mandatory"}),
        ({**STICKY, "type": "app_cookie"}, {"mandatory"}),
        ({**STICKY, "cookieDuration": 60}, {"mandatory"}),
        (UNKNOWN, {"advisory"}),
        ({**STICKY, "cookieDuration": UNKNOWN}, {"advisory"}),
        ({**STICKY, "cookieDuration": UNKNOWN, "enabled": False}, {"advisory", "mandatory"}),
        (Secret({**STICKY, "enabled": False}), {"mandatory"}),
    ],
)
def test_stickiness(violated: Violated, type_: str, stickiness: object, verdict: set[str]) -> None:
    """A known violation is reported beside an unknown value."""
    properties = {"protocol": "HTTP", **({} if stickiness is None else {"stickiness": stickiness})}
    assert {
        level
        for level, policy in violated(type_, **properties)
        if policy == "target-group-stickiness"
    } == verdict


@pytest.mark.parametrize(
    "properties",
    [
        {
            "ingress": [
                {"protocol": "tcp", "fromPort": 4321, "toPort": 4321, "cidrBlocks": ["0.0.0.0/0"]}
            ]
        },
        {
            "ingress": [
                {
                    "protocol": "tcp",
                    "fromPort": 4321,
                    "toPort": 4321,
                    "cidrBlocks": [UNKNOWN, "0.0.0.0/0"],
                }
            ]
        },
        {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlocks": ["0::/0"]}]},
        {
            "ingress": [
                {
                    "protocol": "tcp",
                    "fromPort": 4321,
                    "toPort": 4321,
                    "cidrBlocks": ["0.0.0.0/1", "128.0.0.0/1"],
                }
            ]
        },
        {
            "ingress": [
                {"protocol": "tcp", "fromPort": 4321, "toPort": 4321, "cidrBlocks": ["everyone"]}
            ]
        },
    ],
)
def test_public_port(violated: Violated, properties: dict[str, object]) -> None:
    """However it is spelled."""
    assert ("mandatory", "no-public-port") in violated(
        "aws:ec2/securityGroup:SecurityGroup", **properties
    )


def test_sources_inside_the_network_are_fine(violated: Violated) -> None:
    """Private addresses and other security groups are no internet."""
    ingress = [
        {
            "protocol": "tcp",
            "fromPort": 4321,
            "toPort": 4321,
            "cidrBlocks": ["10.0.0.0/8"],
            "securityGroups": ["sg-1"],
        }
    ]
    found = violated("aws:ec2/securityGroup:SecurityGroup", ingress=ingress)
    assert {each for each in found if "port" in each[1]} == set()
