"""The load balancer's public name in Route 53."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.existing import KnownLoadBalancer


@dataclass(frozen=True, kw_only=True)
class DnsAlias:
    """The public name of the load balancer."""

    zone_id: pulumi.Input[str]
    name: str
    """Host name within the zone, such as `edit.example.com`."""
    wildcard: bool = False
    """Also `*.{name}`."""

    def create(
        self,
        owner: Component,
        load_balancer: aws.lb.LoadBalancer | KnownLoadBalancer,
        *,
        dual_stack: bool,
    ) -> None:
        """Create the A records, and the AAAA records of a dual-stack load balancer, as children of
        `owner`.
        """
        names = {
            "alias": self.name,
            **({"wildcard_alias": f"*.{self.name}"} if self.wildcard else {}),
        }
        for key, name in names.items():
            for kind in ("A", "AAAA") if dual_stack else ("A",):
                self._record(owner, f"{key}_{kind.lower()}", name, kind, load_balancer)

    def _record(
        self,
        owner: Component,
        key: str,
        name: str,
        kind: str,
        load_balancer: aws.lb.LoadBalancer | KnownLoadBalancer,
    ) -> None:
        record = aws.route53.Record(
            owner.child_name(key),
            zone_id=self.zone_id,
            name=name,
            type=kind,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=load_balancer.dns_name,
                    zone_id=load_balancer.zone_id,
                    evaluate_target_health=True,
                )
            ],
            opts=owner.child_options(),
        )
        owner.expose(**{key: record})
