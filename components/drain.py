"""How a task leaves: the load balancer's deregistration delay and the task's stop timeout as one decision.

ECS deregisters the target first and signals the task when the delay has passed, so the longest departure is the sum of both.
Limits: deregistration delay 0-3600 s, stop timeout on Fargate 2-120 s
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout).
"""

from __future__ import annotations

from dataclasses import dataclass

from components.base import ComponentError

STOP_TIMEOUT_SECONDS = (2, 120)
"""Fargate's range of a container's stop timeout."""


@dataclass(frozen=True, kw_only=True)
class Drain:
    """One number yields both times."""

    stop_timeout_seconds: int = 60
    """Seconds from SIGTERM to SIGKILL: the gateway asks clients to reconnect, stops the dev servers and exits."""

    def __post_init__(self) -> None:
        low, high = STOP_TIMEOUT_SECONDS
        if not low <= self.stop_timeout_seconds <= high:
            raise ComponentError(f"stop_timeout_seconds is {self.stop_timeout_seconds}; allowed is {low}-{high} s on Fargate")

    @property
    def deregistration_delay_seconds(self) -> int:
        """Open WebSockets live on for as long again before SIGTERM, so that requests in flight end and no new one arrives."""
        return self.stop_timeout_seconds
