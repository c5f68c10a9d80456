"""A protected live stack changes its network, its visitors and its file system as docs/runbook.md
says (S16, S24, S36).

The real engine on the pretend cloud. Each test continues where the one before it stopped.
"""

from __future__ import annotations

import pytest

from local.engine import ROOT
from local.provider.cli import Engine

from .conftest import Stack
from .test_later_operations import BALANCER, KEY, REPOSITORY, SYSTEM, ids

SUBNET = "aws:ec2/subnet:Subnet"
TARGET = "aws:efs/mountTarget:MountTarget"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

FIRST: dict[str, object] = {
    "deletionProtection": True,
    "publicUrl": "https://edit.example.com",
    "ingressCidrs": ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"],
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A protected stack that runs."""
    stack = Stack(
        Engine(directory=tmp_path_factory.mktemp("protected") / "engine", root=ROOT), "local"
    )
    run = stack.run("up", config=FIRST, policies=False)
    assert run.code == 0, run.output
    return stack


def test_what_aws_refuses_is_refused_before_anything_is_touched(live: Stack) -> None:
    """Without a preview, too: the program stops before it registers the network."""
    before = live.cloud
    for changed, words in (
        (
            {"vpcCidr": "10.30.0.0/16"},
            "allowed is that one, since AWS moves neither a load balancer nor mount targets",
        ),
        ({"namePrefix": "other"}, '"astro-live", with which the stack was made'),
    ):
        run = live.run("up", config={**FIRST, **changed}, policies=False)
        assert run.code != 0
        assert words in " ".join(run.output.split())
        assert "docs/runbook.md" in run.output
        assert "Traceback" not in run.output
        assert live.cloud == before


def test_another_file_system_takes_the_place_of_a_protected_one(live: Stack) -> None:
    """As under "Another file system": the preview refuses until the protection of that one resource
    is lifted.
    """
    (earlier,) = ids(live, SYSTEM)
    repositories = ids(live, REPOSITORY)
    changed = {**FIRST, "kmsKeyArn": KEY, "fileSystemRevision": "2"}
    run = live.run("preview", config=changed, policies=False)
    assert run.code != 0
    assert "protected" in run.output
    (urn,) = (each["urn"] for each in live.resources() if each["type"] == SYSTEM)
    live.engine.run(["state", "unprotect", urn, "--stack", live.name, "--yes"], quiet=True)
    run = live.run("up", config=changed, policies=False)
    assert run.code == 0, run.output
    (system,) = (each for each in live.resources() if each["type"] == SYSTEM)
    assert system["id"] != earlier
    assert system["protect"] is True
    assert ids(live, SYSTEM) == {system["id"]}
    assert system["inputs"]["kmsKeyId"] == KEY
    assert "the repository keeps the key that it was made with, AWS's own key" in run.output
    assert ids(live, REPOSITORY) == repositories
    targets = [
        each["properties"]["fileSystemId"] for each in live.cloud.values() if each["type"] == TARGET
    ]
    assert targets == [system["id"]] * 2


def test_visitors_zones_and_egress_change_at_once(live: Stack) -> None:
    """The first range goes, another comes in front, a third zone and endpoints come: no subnet and
    no load balancer is replaced.
    """
    changed = {**FIRST, "kmsKeyArn": KEY, "fileSystemRevision": "2"}
    changed |= {
        "ingressCidrs": ["10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24"],
        "availabilityZones": 3,
        "egress": "endpoints",
    }
    subnets, balancers = ids(live, SUBNET), ids(live, BALANCER)
    run = live.run("up", config=changed, policies=False)
    assert run.code == 0, run.output
    assert ids(live, BALANCER) == balancers
    assert subnets < ids(live, SUBNET)
    assert len(ids(live, TARGET)) == 3
    steps = {
        urn.rsplit("::", 1)[-1]: step
        for urn, step in run.steps.items()
        if "securityGroupIngressRule" in urn
    }
    rules = {name: step for name, step in steps.items() if "-ingress-http" in name}
    assert rules == {
        **{f"astro-live-alb-ingress-{scheme}-10-0-0-0-8": "create" for scheme in ("http", "https")},
        **{
            f"astro-live-alb-ingress-{scheme}-203-0-113-0-24": "delete"
            for scheme in ("http", "https")
        },
    }
    back = live.run(
        "up", config={**FIRST, "kmsKeyArn": KEY, "fileSystemRevision": "2"}, policies=False
    )
    assert back.code == 0, back.output
    assert ids(live, SUBNET) == subnets


def test_a_protected_load_balancer_is_refused_before_the_update(live: Stack) -> None:
    """Not at its end, when the other one runs already and AWS refuses to delete this one."""
    changed = {
        **FIRST,
        "kmsKeyArn": KEY,
        "fileSystemRevision": "2",
        "internal": True,
        "ingressCidrs": ["10.0.0.0/8"],
    }
    run = live.run("preview", config=changed, policies=False)
    assert run.code != 0
    assert "currently marked for protection" in " ".join(run.output.split())
