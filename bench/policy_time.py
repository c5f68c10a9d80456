"""How does the time of the policy pack grow with the number of resources, 10 to 1,000?"""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import Final

from bench.core.registry import Options
from bench.core.result import Curve, Measurement, Series, hold
from bench.core.stats import slope
from local import policies
from local.engine import deploy
from policy.harness import Resource

QUESTION = "How does the time of the policy pack grow with the number of resources?"
SIZES: Final = (10, 30, 100, 300, 1000)
RULE_SIZES: Final = (1000, 3000, 10_000)
RULES_PER_GROUP: Final = 1000
GROWTH_BOUND: Final = 1.5
"""Time per resource at 1,000 against that at 100: 1 is linear."""


def run(options: Options) -> Measurement:
    """Copies of the prod stack's own resources, under other names, sent over gRPC as the engine
    does.
    """
    deployment = deploy("prod")
    inputs = [policies._sent(resource, resource.inputs) for resource in deployment.resources]
    outputs = [policies._sent(resource, resource.outputs) for resource in deployment.resources]
    each: dict[int, list[float]] = {size: [] for size in SIZES}
    stack: dict[int, list[float]] = {size: [] for size in SIZES}
    starts: list[float] = []
    for _ in range(options.pick(3, 1)):
        began = time.monotonic()
        with policies.start("prod", "astro-live") as analyzer:
            analyzer.info()
            starts.append(time.monotonic() - began)
            for size in SIZES[: options.pick(len(SIZES), 3)]:
                chosen_inputs, chosen_outputs = _copies(inputs, size), _copies(outputs, size)
                began = time.monotonic()
                analyzer.analyze_all(chosen_inputs)
                each[size].append(time.monotonic() - began)
                began = time.monotonic()
                analyzer.analyze_stack(chosen_outputs)
                stack[size].append(time.monotonic() - began)
    series = [Series(name="start of the pack", unit="s", values=tuple(starts))]
    for size in SIZES:
        if each[size]:
            series.append(
                Series(name=f"resource rules, {size} resources", unit="s", values=tuple(each[size]))
            )
            series.append(
                Series(name=f"stack rules, {size} resources", unit="s", values=tuple(stack[size]))
            )
    grown, rule_series, rule_curves = _rules(options)
    series += rule_series
    medians = {size: min(each[size]) + min(stack[size]) for size in SIZES if each[size]}
    largest, hundred = max(medians), 100
    growth = medians[largest] / largest / (medians[hundred] / hundred)
    curves = [
        Curve(
            name=name,
            x_label="resources",
            y_label="seconds",
            points=tuple((float(size), min(values[size])) for size in medians),
        )
        for name, values in (("resource rules", each), ("stack rules", stack))
    ]
    return Measurement(
        series=series,
        curves=[*curves, *rule_curves],
        checks=[
            hold(
                "growth of policy time per resource from 100 to the largest stack",
                growth,
                "×",
                "at most",
                GROWTH_BOUND,
            ),
            hold(
                "growth of policy time per security-group rule from 1,000 to the largest stack",
                grown,
                "×",
                "at most",
                GROWTH_BOUND,
            ),
        ],
        figures={
            "milliseconds_per_resource": round(
                slope([float(s) for s in medians], list(medians.values())).value * 1000, 2
            )
        },
    )


def _copies(resources: list[Resource], size: int) -> list[Resource]:
    found = []
    for number, resource in enumerate(itertools.islice(itertools.cycle(resources), size)):
        found.append(
            replace(resource, urn=f"{resource.urn}-{number}", name=f"{resource.name}-{number}")
        )
    return found


def _rules(options: Options) -> tuple[float, list[Series], list[Curve]]:
    """Stacks of security-group rules with ports and sources that all differ, as resources and
    inside groups of 1,000.
    """
    series: list[Series] = []
    points: dict[str, list[tuple[float, float]]] = {"rule resources": [], "inline rules": []}
    sizes = RULE_SIZES[: options.pick(len(RULE_SIZES), 2)]
    for name, make in (("rule resources", _rule_resources), ("inline rules", _inline_rules)):
        for size in sizes:
            resources = make(size)
            with policies.start("prod", "astro-live") as analyzer:
                analyzer.info()
                began = time.monotonic()
                analyzer.analyze_all(resources)
                analyzer.analyze_stack(resources)
                taken = time.monotonic() - began
            series.append(Series(name=f"{size} {name}", unit="s", values=(taken,)))
            points[name].append((float(size), taken))
    curves = [
        Curve(name=name, x_label="rules", y_label="seconds", points=tuple(found))
        for name, found in points.items()
    ]
    growths = [
        (found[-1][1] / found[-1][0]) / (found[0][1] / found[0][0]) for found in points.values()
    ]
    return max(growths), series, curves


def _rule(number: int) -> dict[str, object]:
    port = 1 + number % 65_000
    return {
        "protocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "cidrBlocks": [f"10.{number // 250 % 250}.{number % 250}.0/24"],
    }


def _group(number: int, **properties: object) -> Resource:
    token = "aws:ec2/securityGroup:SecurityGroup"  # noqa: S105 (a type)
    name = f"group-{number}"
    return Resource(
        urn=f"urn:pulumi:d::p::{token}::{name}",
        type=token,
        name=name,
        properties={"id": f"sg-{number}", **properties},
    )


def _rule_resources(size: int) -> list[Resource]:
    token = "aws:ec2/securityGroupRule:SecurityGroupRule"  # noqa: S105 (a type)
    groups = [_group(number) for number in range(10)]
    rules = [
        {"type": "ingress", "securityGroupId": f"sg-{number % 10}", **_rule(number)}
        for number in range(size)
    ]
    return groups + [
        Resource(
            urn=f"urn:pulumi:d::p::{token}::rule-{number}",
            type=token,
            name=f"rule-{number}",
            properties=rule,
        )
        for number, rule in enumerate(rules)
    ]


def _inline_rules(size: int) -> list[Resource]:
    return [
        _group(
            number,
            ingress=[_rule(RULES_PER_GROUP * number + each) for each in range(RULES_PER_GROUP)],
        )
        for number in range(size // RULES_PER_GROUP)
    ]
