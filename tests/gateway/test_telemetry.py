"""Log lines in CloudWatch's embedded metric format: what its specification demands of each (S15)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from container.gateway.telemetry import Telemetry
from contract.telemetry import LOG_METRICS

UNITS = {"Seconds", "Milliseconds", "Megabytes", "Percent", "Count", "None"}
"""Those of the specification's units that this project has a use for."""


def lines(namespace: str) -> list[dict[str, Any]]:
    written: list[str] = []
    telemetry = Telemetry(emf_namespace=namespace, write=written.append)
    telemetry.update_sent("css", 12.5)
    telemetry.task_reported(sessions=3, sockets=7, session_memory_mib=512)
    telemetry.session_crashed("demo")
    telemetry.session_reaped("demo", "idle")
    telemetry.socket_opened("demo")
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
        assert directive["Dimensions"] == [[]], "one set, without dimensions: a session's name would make its own metric"
        for metric in directive["Metrics"]:
            assert metric["Unit"] in UNITS
            assert isinstance(line[metric["Name"]], int | float), "a metric's value is a number at the line's top level"
            found[metric["Name"]] = line[metric["Name"]]
    assert found == {"ms": 12.5, "sessions": 3, "sockets": 7, "session_memory_mib": 512}
    assert set(found) == {metric.field for metric in LOG_METRICS if metric.field}, "the same numbers as the stack's own log filters"


@pytest.mark.parametrize("line", lines(""), ids=lambda line: str(line["event"]))
def test_without_a_namespace_no_line_is_a_metric(line: dict[str, Any]) -> None:
    assert "_aws" not in line
