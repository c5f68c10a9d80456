"""The work of the rules grows with the number of resources, and with the length of a text, and no
faster. Calls are counted, not timed (time: bench/policy_time.py); only what one expression does
with a text has no calls to count, and is compared with what it does with a quarter of it.

Requirements: (S18).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import pytest

from policy.rules import ALL_RULES
from policy.rules.core.rule import Resource
from policy.rules.core.run import Run
from policy.rules.outside_identities import DIRECTORY_GROUP, ROLE
from tests.policy.complying import GROUP, LB, LISTENER
from tests.policy.evasions.ports import INGRESS, LIST
from tests.policy.identity_scenes import FUNCTION, IN_DIRECTORY

Make = Callable[[int], list[Resource]]


def resource(type_: str, name: str, /, **props: object) -> Resource:
    return Resource(
        type=type_,
        name=name,
        urn=f"urn:pulumi:d::p::{type_}::{name}",
        props={"id": f"{name}-id", **props},
    )


def ingress(number: int, **props: object) -> Resource:
    rule = {
        "ipProtocol": "tcp",
        "fromPort": number,
        "toPort": number,
        "securityGroupId": f"g{number % 7}-id",
    }
    return resource(INGRESS, f"r{number}", name="same", **{**rule, **props})


GROUPS = [resource(GROUP, f"g{number}", name="same") for number in range(7)]


def rules(count: int) -> list[Resource]:
    return GROUPS + [ingress(number, cidrIpv4=f"10.{number}.0.0/16") for number in range(count)]


def public_rules(count: int) -> list[Resource]:
    return GROUPS + [ingress(number, cidrIpv4=f"52.{number}.0.0/16") for number in range(count)]


def inline_rules(count: int) -> list[Resource]:
    found = [
        {"protocol": "tcp", "fromPort": each, "toPort": each, "cidrBlocks": [f"10.{each}.0.0/16"]}
        for each in range(count)
    ]
    return [resource(GROUP, "g", ingress=found)]


def prefix_lists(count: int) -> list[Resource]:
    lists = [
        resource(LIST, f"p{number}", entries=[{"cidr": f"10.{number}.0.0/16"}])
        for number in range(count)
    ]
    return (
        GROUPS + lists + [ingress(number, prefixListId=f"p{number}-id") for number in range(count)]
    )


def front_doors(count: int) -> list[Resource]:
    found = []
    for number in range(count):
        found.append(resource(GROUP, f"edge{number}"))
        found.append(ingress(443, securityGroupId=f"edge{number}-id", cidrIpv4="52.0.0.0/8"))
        found.append(
            resource(LB, f"lb{number}", securityGroups=[f"edge{number}-id"], arn=f"arn:lb{number}")
        )
        found.append(resource(LISTENER, f"l{number}", port=4321, loadBalancerArn=f"arn:lb{number}"))
    return found


def roles(count: int) -> list[Resource]:
    account = "arn:aws:iam::123456789012:role"
    return [
        each
        for number in range(count)
        for each in (
            resource(ROLE, f"r{number}", name="same", arn=f"{account}/r{number}"),
            resource(DIRECTORY_GROUP, f"g{number}", groupId=f"g-{number}"),
            resource(IN_DIRECTORY, f"m{number}", groupId=f"g-{number}", memberId="p"),
            resource(FUNCTION, f"f{number}", role=f"{account}/r{number + number % 2}"),
        )
    ]


def calls(work: Callable[[], object]) -> int:
    """How many Python functions `work` calls."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(trace)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def judged(resources: list[Resource]) -> None:
    run = Run(ALL_RULES)
    for each in resources:
        run.analyze(each)
    run.analyze_stack(resources)


@pytest.mark.parametrize(
    "make",
    [rules, public_rules, inline_rules, prefix_lists, front_doors, roles],
    ids=lambda each: each.__name__,
)
def test_work_is_proportional_to_the_resources(make: Make) -> None:
    """Four times as many take four times as much, with a little to spare: with what grows as the
    square it would be twelve or more.
    """
    judged(make(1))  # what is read once
    few, many = (calls(lambda count=count: judged(make(count))) for count in (50, 200))  # type: ignore[misc]
    assert many <= 4.6 * few


UNITS: Final = [
    "a",
    "1",
    ":",
    '"',
    "\\",
    "{",
    "a.",
    "a-",
    "a/",
    "a1.",
    "-ey",
    ".ey",
    "://",
    "a://",
    "sk-",
    "ZXlK",
    "password=",
    "hooks.slack.com/",
]
"""What expressions repeat: beginnings and separators of the formats that the rules look for."""

LENGTH: Final = 40_000
TRIES: Final = 3
NO_TIME: Final = 0.1
"""Seconds that say nothing of how a time grows."""


def _places(text: str) -> list[Resource]:
    """Where a long text meets expressions: variables, scripts, policies, calls, conditions."""
    statement = {
        "Effect": "Allow",
        "Action": text,
        "Resource": text,
        "Condition": {"StringLike": {text: text, "aws:SourceArn": text}},
    }
    return [
        resource("aws:lambda/function:Function", "f", environment={"variables": {"A_KEY": text}}),
        resource("aws:ec2/launchTemplate:LaunchTemplate", "t", userData=text),
        resource(
            "aws:iam/rolePolicy:RolePolicy", "p", policy=json.dumps({"Statement": [statement]})
        ),
    ]


def _seconds(unit: str, length: int) -> dict[str, float]:
    """This thread's time for each place of a text of `length`."""
    run, taken = Run(ALL_RULES), {}
    for each in _places((unit * length)[:length] + "!"):
        began = time.thread_time()
        run.analyze(each)
        taken[each.type] = time.thread_time() - began
    return taken


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_proportional_to_a_text(unit: str) -> None:
    """Four times the text takes four times as long, on whatever machine; what grew as the square
    took sixteen times as long, and seconds. The shortest of three, since a machine may stall.
    """
    tries = [(_seconds(unit, LENGTH // 4), _seconds(unit, LENGTH))]
    while not (ends := _within(tries)) and len(tries) < TRIES:
        tries.append((_seconds(unit, LENGTH // 4), _seconds(unit, LENGTH)))
    assert ends, f"{LENGTH} characters of {unit!r}, a quarter of them and all: {tries}"


def _within(tries: list[tuple[dict[str, float], dict[str, float]]]) -> bool:
    """Whether each place's shortest times are in proportion, with as much again to spare."""
    return all(
        min(whole[place] for _, whole in tries)
        <= 8 * min(part[place] for part, _ in tries) + NO_TIME
        for place in tries[0][0]
    )
