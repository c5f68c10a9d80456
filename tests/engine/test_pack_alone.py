"""The policy pack without this repository: the folder alone, before programs that know nothing of
it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from local.engine import ROOT
from local.provider.cli import Engine

from .conftest import Stack, needs_yaml

PYTHON = """
import pulumi_aws as aws
group = aws.ec2.SecurityGroup("web", vpc_id="vpc-1", description="web", ingress=[
    {"description": "ssh", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}])
aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"], security_groups=[group.id], drop_invalid_header_fields=True)
"""
YAML = """
name: foreign
runtime: yaml
resources:
  web:
    type: aws:ec2:SecurityGroup
    properties:
      vpcId: vpc-1
      description: web
      ingress:
        - {description: ssh, protocol: tcp, fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"]}
  edge:
    type: aws:lb:LoadBalancer
    properties:
      subnets: [subnet-1, subnet-2]
      securityGroups: ["${web.id}"]
      dropInvalidHeaderFields: true
"""


def _foreign(root: Path, language: str) -> Path:
    """A program of someone else's with a copy of the pack's tracked files in it, and two stacks."""
    listed = subprocess.run(
        ["git", "ls-files", "policy"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    if language == "python":
        (root / "__main__.py").write_text(PYTHON)
    (root / "Pulumi.yaml").write_text(
        YAML if language == "yaml" else "name: foreign\nruntime: python\n"
    )
    for stack in ("team", "advisory"):
        (root / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: eu-central-1\n")
    return root


@pytest.mark.parametrize("language", ["python", pytest.param("yaml", marks=needs_yaml)])
def test_the_folder_alone_judges_a_foreign_program(tmp_path: Path, language: str) -> None:
    """It refuses with the version that it has and names in each language; with everything advisory
    it only warns.
    """
    engine = Engine(directory=tmp_path / "engine", root=_foreign(tmp_path / "program", language))
    refused = Stack(engine, "team").run("preview")
    assert refused.code != 0
    assert {"no-public-port", "alb-idle-timeout"} <= {
        event["policyName"] for event in refused.policies
    }, refused.output
    version = yaml.safe_load((ROOT / "policy" / "PulumiPolicy.yaml").read_text())["version"]
    assert f"astro-live@v{version}" in refused.output
    assert "In TypeScript and YAML: idleTimeout." in refused.output
    warned = Stack(engine, "advisory").run("preview")
    assert warned.code == 0, warned.output
    assert {event["enforcementLevel"] for event in warned.policies} == {"advisory"}
