"""Peers' fixtures are translated by what they say: Terraform and CloudFormation become the Pulumi
resources that mean the same.

Requirements: (S18, S19).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from policy.harness import UNKNOWN, Analyzer
from tests.policy.peers import argued, cloudformation, terraform
from tests.policy.peers.declared import Declared
from tests.policy.peers.fixtures import Fixture, fixtures
from tests.policy.peers.judge import Verdict, judge

TERRAFORM = """
variable "cidrs" { default = ["0.0.0.0/0"] }
variable "unset" {}
locals { ports = { ssh = 22, web = 443 } }

resource "aws_security_group" "web" {
  name = "web-${local.ports.web}"
  dynamic "ingress" {
    for_each = local.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = var.cidrs
    }
  }
}

resource "aws_lb" "edge" {
  security_groups = [aws_security_group.web.id]
  access_logs {
    bucket  = "logs"
    enabled = var.unset == "" ? true : false
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.sites.arn}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["web"]
    }
  }
}

resource "aws_s3_bucket" "sites" { count = 2 }
resource "aws_iam_role_policy" "read" {
  role   = "task"
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_sqs_queue_policy" "jobs" {
  queue_url = "https://queue"
  policy    = <<-POLICY
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "${aws_s3_bucket.sites.arn}"}]}
  POLICY
}
"""

TEMPLATE = """
Parameters:
  Open: {Type: String, Default: "yes"}
Conditions:
  IsOpen: !Equals [!Ref Open, "yes"]
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !If [IsOpen, 0.0.0.0/0, 10.0.0.0/8]}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      SecurityGroups: [!Ref Group]
      LoadBalancerAttributes:
        - {Key: idle_timeout.timeout_seconds, Value: "60"}
  Files:
    Type: AWS::EFS::FileSystem
    Properties:
      Encrypted: true
      BackupPolicy: {Status: DISABLED}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {Name: web, Image: !Sub "${AWS::AccountId}/web", ReadonlyRootFilesystem: true}
"""


def _by_name(declared: list[Declared]) -> dict[str, dict[str, object]]:
    return {
        f"{each.resource.type.rsplit(':', 1)[-1]} {each.resource.name}": dict(
            each.resource.properties
        )
        for each in declared
    }


def test_terraform_becomes_what_it_means() -> None:
    """Variables, locals, dynamic blocks, single blocks, documents and heredocs."""
    found = _by_name(terraform.resources([TERRAFORM], "case"))
    rule = {"protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}
    assert found["SecurityGroup web"] == {
        "name": "web-443",
        "ingress": [
            {**rule, "fromPort": 22, "toPort": 22},
            {**rule, "fromPort": 443, "toPort": 443},
        ],
    }
    assert found["LoadBalancer edge"] == {
        "securityGroups": ["aws_security_group-web"],
        "accessLogs": {"bucket": "logs", "enabled": False},
    }
    assert {"Bucket sites", "Bucket sites-1"} <= found.keys()
    statement = json.loads(str(found["RolePolicy read"]["policy"]))["Statement"][0]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalTag/team": ["web"]}}
    assert statement["Resource"] == ["arn:aws:s3:eu-central-1:123456789012:sites/*"]
    assert json.loads(str(found["QueuePolicy jobs"]["policy"]))["Statement"][0]["Principal"] == "*"


def test_terraform_references_join_resources() -> None:
    """What names another resource depends on it, as stack rules need."""
    edge = next(
        each for each in terraform.resources([TERRAFORM], "case") if each.address == "aws_lb.edge"
    )
    assert [each.rsplit("::", 1)[-1] for each in edge.references] == ["web"]


def test_terraform_that_is_none_says_so() -> None:
    """A fixture of a parser is no fixture of a policy."""
    with pytest.raises(terraform.Unreadable):
        terraform.resources(['resource "aws_lb" {{'], "case")


def test_cloudformation_becomes_what_it_means() -> None:
    """Conditions, attributes by name, parts that are separate resources, container definitions as
    JSON.
    """
    found = _by_name(cloudformation.resources(cloudformation.load(TEMPLATE), "case"))
    assert found["SecurityGroup Group"]["ingress"] == [
        {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
    ]
    assert found["LoadBalancer Balancer"] == {
        "idleTimeout": "60",
        "internal": False,
        "securityGroups": ["id-of-Group"],
    }
    assert found["BackupPolicy Files-1"] == {
        "fileSystemId": "id-of-Files",
        "backupPolicy": {"status": "DISABLED"},
    }
    (container,) = json.loads(str(found["TaskDefinition Task"]["containerDefinitions"]))
    assert container == {"name": "web", "image": "123456789012/web", "readonlyRootFilesystem": True}


def test_what_cannot_be_known_is_unknown() -> None:
    """Never a guess, never absent."""
    (group,) = terraform.resources(
        ['resource "aws_security_group" "a" { description = upper(file("x")) }'], "case"
    )
    assert group.resource.properties["description"] is UNKNOWN


def test_cases_are_found_and_judged(tmp_path: Path, pack: Analyzer) -> None:
    """The layouts of the peers, each with a violating case that the pack refuses and a complying
    one that it does not.
    """
    kics = tmp_path / "kics" / "queries" / "terraform" / "aws" / "efs_not_encrypted" / "test"
    kics.mkdir(parents=True)
    for name, value in (("positive1", "false"), ("negative1", "true")):
        (kics / f"{name}.tf").write_text(
            f'resource "aws_efs_file_system" "a" {{ encrypted = {value} }}'
        )
    trivy = tmp_path / "trivy" / "checks" / "cloud" / "aws" / "ecr"
    trivy.mkdir(parents=True)
    example = 'resource "aws_ecr_repository" "a" {{ image_tag_mutability = "{}" }}'
    text = {
        "terraform": {"bad": [example.format("MUTABLE")], "good": [example.format("IMMUTABLE")]}
    }
    (trivy / "enforce_immutable_repository.yaml").write_text(json.dumps(text))
    checkov = tmp_path / "checkov" / "tests" / "terraform" / "checks" / "resource" / "aws"
    (checkov / "example_EFSEncryptionEnabled").mkdir(parents=True)
    (checkov / "test_EFSEncryptionEnabled.py").write_text(
        'passing_resources = {"aws_efs_file_system.on"}\nfailing_resources ='
        ' {"aws_efs_file_system.off"}\n'
    )
    (checkov / "example_EFSEncryptionEnabled" / "main.tf").write_text(
        'resource "aws_efs_file_system" "on" { encrypted = true }\nresource "aws_efs_file_system"'
        ' "off" {}\n'
    )
    guard = tmp_path / "guard" / "rules" / "aws" / "amazon_efs" / "tests"
    guard.mkdir(parents=True)
    cases = [
        {
            "name": expected,
            "input": {
                "Resources": {
                    "A": {
                        "Type": "AWS::EFS::FileSystem",
                        "Properties": {"Encrypted": expected == "PASS"},
                    }
                }
            },
            "expectations": {"rules": {"EFS_ENCRYPTED_CHECK": expected}},
        }
        for expected in ("PASS", "FAIL")
    ]
    (guard / "efs_encrypted_check_tests.yml").write_text(json.dumps(cases))
    outcomes = [
        (each.fixture.peer.split()[0], each.outcome) for each in judge(pack, fixtures(tmp_path))
    ]
    assert sorted(outcomes) == [
        (peer, outcome)
        for peer in ("checkov", "guard", "kics", "trivy")
        for outcome in ("caught", "passed")
    ]


TYPESCRIPT = """
import "mocha";
import * as aws from "@pulumi/aws";
import * as network from "../network";
import { assertHasResourceViolation, assertNoResourceViolations, createResourceValidationArgs } from "./util";

