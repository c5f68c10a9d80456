"""The VPC endpoints that a task needs to start and run without any way to the internet.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.security_rules import empty_group


def interface_services(*, execute_command: bool) -> tuple[str, ...]:
    """Services reached by an interface endpoint: the registry's two, logs, secrets, and with ECS
    Exec its message channel.

    Mounting EFS needs none, since mount targets stand in the subnets; task protection goes through
    the task's own agent.
    """
    return (
        "ecr.api",
        "ecr.dkr",
        "logs",
        "secretsmanager",
        *(("ssmmessages",) if execute_command else ()),
    )


GATEWAY_SERVICES = ("s3", "dynamodb")
"""Services with a gateway endpoint, by which routes lead to them."""

CHINA_REVERSED = frozenset({"ecr.api", "ecr.dkr"})
"""Services whose endpoints carry the partition's own prefix in China; every other one is named as
elsewhere (`aws ec2 describe-vpc-endpoint-services` there).
"""


def service_name(region: str, service: str) -> str:
    """Full name of the endpoint service `service` in `region`:
    `com.amazonaws.eu-central-1.logs`.
    """
    reversed_ = region.startswith("cn-") and service in CHINA_REVERSED
    return f"{'cn.' if reversed_ else ''}com.amazonaws.{region}.{service}"


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """What a task's security group must be allowed to reach."""

    security_group: aws.ec2.SecurityGroup
    """Group of the interface endpoints."""
    s3_prefix_list_id: pulumi.Output[str]
    """Image layers come from S3, through its gateway endpoint."""
    dynamodb_prefix_list_id: pulumi.Output[str]
    """The ownership table, through its gateway endpoint."""


def create_endpoints(
    owner: Component,
    *,
    region: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    subnet_ids: tuple[pulumi.Input[str], ...],
    route_table_ids: pulumi.Input[list[str]],
    execute_command: bool,
    tags: dict[str, str],
) -> Endpoints:
    """Create the interface endpoints and the gateway endpoints as children of `owner`."""
    group = empty_group(
        owner,
        "endpoints",
        description="Interface endpoints of AWS services",
        vpc_id=vpc_id,
        tags=tags,
    )
    for service in interface_services(execute_command=execute_command):
        key = f"endpoint_{service.replace('.', '_')}"
        endpoint = aws.ec2.VpcEndpoint(
            owner.child_name(key),
            vpc_id=vpc_id,
            service_name=_name_in(region, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=list(subnet_ids),
            security_group_ids=[group.id],
            tags=tags,
            opts=owner.child_options(),
        )
        owner.expose(**{key: endpoint})
    s3, dynamodb = (
        create_gateway(
            owner, service, region=region, vpc_id=vpc_id, route_table_ids=route_table_ids, tags=tags
        )
        for service in GATEWAY_SERVICES
    )
    return Endpoints(security_group=group, s3_prefix_list_id=s3, dynamodb_prefix_list_id=dynamodb)


def create_gateway(
    owner: Component,
    service: str,
    *,
    region: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    route_table_ids: pulumi.Input[list[str]],
    tags: dict[str, str],
) -> pulumi.Output[str]:
    """Create the service's gateway endpoint, which costs nothing, as a child of `owner`; returns
    its prefix list's id.

    Image layers, access logs and the ownership table then pass no NAT gateway, which charges by the
    byte.
    """
    key = f"endpoint_{service}"
    gateway = aws.ec2.VpcEndpoint(
        owner.child_name(key),
        vpc_id=vpc_id,
        service_name=_name_in(region, service),
        vpc_endpoint_type="Gateway",
        route_table_ids=route_table_ids,
        tags=tags,
        opts=owner.child_options(),
    )
    owner.expose(**{key: gateway})
    return gateway.prefix_list_id


def _name_in(region: pulumi.Input[str], service: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(region).apply(lambda name: service_name(name, service))
