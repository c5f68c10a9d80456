"""A stack's life under the real engine with the offline providers and the real policy pack (S24,
S36).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.engine import ROOT
from local.provider.cli import Engine

from .conftest import Stack

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:lb/targetGroup:TargetGroup"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One stack that the tests of this module take from creation to destruction, in order."""
    return Stack(Engine(directory=tmp_path_factory.mktemp("life") / "engine", root=ROOT), "local")


def test_preview_creates_nothing(life: Stack) -> None:
    """Every resource would be created, nothing exists, and computed values are unknown."""
    run = life.run("preview")
    assert run.code == 0, run.output
    assert set(run.steps.values()) == {"create"}
    assert life.cloud == {}
    listener = next(
        each for each in run.resources.values() if each["type"] == "aws:lb/listener:Listener"
    )
    assert listener["inputs"]["loadBalancerArn"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_up_creates_everything(life: Stack) -> None:
    """State and cloud agree."""
    run = life.run("up")
    assert run.code == 0, run.output
    custom = [each for each in life.resources() if each.get("custom")]
    assert {each["id"] for each in custom} == {each["id"] for each in life.cloud.values()}
    assert len(custom) > 50


def test_a_second_up_changes_nothing(life: Stack) -> None:
    """Generated secrets and the image included."""
    run = life.run("up")
    assert run.code == 0, run.output
    assert run.steps == {}


def test_the_idle_timeout_changes_in_place(life: Stack) -> None:
    """The load balancer stays; the task definition, whose environment holds the contract, is a new
    revision that the service takes.
    """
    before = {each["urn"]: each["id"] for each in life.resources() if each.get("custom")}
    run = life.run("up", config={"idleTimeoutSeconds": 1800})
    assert run.code == 0, run.output
    balancer = next(each for each in life.resources() if each["type"] == BALANCER)
    assert run.steps[balancer["urn"]] == "update"
    assert run.changed[balancer["urn"]] == ["idleTimeout"]
    assert balancer["outputs"]["idleTimeout"] == 1800
    assert balancer["id"] == before[balancer["urn"]]
    definition = next(
        each for each in life.resources() if each["type"] == "aws:ecs/taskDefinition:TaskDefinition"
    )
    assert definition["outputs"]["revision"] == 2
    service = next(each for each in life.resources() if each["type"] == "aws:ecs/service:Service")
    assert service["inputs"]["taskDefinition"] == definition["outputs"]["arn"]
    kinds = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in run.steps}
    assert BALANCER in kinds
    assert GROUP not in kinds


def test_refresh_sees_drift_and_up_heals_it(life: Stack) -> None:
    """Someone lowered the idle timeout in the console."""
    life.drift(BALANCER, idleTimeout=60)
    run = life.run("refresh")
    assert run.code == 0, run.output
    balancer = next(each for each in life.resources() if each["type"] == BALANCER)
    assert balancer["outputs"]["idleTimeout"] == 60
    run = life.run("up", config={"idleTimeoutSeconds": 1800})
    assert run.steps == {balancer["urn"]: "update"}, run.output
    assert (
        next(each for each in life.cloud.values() if each["type"] == BALANCER)["properties"][
            "idleTimeout"
        ]
        == 1800
    )


def test_refresh_without_drift_changes_nothing(life: Stack) -> None:
    """Secrets included, which the pretend cloud does not hold."""
    run = life.run("refresh")
    assert run.code == 0, run.output
    assert set(run.steps.values()) <= {"refresh"}
    after = life.run("up", config={"idleTimeoutSeconds": 1800})
    assert after.steps == {}, after.output


def test_what_was_deleted_elsewhere_is_created_again(life: Stack, tmp_path: Path) -> None:
    """Refresh notices, up repairs."""
    content = {
        key: entry
        for key, entry in life.cloud.items()
        if entry["type"] != "aws:efs/backupPolicy:BackupPolicy"
    }
    (life.engine.directory / "cloud.json").write_text(json.dumps(content))
    assert life.run("refresh").code == 0
    run = life.run("up", config={"idleTimeoutSeconds": 1800})
    assert list(run.steps.values()) == ["create"], run.output
    assert "backupPolicy" in next(iter(run.steps))


def test_destroy_leaves_nothing_but_what_is_kept_on_purpose(life: Stack) -> None:
    """The state is empty; the cloud holds only images and task definition revisions, which a
    rollback may need.
    """
    run = life.run("destroy")
    assert run.code == 0, run.output
    assert life.resources() == []
    assert {entry["type"] for entry in life.cloud.values()} == {
        "docker:index/image:Image",
        "aws:ecs/taskDefinition:TaskDefinition",
    }
