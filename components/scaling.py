"""How many tasks run, and on what: fixed or by target tracking, on demand or on Spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError
from components.drain import SPOT_STOP_SECONDS
from contract.telemetry import LIVE_SESSIONS

Capacity = Literal["on-demand", "mixed", "spot"]

STRATEGIES: dict[Capacity, tuple[tuple[str, int, int], ...]] = {
    "on-demand": (("FARGATE", 0, 1),),
    "mixed": (("FARGATE", 1, 0), ("FARGATE_SPOT", 0, 1)),
    "spot": (("FARGATE_SPOT", 0, 1),),
}
"""Capacity provider, base, weight. `mixed` keeps the first task on demand, so that a reclaimed Spot
task leaves one.
"""


TRACKED_PERCENT: Final = (10, 95)
"""What can be aimed at: below, tasks are never few enough; above, they are too late."""


def capacity_strategies(capacity: Capacity) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """The service's strategy."""
    return [
        aws.ecs.ServiceCapacityProviderStrategyArgs(
            capacity_provider=provider, base=base, weight=weight
        )
        for provider, base, weight in STRATEGIES[capacity]
    ]


def leaves_in_time(capacity: Capacity, stop_timeout_seconds: int) -> bool:
    """Whether a task that AWS reclaims can drain and stop within its warning."""
    return capacity == "on-demand" or stop_timeout_seconds <= SPOT_STOP_SECONDS


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """Target tracking on CPU, memory and live sessions per task; whichever asks for most tasks
    wins.
    """

    minimum: int = 1
    maximum: int = 4
    cpu_percent: int = 60
    memory_percent: int = 75
    sessions_per_task: int | None = None
    """Live sessions per task to aim at; None leaves it to CPU and memory."""
    scale_out_cooldown_seconds: int = 60
    scale_in_cooldown_seconds: int = 900
    """Long, since a task that goes takes its dev servers with it."""

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.maximum:
            raise ComponentError(
                f"minimum is {self.minimum} and maximum {self.maximum}; allowed is 1 <= minimum <="
                " maximum"
            )
        for name, percent in (
            ("cpu_percent", self.cpu_percent),
            ("memory_percent", self.memory_percent),
        ):
            low, high = TRACKED_PERCENT
            if not low <= percent <= high:
                raise ComponentError(f"{name} is {percent}; allowed is {low}-{high} percent")
        if self.sessions_per_task is not None and self.sessions_per_task < 1:
            raise ComponentError(
                f"sessions_per_task is {self.sessions_per_task}; allowed is 1 or more, or None to"
                " leave it out"
            )

    def attach(
        self,
        owner: Component,
        *,
        cluster: pulumi.Input[str],
        service: aws.ecs.Service,
        namespace: str,
        tags: dict[str, str],
    ) -> None:
        """Create the scalable target and its policies as children of `owner`. `namespace` holds the
        live-session metric.
        """
        target = aws.appautoscaling.Target(
            owner.child_name("scaling_target"),
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.concat("service/", cluster, "/", service.name),
            min_capacity=self.minimum,
            max_capacity=self.maximum,
            tags=tags,
            opts=owner.child_options(),
        )
        owner.expose(scaling_target=target)
        for key, percent, metric in (
            ("cpu", self.cpu_percent, "ECSServiceAverageCPUUtilization"),
            ("memory", self.memory_percent, "ECSServiceAverageMemoryUtilization"),
        ):
            predefined = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type=metric
            )
            self._policy(owner, target, key, percent, predefined_metric_specification=predefined)
        if self.sessions_per_task:
            custom = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
                namespace=namespace,
                metric_name=LIVE_SESSIONS.name,
                statistic="Average",
                unit=LIVE_SESSIONS.unit,
            )
            self._policy(
                owner,
                target,
                "sessions",
                self.sessions_per_task,
                customized_metric_specification=custom,
            )

    def _policy(
        self,
        owner: Component,
        target: aws.appautoscaling.Target,
        key: str,
        value: int,
        **metric: Any,
    ) -> None:
        policy = aws.appautoscaling.Policy(
            owner.child_name(f"scale_on_{key}"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=float(value),
                scale_out_cooldown=self.scale_out_cooldown_seconds,
                scale_in_cooldown=self.scale_in_cooldown_seconds,
                **metric,
            ),
            opts=owner.child_options(),
        )
        owner.expose(**{f"scale_on_{key}": policy})
