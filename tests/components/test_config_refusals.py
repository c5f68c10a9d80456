"""Config that AWS would refuse, or behind which nobody could reach the service, is refused before
anything is made (S16, S36).

The judges are not ours: moto's EC2 with its quotas, and the patterns in botocore's models of AWS's
APIs.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from moto import mock_aws

from components.config.address import MOST_INGRESS_RANGES
from components.config.network import MOST_EGRESS_RANGES
from components.config.region import partition_of
from contract.settings import Problem
from settings import SettingsError, StackSettings
from tests.components.harness import ACCOUNT, OIDC, Graph, run_stack, stack_config, with_config

UUID = "12345678-1234-1234-1234-123456789012"
ARNS = {
    "certificateArn": f"acm:{{region}}:{ACCOUNT}:certificate/{UUID}",
    "kmsKeyArn": f"kms:{{region}}:{ACCOUNT}:key/{UUID}",
    "alarmTopicArn": f"sns:{{region}}:{ACCOUNT}:on-call",
    "cognitoUserPoolArn": f"cognito-idp:{{region}}:{ACCOUNT}:userpool/{{region}}_EXAMPLE",
}


def problems(overrides: dict[str, object], secrets: list[str] | None = None) -> list[Problem]:
    """What is wrong with the dev stack under `overrides`."""
    config = stack_config("dev", overrides)
    region = overrides.get("aws:region", config["aws:region"])
    config = {name: value for name, value in config.items() if name != "astro-live:aws:region"} | {
        "aws:region": region
    }
    with with_config(config, stack="dev", secrets=secrets):
        try:
            StackSettings.load()
        except SettingsError as error:
            return list(error.problems)
    return []


def ranges(count: int, *, six: bool = False) -> list[str]:
    """So many different ranges."""
    return [f"2001:db8:{n:x}::/48" if six else f"198.18.{n}.0/24" for n in range(count)]


DUAL_STACK: dict[str, object] = {
    "vpcId": "vpc-0123456789abcdef0",
    "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
    "egress": "nat",
    "ipAddressType": "dualstack",
}


FILE_SYSTEM: dict[str, object] = {
    **DUAL_STACK,
    "ipAddressType": "ipv4",
    "fileSystemId": "fs-0123456789abcdef0",
    "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
}

SIGN_IN: dict[str, object] = {
    "signIn": "cognito",
    "cognitoUserPoolArn": f"arn:aws:{ARNS['cognitoUserPoolArn'].format(region='eu-central-1')}",
    "cognitoClientId": "1example23456789",
    "cognitoDomain": "astro-live",
}


@pytest.mark.parametrize(
    ("overrides", "key", "words"),
    [
        ({"publicUrl": "https://10.0.0.1"}, "publicUrl", "no IP address"),
        ({"publicUrl": "https://[2001:db8::1]"}, "publicUrl", "no IP address"),
        ({"publicUrl": "https://my_site.example.com"}, "publicUrl", "no underscore"),
        ({"publicUrl": f"https://{'a' * 64}.example.com"}, "publicUrl", "1-63 letters"),
        ({"publicUrl": "https://edit"}, "publicUrl", "two or more labels"),
        (
            {"publicUrl": "https://edit.example.com:8443"},
            "publicUrl",
            "write https://edit.example.com",
        ),
        (
            {"publicUrl": "https://edit.example.com:443"},
            "publicUrl",
            "write https://edit.example.com",
        ),
        ({"publicUrl": "https://Edit.example.com"}, "publicUrl", "write https://edit.example.com"),
        (
            {
                "publicUrl": f"https://{'a' * 60}.example.com",
                "certificateArn": None,
                "hostedZoneId": "Z0123456789EXAMPLE",
            },
            "publicUrl",
            "at most 64 without certificateArn",
        ),
        (
            {"ingressCidrs": ["203.0.113.0/24", "203.0.113.0/24"]},
            "ingressCidrs",
            "name 203.0.113.0/24 once",
        ),
        ({"egressCidrs": ["0.0.0.0/0", "0.0.0.0/0"]}, "egressCidrs", "name 0.0.0.0/0 once"),
        ({**DUAL_STACK, "ingressCidrs": ["0::0/0"]}, "ingressCidrs", "write ::/0"),
        (
            {"ingressCidrs": ["203.0.113.5"]},
            "ingressCidrs",
            "write 203.0.113.5/32, with the prefix length",
        ),
        ({"ingressCidrs": ranges(70)}, "ingressCidrs", "merge neighbouring ranges"),
        ({"egressCidrs": ranges(70)}, "egressCidrs", "merge neighbouring ranges"),
        ({"sessionMemoryMib": 4097}, "sessionMemoryMib", "at most the task's memoryMib, 4096 MiB"),
        (
            {"nodeEnv": "production", "buildMemoryMib": 4097},
            "buildMemoryMib",
            "at most the task's memoryMib, 4096 MiB",
        ),
        (
            {"nodeEnv": "production", "buildsAtOnce": 3},
            "buildsAtOnce",
            "at most 2 with buildMemoryMib 2048 and memoryMib 4096",
        ),
        (
            {"efsReplicaRegion": "us-gov-west-1"},
            "efsReplicaRegion",
            "a region of the partition aws",
        ),
        (
            {**DUAL_STACK, "publicSubnetIds": ["subnet-0123456789abcdef0"] * 2},
            "publicSubnetIds",
            "once",
        ),
        ({"availabilityZoneNames": ["eu-central-1a"]}, "availabilityZoneNames", "name 2 zones"),
        (
            {"availabilityZoneNames": ["eu-central-1-ham-1a", "eu-central-1b"]},
            "availabilityZoneNames",
            "which local zones are not",
        ),
        (
            {"availabilityZoneNames": ["eu-west-1a", "eu-central-1b"]},
            "availabilityZoneNames",
            "name zones of eu-central-1",
        ),
        (
            {**DUAL_STACK, "availabilityZoneNames": ["eu-central-1a", "eu-central-1b"]},
            "availabilityZoneNames",
            "follow from the subnets",
        ),
        ({**SIGN_IN, "signInCidrs": ["2001:db8::/32"]}, "signInCidrs", "IPv4 ranges"),
        ({**SIGN_IN, "signInCidrs": ranges(70)}, "signInCidrs", "merge neighbouring ranges"),
        (
            {**SIGN_IN, "internal": True, "egress": "endpoints", "ingressCidrs": ["10.0.0.0/8"]},
            "signIn",
            "reaches the identity provider",
        ),
        ({"publicUrl": "https://localhost"}, "publicUrl", "use a name of your zone"),
        ({"internal": True}, "ingressCidrs", "nobody reaches it from a public address"),
        (
            {"egressCidrs": ["10.0.0.0/8", "100.64.0.0/10"]},
            "egressCidrs",
            "add 0.0.0.0/0 or AWS's ranges",
        ),
        (
            {"egressCidrs": ["2000::/3"]},
            "egressCidrs",
            "ranges of the internet with egress single-nat",
        ),
        (
            {
                **DUAL_STACK,
                "privateSubnetIds": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef3"],
            },
            "privateSubnetIds",
            "subnets that publicSubnetIds does not name",
        ),
        (
            {"autoscaling": True, "scaleSessionsPerTask": 7, "maxSessions": 6},
            "scaleSessionsPerTask",
            "set three quarters of maxSessions, 4",
        ),
        (
            {"vpcCidr": "10.20.0.0/24", "desiredCount": 27},
            "vpcCidr",
            "this one has 52. Fix: set 10.20.0.0/23, or lower desiredCount",
        ),
        (
            {**FILE_SYSTEM, "restoreRoleArn": f"arn:aws:iam::{ACCOUNT}:role/restore"},
            "restoreRoleArn",
            "the policy of an existing file system is its owner's",
        ),
        ({"rulePriorityOffset": 150}, "rulePriorityOffset", "write 100 or 200"),
    ],
)
def test_it_is_refused_with_the_way_out(overrides: dict[str, object], key: str, words: str) -> None:
    """One problem, which names the key and what to write."""
    (problem,) = problems(overrides)
    assert problem.key == key
    assert words in str(problem)


def test_each_port_of_the_provider_takes_a_rule() -> None:
    """The load balancer fetches tokens itself, from whatever port the provider has."""
    other = {**OIDC, "oidcTokenEndpoint": "https://login.example.com:8443/token"}
    (problem,) = problems(
        {**other, "signInCidrs": ranges(30)}, secrets=["astro-live:oidcClientSecret"]
    )
    assert problem.key == "signInCidrs"
    assert "at most 25 of a family" in problem.allowed
    assert "each range needs 2, for the provider's ports" in problem.allowed
    with mock.patch("settings._plain_secrets", return_value=[]):
        graph = run_stack("dev", {**other, "signInCidrs": ["198.51.100.0/24"]})
    rules = {
        name: rule.inputs for name, rule in graph.resources.items() if "egress-sign-in" in name
    }
    assert {
        name: (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) for name, rule in rules.items()
    } == {
        "astro-live-alb-egress-sign-in-198-51-100-0-24": ("198.51.100.0/24", 443, 443),
        "astro-live-alb-egress-sign-in-8443-198-51-100-0-24": ("198.51.100.0/24", 8443, 8443),
    }


@pytest.mark.parametrize("key", sorted(ARNS))
@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize("other", ["eu-west-1", "us-gov-east-1", "cn-northwest-1"])
def test_an_arn_of_another_region_is_refused(key: str, region: str, other: str) -> None:
    """And one of the stack's own region is taken, in each partition."""

    def arn(place: str) -> str:
        return f"arn:{partition_of(place)}:" + ARNS[key].format(region=place)

    config: dict[str, object] = {
        "aws:region": region,
        "certificateArn": None,
        "hostedZoneId": "Z0123456789EXAMPLE",
    }
    assert problems({**config, key: arn(region)}) == []
    (problem,) = problems({**config, key: arn(other)})
    assert (problem.key, problem.value) == (key, arn(other))
    assert f"choose one of {region}" in problem.fix


