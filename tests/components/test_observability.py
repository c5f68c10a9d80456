"""Metrics, alarms and the dashboard, as CloudWatch would take them (S15)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.alarms import Thresholds, alarms
from components.base import ComponentError
from components.observability import Observability, ObservabilityArgs
from contract.telemetry import LOG_METRICS
from tests.components.examples import service
from tests.components.harness import Graph, run

TOPIC = "arn:aws:sns:eu-central-1:123456789012:on-call"


def declare(**changes: Any) -> Graph:
    def program() -> None:
        watched = service()
        values = {
            "alb": watched.args.alb,
            "service": watched,
            "volume": watched.args.volume,
            "dashboard_name": "AstroLive_test",
        }
        Observability(
            "watch",
            ObservabilityArgs(
                **{
                    **values,
                    "metric_namespace": "AstroLive/test",
                    "url": "https://edit.example.com",
                    **changes,
                }
            ),
        )

    return run(program)


@pytest.fixture(scope="module")
def default() -> Graph:
    return declare(topic_arn=TOPIC)


def widgets(graph: Graph) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(graph["watch-dashboard"].inputs["dashboardBody"])[
        "widgets"
    ]
    return found


def test_every_log_metric_has_its_filter_on_the_services_log(default: Graph) -> None:
    filters = {
        each.inputs["metricTransformation"]["name"]: each.inputs
        for each in default.of_type("LogMetricFilter")
    }
    assert filters.keys() == {metric.name for metric in LOG_METRICS}
    assert {each["logGroupName"] for each in filters.values()} == {
        default["svc-log-group"].outputs["name"]
    }
    assert {each["metricTransformation"]["namespace"] for each in filters.values()} == {
        "AstroLive/test"
    }


def test_every_alarm_of_the_table_exists_and_reaches_somebody(default: Graph) -> None:
    made = {
        each.name.removeprefix("watch-alarm-").replace("-", "_"): each.inputs
        for each in default.of_type("MetricAlarm")
    }
    assert made.keys() == alarms(Thresholds(), shared=True).keys()
    for inputs in made.values():
        assert inputs["alarmActions"] == inputs["okActions"] == [TOPIC]
        assert inputs["alarmDescription"]
        assert ("statistic" in inputs) != ("extendedStatistic" in inputs)


def test_alarms_watch_this_stack_and_no_other(default: Graph) -> None:
    by_name = {each.name: each.inputs for each in default.of_type("MetricAlarm")}
    assert by_name["watch-alarm-unhealthy-hosts"]["dimensions"] == {
        "LoadBalancer": default["edge-lb"].outputs["arnSuffix"],
        "TargetGroup": default["edge-sessions"].outputs["arnSuffix"],
    }
    assert by_name["watch-alarm-no-task"]["dimensions"] == {
        "ClusterName": default["svc-cluster"].outputs["name"],
        "ServiceName": default["svc-service"].outputs["name"],
    }
    assert by_name["watch-alarm-file-system-limit"]["dimensions"] == {
        "FileSystemId": "sites-file-system-id"
    }


def test_silence_rings_where_it_means_that_all_is_gone(default: Graph) -> None:
    by_name = {each.name: each.inputs for each in default.of_type("MetricAlarm")}
    assert (
        by_name["watch-alarm-no-task"]["treatMissingData"],
        by_name["watch-alarm-no-task"]["comparisonOperator"],
    ) == (
        "breaching",
        "LessThanThreshold",
    )
    assert by_name["watch-alarm-cpu"]["treatMissingData"] == "notBreaching"


def test_an_address_gets_a_topic() -> None:
    graph = declare(email="on-call@example.com")
    assert graph["watch-subscription"].inputs["endpoint"] == "on-call@example.com"
    assert graph["watch-alarm-cpu"].inputs["alarmActions"] == [graph["watch-topic"].arn]


def test_without_a_receiver_alarms_still_show() -> None:
    graph = declare()
    assert graph.of_type("Topic") == []
    assert "alarmActions" not in graph["watch-alarm-cpu"].inputs


def test_the_dashboard_fills_its_grid_without_overlap(default: Graph) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(default):
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        taken |= cells
    assert max(x for x, _ in taken) == 23


def test_the_dashboard_asks_in_the_order_of_a_person_on_call(default: Graph) -> None:
    texts = [
        widget["properties"]["markdown"] for widget in widgets(default) if widget["type"] == "text"
    ]
    assert texts[0].startswith("# Live editing at https://edit.example.com")
    questions = [
        "## Is it up?",
        "## Is it fast?",
        "## Is it full?",
        "## Do sessions change their task?",
        "## What does it say?",
    ]
    assert texts[1:] == questions
    shown = next(widget for widget in widgets(default) if widget["type"] == "alarm")["properties"][
        "alarms"
    ]
    assert len(shown) == len(alarms(Thresholds(), shared=True))


def test_graphs_show_their_alarms_limit_and_name_what_exists(default: Graph) -> None:
    graphs = {
        widget["properties"]["title"]: widget["properties"]
        for widget in widgets(default)
        if widget["type"] == "metric"
    }
    assert graphs["Change to page, ms"]["annotations"]["horizontal"][0]["value"] == 500
    assert default["svc-cluster"].outputs["name"] in json.dumps(
        graphs["CPU and memory of tasks, %"]
    )
    query = next(widget for widget in widgets(default) if widget["type"] == "log")["properties"][
        "query"
    ]
    assert f"SOURCE '{default['svc-log-group'].outputs['name']}'" in query


def test_the_dashboard_is_an_option() -> None:
    assert declare(dashboard_name=None).of_type("Dashboard") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "on-call"}, "email is 'on-call'; allowed is an address"),
        ({"email": "a@b.c", "topic_arn": TOPIC}, "allowed is one"),
    ],
)
def test_refusals(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        declare(**changes)
    assert words in str(error.value)
