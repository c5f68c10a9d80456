"""How a task leaves: the load balancer's deregistration delay and the task's stop timeout as one
decision.

ECS deregisters the target first and signals the task when the delay has passed, so the longest
departure is the sum of both. A task that hands its sessions over does so after the signal: pages
whose sockets the load balancer closes before come back through another task, which forwards to this
one, so the delay can be short.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.base import ComponentError
from contract.ranges import DEFAULT_STOP_SECONDS, STOP_TIMEOUT_SECONDS

SPOT_STOP_SECONDS = 60
"""AWS reclaims a Spot task two minutes after its warning: draining and stopping share them."""


HAND_OVER_DELAY_SECONDS = 10
"""For requests in flight at the load balancer, where sessions are handed over."""


@dataclass(frozen=True, kw_only=True)
class Drain:
    """One number yields both times."""

    stop_timeout_seconds: int = DEFAULT_STOP_SECONDS
    """Seconds from SIGTERM to SIGKILL: the gateway asks clients to reconnect, stops the dev servers
    and exits.
    """

    hands_over: bool = False
    """Tasks share the ownership table, and give their sessions to each other."""

    def __post_init__(self) -> None:
        low, high = STOP_TIMEOUT_SECONDS
        if not low <= self.stop_timeout_seconds <= high:
            raise ComponentError(
                f"stop_timeout_seconds is {self.stop_timeout_seconds}; allowed is {low}-{high} s on"
                " Fargate"
            )

    @property
    def deregistration_delay_seconds(self) -> int:
        """Until SIGTERM: requests in flight end and no new one arrives. Without hand-over open
        WebSockets live on for as long as the stop takes.
        """
        return (
            min(HAND_OVER_DELAY_SECONDS, self.stop_timeout_seconds)
            if self.hands_over
            else self.stop_timeout_seconds
        )
