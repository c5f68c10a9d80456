"""Parts that somebody else owns and this service only uses.

They are looked up by data sources, so they are no part of the stack: nothing of them is changed,
and the policy pack judges what the stack declares. A preview against AWS looks up real values, and
fails where they do not fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError
from contract.hmr import SHORTEST_IDLE_TIMEOUT_SECONDS, HmrContract


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is used of an existing part, under the names that a declared one has."""

    id: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KnownPart(Known):
    """One with an ARN."""

    arn: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KnownCluster(KnownPart):
    """An ECS cluster."""

    name: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KnownRepository(KnownPart):
    """An ECR repository."""

    repository_url: pulumi.Output[str]
    registry_id: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KnownLoadBalancer(KnownPart):
    """An Application Load Balancer."""

    arn_suffix: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]


def load_balancer_arn(listener_arn: str) -> str:
    """`…:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2` →
    `…:loadbalancer/app/edge/50dc6c495c0c9188`.
    """
    return listener_arn.replace(":listener/", ":loadbalancer/", 1).rpartition("/")[0]


@dataclass(frozen=True, kw_only=True)
class ExistingListener:
    """An HTTPS listener of a load balancer that serves others, too."""

    arn: pulumi.Input[str]
    host: str
    """Requests for this host are ours."""
    priority_offset: int = 0
    """Added to the priorities of our rules, which are 25 to 100."""

    def look_up(
        self, owner: Component, contract: HmrContract
    ) -> tuple[KnownLoadBalancer, KnownPart, Known]:
        """Load balancer, listener and the load balancer's security group. What does not fit the
        contract fails the preview.
        """
        options = pulumi.InvokeOptions(parent=owner)
        listener = aws.lb.get_listener_output(arn=self.arn, opts=options)
        arn = pulumi.Output.from_input(self.arn).apply(load_balancer_arn)
        balancer = aws.lb.get_load_balancer_output(arn=arn, opts=options)
        facts = pulumi.Output.all(
            listener.protocol, balancer.idle_timeout, balancer.security_groups, self.arn
        )
        group = facts.apply(lambda found: _checked_group(contract, *found))
        checked_arn = pulumi.Output.all(group, self.arn).apply(lambda found: str(found[1]))
        known = KnownLoadBalancer(
            id=arn,
            arn=arn,
            arn_suffix=balancer.arn_suffix,
            dns_name=balancer.dns_name,
            zone_id=balancer.zone_id,
        )
        return known, KnownPart(id=checked_arn, arn=checked_arn), Known(id=group)


def _checked_group(
    contract: HmrContract, protocol: str, idle_timeout: int | None, groups: list[str], arn: str
) -> str:
    """The load balancer's first security group, if listener and load balancer fit the contract."""
    if protocol != "HTTPS":
        raise ComponentError(
            f"the existing listener {arn} speaks {protocol}; allowed is HTTPS. Name the HTTPS"
            " listener"
        )
    if idle_timeout not in (
        None,
        contract.idle_timeout_seconds,
    ):  # None: a preview without an account
        raise ComponentError(
            f"the existing load balancer's idle timeout is {idle_timeout} s, and"
            f" idle_timeout_seconds is {contract.idle_timeout_seconds}; allowed is the same, at"
            f" least {SHORTEST_IDLE_TIMEOUT_SECONDS} s, since the gateway's must outlast it. Set"
            " idleTimeoutSeconds to it, or have it changed"
        )
    if not groups:
        raise ComponentError(
            f"the load balancer of {arn} has no security group; allowed is one that may reach the"
            " tasks. Give it one"
        )
    return groups[0]


@dataclass(frozen=True, kw_only=True)
class ExistingFileSystem:
    """An encrypted file system with mount targets in every zone of the tasks."""

    id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    """Group of its mount targets; it gets a rule that lets the tasks reach it."""

    def look_up(self, owner: Component) -> tuple[KnownPart, Known]:
        """File system and group. One that is not encrypted fails the preview."""
        system = aws.efs.get_file_system_output(
            file_system_id=self.id, opts=pulumi.InvokeOptions(parent=owner)
        )
        identifier = pulumi.Output.all(self.id, system.encrypted).apply(
            lambda found: _encrypted(*found)
        )
        return KnownPart(id=identifier, arn=system.arn), Known(
            id=pulumi.Output.from_input(self.security_group_id)
        )


def _encrypted(identifier: str, encrypted: bool | None) -> str:
    if encrypted is False:  # None: a preview without an account
        raise ComponentError(
            f"the existing file system {identifier} is not encrypted; allowed is an encrypted one."
            " Choose another"
        )
    return identifier


def look_up_cluster(owner: Component, arn: pulumi.Input[str]) -> KnownCluster:
    """An ECS cluster. One that does not exist fails the preview."""
    name = pulumi.Output.from_input(arn).apply(lambda text: text.rpartition("/")[2])
    found = aws.ecs.get_cluster_output(cluster_name=name, opts=pulumi.InvokeOptions(parent=owner))
    return KnownCluster(id=found.arn, arn=found.arn, name=name)


def look_up_repository(owner: Component, name: pulumi.Input[str]) -> KnownRepository:
    """An ECR repository. One whose tags can be moved fails the preview."""
    found = aws.ecr.get_repository_output(name=name, opts=pulumi.InvokeOptions(parent=owner))
    url = pulumi.Output.all(found.repository_url, found.image_tag_mutability).apply(
        lambda values: _immutable(*values)
    )
    return KnownRepository(
        id=found.arn, arn=found.arn, repository_url=url, registry_id=found.registry_id
    )


def _immutable(url: str, mutability: str) -> str:
    if not mutability.startswith("IMMUTABLE"):
        raise ComponentError(
            f"tags of the existing repository {url} are {mutability}; allowed is IMMUTABLE. Change"
            " it, or leave it out"
        )
    return url
