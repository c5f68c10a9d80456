"""The tenth operation on a live stack works as the first does: rotation, then changes of one option
after the other (S36).

The real engine on the pretend cloud, which refuses what AWS refuses. Each test continues where the
one before it stopped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from local.engine import ROOT
from local.model.secret_versions import VERSION
from local.provider.cli import DRIFT, Engine

from .conftest import Stack

SECRETS = ("astro-live-secrets-signing-keys", "astro-live-secrets-api-token")
SERVICE = "aws:ecs/service:Service"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:lb/targetGroup:TargetGroup"
SYSTEM = "aws:efs/fileSystem:FileSystem"
REPOSITORY = "aws:ecr/repository:Repository"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack that runs."""
    stack = Stack(Engine(directory=tmp_path_factory.mktemp("later") / "engine", root=ROOT), "local")
    run = stack.run("up", policies=False)
    assert run.code == 0, run.output
    return stack


def ids(stack: Stack, kind: str) -> set[str]:
    """What exists of a type."""
    return {entry["id"] for entry in stack.cloud.values() if entry["type"] == kind}


def current(stack: Stack) -> dict[str, str]:
    """The current version of each secret."""
    versions = [entry["properties"] for entry in stack.cloud.values() if entry["type"] == VERSION]
    return {
        each["secretId"]: each["versionId"]
        for each in versions
        if "AWSCURRENT" in each["versionStages"]
    }


def test_rotated_secrets_stay_rotated(live: Stack) -> None:
    """The runbook's rotation is two new values: a key in front, and the old key out. The first
    version then has lost both of AWS's labels; that is no drift, and neither a refresh nor an
    update writes a new random value over the rotated one.
    """
    for name in SECRETS:
        for _ in range(2):
            live.rotate(name)
    rotated = current(live)
    assert len(rotated) == 2
    assert not any(version.startswith("terraform-") for version in rotated.values())
    drift = live.run(*DRIFT, policies=False)
    assert drift.code == 0, drift.output
    run = live.run("up", "--refresh", policies=False)
    assert run.code == 0, run.output
    assert set(run.steps.values()) <= {"refresh"}, run.output
    assert current(live) == rotated


def test_capacity_and_the_kind_of_load_balancer_change_on_a_live_stack(live: Stack) -> None:
    """The service stays: its capacity changes by a deployment that AWS wants forced, and its tasks
    are registered with new target groups. Those are replaced with the load balancer, as AWS takes a
    target group behind one load balancer only.
    """
    for changed in ({"capacity": "spot", "internal": True}, {}):
        balancers, groups, services = ids(live, BALANCER), ids(live, GROUP), ids(live, SERVICE)
        run = live.run("up", config=changed, policies=False)
        assert run.code == 0, run.output
        assert ids(live, SERVICE) == services
        (service,) = (
            entry["properties"] for entry in live.cloud.values() if entry["type"] == SERVICE
        )
        providers = {each["capacityProvider"] for each in service["capacityProviderStrategies"]}
        assert providers == {"FARGATE_SPOT" if changed else "FARGATE"}
        assert len(ids(live, BALANCER)) == 1
        assert not ids(live, BALANCER) & balancers
        assert len(ids(live, GROUP)) == len(groups)
        assert not ids(live, GROUP) & groups
        assert {each["targetGroupArn"] for each in service["loadBalancers"]} == ids(live, GROUP)


def test_another_key_is_refused_and_never_empties_the_file_system(live: Stack) -> None:
    """AWS cannot change a file system's key: the engine would replace it, and the sites would be
    gone without a word.
    """
    systems = ids(live, SYSTEM)
    run = live.run("up", config={"kmsKeyArn": KEY}, policies=False)
    assert run.code != 0
    assert "the file system was made with arn:aws:kms:eu-central-1:123456789012:key/" in run.output
    assert "fileSystemRevision" in run.output
    assert "Traceback" not in run.output
    assert ids(live, SYSTEM) == systems  # test_protected.py goes on from here


def test_a_live_stack_moves_to_a_listener_of_somebody_else(tmp_path: Path) -> None:
    """The target groups of the own load balancer cannot serve behind another one: the tasks get new
    ones.
    """
    stack = Stack(Engine(directory=tmp_path / "engine", root=ROOT), "local")
    own: dict[str, object] = {
        "vpcId": "vpc-0123456789abcdef0",
        "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
        "publicUrl": "https://edit.example.com",
    }
    listener = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
    assert stack.run("up", config=own, policies=False).code == 0
    groups = ids(stack, GROUP)
    run = stack.run(
        "up", config={**own, "listenerArn": listener, "certificateArn": ""}, policies=False
    )
    assert run.code == 0, run.output
    assert ids(stack, BALANCER) == set()
    assert len(ids(stack, GROUP)) == len(groups)
    assert not ids(stack, GROUP) & groups
