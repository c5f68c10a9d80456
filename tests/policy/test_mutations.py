"""Flip each security-relevant property of a deployed stack, one at a time: some rule refuses every
flip (S18, S19).
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from local import policies
from local.engine import Deployment, deploy
from policy.harness import UNKNOWN, Analyzer, Resource
from tests.policy.mutations import GONE, MUTATIONS, World, special, verdict_of

STACKS = ("dev", "prod")
deployed = functools.cache(deploy)
_JSON = ("containerDefinitions", "policy", "assumeRolePolicy")

Step = str | int


@dataclass(frozen=True)
class Stack:
    """A deployed stack, ready to be judged: inputs and outputs in the same order."""

    name: str
    inputs: list[Resource]
    outputs: list[Resource]
    world: World


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> Stack:
    deployment = deployed(request.param)
    inputs = [policies._sent(each, each.inputs) for each in deployment.resources]
    outputs = [
        policies._sent(each, {**each.outputs, **({"id": each.id} if each.id else {})})
        for each in deployment.resources
    ]
    return Stack(request.param, inputs, outputs, _world(deployment))


@pytest.fixture(scope="module")
def analyzer(stack: Stack) -> Iterator[Analyzer]:
    with policies.start(stack.name, "astro-live") as running:
        yield running


def _world(deployment: Deployment) -> World:
    def ids(kind: str, **having: Any) -> list[str]:
        found = [
            each
            for each in deployment.of_type(kind)
            if all(each.inputs.get(key) == value for key, value in having.items())
        ]
        return [str(each.id) for each in found]

    gateways = ids("aws:ec2/internetGateway:InternetGateway")
    public_tables = [
        each.inputs["routeTableId"]
        for each in deployment.of_type("aws:ec2/route:Route")
        if each.inputs.get("gatewayId") in gateways
    ]
    associations = deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    public_subnet, *_ = [
        each.inputs["subnetId"]
        for each in associations
        if each.inputs["routeTableId"] in public_tables
    ]
    (service,) = deployment.of_type("aws:ecs/service:Service")
    (task,) = deployment.of_type("aws:ecs/taskDefinition:TaskDefinition")
    sources = [
        each.inputs.get("cidrIpv4")
        for each in deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    ]
    return World(
        public_subnet=str(public_subnet),
        public_route_tables=tuple(map(str, public_tables)),
        internet_gateway=gateways[0],
        plain_listener=ids("aws:lb/listener:Listener", protocol="HTTP")[0],
        execution_role=str(task.inputs["executionRoleArn"]),
        task_group=str(service.inputs["networkConfiguration"]["securityGroups"][0]),
        open_front_door="0.0.0.0/0" in sources,
    )


def leaves(value: Any, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every leaf: the steps that lead to it, and its path with `[]` for list elements. JSON texts
    are looked into (step `:`).
    """
    if isinstance(value, dict) and value:
        for key, each in value.items():
            if key != "tags" and not key.startswith("__"):
                yield from leaves(each, (*steps, key))
    elif isinstance(value, list | tuple) and value:
        for index, each in enumerate(value):
            yield from leaves(each, (*steps, index))
    elif isinstance(value, str) and steps and steps[-1] in _JSON:
        yield from leaves(json.loads(value), (*steps, ":"))
    else:
        yield steps, _path(steps)


def _path(steps: tuple[Step, ...]) -> str:
    text = ""
    for step in steps:
        text += "[]" if isinstance(step, int) else step if step == ":" else f".{step}"
    return re.sub(r"^\.", "", text)


def changed(value: Any, steps: tuple[Step, ...], flip: Any) -> Any:
    """A copy of `value` with the leaf at `steps` flipped by the function `flip`; `GONE` takes it
    away.
    """
    if not steps:
        return flip(value)
    if steps[0] == ":":
        return json.dumps(changed(json.loads(value), steps[1:], flip))
    duplicate: Any = list(value) if isinstance(value, list | tuple) else dict(value)
    inner = changed(duplicate[steps[0]], steps[1:], flip)
    if inner is GONE:
        del duplicate[steps[0]]
    else:
        duplicate[steps[0]] = inner
    return duplicate


def mutants(stack: Stack) -> Iterator[tuple[int, str, Resource]]:
    """Position, description and mutated inputs of every flip that means something in this stack."""
    for position, resource in enumerate(stack.inputs):
        properties = dict(resource.properties)
        for steps, path in leaves(properties):
            name = f"{resource.type} {path}"
            for number, change in enumerate(MUTATIONS.get(name, ())):
                flipped = _flip(resource, properties, steps, path, change, stack.world)
                if flipped != properties:
                    yield (
                        position,
                        f"{resource.name}: {path} #{number}",
                        replace(resource, properties=flipped),
                    )


