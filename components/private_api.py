"""A way to the API inside the VPC: security groups that may open the tasks' API port, and a private
name for it.

The name is Cloud Map's: ECS registers each healthy task under it (an A record per task), and
queries are answered inside the VPC only. Traffic stays in the VPC and is plain HTTP, as from the
load balancer to the tasks; the API asks for its credential all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.names import own_domain

RECORD_SECONDS = 10
"""How long clients may remember a task's address."""
NAME = "api"


def namespace_of(*owner: str) -> str:
    """The private zone of project and stack: `dev.astro-live.internal`. A VPC has one zone of a
    name.
    """
    return f"{own_domain(*owner)}.internal"


@dataclass(frozen=True, kw_only=True)
class PrivateApi:
    """Who may reach the API's port from inside the VPC, and in which zone it has its name."""

    security_groups: tuple[pulumi.Input[str], ...]
    """Their members may open connections to the API's port; their own rules are their owner's."""
    namespace: str
    """Private zone, such as `dev.astro-live.internal`."""

    @property
    def host(self) -> str:
        """Name of the API inside the VPC."""
        return f"{NAME}.{self.namespace}"

    def create(
        self,
        owner: Component,
        *,
        vpc_id: pulumi.Input[str],
        group: pulumi.Input[str],
        port: int,
        tags: dict[str, str],
    ) -> aws.servicediscovery.Service:
        """Create the rules of the tasks' `group` and the name as children of `owner`."""
        for index, source in enumerate(self.security_groups):
            # By its id where that is known now: a group removed from the list must not shift the
            # others' rules.
            key = (
                f"private_api_{source.replace('-', '_')}"
                if isinstance(source, str)
                else f"private_api_{index}"
            )
            rule = aws.vpc.SecurityGroupIngressRule(
                owner.child_name(key),
                security_group_id=group,
                referenced_security_group_id=source,
                description="API from inside the VPC",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=tags,
                opts=owner.keyed_options(f"private_api_{index}"),
            )
            owner.expose(**{key: rule})
        namespace = aws.servicediscovery.PrivateDnsNamespace(
            owner.child_name("namespace"),
            name=self.namespace,
            vpc=vpc_id,
            tags=tags,
            opts=owner.child_options(),
        )
        records = [aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type="A", ttl=RECORD_SECONDS)]
        name = aws.servicediscovery.Service(
            owner.child_name("api_name"),
            name=NAME,
            dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
                namespace_id=namespace.id, routing_policy="MULTIVALUE", dns_records=records
            ),
            # ECS takes a stopped task's address out a while after it has stopped, and AWS deletes
            # no name that has one.
            force_destroy=True,
            tags=tags,
            opts=owner.child_options(),
        )
        owner.expose(namespace=namespace, api_name=name)
        return name
