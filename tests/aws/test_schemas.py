"""Every declared resource satisfies the schema that AWS publishes for it, in three partitions
(S36).

The judge is cfn-lint with its schemas and rules; `cloudformation.py` only renames.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import lint

from local.engine import Deployment
from local.model.partitions import partition_of
from local.values import reveal
from tests.aws.cloudformation import NOT_AWS, TARGETS, UnmappedError, convert
from tests.aws.variants import PARTITIONS, SHIPPED, custom, names, preview

CHUNK = 400
"""A template holds at most 500 resources."""

NOT_ABOUT_A_STACK = {
    "W3010": "a preview names the zones that a template would look up",
    "E3019": "the same resource of several previews in one template",
    "E3060": "the subnets of several previews in one template",
}
"""Rules that cannot judge resources of several previews together. `E3019` and `E3060` judge each
shipped stack alone.
"""


def entries(deployment: Deployment, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical name, which says where the resource comes from, and CloudFormation resource."""
    for resource in custom(deployment):
        if resource.type in NOT_AWS:
            continue
        type_, properties = convert(
            resource.type, reveal(resource.inputs), region=deployment.cloud.region
        )
        words = re.split(r"[^A-Za-z0-9]+", f"{name} {resource.name} {type_}")
        yield (
            "".join(word[:1].upper() + word[1:] for word in words),
            {
                "Type": type_,
                "Properties": properties,
            },
        )


def problems(resources: list[tuple[str, dict[str, Any]]], region: str, *ignored: str) -> list[str]:
    """What cfn-lint says to `resources`."""
    found = []
    for start in range(0, len(resources), CHUNK):
        chunk = resources[start : start + CHUNK]
        template = {
            "Resources": {f"{name}{index}": entry for index, (name, entry) in enumerate(chunk)}
        }
        for match in lint(json.dumps(template), regions=[region]):
            if match.rule.id not in ignored:
                path = getattr(
                    match, "path", ()
                )  # what is wrong with the template as a whole has none
                found.append(f"{match.rule.id} {'.'.join(map(str, path[1:]))}: {match.message}")
    return found


@pytest.mark.parametrize("region", PARTITIONS)
def test_aws_accepts_every_declared_property(region: str) -> None:
    """Types, names, patterns, lengths, enumerations and required properties, as published for the
    region.
    """
    distinct: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in names(region):
        for logical, entry in entries(preview(region, name), name):
            distinct.setdefault(json.dumps(entry, sort_keys=True), (logical, entry))
    print(
        f"{region}: {len(distinct)} distinct resources of"
        f" {len({entry['Type'] for _, entry in distinct.values()})} types"
    )
    assert len(distinct) > 200
    assert problems(list(distinct.values()), region, *NOT_ABOUT_A_STACK) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_aws_accepts_each_shipped_stack_as_a_whole(name: str) -> None:
    """Also what only shows between resources: names in use, subnets that overlap."""
    assert (
        problems(list(entries(preview("eu-central-1", name), name)), "eu-central-1", "W3010") == []
    )


def test_the_judge_sees_a_bad_value() -> None:
    """A converter that dropped properties would leave nothing to judge."""
    found = list(entries(preview("eu-central-1", "dev"), "dev"))
    group = next(entry for _, entry in found if entry["Type"] == "AWS::EC2::SecurityGroup")
    group["Properties"]["GroupDescription"] = "the sites' group"
    balancer = next(entry for _, entry in found if entry["Type"].endswith("::LoadBalancer"))
    balancer["Properties"]["IpAddressType"] = "ipv7"
    assert [problem.split()[0] for problem in sorted(problems(found, "eu-central-1", "W3010"))] == [
        "E3030",
        "E3031",
    ]


def test_a_property_without_a_counterpart_is_an_error() -> None:
    """Nothing passes by being unknown."""
    with pytest.raises(UnmappedError, match=r"aws:sqs/queue:Queue is in neither"):
        convert("aws:sqs/queue:Queue", {}, region="eu-central-1")
    with pytest.raises(UnmappedError, match=r"has colour, which AWS::EC2::VPC does not know"):
        convert("aws:ec2/vpc:Vpc", {"colour": "red"}, region="eu-central-1")


def test_every_mapping_is_used() -> None:
    """A type that nothing declares any more would only look judged."""
    declared = {
        resource.type
        for name in names("eu-central-1")
        for resource in custom(preview("eu-central-1", name))
    }
    assert set(TARGETS) <= declared


@pytest.mark.parametrize("region", PARTITIONS)
def test_arns_and_addresses_are_those_of_the_partition(region: str) -> None:
    """An ARN of another partition matches nothing, and says so nowhere."""
    partition = partition_of(region)
    assert partition.id == PARTITIONS[region]
    for name in names(region):
        for resource in custom(preview(region, name)):
            text = json.dumps(reveal(resource.inputs), default=str)
            assert set(re.findall(r"arn:(aws[a-z-]*):", text)) <= {partition.id}, (
                name,
                resource.name,
            )
            suffixes = set(re.findall(rf"{region}(?:\.\w+)*\.(amazonaws\.[a-z]+(?:\.cn)?)", text))
            assert suffixes <= {partition.dns_suffix}, (name, resource.name)
