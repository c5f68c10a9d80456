"""Flow logs of a network: who tried to reach what, in CloudWatch.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.task_roles import RoleOptions, allow, create_role

Traffic = Literal["rejected", "all"]
TRAFFIC_TYPES: dict[Traffic, str] = {"rejected": "REJECT", "all": "ALL"}

SERVICE = "vpc-flow-logs.amazonaws.com"
INTERVAL_SECONDS = 600
"""AWS gathers records for so long; the shorter choice, 60 s, costs ten times as many."""


@dataclass(frozen=True, kw_only=True)
class FlowLogs:
    """Which connections are logged, and for how long they are kept."""

    traffic: Traffic = "rejected"
    retention_days: int = 30
    roles: RoleOptions = field(default_factory=RoleOptions)

    def attach(self, owner: Component, vpc_id: pulumi.Input[str], tags: dict[str, str]) -> None:
        """Create log group, role and flow log as children of `owner`."""
        group = aws.cloudwatch.LogGroup(
            owner.child_name("flow_log_group"),
            retention_in_days=self.retention_days,
            tags=tags,
            opts=owner.child_options(),
        )
        description = "Writes the network's flow logs"
        role = create_role(
            owner, "flow_log_role", description, tags, options=self.roles, service=SERVICE
        )
        write = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        streams = pulumi.Output.concat(group.arn, ":*")
        allow(
            owner,
            "flow_log_policy",
            role,
            [{"Sid": "WriteFlowLogs", "Effect": "Allow", "Action": write, "Resource": streams}],
        )
        log = aws.ec2.FlowLog(
            owner.child_name("flow_log"),
            vpc_id=vpc_id,
            traffic_type=TRAFFIC_TYPES[self.traffic],
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=INTERVAL_SECONDS,
            tags=tags,
            # Without its rights the first records are lost.
            # A flow log cannot be changed, and AWS takes no second one with the same destination.
            opts=owner.child_options(
                depends_on=[owner.children["flow_log_policy"]], delete_before_replace=True
            ),
        )
        owner.expose(flow_log_group=group, flow_log=log)