enum Protocol { Plain = "HTTP" }

describe("#cmkBackingKeyRotationEnabled", () => {
    const policy = network.cmkBackingKeyRotationEnabled;
    function good(): any {
        return createResourceValidationArgs(aws.kms.Key, { enableKeyRotation: true });
    }
    it("passes", async () => { await assertNoResourceViolations(policy, good()); });
    it("fails", async () => {
        const args = good();
        args.props.enableKeyRotation = undefined;
        await assertHasResourceViolation(policy, args, { message: `${Protocol.Plain}` });
    });
});
"""


def test_tests_in_typescript_are_recorded_and_judged(tmp_path: Path, pack: Analyzer) -> None:
    """The peer's test runs without the peer: what it was about to judge is judged by this pack."""
    (tmp_path / "src" / "tests").mkdir(parents=True)
    (tmp_path / "src" / "tests" / "network.spec.ts").write_text(TYPESCRIPT)
    found = [
        (each.fixture.name.split(": ")[-1], each.outcome)
        for each in judge(pack, fixtures(tmp_path))
    ]
    assert sorted(found) == [("fails", "caught"), ("passes", "passed")]


def test_every_difference_needs_a_reason() -> None:
    """A miss, and each finding of a refusal; a reason for one check is none for another."""
    fixture = Fixture(
        peer="kics tf",
        check="sqs_queue_exposed",
        name="positive1.tf",
        violating=True,
        read=lambda _: [],
    )
    other = replace(fixture, check="alb_deletion_protection_disabled")
    verdicts = [
        Verdict(fixture, "missed"),
        Verdict(other, "missed"),
        Verdict(other, "refused", ("network-acl: a lets everyone in", "task-logging: b is off")),
        Verdict(other, "caught"),
    ]
    counted = argued.account(verdicts, argued.reasons())
    assert [(verdict.outcome, message) for verdict, message in counted.open] == [
        ("missed", ""),
        ("refused", "task-logging: b is off"),
    ]
    assert sorted(counted.used.values()) == [1, 1]
    assert "| 1 | closed in AWS's own meaning | " in argued.table(counted)