def test_without_a_known_region_nothing_is_said_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider may take it from a profile."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with with_config({**stack_config("dev"), "aws:region": ""}, stack="dev"):
        assert StackSettings.load()
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with (
        with_config({**stack_config("dev"), "aws:region": ""}, stack="dev"),
        pytest.raises(SettingsError, match="certificateArn"),
    ):
        StackSettings.load()


# Against AWS's own patterns


@cache
def model(service: str) -> ServiceModel:
    """Botocore's model of a service's API."""
    return botocore.session.get_session().get_service_model(service)


def aws_accepts(service: str, shape: str, text: str) -> bool:
    """Whether botocore's model of the service's API admits `text`."""
    facts = model(service).shape_for(shape).metadata
    return (
        facts.get("min", 0) <= len(text) <= facts.get("max", 10**9)
        and re.fullmatch(facts["pattern"], text) is not None
    )


LABEL = st.one_of(
    st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True),
    st.sampled_from(["a" * 63, "a" * 64, "-a", "a-", "1", "10", "xn--bcher-kva", "ä", "com"]),
)


@given(st.lists(LABEL, min_size=1, max_size=6))
@example(["10", "0", "0", "1"])
@example(["a" * 63] * 4)
def test_a_host_that_is_taken_can_have_a_certificate(labels: list[str]) -> None:
    """What ACM's model refuses is refused; so are addresses, which it would take for names."""
    host = ".".join(labels)
    found = [
        problem
        for problem in problems({"publicUrl": f"https://{host}"})
        if problem.key == "publicUrl"
    ]
    if found:
        return
    assert aws_accepts("acm", "DomainNameString", host)
    with pytest.raises(ValueError, match="does not appear to be"):
        ipaddress.ip_address(host)


