"""The engine's event log as `preview.json` (S24). The engine itself is in tests/engine; here are
the cases that it shows seldom.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.provider.events import document, plain
from local.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN_STRING
from policy.harness import Diagnostic
from policy.reports import EventLogError

STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
BUCKET = "urn:pulumi:dev::p::aws:s3/bucket:Bucket::logs"


def step(urn: str, op: str, **new: Any) -> str:
    return json.dumps(
        {
            "resourcePreEvent": {
                "metadata": {"urn": urn, "type": urn.split("::")[2], "op": op, "new": new or None}
            }
        }
    )


def test_declared_resources_are_listed_once_and_deleted_ones_not(tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    lines = [
        step(STACK, "create"),
        step("urn:pulumi:dev::p::pulumi:providers:aws::default", "create", custom=True),
        step(BUCKET, "create-replacement", parent=STACK, custom=True, inputs={"bucket": "logs"}),
        step(BUCKET, "replace", parent=STACK, custom=True, inputs={"bucket": "logs"}),
        step(BUCKET, "delete-replaced"),
        step(BUCKET.replace("logs", "gone"), "delete"),
        json.dumps(
            {
                "resOutputsEvent": {
                    "metadata": {
                        "urn": STACK,
                        "type": "pulumi:pulumi:Stack",
                        "op": "create",
                        "new": {"outputs": {"n": 1.0}},
                    }
                }
            }
        ),
        json.dumps({"summaryEvent": {}}),
    ]
    log.write_text("\n".join(lines))
    found = Diagnostic(
        policy="rule",
        pack="pack",
        level="mandatory",
        message="no",
        description="no",
        urn=BUCKET,
        severity="high",
    )
    content = document(log, "dev", [found], 1.23456)
    bucket = {
        "urn": BUCKET,
        "type": "aws:s3/bucket:Bucket",
        "name": "logs",
        "parent": STACK,
        "custom": True,
        "inputs": {"bucket": "logs"},
    }
    assert content["resources"] == [bucket]
    assert (content["stack"], content["outputs"], content["seconds"]) == ("dev", {"n": 1}, 1.235)
    assert content["violations"][0]["policy"] == "rule"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({SIGNATURE: SECRET, "ciphertext": "v1:x"}, "[secret]"),
        ({SIGNATURE: OUTPUT, "value": {"a": 2.0}}, {"a": 2}),
        ({SIGNATURE: OUTPUT}, "[unknown]"),
        ({SIGNATURE: OUTPUT, "value": "hidden", "secret": True}, "[secret]"),
        (f"https://{UNKNOWN_STRING}/", "[unknown]"),
        ([1.5, None, {"__defaults": [], "kept": True, "none": None}], [1.5, None, {"kept": True}]),
    ],
)
def test_a_value_is_shown_without_secrets_and_the_engines_marks(
    value: object, shown: object
) -> None:
    assert plain(value) == shown


def test_what_is_no_event_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("Previewing update\n")
    with pytest.raises(EventLogError, match=r"log:1 is not valid JSON"):
        document(tmp_path / "log", "dev", [], 0)
