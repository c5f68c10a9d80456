"""The load balancer's public name in Route 53."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class DnsAlias:
    """The public name of the load balancer."""

    zone_id: pulumi.Input[str]
    name: str
    """Host name within the zone, such as `edit.example.com`."""

    def create(self, owner: Component, load_balancer: aws.lb.LoadBalancer, *, dual_stack: bool) -> None:
        """Create the A record, and the AAAA record of a dual-stack load balancer, as children of `owner`."""
        for kind in ("A", "AAAA") if dual_stack else ("A",):
            key = f"alias_{kind.lower()}"
            record = aws.route53.Record(
                owner.child_name(key),
                zone_id=self.zone_id,
                name=self.name,
                type=kind,
                aliases=[
                    aws.route53.RecordAliasArgs(name=load_balancer.dns_name, zone_id=load_balancer.zone_id, evaluate_target_health=True)
                ],
                opts=owner.child_options(),
            )
            owner.expose(**{key: record})