@given(st.from_regex(r"([a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.){1,4}[a-z]{2,12}", fullmatch=True))
def test_every_common_host_is_taken(host: str) -> None:
    """No refusal too many."""
    assert aws_accepts("acm", "DomainNameString", host)
    assert problems({"publicUrl": f"https://{host}"}) == []


@given(
    st.from_regex(
        r"arn:aws:kms:eu-central-1:123456789012:(key/[0-9a-f-]{30,40}|alias/[a-z]{1,5}|key/mrk-[0-9a-f]{31,33})",
        fullmatch=True,
    )
)
@example(f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-{'0' * 32}")
def test_a_key_that_is_taken_is_one_for_efs(arn: str) -> None:
    if not problems({"kmsKeyArn": arn}):
        assert aws_accepts("efs", "KmsKeyId", arn)


@given(st.from_regex(r"[a-z]{2}(-[a-z]{2,9}){1,2}-[0-9]{1,2}", fullmatch=True))
def test_a_region_that_is_taken_is_one_for_efs(region: str) -> None:
    if not problems({"efsReplicaRegion": region}):
        assert aws_accepts("efs", "RegionName", region)


# Against moto's EC2


@pytest.fixture(scope="module")
def ec2() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "ec2", "eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )


def make_groups(ec2: Any, graph: Graph) -> None:
    """Make the graph's security groups and their rules one by one, as the provider does."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    groups = {}
    for group in graph.of_type("SecurityGroup"):
        name = f"{group.name}-{vpc}"
        groups[f"{group.name}-id"] = ec2.create_security_group(
            GroupName=name, Description="x", VpcId=vpc
        )["GroupId"]
    calls = {
        "SecurityGroupIngressRule": ec2.authorize_security_group_ingress,
        "SecurityGroupEgressRule": ec2.authorize_security_group_egress,
    }
    for kind, call in calls.items():
        for rule in graph.of_type(kind):
            inputs = rule.inputs
            permission: dict[str, Any] = {
                "IpProtocol": "tcp",
                "FromPort": int(inputs["fromPort"]),
                "ToPort": int(inputs["toPort"]),
            }
            if other := inputs.get("referencedSecurityGroupId"):
                permission["UserIdGroupPairs"] = [{"GroupId": groups[other]}]
            elif cidr := inputs.get("cidrIpv4"):
                permission["IpRanges"] = [{"CidrIp": cidr}]
            elif cidr := inputs.get("cidrIpv6"):
                permission["Ipv6Ranges"] = [{"CidrIpv6": cidr}]
            else:
                permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"]}]
            call(GroupId=groups[inputs["securityGroupId"]], IpPermissions=[permission])


SOME_RANGE = st.builds(
    lambda address, length: f"{ipaddress.IPv4Address(address)}/{length}",
    st.sampled_from([0xC6120000, 0xC6120100, 0xC6120101, 0xCB007100]),
    st.sampled_from([15, 16, 24, 28, 32]),
)


@hypothesis_settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(st.lists(SOME_RANGE, min_size=1, max_size=6), st.lists(SOME_RANGE, min_size=1, max_size=6))
@example(ranges(MOST_INGRESS_RANGES), ranges(MOST_EGRESS_RANGES))
def test_ranges_that_are_taken_make_groups_that_ec2_takes(
    ec2: Any, ingress: list[str], egress: list[str]
) -> None:
    """No rule twice and none beyond the quota, at the limit itself too."""
    config: dict[str, object] = {"ingressCidrs": ingress, "egressCidrs": egress}
    if not problems(config):
        make_groups(ec2, run_stack("dev", config))


def test_the_judge_refuses_what_is_refused_here(ec2: Any) -> None:
    """One range more than the limit, past the settings: EC2 says no."""
    group = ec2.create_security_group(
        GroupName="x",
        Description="x",
        VpcId=ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"],
    )["GroupId"]

    def open_to(cidr: str) -> None:
        for port in (443, 80):
            permission = {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": cidr}],
            }
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    open_to(ranges(1)[0])
    with pytest.raises(ClientError, match="Duplicate"):
        open_to(ranges(1)[0])
    for cidr in ranges(MOST_INGRESS_RANGES)[1:]:
        open_to(cidr)
    with pytest.raises(ClientError, match="RulesPerSecurityGroupLimitExceeded"):
        open_to("192.0.2.0/24")


def test_the_shipped_urls_are_public_or_this_machines() -> None:
    for stack in ("dev", "prod", "local"):
        with with_config(stack_config(stack), stack=stack):
            assert urlsplit(StackSettings.load().public_url).hostname
