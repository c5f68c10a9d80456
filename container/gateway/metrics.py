"""`GET /metrics`: what Prometheus reads. Counters and histograms are `telemetry.py`'s; here are the
gauges, read when asked.

Names are `astro_live_<noun>_<what>_<unit>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .registry import SessionRegistry
from .states import State
from .telemetry import Telemetry
from .units import MEBIBYTE
from .warm import WarmPool

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class SessionGauges(Collector):
    """Sessions by state, and memory and open sockets of each that runs."""

    def __init__(self, registry: SessionRegistry, warm: WarmPool) -> None:
        self._registry = registry
        self._warm = warm

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Called by Prometheus's library for each answer."""
        states = Counter(session.state for session in self._registry)
        by_state = GaugeMetricFamily(
            "astro_live_session_count", "Sessions seen by this task, by state", labels=["state"]
        )
        for state in State:
            by_state.add_metric([state.value], states[state])
        memory = GaugeMetricFamily(
            "astro_live_session_memory_bytes",
            "Memory of the dev server and what it started",
            labels=["session"],
        )
        files = GaugeMetricFamily(
            "astro_live_session_files_bytes",
            "Project and kept builds on the shared disk",
            labels=["session"],
        )
        sockets = GaugeMetricFamily(
            "astro_live_socket_count", "Open WebSockets", labels=["session"]
        )
        for session in self._registry:
            if session.state is State.READY:
                memory.add_metric([session.id], session.memory_mib * MEBIBYTE)
                sockets.add_metric([session.id], session.sockets)
                files.add_metric(
                    [session.id], self._registry.environment.files.known_bytes(session.id)
                )
        yield by_state
        yield memory
        yield files
        yield sockets
        yield GaugeMetricFamily(
            "astro_live_warm_runner_count",
            "Dev servers waiting for a session",
            value=self._warm.size,
        )


def render(telemetry: Telemetry) -> bytes:
    """The text exposition of everything."""
    return generate_latest(telemetry.registry)