def _flip(
    resource: Resource,
    properties: dict[str, Any],
    steps: tuple[Step, ...],
    path: str,
    change: Any,
    world: World,
) -> Any:
    if path in ("fromPort", "toPort", "ipProtocol", "securityGroupId") and properties.keys() & {
        "referencedSecurityGroupId",
        "prefixListId",
    }:
        return properties  # a group or AWS's own list, whichever the port
    duplicate = copy.deepcopy(properties)
    if special(resource.type, duplicate, path):
        return duplicate
    if path == "natGatewayId":
        return {key: value for key, value in properties.items() if key != path} | {
            "gatewayId": change(None, world)
        }
    if path.endswith(".Principal.Service"):
        return changed(properties, steps[:-1], lambda _: {"AWS": "*"})
    if path.endswith("environment[].name"):
        duplicate = changed(properties, steps, lambda _: change(None, world))
        return changed(duplicate, (*steps[:-1], "value"), lambda _: "correct horse battery staple")
    return changed(properties, steps, lambda old: change(old, world))


def refused(analyzer: Analyzer, stack: Stack, position: int, mutant: Resource) -> bool:
    """Whether some rule refuses the stack with this one resource changed."""
    if any(each.level == "mandatory" for each in analyzer.analyze(mutant)):
        return True
    output = stack.outputs[position]
    differing = {
        key: value
        for key, value in mutant.properties.items()
        if stack.inputs[position].properties.get(key) != value
    }
    gone = stack.inputs[position].properties.keys() - mutant.properties.keys()
    properties = {
        key: value for key, value in {**output.properties, **differing}.items() if key not in gone
    }
    outputs = [*stack.outputs]
    outputs[position] = replace(output, properties=properties)
    return any(each.level == "mandatory" for each in analyzer.analyze_stack(outputs))


def test_every_property_is_sorted(stack: Stack) -> None:
    """A property that is new in a component has to be flipped, or said to be harmless or not
    covered, with the reason.
    """
    names = {
        f"{resource.type} {path}"
        for resource in stack.inputs
        for _, path in leaves(dict(resource.properties))
    }
    assert sorted(name for name in names if not verdict_of(name)) == []


def test_stack_as_it_is_passes(analyzer: Analyzer, stack: Stack) -> None:
    """Not one violation, warning or open question: no false positive."""
    found = [
        each for answer in analyzer.analyze_all(stack.inputs) for each in answer
    ] + analyzer.analyze_stack(stack.outputs)
    assert [each.message for each in found] == []


def test_no_rule_fails_on_a_value_that_is_not_known_yet(analyzer: Analyzer, stack: Stack) -> None:
    """Any value of any resource may come from one that is still to be created: in the first preview
    of a stack most do.
    """
    mutants = [
        replace(resource, properties=changed(dict(resource.properties), steps, lambda _: UNKNOWN))
        for resource in stack.inputs
        for steps in {
            steps[: steps.index(":")] if ":" in steps else steps
            for steps, _ in leaves(dict(resource.properties))
            if steps
        }
    ]
    failed = {
        f"{mutant.name}: {each.message}"
        for mutant, found in zip(mutants, analyzer.analyze_all(mutants), strict=True)
        for each in found
        if "the rule failed" in each.message
    }
    assert failed == set()
    assert len(mutants) >= 500
    analyzer.analyze_all(stack.inputs)  # the pack remembers inputs: put the real ones back


def test_every_flip_is_refused(analyzer: Analyzer, stack: Stack) -> None:
    """No mutant survives."""
    analyzer.analyze_all(stack.inputs)
    total, survivors = 0, []
    for position, description, mutant in mutants(stack):
        total += 1
        if not refused(analyzer, stack, position, mutant):
            survivors.append(description)
        analyzer.analyze(
            stack.inputs[position]
        )  # the pack remembers inputs: put the real ones back
    print(f"{stack.name}: {total - len(survivors)} of {total} flips refused")
    assert survivors == [], f"{len(survivors)} of {total} survive"
    assert total >= 100


def test_every_flip_means_something_in_some_stack() -> None:
    """No entry of the table is dead: each names a property that a stack has."""
    present = {
        f"{each.type} {path}"
        for name in STACKS
        for each in deployed(name).resources
        for _, path in leaves(dict(policies._sent(each, each.inputs).properties))
    }
    assert sorted(MUTATIONS.keys() - present) == []
