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
GROWTH_BOUND: Final = 1.5
"""Time per resource at 1,000 against that at 100: 1 is linear."""


def run(options: Options) -> Measurement:
    """Copies of the prod stack's own resources, under other names, sent over gRPC as the engine does."""
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
            series.append(Series(name=f"resource rules, {size} resources", unit="s", values=tuple(each[size])))
            series.append(Series(name=f"stack rules, {size} resources", unit="s", values=tuple(stack[size])))
    medians = {size: min(each[size]) + min(stack[size]) for size in SIZES if each[size]}
    largest, hundred = max(medians), 100
    growth = medians[largest] / largest / (medians[hundred] / hundred)
    curves = [
        Curve(name=name, x_label="resources", y_label="seconds", points=tuple((float(size), min(values[size])) for size in medians))
        for name, values in (("resource rules", each), ("stack rules", stack))
    ]
    return Measurement(
        series=series,
        curves=curves,
        checks=[hold("growth of policy time per resource from 100 to the largest stack", growth, "×", "at most", GROWTH_BOUND)],
        figures={"milliseconds_per_resource": round(slope([float(s) for s in medians], list(medians.values())).value * 1000, 2)},
    )


def _copies(resources: list[Resource], size: int) -> list[Resource]:
    found = []
    for number, resource in enumerate(itertools.islice(itertools.cycle(resources), size)):
        found.append(replace(resource, urn=f"{resource.urn}-{number}", name=f"{resource.name}-{number}"))
    return found
