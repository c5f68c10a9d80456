"""Under the real engine the policy pack stops an update before the resource is touched
(S18, S24).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.provider.cli import Engine

from .conftest import Stack

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:lb/targetGroup:TargetGroup"

PROGRAM = """
import pulumi
import pulumi_aws as aws

config = pulumi.Config()
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
aws.ec2.FlowLog("log", vpc_id=vpc.id, traffic_type="REJECT", log_destination_type="s3", log_destination="arn:aws:s3:::logs")
aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id, ingress=[], egress=[])
front = aws.ec2.SecurityGroup("front", vpc_id=vpc.id, description="load balancer")
balancer = aws.lb.LoadBalancer(
    "edit", internal=True, security_groups=[front.id], idle_timeout=config.require_int("idle"), drop_invalid_header_fields=True,
    enable_deletion_protection=True, access_logs={"bucket": "logs", "enabled": True},
)
group = aws.lb.TargetGroup(
    "sessions", port=config.require_int("port"), protocol="HTTP", target_type="ip", vpc_id=vpc.id, protocol_version="HTTP1",
    stickiness={"enabled": config.require_bool("sticky"), "type": "lb_cookie", "cookie_duration": 3600},
    health_check={"enabled": True, "path": "/health/ready", "port": "8080", "interval": 30, "timeout": 10, "healthy_threshold": 2,
                  "unhealthy_threshold": 3, "matcher": "200"},
)
if config.get_bool("open"):
    security = aws.ec2.SecurityGroup("tasks", vpc_id=vpc.id, description="tasks")
    aws.vpc.SecurityGroupIngressRule(
        "all", security_group_id=security.id, ip_protocol="tcp", from_port=4321, to_port=4321, cidr_ipv4="0.0.0.0/0")
"""


def project(root: Path, source: str) -> Path:
    """A project whose program is `source`."""
    root.mkdir()
    (root / "__main__.py").write_text(source)
    (root / "Pulumi.yaml").write_text("name: sample\nruntime: python\n")
    settings = (
        "config:\n  aws:region: eu-central-1\n  sample:idle: 3600\n  sample:port: 4321\n "
        " sample:sticky: true\n"
    )
    (root / "Pulumi.dev.yaml").write_text(settings)
    return root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A program that someone else might have written, taken through refusals and a replacement in
    the order of the tests.
    """
    home = tmp_path_factory.mktemp("small")
    return Stack(Engine(directory=home / "engine", root=project(home / "program", PROGRAM)), "dev")


def only(stack: Stack, kind: str) -> dict[str, Any]:
    """The one resource of `kind` that exists."""
    found: list[dict[str, Any]] = [entry for entry in stack.cloud.values() if entry["type"] == kind]
    assert len(found) == 1
    return found[0]


def test_a_refused_resource_is_not_created(small: Stack) -> None:
    """The engine asks the pack before it asks the provider, even when the preview is skipped."""
    run = small.run("up", config={"idle": 60})
    assert run.code != 0
    assert "alb-idle-timeout" in {event["policyName"] for event in run.policies}, run.output
    assert BALANCER not in {entry["type"] for entry in small.cloud.values()}


def test_the_corrected_stack_is_created(small: Stack) -> None:
    """After the refusal the same stack goes on."""
    run = small.run("up")
    assert run.code == 0, run.output
    assert only(small, BALANCER)["properties"]["idleTimeout"] == 3600


@pytest.mark.parametrize(
    ("config", "policy"),
    [
        ({"idle": 60}, "alb-idle-timeout"),
        ({"sticky": False}, "target-group-stickiness"),
        ({"open": True}, "no-public-port"),
    ],
)
def test_a_refused_update_leaves_the_resource_as_it_was(
    small: Stack, config: dict[str, object], policy: str
) -> None:
    """What exists stays, what is new is not created."""
    run = small.run("up", config=config)
    assert run.code != 0
    assert policy in {event["policyName"] for event in run.policies}, run.output
    assert only(small, BALANCER)["properties"]["idleTimeout"] == 3600
    assert only(small, GROUP)["properties"]["stickiness"]["enabled"] is True
    assert "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" not in {
        entry["type"] for entry in small.cloud.values()
    }


def test_a_target_group_s_port_replaces_it(small: Stack) -> None:
    """Created before the old one is deleted, under a new generated name, so that AWS does not
    refuse it.
    """
    before = only(small, GROUP)
    run = small.run("up", config={"port": 4322})
    assert run.code == 0, run.output
    after = only(small, GROUP)
    assert after["id"] != before["id"]
    assert after["properties"]["name"] != before["properties"]["name"]
    assert after["properties"]["port"] == 4322


def test_names_of_one_s_own(tmp_path: Path) -> None:
    """A replacement under the same name follows the deletion; a name that another resource has is
    refused, as AWS does.
    """
    one = (
        'import pulumi\nimport pulumi_aws as aws\nvpc = aws.ec2.Vpc("net",'
        ' cidr_block="10.0.0.0/16")\ndef group(name, port):\n    aws.lb.TargetGroup(name,'
        ' name="mine", port=port, protocol="HTTP", target_type="ip", vpc_id=vpc.id)\n'
    )
    root = project(tmp_path / "program", one + 'group("a", pulumi.Config().require_int("port"))\n')
    engine = Engine(directory=tmp_path / "engine", root=root)
    stack = Stack(engine, "dev")
    for port in (4321, 4322):
        run = stack.run("up", config={"port": port}, policies=False)
        assert run.code == 0, run.output
        assert (
            only(stack, GROUP)["properties"]["name"],
            only(stack, GROUP)["properties"]["port"],
        ) == ("mine", port)
    (root / "__main__.py").write_text(one + 'group("a", 4322)\ngroup("b", 1)\n')
    run = stack.run("up", policies=False)
    assert run.code != 0
    assert "with the name 'mine' exists" in run.output


def test_a_provider_from_any_address_is_refused(tmp_path: Path) -> None:
    """The engine keeps the address to itself when it asks for a judgement; it shows it before, and
    the pack remembers.
    """
    source = """
import pulumi
import pulumi_aws as aws
address = pulumi.ResourceOptions(plugin_download_url="https://example.com/plugins")
aws.Provider("explicit", region="eu-central-1", opts=address)
aws.cloudwatch.LogGroup("logs", retention_in_days=30, opts=address)
"""
    run = Stack(
        Engine(directory=tmp_path / "engine", root=project(tmp_path / "program", source)), "dev"
    ).run("preview")
    assert run.code != 0
    refused = [event for event in run.policies if event["enforcementLevel"] == "mandatory"]
    assert {event["policyName"] for event in refused} == {"no-opaque-resource"}, run.output
    names = {event["resourceUrn"].split("::")[-1].split("_")[0] for event in refused}
    assert "default" in names or "explicit" in names, refused
