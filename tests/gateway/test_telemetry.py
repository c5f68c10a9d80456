"""Log lines in CloudWatch's embedded metric format: what its specification demands of
each (S15).
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from container.gateway.output_copy import OutputCopy
from container.gateway.telemetry import EventLimit, Telemetry
from contract.messages import BuildOutcome, ErrorCode
from contract.telemetry import LOG_METRICS

UNITS = {"Seconds", "Milliseconds", "Megabytes", "Percent", "Count", "None"}
"""Those of the specification's units that this project has a use for."""


def lines(namespace: str) -> list[dict[str, Any]]:
    written: list[str] = []
    telemetry = Telemetry(emf_namespace=namespace, write=written.append)
    telemetry.update_sent("css", 12.5)
    telemetry.task_reported(sessions=3, sockets=7, session_memory_mib=512, forwarded=4)
    telemetry.session_crashed("demo")
    telemetry.session_reaped("demo", "idle")
    telemetry.socket_opened("demo")
    telemetry.session_changed(
        "demo", before="starting", state="ready", cause="started", seconds=1.5
    )
    telemetry.session_failed("demo", "build-memory", "the build ran out of memory")
    telemetry.build_ended("demo", outcome="memory", seconds=3.0, memory_mib=700, build=None)
    telemetry.session_handed_over("demo", "5f0c", 2.13, 3)
    telemetry.session_taken_over("demo", "77ab", 5.2)
    telemetry.peer_refused("item")
    return [json.loads(line) for line in written]


def test_every_number_that_is_a_metric_is_declared_as_one() -> None:
    found: dict[str, float] = {}
    for line in lines("Acme/Edit"):
        if "_aws" not in line:
            continue
        assert set(line["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
        assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60, "milliseconds since 1970"
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Acme/Edit"
        assert directive["Dimensions"] == [[]], (
            "one set, without dimensions: a session's name would make its own metric"
        )
        for metric in directive["Metrics"]:
            assert metric["Unit"] in UNITS
            assert isinstance(line[metric["Name"]], int | float), (
                "a metric's value is a number at the line's top level"
            )
            found[metric["Name"]] = line[metric["Name"]]
    assert found == {
        "ms": 12.5,
        "sessions": 3,
        "sockets": 7,
        "session_memory_mib": 512,
        "forwarded": 4,
        "hand_over_ms": 2130,
        "without_owner_ms": 5200,
    }
    assert set(found) == {metric.field for metric in LOG_METRICS if metric.field}, (
        "the same numbers as the stack's own log filters"
    )


@pytest.mark.parametrize("line", lines(""), ids=lambda line: str(line["event"]))
def test_without_a_namespace_no_line_is_a_metric(line: dict[str, Any]) -> None:
    assert "_aws" not in line


def test_a_build_that_is_not_good_has_an_event_and_a_label() -> None:
    """Labels come from closed lists: what a site says is never one."""
    written: list[str] = []
    telemetry = Telemetry(write=written.append)
    for outcome in BuildOutcome:
        telemetry.build_ended("demo", outcome=outcome.value, seconds=2.0, memory_mib=10, build=None)
    telemetry.session_failed("demo", ErrorCode.BUILD.value, "x" * 10_000)
    assert [json.loads(line)["event"] for line in written] == [
        "build_made",
        *["build_failed"] * 3,
        "session_failed",
    ]
    assert len(written[-1]) < 1000
    counts = {
        sample.labels["outcome"]: sample.value
        for sample in samples(telemetry)
        if sample.name == "astro_live_build_seconds_count"
    }
    assert counts == {outcome.value: 1 for outcome in BuildOutcome}


def samples(telemetry: Telemetry) -> list[Any]:
    return [sample for metric in telemetry.registry.collect() for sample in metric.samples]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_sites_output_reaches_the_tasks_log_and_cannot_fill_it() -> None:
    """A burst is cut, what was left out is counted, and the next line after a pause says so.
    Another session's share is its own.
    """
    clock, seen = Clock(), []
    noisy = OutputCopy(
        "noisy", 60, lambda event, **members: seen.append({"event": event, **members}), clock
    )
    quiet = OutputCopy(
        "quiet", 60, lambda event, **members: seen.append({"event": event, **members}), clock
    )
    for number in range(10_000):
        noisy.line(f"line {number}")
        clock.now += 0.001
    quiet.line("hello")
    assert len(seen) <= 20 + 10 + 1
    assert seen[-1] == {"event": "session_output", "session": "quiet", "text": "hello"}
    clock.now += 60
    noisy.line("y" * 5000)
    assert (
        sum(entry.get("left_out", 0) for entry in seen)
        + sum(entry["session"] == "noisy" for entry in seen)
        == 10_001
    )
    assert len(seen[-1]["text"]) == 1000
    noisy.line("   ")
    assert len(seen[-1]["text"]) == 1000, "empty lines are no news"


def test_what_a_site_can_report_without_end_is_counted_and_not_written_each_time() -> None:
    """Failures and builds: the metrics have all, the log a number of each session and kind, and the
    rest as a number.
    """
    clock, written = Clock(), list[str]()
    telemetry = Telemetry(write=written.append)
    telemetry._limit = EventLimit(clock)
    for _ in range(20_000):
        clock.now += 0.001
        telemetry.session_failed("noisy", ErrorCode.BUILD.value, "x")
        telemetry.build_ended("noisy", outcome="failed", seconds=0, memory_mib=0, build=None)
    telemetry.session_failed("quiet", ErrorCode.BUILD.value, "x")
    assert len(written) <= 2 * (30 + 10) + 1
    assert json.loads(written[-1])["session"] == "quiet"
    clock.now += 60
    telemetry.session_failed("noisy", ErrorCode.BUILD.value, "x")
    entries = [
        entry
        for entry in map(json.loads, written)
        if entry["session"] == "noisy" and entry["event"] == "session_failed"
    ]
    assert sum(1 + entry.get("left_out", 0) for entry in entries) == 20_001
    assert [
        sample.value
        for sample in samples(telemetry)
        if sample.name == "astro_live_session_failure_total"
    ] == [20_002]


def test_no_output_is_copied_when_it_is_turned_off() -> None:
    seen: list[str] = []
    OutputCopy("demo", 0, lambda event, **_members: seen.append(event)).line("text")
    assert seen == []
