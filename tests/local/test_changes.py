"""What an update would do, read from the engine's events (S24). The engine itself is in
tests/engine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local import changes
from local.values import OUTPUT, SIGNATURE, UNKNOWN_STRING
from policy.reports import EventLogError

GROUP = "urn:pulumi:dev::p::aws:lb/targetGroup:TargetGroup::sessions"
RULE = "urn:pulumi:dev::p::aws:lb/listenerRule:ListenerRule::hmr"
BUCKET = "urn:pulumi:dev::p::aws:s3/bucket:Bucket::logs"
ARN = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/sessions/1"


def step(
    urn: str,
    op: str,
    old: Any = None,
    new: Any = None,
    diffs: tuple[str, ...] = (),
    keys: tuple[str, ...] = (),
) -> str:
    sides = {
        name: {"custom": True, **side}
        for name, side in (("old", old), ("new", new))
        if side is not None
    }
    return json.dumps(
        {
            "resourcePreEvent": {
                "metadata": {
                    "urn": urn,
                    "type": urn.split("::")[2],
                    "op": op,
                    "diffs": diffs,
                    "keys": keys,
                    **sides,
                }
            }
        }
    )


def read(tmp_path: Path, *lines: str) -> dict[str, Any]:
    (tmp_path / "events.json").write_text("\n".join(lines))
    return changes.read(tmp_path / "events.json")


def test_replacements_come_first_and_what_follows_from_them_names_its_cause(tmp_path: Path) -> None:
    rule_old = {"inputs": {"priority": 25, "actions": [{"targetGroupArn": ARN}]}}
    rule_new = {"inputs": {"priority": 25, "actions": [{"targetGroupArn": {SIGNATURE: OUTPUT}}]}}
    content = read(
        tmp_path,
        step(RULE, "update", rule_old, rule_new, diffs=("actions",)),
        step(
            RULE.replace("hmr", "api"),
            "replace",
            rule_old,
            rule_new,
            diffs=("actions",),
            keys=("actions",),
        ),
        step(
            GROUP,
            "replace",
            {"id": ARN, "inputs": {"port": 80.0}, "outputs": {"arn": ARN, "port": 80}},
            {"inputs": {"port": 4321.0}},
            diffs=("port",),
            keys=("port",),
        ),
        step(BUCKET, "delete", {"inputs": {"bucket": "logs"}, "retainOnDelete": True}),
        step(BUCKET.replace("logs", "new"), "create", None, {"inputs": {"bucket": "new"}}),
        step(BUCKET.replace("logs", "same"), "same", {"inputs": {}}, {"inputs": {}}),
        json.dumps({"summaryEvent": {}}),
    )
    assert content["unchanged"] == 1
    told = [(change["operation"], change["name"]) for change in content["changes"]]
    assert told == [
        ("replace", "sessions"),
        ("replace", "api"),
        ("delete", "logs"),
        ("update", "hmr"),
        ("create", "new"),
    ]
    group, follower, bucket, rule, _ = content["changes"]
    assert group["values"] == [
        {"path": "port", "old": "80", "new": "4321", "replaces": True, "follows": None}
    ]
    assert rule["values"] == [
        {
            "path": "actions[0].targetGroupArn",
            "old": ARN,
            "new": None,
            "replaces": False,
            "follows": "sessions",
        }
    ]
    assert changes.follows_only(follower)
    assert not changes.follows_only(group)
    assert (bucket["keptOld"], bucket["holdsData"], group["holdsData"]) == (True, True, False)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, [("x.b", 2, 3), ("x.c", None, 4)]),
        ('{"a": [1, 2]}', '{"a": [1, 3]}', [("x.a[1]", 2, 3)]),
        ("{broken", "[1]", [("x", "{broken", "[1]")]),
        (
            [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
            [
                ("x[A]", {"name": "A", "value": "1"}, None),
                ("x[B].value", "2", "3"),
                ("x[C]", None, {"name": "C", "value": "4"}),
            ],
        ),
        ([1, 2], [1], [("x", [1, 2], [1])]),
        ("same", "same", []),
    ],
)
def test_differences_go_as_deep_as_both_sides_have_the_same_shape(
    old: object, new: object, found: list[Any]
) -> None:
    assert list(changes.differences(old, new, "x")) == found


def test_long_and_unknown_values_are_shown_as_such(tmp_path: Path) -> None:
    old = {"inputs": {"userData": "a" * 500, "tags": {"a": "b"}}}
    new = {"inputs": {"userData": UNKNOWN_STRING}}
    content = read(tmp_path, step(BUCKET, "update", old, new, diffs=("userData", "tags")))
    shown = {
        each["path"]: (len(each["old"]), each["new"]) for each in content["changes"][0]["values"]
    }
    assert shown == {"userData": (changes.LONGEST + 1, None), "tags": (len('{"a": "b"}'), "absent")}


def test_what_is_no_event_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EventLogError):
        read(tmp_path, "not an event")
