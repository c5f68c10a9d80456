"""`python -m local preview`: the tree, the verdict, the report and the exit code, with the real
policy pack (S22, S24).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.engine import ROOT


def preview(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", "preview", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_our_stacks_pass(stack: str, tmp_path: Path) -> None:
    """Each stack is allowed, and its report lists resources, outputs and violations, and no
    generated credential.
    """
    result = preview(stack, "--report", str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    report = json.loads((tmp_path / "preview.json").read_text())
    types = {resource["type"] for resource in report["resources"]}
    assert {
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:ecs/service:Service",
        "aws:efs/fileSystem:FileSystem",
    } <= types
    assert {"urn", "type", "name", "parent", "inputs"} <= report["resources"][0].keys()
    assert not [
        violation for violation in report["violations"] if violation["level"] == "mandatory"
    ]
    assert "sessionUrlPattern" in report["outputs"]
    if stack != "local":
        assert "aws:ec2/subnet:Subnet" in types, "children of the remote VPC are part of the report"
    versions = [
        each
        for each in report["resources"]
        if each["type"] == "aws:secretsmanager/secretVersion:SecretVersion"
    ]
    assert versions
    assert all(version["inputs"]["secretString"] == "[secret]" for version in versions)


def test_violations_fail_and_name_rule_and_resource(tmp_path: Path) -> None:
    """The three load-bearing rules at once, each with the resource that breaks it."""
    result = preview(
        "dev",
        f"--report={tmp_path}",
        "--mutate=aws:lb/loadBalancer:LoadBalancer.idleTimeout=60",
        "--mutate=aws:lb/targetGroup:TargetGroup::astro-live-alb-sessions.stickiness.enabled=false",
        "--mutate=aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::astro-live-svc-sessions-in.cidrIpv4=0.0.0.0/0",
    )
    assert result.returncode == 1
    for rule, resource in [
        ("alb-idle-timeout", "aws:lb/loadBalancer:LoadBalancer astro-live-alb-lb"),
        ("target-group-stickiness", "aws:lb/targetGroup:TargetGroup astro-live-alb-sessions"),
        (
            "no-public-port",
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule astro-live-svc-sessions-in",
        ),
    ]:
        place = result.stdout.index(f"\n{resource}\n")
        assert re.search(rf"REFUSED +{rule}", result.stdout[place:]), result.stdout
    sarif = json.loads((tmp_path / "policy.sarif").read_text())
    assert {found["ruleId"] for found in sarif["runs"][0]["results"]} == {
        "alb-idle-timeout",
        "target-group-stickiness",
        "no-public-port",
    }
    assert (tmp_path / "policy.junit.xml").read_text().count("<failure") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "there is no stack 'nope'"),
        (["dev", "--config", "idleTimeoutSeconds=60"], "idleTimeoutSeconds"),
        (["dev", "--config", "idleTimeoutSecs=60"], "Fix: write idleTimeoutSeconds"),
        (["dev", "--config", "idle"], "write KEY=VALUE"),
        (["dev", "--mutate", "x"], "write TYPE.PROPERTY=VALUE"),
        (["dev", "--engine", "terraform"], "ENGINE is 'terraform'; allowed are 'mock'"),
    ],
)
def test_bad_input_is_one_clear_message(arguments: list[str], message: str) -> None:
    """No traceback, exit code 1, nothing on stdout."""
    result = preview(*arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
